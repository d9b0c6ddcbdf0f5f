//! What the facade makes of an answer, against what the official client makes of it. The time of all waiting is virtual.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod outcome;
mod script;

use std::path::Path;
use std::time::Duration;

use m8tes_tests::differences::{ABSENT, Difference, Known};
use m8tes_tests::official::Call;
use m8tes_tests::{client, sent};
use serde_json::{Map, Value};
use test_harness::{VirtualTime, note, recorded, totals};

/// The version of the official client.
const VERSION: &str = "4.49.0";

/// How long a call may take.
const LONGEST: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn the_situations_of_the_repository_come_to_what_they_should() {
    let (situations, known) = agree(&recorded::own("m8tes", "behaviour")).await;
    assert_eq!(known.unneeded(), [""; 0], "rows of differences.toml that nothing needs");
    note(&format!("agreed but for {} known differences, each with its reason", known.count()));
    totals::record(
        "m8tes",
        "recorded situations",
        &format!("{situations}, but for {} known differences", known.count()),
    );
}

#[tokio::test(start_paused = true)]
async fn further_situations_come_to_what_they_should() {
    let name = "further_situations_come_to_what_they_should";
    if let Some(file) = recorded::further("M8TES_BEHAVIOUR_4_49_0", name) {
        agree(&file).await;
    }
}

/// Goes through all situations of a file, but for the known differences; how many there are.
async fn agree(file: &Path) -> (usize, Known) {
    let time = VirtualTime::start();
    let mut known = Known::read("behaviour");
    let lines = recorded::lines(file);
    let mut wrong = Vec::new();
    for line in &lines {
        let name = line["name"].as_str().unwrap();
        let found = compare(line).await;
        let unknown = known.unknown(VERSION, name, found);
        if !unknown.is_empty() {
            wrong.push(format!("{name}: {unknown:#?}"));
        }
    }
    drop(time);
    recorded::tell("situations", lines.len(), file, &wrong);
    (lines.len(), known)
}

async fn compare(line: &Value) -> Vec<Difference> {
    let server = script::serve(&line["answers"]).await;
    let client = client(&server.url());
    let call = Call::read(line["call"].as_str().unwrap());
    let ours = tokio::time::timeout(LONGEST, call.make(&client)).await.unwrap();
    let mut found = outcome::differences(ours, line);
    let theirs: Vec<_> = line["requests"].as_array().unwrap().iter().map(shown).collect();
    let mut keys = Vec::new();
    let ours: Vec<_> = server.requests().iter().map(|request| shown(&with_key(request, &mut keys))).collect();
    for place in 0..ours.len().max(theirs.len()) {
        let [ours, theirs] = [&ours, &theirs].map(|sent| sent.get(place).map_or(ABSENT, String::as_str));
        found.extend(Difference::between("a request", ours, theirs));
    }
    found
}

/// The request in the form of the recordings, with its key by the order in which keys came.
fn with_key(request: &str, keys: &mut Vec<String>) -> Value {
    let mut recorded = sent::recorded(request);
    let key =
        request.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("idempotency-key: ").map(str::to_owned));
    if let Some(key) = key {
        let place = keys.iter().position(|known| *known == key).unwrap_or(keys.len());
        if place == keys.len() {
            keys.push(key);
        }
        recorded["idempotency_key"] = format!("<key {}>", place + 1).into();
    }
    recorded
}

/// What of a request is compared.
fn shown(request: &Value) -> String {
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    let query = request["query"].as_object().cloned().unwrap_or_else(Map::new);
    let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
    let line = format!("{} {}?{} {}", text("method"), text("path"), query.join("&"), text("idempotency_key"));
    line.replace("? ", " ").trim_end().to_owned()
}
