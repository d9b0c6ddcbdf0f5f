//! People write to a teammate and to a formation on bad networks, while Mycel, those and the bridge are killed and start
//! again. In the morning each message has one answer, in its chat and in its turn; each turn was begun once, and people were
//! asked once.
//!
//! Each night is made by a seed. `NIGHT_SEED=7` is one of them; `NIGHT_FIRST` and `NIGHT_ROUNDS` say from which seed on
//! and how many.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod people;
mod sides;

use std::collections::BTreeMap;
use std::time::Duration;

use bridge_tests::{ASK, YES, answer};
use futures::StreamExt;
use mycel_sdk::Message;
use test_harness::{Dice, PATIENCE, note, seeds};
use tokio::time::{sleep, timeout};

use crate::people::Person;
use crate::sides::{Kind, Sides};

/// How many nights there are for each platform, and how many of them at once.
const NIGHTS: u64 = 40;
const AT_ONCE: usize = 12;

/// What begins an answer of something that could not be answered, since what had begun it was killed.
const FAILED: &str = "I can't answer that: ";

/// What counts, by what it counts.
type Counts = BTreeMap<&'static str, usize>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_write_to_a_teammate_is_answered_once() {
    nights(Kind::M8tes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_write_to_a_formation_is_answered_once() {
    nights(Kind::Muxi).await;
}

async fn nights(kind: Kind) {
    let begun =
        futures::stream::iter(seeds(NIGHTS)).map(|seed| async move { (seed, tokio::spawn(night(seed, kind)).await) });
    let ended: Vec<_> = begun.buffer_unordered(AT_ONCE).collect().await;
    let (mut all, mut failed) = (Counts::new(), Vec::new());
    for (seed, counts) in &ended {
        match counts {
            Ok(counts) => counts.iter().for_each(|(what, count)| *all.entry(what).or_default() += count),
            Err(_) => failed.push(seed),
        }
    }
    assert!(failed.is_empty(), "failed; run one alone with NIGHT_SEED={}: {failed:?}", failed[0]);
    note(&format!("nights: {} of {kind:?}, with {all:?}", ended.len()));
    if ended.len() >= NIGHTS as usize {
        assert!(all.values().all(|count| *count > 0), "{all:?}");
    }
}

async fn night(seed: u64, kind: Kind) -> Counts {
    let mut dice = Dice::new(seed);
    let mut sides = Sides::start(kind, &mut dice).await;
    let people: Vec<_> = sides
        .chats()
        .into_iter()
        .enumerate()
        .map(|(number, (chat, client))| {
            let (name, dice) = (format!("{seed}.{number}"), Dice::new(dice.below(u64::MAX)));
            tokio::spawn(
                Person { client, chat, agent: sides.agent.clone(), name, dice, asks: kind == Kind::M8tes }.write(),
            )
        })
        .collect();
    sides.trouble(&mut dice).await;
    for person in people {
        timeout(PATIENCE, person).await.expect("a person waits for ever").unwrap();
    }
    let mut counts = Counts::from([("kills of the bridge", sides.kills[0]), ("kills of Mycel", sides.kills[1])]);
    counts.insert("kills of who is lent", sides.kills[2]);
    for (chat, client) in sides.chats() {
        let all_are_answered = async {
            loop {
                if let Ok(said) = people::said(&client, &chat).await
                    && is_answered(&said, &sides)
                {
                    return;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        if timeout(PATIENCE, all_are_answered).await.is_err() {
            panic!("not all is answered: {:#?}", texts(&people::said(&client, &chat).await.unwrap()));
        }
    }
    // What came twice would come soon.
    sleep(Duration::from_millis(800)).await;
    let turns = sides.turns();
    for (chat, client) in sides.chats() {
        let said = people::said(&client, &chat).await.unwrap();
        check(&said, &sides, &turns, &mut counts);
    }
    sides.expect_one_session_for_each_chat().await;
    counts
}

fn texts(said: &[Message]) -> Vec<String> {
    said.iter().map(|message| format!("{}: {}", message.sender_name, message.content)).collect()
}

fn is_answered(said: &[Message], sides: &Sides) -> bool {
    let (asked, answered) = people::asked_and_answered(said, &sides.agent);
    answered.len() >= asked.len()
}

/// Expects that all is as it should be in a chat.
fn check(said: &[Message], sides: &Sides, turns: &BTreeMap<String, usize>, counts: &mut Counts) {
    let (asked, answered) = people::asked_and_answered(said, &sides.agent);
    let all = texts(said);
    let how_often = |text: &str| said.iter().filter(|message| message.content == text).count();
    let failures = answered.iter().filter(|text| text.starts_with(FAILED)).count();
    assert_eq!(answered.len(), asked.len(), "{all:#?}");
    assert!(how_often(&answer(YES)) <= how_often(YES), "{all:#?}");
    let kills = sides.kills[2];
    assert!(failures <= kills, "{failures} failures of {kills} kills: {all:#?}");
    for (asked, answered) in asked.iter().zip(answered) {
        let begun = turns.get(*asked).copied().unwrap_or(0);
        let prompts = said.iter().filter(|message| {
            let about = asked.split_once(' ').map_or(*asked, |(_, about)| about);
            message.content.starts_with("May I use ") && message.content.contains(&format!("\"{about}\""))
        });
        let prompts = prompts.count();
        if answered.starts_with(FAILED) {
            assert!(begun <= 1 && prompts <= 1, "{asked}: begun {begun} times, {prompts} prompts: {all:#?}");
            *counts.entry("turns that were killed").or_default() += 1;
            continue;
        }
        assert_eq!(answered, answer(asked), "{all:#?}");
        // What a formation has only just begun when it is killed, nobody knows of.
        let most = if sides.kind == Kind::Muxi { 1 + kills } else { 1 };
        assert!((1..=most).contains(&begun), "{asked} was begun {begun} times: {all:#?}");
        assert_eq!(prompts, usize::from(asked.starts_with(ASK)), "{asked}: {all:#?}");
        *counts.entry("messages answered").or_default() += 1;
        if prompts == 1 {
            *counts.entry("permissions").or_default() += 1;
        }
    }
}
