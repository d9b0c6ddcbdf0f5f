//! The agent of the examples on a bad network, over a backend that restarts, and whose ended streams take the listeners
//! of later ones away: whatever happens, it answers each message exactly once.
//!
//! Each round is made by a seed. `NIGHT_SEED=7` runs the rounds of one seed; `NIGHT_FIRST` and `NIGHT_ROUNDS` say
//! from which seed on and how many.

use std::collections::BTreeMap;
use std::env;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use mycel_local_backend::LocalBackend;
use mycel_sdk::{ChatId, Client, Error, ListenSettings, Message, RetryPolicy, Secret};
use mycel_tests::{Actor, Dice, Network, PATIENCE, VirtualTime, Weather, note};
use tempfile::TempDir;
use test_harness::totals;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

#[path = "../../../../sdk/mycel/examples/agent.rs"]
#[allow(dead_code, reason = "its main is for people")]
mod agent;

/// Which rounds are to be made, unless a test is left out.
fn seeds(test: &str, rounds: u64) -> Option<Range<u64>> {
    if env::var_os("MYCEL_TEST_URL").is_some() {
        note(&format!("left out, since it restarts a backend: {test}"));
        return None;
    }
    Some(mycel_tests::seeds(rounds))
}

fn expect_none(failed: &[u64]) {
    assert!(failed.is_empty(), "failed; run one alone with NIGHT_SEED={}: {failed:?}", failed[0]);
}

/// With short limits, in real time and on two threads. It comes back sooner than the backend is done with the last
/// stream, so that many streams are deaf, and it is the drains that tell.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_of_the_examples_answers_everything_exactly_once() {
    let test = "the_agent_of_the_examples_answers_everything_exactly_once";
    let Some(seeds) = seeds(test, 200) else { return };
    let count = seeds.clone().count();
    let rounds = stream::iter(seeds).map(|seed| async move {
        let round = async move {
            let mut dice = Dice::new(seed);
            let mut night = Night::begin(seed, &mut dice, &SHORT).await;
            night.storm(&mut dice).await;
            night.end().await;
        };
        (seed, tokio::spawn(round).await)
    });
    let failed: Vec<u64> = rounds
        .buffer_unordered(8)
        .filter_map(|(seed, outcome)| async move { outcome.is_err().then_some(seed) })
        .collect()
        .await;
    expect_none(&failed);
    totals::record("Mycel", "nights", &format!("{count} of the agent of the examples"));
}

/// With the settings that a program has which sets none, in virtual time. Once it is back it answers soon, and goes on
/// doing so while the stream is renewed.
#[test]
fn with_default_settings_it_answers_everything_exactly_once_and_soon() {
    let Some(seeds) = seeds("with_default_settings_it_answers_everything_exactly_once_and_soon", 16) else { return };
    let count = seeds.clone().count();
    let (left, failed) = (Mutex::new(seeds), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(seed) = { left.lock().unwrap().next() } {
                    if thread::spawn(move || usual_round(seed)).join().is_err() {
                        failed.lock().unwrap().push(seed);
                    }
                }
            });
        }
    });
    expect_none(&failed.into_inner().unwrap());
    totals::record("Mycel", "nights in virtual time", &format!("{count} of the agent of the examples"));
}

fn usual_round(seed: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let _time = VirtualTime::start();
        let mut dice = Dice::new(seed);
        let mut night = Night::begin(seed, &mut dice, &USUAL).await;
        night.storm(&mut dice).await;
        night.breaks(&mut dice).await;
        night.end().await;
    });
}

/// How fast everything goes.
struct Pace {
    /// How long the backend's task of a stream that has ended runs on: from so many milliseconds to so many.
    linger: Range<u64>,
    /// How much longer everything takes than with short limits.
    factor: u32,
    /// How long after the storm everything may take to be answered.
    deadline: Duration,
    /// The agent's client, and the settings of its listener.
    agent: fn(&str, Secret) -> (Client, ListenSettings),
}

static SHORT: Pace = Pace { linger: 0..60, factor: 1, deadline: PATIENCE, agent: hasty };

static USUAL: Pace = Pace { linger: 400..900, factor: 50, deadline: Duration::from_secs(300), agent: default };

