//! An agent that does a bit of everything.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mycel_sdk::{ChatId, Client, Error, ErrorKind, Message, Task, UserId};
use mycel_tests::Dice;
use test_harness::load::Fate;
use tokio::time::{sleep, timeout};

use crate::pair::Pair;
use crate::population::Agent;
use crate::record::Record;

pub struct Worker {
    number: usize,
    id: UserId,
    client: Client,
    groups: Vec<ChatId>,
    pair: Option<Pair>,
    dice: Dice,
    record: Record,
    /// How many texts it has made up.
    texts: usize,
    /// How far it has read each chat, as the backend has acknowledged.
    read: BTreeMap<ChatId, u64>,
    /// The highest number that it has seen in each chat, and the highest version of its workflow.
    latest: BTreeMap<ChatId, (u64, u64)>,
    tasks: Vec<Task>,
}

impl Worker {
    pub fn new(number: usize, agent: &Agent, partner: Option<&Agent>, dice: Dice) -> Self {
        Self {
            number,
            id: agent.id.clone(),
            client: agent.client.clone(),
            groups: agent.groups.clone(),
            pair: partner.map(|partner| Pair::new(agent, partner)),
            dice,
            record: Record::default(),
            texts: 0,
            read: BTreeMap::new(),
            latest: BTreeMap::new(),
            tasks: Vec::new(),
        }
    }

    /// Works until then.
    pub async fn work(mut self, end: Instant) -> Record {
        while Instant::now() < end {
            let refused_to_connect = self.record.calls.refused_to_connect();
            let chat = self.groups[self.dice.size(u32::try_from(self.groups.len()).unwrap())].clone();
            match self.dice.below(16) {
                0..=4 => self.send(&chat).await,
                5 => self.answer(&chat).await,
                6 => self.page(&chat).await,
                7 => self.read(&chat).await,
                8 => self.mark_read(&chat).await,
                9 => self.drain().await,
                10 | 11 => self.write_workflow(&chat).await,
                12 => self.make_task(&chat).await,
                13 => self.change_task().await,
                14 => self.stream().await,
                _ => self.relate().await,
            }
            if self.record.calls.refused_to_connect() != refused_to_connect {
                // The backend is not there.
                sleep(Duration::from_millis(10) + self.dice.millis(40)).await;
            }
        }
        for task in self.tasks {
            self.record.tasks.push((task_chat(&task), task.subject, Fate::Done(())));
        }
        if let Some(pair) = self.pair {
            pair.into_record(&mut self.record);
        }
        self.record
    }

    fn text(&mut self) -> String {
        self.texts += 1;
        format!("{} of agent {}", self.texts, self.number)
    }

    /// Sends, whoever has said what in the meantime.
    async fn send(&mut self, chat: &ChatId) {
        let text = self.text();
        let outcome = self.client.messages().send(chat, &text).enforce_caught_up(false).await;
        self.sent(chat, text, outcome, false);
    }

    /// Reads, and sends if nobody is faster.
    async fn answer(&mut self, chat: &ChatId) {
        self.read(chat).await;
        let text = self.text();
        let outcome = self.client.messages().send(chat, &text).await;
        self.sent(chat, text, outcome, true);
    }

    fn sent(&mut self, chat: &ChatId, text: String, outcome: Result<Message, Error>, is_read: bool) {
        self.record.note(&outcome, |kind| kind == ErrorKind::NotCaughtUp);
        let fate = Fate::of(outcome.as_ref().map(|message| message.seq), Error::may_have_been_sent);
        self.record.sends.push((chat.clone(), text, fate));
        if let Fate::Done(seq) = fate {
            let latest = self.latest.entry(chat.clone()).or_default();
            assert!(seq > latest.0, "message {seq} comes after {latest:?}");
            latest.0 = seq;
            if is_read {
                self.read.insert(chat.clone(), seq);
            }
        }
    }

    /// Sees messages: in order, and where they are all there are, no older than what was seen before.
    fn see(&mut self, chat: &ChatId, messages: &[Message], is_newest: bool) {
        assert!(messages.is_sorted_by(|one, other| one.seq < other.seq), "out of order");
        for message in messages {
            self.record.see(chat, message.seq, &message.content);
        }
        let latest = self.latest.entry(chat.clone()).or_default();
        let last = messages.last().map_or(0, |message| message.seq);
        assert!(!is_newest || last >= latest.0, "message {latest:?} was there, and now {last} is the last");
        latest.0 = latest.0.max(last);
    }

    async fn page(&mut self, chat: &ChatId) {
        let page = self.client.messages().list(chat).limit(20).await;
        self.record.note(&page, |_| false);
        if let Ok(page) = page {
            assert!(page.windows(2).all(|two| two[0].seq + 1 == two[1].seq), "a message is missing in a page");
            self.see(chat, &page, true);
        }
    }

