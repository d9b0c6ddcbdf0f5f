//! Exchanges that were recorded of the real runtime, each sent to the backend again: it has to answer the same.
//!
//! What is made on the spot is compared by its kind: ids, times, sizes. An id of a recorded answer stands for the one in its
//! place from then on, in paths and bodies as well. What is said to people is not compared.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod compare;
mod events;
mod ids;
mod wire;

use std::path::Path;

use compare::Comparison;
use ids::Ids;
use muxi_local_backend::{LocalBackend, Variant};
use serde_json::Value;
use test_harness::{note, recorded, totals};
use wire::Answer;

/// What is known to differ: the step, and the reason.
const DIFFERENCES: &[(&str, &str)] = &[];

#[tokio::test]
async fn the_exchanges_of_the_repository_are_answered_as_recorded() {
    let (same, all) = agree(&recorded::own("muxi-local-backend", "replay"), Variant::Full).await;
    totals::record("MUXI's formation", "recorded exchanges", &format!("{same} of {all} are answered as recorded"));
}

#[tokio::test]
async fn further_exchanges_are_answered_as_recorded() {
    let test = "further_exchanges_are_answered_as_recorded";
    if let Some(file) = recorded::further("MUXI_TRANSCRIPT", test) {
        agree(&file, Variant::Full).await;
    }
}

#[tokio::test]
async fn a_formation_without_memory_answers_as_recorded() {
    if let Some(file) = recorded::further("MUXI_VARIANT_BARE", "a_formation_without_memory_answers_as_recorded") {
        agree(&file, Variant::Bare).await;
    }
}

#[tokio::test]
async fn a_formation_for_one_user_answers_as_recorded() {
    if let Some(file) = recorded::further("MUXI_VARIANT_SINGLE", "a_formation_for_one_user_answers_as_recorded") {
        agree(&file, Variant::Single).await;
    }
}

/// Sends all of a file to a backend that has seen nothing yet: how many are answered as recorded, and how many there are.
async fn agree(file: &Path, variant: Variant) -> (usize, usize) {
    let backend = LocalBackend::builder().variant(variant).start().await.unwrap();
    let exchanges = recorded::lines(file);
    let (mut ids, mut known, mut wrong) = (Ids::default(), Vec::new(), Vec::new());
    for exchange in &exchanges {
        let step = exchange["step"].as_str().unwrap();
        let found = replay(backend.url(), exchange, &mut ids).await;
        match DIFFERENCES.iter().find(|(known, _)| *known == step) {
            Some((_, reason)) => {
                assert!(!found.is_empty(), "{step} does not differ any more: {reason}");
                known.push(step);
            }
            None if found.is_empty() => {}
            None => wrong.push(format!("{step}: {}", found.join("; "))),
        }
    }
    for (step, reason) in DIFFERENCES.iter().filter(|(step, _)| known.contains(step)) {
        note(&format!("known to differ: {step}: {reason}"));
    }
    let differing: Vec<_> = known.into_iter().map(str::to_owned).chain(wrong.iter().cloned()).collect();
    let same = exchanges.len() - differing.len();
    note(&format!("agreed {same} of {} exchanges of {}", exchanges.len(), recorded::shown(file)));
    assert!(!exchanges.is_empty() && wrong.is_empty(), "of {} it is otherwise:\n{}", file.display(), wrong.join("\n"));
    (same, exchanges.len())
}

/// Sends what was sent; what of the answer differs.
async fn replay(url: &str, exchange: &Value, ids: &mut Ids) -> Vec<String> {
    let Answer { status, headers, body } = wire::send(url, exchange, ids).await;
    let mut found = Comparison::new(ids);
    if exchange["status"] != status {
        return vec![format!("status {} got {status} {body:.160}", exchange["status"])];
    }
    for (name, expected) in exchange["answer_headers"].as_object().unwrap() {
        let is_type = name == "content-type";
        let essence = |value: &str| value.split(';').next().unwrap().to_owned();
        let read = |value: &str| if is_type { essence(value) } else { value.to_owned() };
        let (expected, given) = (read(expected.as_str().unwrap()), headers.get(name).map(|value| read(value)));
        if given.as_deref() != Some(expected.as_str()) {
            found.tell(format!("{name}: {expected} got {given:?}"));
        }
    }
    match &exchange["answer"] {
        Value::String(text)
            if exchange["answer_headers"]["content-type"].as_str().unwrap().contains("event-stream") =>
        {
            found.events(text, &body);
        }
        Value::String(text) => found.text("body", "", text, &body),
        expected => match serde_json::from_str(&body) {
            Ok(given) => found.value("$", "", expected, &given),
            Err(_) => found.tell(format!("not JSON: {body:.80}")),
        },
    }
    found.found
}