fn hasty(url: &str, token: Secret) -> (Client, ListenSettings) {
    let limit = Duration::from_millis(400);
    let far = Client::builder(url).connect_timeout(limit).attempt_timeout(limit).overall_timeout(limit * 3);
    let retry = RetryPolicy::default().base_delay(Duration::from_millis(5)).max_delay(Duration::from_millis(40));
    let settings = ListenSettings::default()
        .base_delay(Duration::from_millis(5))
        .max_delay(Duration::from_millis(60))
        .stable_after(Duration::from_millis(200))
        .silence(limit)
        .drain_every(Duration::from_millis(150));
    (far.retry(retry).auth_token(token).build().unwrap(), settings)
}

fn default(url: &str, token: Secret) -> (Client, ListenSettings) {
    (Client::builder(url).auth_token(token).build().unwrap(), ListenSettings::default())
}

/// A message as its sender knows it: where it is, its number, its text.
type Sent = (ChatId, u64, String);

/// Some who write to an agent, and what is between them.
struct Night {
    seed: u64,
    pace: &'static Pace,
    linger: Duration,
    file: PathBuf,
    _directory: TempDir,
    /// `None` while it restarts.
    backend: Option<LocalBackend>,
    network: Network,
    /// The agent, as its owner sees it: past the network.
    echo: Client,
    senders: [(Client, Vec<ChatId>); 3],
    chats: [ChatId; 3],
    agent: JoinHandle<Result<(), Error>>,
    sent: Vec<Sent>,
}

impl Night {
    async fn begin(seed: u64, dice: &mut Dice, pace: &'static Pace) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("mycel.db");
        let linger = Duration::from_millis(pace.linger.start) + dice.millis(pace.linger.end - pace.linger.start);
        let backend = LocalBackend::builder().stream_linger(linger).data(&file).start().await.unwrap();
        let network = Network::start(backend.address(), dice.below(u64::MAX)).await;

        let direct = Client::builder(backend.url()).build().unwrap();
        let owner = direct.auth().create_guest_owner().await.unwrap();
        let owner = Actor { id: owner.user.id, client: direct.with_auth_token(owner.token) };
        let session = owner.client.users().create_external("echo", "Echo").await.unwrap();
        let echo = Actor { id: session.user.id, client: direct.with_auth_token(&session.token) };
        let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
        let both = codex.client.chats().ensure_direct(&echo.id).await.unwrap().id;
        let all = owner.group(&[&echo, &codex, &claude]).await;
        let people = owner.client.chats().ensure_direct(&echo.id).await.unwrap().id;
        let senders = [
            (codex.client, vec![both.clone(), all.clone()]),
            (claude.client, vec![all.clone()]),
            (owner.client, vec![people.clone(), all.clone()]),
        ];

        let (far, settings) = (pace.agent)(network.url(), session.token);
        let agent = tokio::spawn(async move {
            let listener = far.notifications().listen_with(settings);
            agent::serve(&far, listener, |message: &Message| format!("re: {}", message.content)).await
        });
        Self {
            seed,
            pace,
            linger,
            file,
            _directory: directory,
            backend: Some(backend),
            network,
            echo: echo.client,
            senders,
            chats: [both, all, people],
            agent,
            sent: Vec::new(),
        }
    }

    /// A time below so many milliseconds, at this pace.
    fn time(&self, dice: &mut Dice, bound: u64) -> Duration {
        dice.millis(bound) * self.pace.factor
    }

    /// Everybody writes while the weather is bad, and then it is good again and everything is answered.
    async fn storm(&mut self, dice: &mut Dice) {
        if dice.below(4) != 0 {
            self.network.set(Weather::Storm);
        }
        let factor = self.pace.factor;
        let sending = self.senders.clone().map(|(client, chats)| {
            let dice = Dice::new(dice.below(u64::MAX));
            tokio::spawn(send_some(client, chats, dice, factor))
        });
        self.trouble(dice).await;
        for sender in sending {
            self.sent.extend(sender.await.unwrap());
        }
        self.network.set(Weather::Calm);
        self.answered_within(self.pace.deadline).await;
    }

    /// What befalls the backend: restarts, and more notifications than it holds.
    async fn trouble(&mut self, dice: &mut Dice) {
        for _ in 0..dice.below(3) {
            sleep(self.time(dice, 120)).await;
            if let Some(backend) = self.backend.take() {
                let address = backend.address();
                backend.shutdown().await;
                sleep(self.time(dice, 60)).await;
                let builder = LocalBackend::builder().stream_linger(self.linger).data(&self.file);
                self.backend = Some(builder.listen(address).start().await.unwrap());
            }
        }
        if dice.below(12) == 0 {
            self.network.set(Weather::Cut);
            // Each drain numbers each chat that is unread.
            for _ in 0..260 {
                self.echo.notifications().drain().await.unwrap();
            }
            self.network.set(Weather::Storm);
        }
        sleep(self.time(dice, 120)).await;
    }