    async fn read(&mut self, chat: &ChatId) {
        let unread = self.client.messages().read(chat).await;
        self.record.note(&unread, |_| false);
        if let Ok(unread) = unread {
            // They may come again, where it is in doubt whether they were marked.
            self.not_read_before(chat, &unread);
            self.see(chat, &unread, false);
        }
    }

    async fn mark_read(&mut self, chat: &ChatId) {
        let unread = self.client.messages().unread(chat).await;
        self.record.note(&unread, |_| false);
        let Ok(unread) = unread else { return };
        self.not_read_before(chat, &unread);
        self.see(chat, &unread, false);
        let Some(message) = unread.get(self.dice.size(u32::try_from(unread.len().max(1)).unwrap())) else { return };
        let marked = self.client.messages().mark_read(message).await;
        self.record.note(&marked, |_| false);
        if marked.is_ok() {
            self.read.insert(chat.clone(), message.seq);
        }
    }

    fn not_read_before(&self, chat: &ChatId, unread: &[Message]) {
        let read = self.read.get(chat).copied().unwrap_or(0);
        assert!(unread.iter().all(|message| message.seq > read), "what was read up to {read} is unread again");
    }

    async fn drain(&mut self) {
        let drained = self.client.notifications().drain().await;
        self.record.note(&drained, |_| false);
    }

    async fn stream(&mut self) {
        let opened = self.client.notifications().stream().since(0).await;
        self.record.note(&opened, |_| false);
        let Ok(mut stream) = opened else { return };
        let listening = async {
            for _ in 0..5 {
                let Some(Ok(_)) = stream.next().await else { return };
            }
        };
        // Nothing need come at all.
        let _ = timeout(Duration::from_millis(20), listening).await;
    }

    async fn write_workflow(&mut self, chat: &ChatId) {
        let found = self.client.workflows().get(chat).await;
        self.record.note(&found, |_| false);
        let Ok(found) = found else { return };
        let latest = &mut self.latest.entry(chat.clone()).or_default().1;
        assert!(found.state_version >= *latest, "version {latest} was there, and now it is {}", found.state_version);
        *latest = found.state_version;

        let (version, state) = (found.state_version, self.text());
        let written = self.client.workflows().set(chat, "load").state(&state).expected_state_version(version).await;
        // A refusal whose body is cut off tells its status alone.
        self.record.note(&written, |kind| match kind {
            ErrorKind::StaleStateVersion { expected, actual } => expected == version && actual > Some(version),
            kind => kind == ErrorKind::Conflict,
        });
        if let Ok(written) = &written {
            assert_eq!((written.state_version, &written.state), (version + 1, &state));
        }
        let fate = Fate::of(written.as_ref().map(|written| written.state_version), Error::may_have_been_sent);
        self.record.workflows.push((chat.clone(), state, fate));
    }

    async fn make_task(&mut self, chat: &ChatId) {
        let subject = self.text();
        // Whose task it is, and where, for later.
        let made = self.client.tasks().create(chat, &subject).description(chat.as_str()).owner(&self.id).await;
        self.record.note(&made, |_| false);
        match Fate::of(made.as_ref().map(|_| ()), Error::may_have_been_sent) {
            Fate::Done(()) => self.tasks.extend(made),
            fate => self.record.tasks.push((chat.clone(), subject, fate)),
        }
    }

    /// Changes a task of its own, or deletes it. After a deletion in doubt the id may be another task's.
    async fn change_task(&mut self) {
        let Some(task) = self.tasks.pop() else { return };
        let chat = task_chat(&task);
        if self.dice.below(2) == 0 {
            let changed = self.client.tasks().update(&chat, &task.id).status("done").await;
            self.record.note(&changed, |_| false);
            if let Ok(changed) = changed {
                assert_eq!((&changed.subject, changed.status.as_str()), (&task.subject, "done"));
            }
            self.tasks.push(task);
            return;
        }
        let deleted = self.client.tasks().delete(&chat, &task.id).await;
        self.record.note(&deleted, |_| false);
        match Fate::of(deleted.as_ref(), Error::may_have_been_sent) {
            Fate::Done(()) => self.record.tasks.push((chat, task.subject, Fate::Refused)),
            Fate::Unknown => self.record.tasks.push((chat, task.subject, Fate::Unknown)),
            Fate::Refused => self.tasks.push(task),
        }
    }

    async fn relate(&mut self) {
        let Some(pair) = &mut self.pair else { return };
        pair.step(&mut self.record, &mut self.dice).await;
        if self.dice.below(4) == 0 {
            pair.look(&mut self.record).await;
        }
    }
}

fn task_chat(task: &Task) -> ChatId {
    task.description.as_str().into()
}
