//! What the facade sends for a call, against what the official client sends for it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod request;
mod stand_in;

use std::path::Path;

use m8tes_sdk::ErrorKind;
use m8tes_tests::differences::{Difference, Known};
use m8tes_tests::official::{Call, Failed};
use m8tes_tests::{client, sent};
use serde_json::Value;
use test_harness::{note, recorded, soon, totals};

#[tokio::test]
async fn the_calls_of_the_repository_send_what_the_official_client_sends() {
    let (calls, known) = agree(&recorded::own("m8tes", "requests")).await;
    assert_eq!(known.unneeded(), [""; 0], "rows of differences.toml that nothing needs");
    note(&format!("agreed but for {} known differences, each with its reason", known.count()));
    totals::record("m8tes", "recorded calls", &format!("{calls}, but for {} known differences", known.count()));
}

#[tokio::test]
async fn further_calls_of_1_1_0_send_what_it_sends() {
    if let Some(file) = recorded::further("M8TES_REQUESTS_1_1_0", "further_calls_of_1_1_0_send_what_it_sends") {
        agree(&file).await;
    }
}

#[tokio::test]
async fn further_calls_of_4_49_0_send_what_it_sends() {
    if let Some(file) = recorded::further("M8TES_REQUESTS_4_49_0", "further_calls_of_4_49_0_send_what_it_sends") {
        agree(&file).await;
    }
}

/// Makes all calls of a file, but for the known differences; how many there are.
async fn agree(file: &Path) -> (usize, Known) {
    let mut known = Known::read("requests");
    let lines = recorded::lines(file);
    // The requests of one call come one behind the other.
    let calls: Vec<_> =
        lines.chunk_by(|one, next| one["call"] == next["call"] && next["seq"].as_i64() > Some(0)).collect();
    let mut wrong = Vec::new();
    for requests in &calls {
        let version = requests[0]["client"].as_str().unwrap().trim_start_matches("m8tes ");
        let text = requests[0]["call"].as_str().unwrap();
        let call = Call::read(text);
        let name = call.name.clone();
        let found = compare(call, requests).await;
        let unknown = known.unknown(version, &name, found);
        if !unknown.is_empty() {
            wrong.push(format!("{text}: {unknown:#?}"));
        }
    }
    recorded::tell("calls", calls.len(), file, &wrong);
    (calls.len(), known)
}

/// Makes a call, and tells what is sent otherwise.
async fn compare(call: Call, requests: &[Value]) -> Vec<Difference> {
    let server = stand_in::serve(requests[0]["given"].as_str().unwrap_or_default()).await;
    let outcome = soon(call.make(&client(&server.url()))).await;
    let ours: Vec<_> = server.requests().iter().map(|request| sent::recorded(request)).collect();
    let theirs: Vec<_> = requests.iter().filter(|request| request["method"].is_string()).cloned().collect();
    let outcome = match outcome {
        Ok(_) => "ok".to_owned(),
        Err(Failed::Unsayable(what)) => what,
        Err(Failed::Error(error)) if error.kind() == ErrorKind::InvalidInput => "ValidationError".to_owned(),
        Err(Failed::Error(error)) => error.to_string(),
    };
    let mut found: Vec<_> =
        Difference::between("outcome", outcome, requests[0]["outcome"].as_str().unwrap()).into_iter().collect();
    found.extend(request::differences(&ours, &theirs));
    found
}
