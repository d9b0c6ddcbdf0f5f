//! Who is there: agents that work, agents that listen, and their groups.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mycel_sdk::{ChatId, Client, ListenEvent, ListenSettings, NotificationEvent, RetryPolicy, Secret, UserId};
use mycel_tests::{Dice, Network, PATIENCE};
use test_harness::load::CLIENTS;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::record::Record;
use crate::worker::Worker;

pub const LISTENERS: usize = 8;
pub const GROUPS: usize = 16;

/// The agents and their groups, all of one owner.
pub struct Population {
    /// Belongs to no group, and sees them through a member's eyes.
    observer: Client,
    groups: Vec<ChatId>,
    agents: Vec<Agent>,
}

/// An agent with a client of its own, which shares no connection with any other.
pub struct Agent {
    pub id: UserId,
    pub client: Client,
    pub token: Secret,
    pub groups: Vec<ChatId>,
}

async fn client(url: &str, token: Secret) -> Client {
    // Long enough that the backend has surely done by then what it was asked for.
    let limit = Duration::from_secs(5);
    let retry = RetryPolicy::default().base_delay(Duration::from_millis(20)).max_delay(Duration::from_millis(200));
    let builder = Client::builder(url).attempt_timeout(limit).retry(retry).auth_token(token);
    // It reads the system's certificates, which takes a while.
    spawn_blocking(|| builder.build().unwrap()).await.unwrap()
}

impl Population {
    /// Makes them. Every other worker, of those that don't work on a relationship, is on a bad network.
    pub async fn build(url: &str, network: &Network) -> Self {
        let direct = Client::builder(url).build().unwrap();
        let owner = direct.auth().create_guest_owner().await.unwrap();
        let owner = direct.with_auth_token(owner.token);
        let mut agents = Vec::new();
        for number in 0..CLIENTS + LISTENERS {
            let session = owner.users().create_external(format!("agent-{number}"), "Agent").await.unwrap();
            let url = if number < CLIENTS && number % 2 == 1 { network.url() } else { url };
            let client = client(url, session.token.clone()).await;
            agents.push(Agent { id: session.user.id, client, token: session.token, groups: Vec::new() });
        }
        let mut groups = Vec::new();
        for group in 0..GROUPS {
            // Each agent is in three groups, or less where two of them fall together.
            let is_in = |number: usize| [number, number + 5, number / GROUPS + 2 * number].map(|n| n % GROUPS);
            let members = || (0..agents.len()).filter(|number| is_in(*number).contains(&group));
            let others = members().map(|number| &agents[number].id);
            let chat = owner.chats().create(others).group().title(format!("Group {group}")).await.unwrap().id;
            owner.workflows().set(&chat, "load").state("begun").await.unwrap();
            for number in members().collect::<Vec<_>>() {
                agents[number].groups.push(chat.clone());
            }
            groups.push(chat);
        }
        Self { observer: owner, groups, agents }
    }

    /// Lets everybody work until then. The agents work two by two on their relationship.
    pub fn work(&self, end: Instant, dice: &mut Dice) -> Vec<JoinHandle<Record>> {
        let workers = self.agents[..CLIENTS].iter().enumerate().map(|(number, agent)| {
            let partner = (number % 2 == 0).then(|| &self.agents[number + 1]);
            let worker = Worker::new(number, agent, partner, Dice::new(dice.below(u64::MAX)));
            tokio::spawn(worker.work(end))
        });
        workers.collect()
    }

    /// Lets the listeners listen.
    pub fn listen(&self) -> Listeners {
        let listening = self.agents[CLIENTS..].iter().map(Listening::start).collect();
        Listeners { observer: self.observer.clone(), groups: self.groups.clone(), listening }
    }
}

/// Agents that listen all the time, and read nothing.
pub struct Listeners {
    observer: Client,
    groups: Vec<ChatId>,
    listening: Vec<Listening>,
}

struct Listening {
    groups: Vec<ChatId>,
    heard: Arc<Heard>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    /// How many events, and the last message of each chat.
    so_far: Mutex<(usize, BTreeMap<ChatId, u64>)>,
    more: Notify,
}

impl Listening {
    fn start(agent: &Agent) -> Self {
        let settings =
            ListenSettings::default().base_delay(Duration::from_millis(50)).max_delay(Duration::from_millis(500));
        let mut listener = agent.client.notifications().listen_with(settings);
        let heard = Arc::new(Heard::default());
        let hears = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Some(event) = listener.next().await {
                let event = event.expect("a listener goes on, whatever happens to the backend");
                let mut so_far = hears.so_far.lock().unwrap();
                so_far.0 += 1;
                if let ListenEvent::Notification(notification) = event
                    && let NotificationEvent::ChatMessage { chat_id, message_seq: Some(seq), .. } = notification.event
                {
                    so_far.1.insert(chat_id, seq);
                    hears.more.notify_one();
                }
            }
        });
        Self { groups: agent.groups.clone(), heard, task }
    }

    async fn hear_of(&self, chat: &ChatId, last: u64) {
        let has_heard = || self.heard.so_far.lock().unwrap().1.get(chat).is_some_and(|seq| *seq >= last);
        while !has_heard() {
            self.heard.more.notified().await;
        }
    }
}

impl Listeners {
    /// Waits until each has been told of the last message of each of its groups, and says how much they were told.
    pub async fn hear_everything(self) -> usize {
        let mut last = BTreeMap::new();
        for group in &self.groups {
            let newest = self.observer.messages().list(group).limit(1).await.unwrap();
            last.insert(group, newest.last().map_or(0, |message| message.seq));
        }
        let mut told = 0;
        for listening in &self.listening {
            for group in &listening.groups {
                let hearing = listening.hear_of(group, last[group]);
                let in_time = timeout(PATIENCE, hearing).await;
                in_time.unwrap_or_else(|_| panic!("a listener was never told of message {} of {group}", last[group]));
            }
            listening.task.abort();
            told += listening.heard.so_far.lock().unwrap().0;
        }
        told
    }
}
