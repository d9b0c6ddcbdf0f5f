//! The agent of the examples on a bad network, over a backend that restarts: whatever happens, it answers each
//! message exactly once.
//!
//! Each round is made by a seed. `NIGHT_SEED=7` runs the round of one seed; `NIGHT_FIRST` and `NIGHT_ROUNDS` say
//! from which seed on and how many.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream;
use mycel_local_backend::LocalBackend;
use mycel_sdk::{ChatId, Client, ListenSettings, Message, RetryPolicy};
use mycel_tests::{Actor, Dice, Weather, Wire, note};
use tokio::time::sleep;

#[path = "../../../../sdk/mycel/examples/agent.rs"]
#[allow(dead_code, reason = "its main is for people")]
mod agent;

/// How long after the storm everything may take to be answered.
const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_of_the_examples_answers_everything_exactly_once() {
    if env::var_os("MYCEL_TEST_URL").is_some() {
        return note(
            "left out, since it restarts a backend: the_agent_of_the_examples_answers_everything_exactly_once",
        );
    }
    let number = |name: &str| env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let seeds = match number("NIGHT_SEED") {
        Some(seed) => seed..seed + 1,
        None => {
            let first = number("NIGHT_FIRST").unwrap_or(0);
            first..first + number("NIGHT_ROUNDS").unwrap_or(200)
        }
    };
    let rounds = stream::iter(seeds).map(|seed| async move { (seed, tokio::spawn(round(seed)).await) });
    let failed: Vec<u64> =
        rounds.buffer_unordered(8).filter_map(async |(seed, outcome)| outcome.is_err().then_some(seed)).collect().await;
    assert!(failed.is_empty(), "failed; run one alone with NIGHT_SEED={}: {failed:?}", failed[0]);
}

/// A message as its sender knows it: where it is, its number, its text.
type Sent = (ChatId, u64, String);

async fn round(seed: u64) {
    let mut dice = Dice::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let backend = LocalBackend::builder().data(&file).start().await.unwrap();
    let wire = Wire::start(backend.address(), dice.below(u64::MAX)).await;

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

    let limit = Duration::from_millis(400);
    let far = Client::builder(wire.url()).connect_timeout(limit).attempt_timeout(limit).overall_timeout(limit * 3);
    let retry = RetryPolicy::default().base_delay(Duration::from_millis(5)).max_delay(Duration::from_millis(40));
    let far = far.retry(retry).auth_token(session.token).build().unwrap();
    let settings = ListenSettings::default()
        .base_delay(Duration::from_millis(5))
        .max_delay(Duration::from_millis(60))
        .stable_after(Duration::from_millis(200))
        .silence(limit);
    let agent = tokio::spawn(async move {
        let listener = far.notifications().listen_with(settings);
        agent::serve(&far, listener, |message: &Message| format!("re: {}", message.content)).await
    });

    if dice.below(4) != 0 {
        wire.set(Weather::Storm);
    }
    let sending = senders.map(|(client, chats)| {
        let dice = Dice::new(dice.below(u64::MAX));
        tokio::spawn(send_some(client, chats, dice))
    });
    let backend = trouble(backend, &file, &wire, &echo.client, &mut dice).await;
    let mut sent: Vec<Sent> = Vec::new();
    for sender in sending {
        sent.extend(sender.await.unwrap());
    }
    wire.set(Weather::Calm);

    let begun = Instant::now();
    let chats = [both, all, people];
    let mut answers = BTreeMap::new();
    let mut unread = usize::MAX;
    while begun.elapsed() < DEADLINE {
        assert!(!agent.is_finished(), "seed {seed}: the agent has given up: {:?}", agent.await);
        answers = answers_in(&echo.client, &chats).await;
        unread = 0;
        for chat in &chats {
            unread += echo.client.messages().unread(chat).await.unwrap().len();
        }
        if unread == 0 && sent.iter().all(|message| answers.contains_key(message)) {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    agent.abort();
    let missing: Vec<&Sent> = sent.iter().filter(|message| !answers.contains_key(message)).collect();
    assert!(missing.is_empty() && unread == 0, "seed {seed}: {unread} unread, and not answered: {missing:?}");
    let answers = answers_in(&echo.client, &chats).await;
    let expected: BTreeMap<Sent, usize> = sent.into_iter().map(|message| (message, 1)).collect();
    assert_eq!(answers, expected, "seed {seed}");
    backend.shutdown().await;
}

/// Sends some messages, each once, whatever becomes of the backend meanwhile.
async fn send_some(client: Client, chats: Vec<ChatId>, mut dice: Dice) -> Vec<Sent> {
    let mut sent = Vec::new();
    for number in 0..3 + dice.below(4) {
        sleep(dice.millis(60)).await;
        let chat = &chats[dice.size(u32::try_from(chats.len()).unwrap())];
        let text = format!("{number} of {}", dice.below(u64::MAX));
        let seq = send_once(&client, chat, &text).await;
        sent.push((chat.clone(), seq, text));
    }
    sent
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

/// What befalls the backend: restarts, and more notifications than it holds.
async fn trouble(mut backend: LocalBackend, file: &Path, wire: &Wire, echo: &Client, dice: &mut Dice) -> LocalBackend {
    for _ in 0..dice.below(3) {
        sleep(dice.millis(120)).await;
        let address = backend.address();
        backend.shutdown().await;
        sleep(dice.millis(60)).await;
        backend = LocalBackend::builder().data(file).listen(address).start().await.unwrap();
    }
    if dice.below(12) == 0 {
        wire.set(Weather::Cut);
        // Each drain numbers each chat that is unread.
        for _ in 0..260 {
            echo.notifications().drain().await.unwrap();
        }
        wire.set(Weather::Storm);
    }
    sleep(dice.millis(120)).await;
    backend
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
