//! Chats on a bad network, over a formation that is killed: an end without `done` is an error and never a short answer,
//! nothing is sent twice, and what was acknowledged is there.
//!
//! Each night is made by a seed. `NIGHT_SEED=7` is one of them; `NIGHT_FIRST` and `NIGHT_ROUNDS` say from which seed on
//! and how many.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod asker;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY};
use muxi_sdk::{FormationClient, RetryPolicy};
use muxi_tests::client;
use muxi_tests::work::Step;
use test_harness::nights::{CuttingNetwork, Dawn, Frames, nights, trouble};
use test_harness::{Dice, PATIENCE, Program, note};
use tokio::time::timeout;

use crate::asker::{Asker, Deed, Heard, Made, Turn, said};

/// How many messages a formation's buffer holds.
const CAPACITY: i64 = 60;

/// Where an answer is whole, and how streams end.
const FRAMES: Frames = Frames { landmark: "\"completed\"", last: "event: done" };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_told_whole_or_ends_with_an_error_and_nothing_is_sent_twice() {
    if env::var_os("MUXI_TEST_URL").is_some() {
        note("left out, since it kills a backend: an_answer_is_told_whole_or_ends_with_an_error_…");
        return;
    }
    nights("MUXI's formation", "chats", night).await;
}

/// A client without patience, beyond the network.
fn far(url: &str) -> FormationClient {
    let limit = Duration::from_millis(500);
    let pause = Duration::from_millis(1);
    let quick = RetryPolicy::default().base_delay(pause).max_delay(4 * pause);
    let client = FormationClient::direct(url).client_key(CLIENT_KEY).admin_key(ADMIN_KEY).retry(quick);
    client.connect_timeout(limit).attempt_timeout(limit).overall_timeout(4 * limit).build().unwrap()
}

async fn night(seed: u64) -> Dawn {
    let mut dice = Dice::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let turns = directory.path().join("turns");
    let data = directory.path().join("muxi.db").into_os_string();
    let arguments = ["--data".into(), data, "--turns".into(), turns.clone().into_os_string()];
    let mut backend = Program::start(env!("CARGO_BIN_EXE_told-formation"), arguments).await;
    let network = CuttingNetwork::start(backend.address(), FRAMES, Dice::new(dice.below(u64::MAX))).await;
    let era = Arc::new(AtomicUsize::new(0));
    let askers: Vec<_> = (0..2 + dice.below(3))
        .map(|number| {
            let (client, dice) = (far(network.url()), Dice::new(dice.below(u64::MAX)));
            let (name, era) = (format!("{seed}-{number}"), Arc::clone(&era));
            tokio::spawn(Asker { client, dice, name, era, deeds: Vec::new() }.ask())
        })
        .collect();
    let back = || {
        era.fetch_add(1, Ordering::SeqCst);
    };
    let kills = trouble(&mut backend, &[&network], &mut dice, back).await;

    let mut deeds = Vec::new();
    for asker in askers {
        deeds.extend(timeout(PATIENCE, asker).await.unwrap().unwrap());
    }
    let mut begun: BTreeMap<String, usize> = BTreeMap::new();
    for turn in fs::read_to_string(&turns).unwrap_or_default().lines() {
        *begun.entry(turn.to_owned()).or_default() += 1;
    }
    let mut dawn = Dawn { cuts: network.cuts(), ..Dawn::default() };
    dawn.count("kills", kills);
    let formation = client(backend.url());
    // Of a full buffer, nobody knows what it has forgotten: a turn that raises is begun anew each time it is asked for, and
    // that may be often.
    let entries = formation.buffers().stats().await.unwrap().entries.unwrap();
    let holds_all = entries < CAPACITY;
    dawn.count("buffers that held all", usize::from(holds_all));
    for deed in &deeds {
        dawn.count(check(&formation, &mut begun, kills, holds_all, deed).await, 1);
    }
    assert!(begun.is_empty(), "turns that nobody asked for: {begun:?}");
    dawn
}

/// Expects that what was done was done as it was told, and once; what it counts as.
async fn check(
    formation: &FormationClient,
    begun: &mut BTreeMap<String, usize>,
    kills: usize,
    holds_all: bool,
    deed: &Deed,
) -> &'static str {
    match deed {
        Deed::Turn(turn) => {
            let times = begun.remove(&turn.work.to_string()).unwrap_or(0);
            let most = match turn.has_key {
                false => 1,
                // What has failed is tried anew by the same key.
                true if turn.work.does(Step::Raises) => turn.asked,
                // What a formation knows of keys is gone when it is killed.
                true => turn.asked.min(1 + kills),
            };
            match turn.heard {
                Heard::Whole => assert!((1..=most).contains(&times), "begun {times} times: {turn:?}"),
                Heard::Part => assert!(times <= most, "begun {times} times: {turn:?}"),
                Heard::Refused => assert_eq!(times, 0, "{turn:?}"),
            }
            // Conversations are gone then, too.
            if matches!(turn.heard, Heard::Whole) && turn.era == kills && holds_all {
                expect_in_conversation(formation, turn, times).await;
            }
            match (&turn.heard, turn.has_key) {
                (Heard::Whole, true) => "turns answered whole",
                (Heard::Whole, false) => "turns streamed whole",
                (Heard::Part, _) => "turns that broke off",
                (Heard::Refused, _) => "turns not begun",
            }
        }
        Deed::Memory { user, content, made } => {
            let found = formation.memories().list().limit(100).user(user.as_str()).await.unwrap();
            let found: Vec<_> = found.iter().filter(|memory| memory.content == *content).collect();
            match made {
                Made::Surely(id) => assert!(found.len() == 1 && found[0].id == *id, "{found:?} of {deed:?}"),
                Made::Perhaps => assert!(found.len() <= 1, "{found:?} of {deed:?}"),
                Made::SurelyNot => assert!(found.is_empty(), "{found:?} of {deed:?}"),
            }
            "memories"
        }
        Deed::Restored { user, session, is_known, era } => {
            if *is_known && *era == kills && holds_all {
                let messages = formation.sessions().messages(session).user(user.as_str()).await.unwrap();
                let found: Vec<_> = messages.into_iter().map(|message| message.content).collect();
                assert_eq!(found, said(session), "{deed:?}");
            }
            "conversations restored"
        }
    }
}

/// Expects that a turn is in its conversation as often as it was begun, and its answer once.
async fn expect_in_conversation(formation: &FormationClient, turn: &Turn, times: usize) {
    let messages = formation.sessions().messages(&turn.session).user(turn.user.as_str()).await.unwrap();
    let of = |role: &str, text: &str| {
        messages.iter().filter(|message| message.role.as_deref() == Some(role) && message.content == text).count()
    };
    assert_eq!(of("user", &turn.work.to_string()), times, "{messages:?} of {turn:?}");
    if !turn.work.does(Step::Fails) && !turn.work.does(Step::Raises) {
        assert_eq!(of("assistant", &turn.work.answer()), 1, "{messages:?} of {turn:?}");
    }
}