    /// Breaks in quick succession. When it is back after the last one it answers at once, also while the stream is
    /// opened once more for what the backend may make of the old connection.
    async fn breaks(&mut self, dice: &mut Dice) {
        /// What a renewal takes, and the answer itself.
        const SOON: Duration = Duration::from_secs(3);
        const RENEWED: Duration = Duration::from_secs(75);

        for _ in 0..1 + dice.below(6) {
            self.network.set(Weather::Cut);
            sleep(dice.millis(300)).await;
            self.network.set(Weather::Calm);
            self.say(dice).await;
            self.answered_within(self.pace.deadline).await;
        }
        let begun = Instant::now();
        while begun.elapsed() < RENEWED {
            sleep(dice.millis(2_000)).await;
            self.say(dice).await;
            self.answered_within(SOON).await;
        }
    }

    async fn say(&mut self, dice: &mut Dice) {
        let (client, chats) = &self.senders[dice.size(3)];
        self.sent.push(send_one(client, chats, dice, "calm").await);
    }

    /// Expects that everything is answered and nothing unread so soon.
    async fn answered_within(&self, time: Duration) {
        let (begun, seed) = (Instant::now(), self.seed);
        loop {
            assert!(!self.agent.is_finished(), "seed {seed}: the agent has given up");
            let answers = answers_in(&self.echo, &self.chats).await;
            let missing: Vec<&Sent> = self.sent.iter().filter(|message| !answers.contains_key(message)).collect();
            let mut unread = 0;
            for chat in &self.chats {
                unread += self.echo.messages().unread(chat).await.unwrap().len();
            }
            if missing.is_empty() && unread == 0 {
                return;
            }
            let waited = begun.elapsed();
            assert!(waited < time, "seed {seed}: {unread} unread after {waited:?}, and not answered: {missing:?}");
            sleep(Duration::from_millis(5) * self.pace.factor).await;
        }
    }

    /// Expects that each message was answered once.
    async fn end(self) {
        self.agent.abort();
        let answers = answers_in(&self.echo, &self.chats).await;
        let expected: BTreeMap<Sent, usize> = self.sent.into_iter().map(|message| (message, 1)).collect();
        assert_eq!(answers, expected, "seed {}", self.seed);
        if let Some(backend) = self.backend {
            backend.shutdown().await;
        }
    }
}

/// Sends some messages, each once, whatever becomes of the backend meanwhile.
async fn send_some(client: Client, chats: Vec<ChatId>, mut dice: Dice, factor: u32) -> Vec<Sent> {
    let mut sent = Vec::new();
    for number in 0..3 + dice.below(4) {
        sleep(dice.millis(60) * factor).await;
        sent.push(send_one(&client, &chats, &mut dice, &number.to_string()).await);
    }
    sent
}

/// Sends one message to one of the chats.
async fn send_one(client: &Client, chats: &[ChatId], dice: &mut Dice, name: &str) -> Sent {
    let chat = &chats[dice.size(u32::try_from(chats.len()).unwrap())];
    let text = format!("{name} of {}", dice.below(u64::MAX));
    (chat.clone(), send_once(client, chat, &text).await, text)
}

async fn send_once(client: &Client, chat: &ChatId, text: &str) -> u64 {
    loop {
        if let Ok(message) = client.messages().send(chat, text).enforce_caught_up(false).await {
            return message.seq;
        }
        // The backend was stopped. Whether it has stored the message is known once it is there again.
        let stored = loop {
            match client.messages().list(chat).limit(200).await {
                Ok(messages) => break messages.into_iter().find(|message| message.content == text),
                Err(_) => sleep(Duration::from_millis(5)).await,
            }
        };
        if let Some(message) = stored {
            return message.seq;
        }
    }
}

/// How often each message was answered.
async fn answers_in(client: &Client, chats: &[ChatId]) -> BTreeMap<Sent, usize> {
    let mut answers = BTreeMap::new();
    for chat in chats {
        for message in client.messages().list(chat).limit(200).await.unwrap() {
            let answer = message.content.strip_prefix('#').and_then(|rest| rest.split_once(" re: "));
            if let Some((seq, text)) = answer {
                *answers.entry((chat.clone(), seq.parse().unwrap(), text.to_owned())).or_default() += 1;
            }
        }
    }
    answers
}
