//! The repository's own recordings: they are what the local backend answers, and the facade decodes all of it.
//!
//! `UPDATE_RECORDINGS=1 cargo test -p mycel-tests --test recordings as_recorded` writes them anew.

use std::path::{Path, PathBuf};

use mycel_tests::{AnswerSchema, Exchange, Tap, World, note};
use serde_json::{Value, json};
use test_harness::recordings::{Facade, decode, expect_recorded};
use test_harness::totals;

use crate::answers::Mycel;
use crate::frames;
use crate::normal::Normal;
use crate::scenario;

/// What writes the recordings anew.
const UPDATE: &str = "UPDATE_RECORDINGS=1 cargo test -p mycel-tests --test recordings as_recorded";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings").join(name)
}

/// An exchange as a row of `answers.jsonl`.
fn row(exchange: &Exchange, normal: &mut Normal) -> Value {
    let body = |bytes: &[u8]| -> Value {
        let text = String::from_utf8_lossy(bytes);
        serde_json::from_str(&text).unwrap_or_else(|_| if text.is_empty() { Value::Null } else { json!(text) })
    };
    let content_type = exchange.response_headers.iter().find(|header| header.0 == "content-type");
    json!({
        "request": {
            "method": exchange.method,
            "path": normal.text(&exchange.path),
            "query": exchange.query,
            "body": normal.request(&body(&exchange.request_body)),
        },
        "response": {
            "status": exchange.status,
            "content_type": content_type.map(|header| &header.1),
            "body": normal.value(&body(&exchange.response_body)),
        },
    })
}

/// What the local backend answers: the rows of `answers.jsonl` and of `frames.jsonl`.
async fn record(world: &World) -> (Vec<Value>, Vec<Value>) {
    let tap = Tap::before(world.client.base_url()).await;
    scenario::play(world, &tap).await;
    let mut normal = Normal::default();
    let is_handshake = |exchange: &Exchange| exchange.path.ends_with("/subscribe");
    let (handshakes, calls): (Vec<_>, Vec<_>) = tap.take().into_iter().partition(is_handshake);
    let answers = calls.iter().map(|exchange| row(exchange, &mut normal)).collect();
    let refused = handshakes.iter().filter(|exchange| exchange.status != 101).map(
        |exchange| json!({"http_status": exchange.status, "body": String::from_utf8_lossy(&exchange.response_body)}),
    );
    let frames = tap
        .take_frames()
        .into_iter()
        .map(|text| json!({"frames": [normal.value(&serde_json::from_str(&text).unwrap())]}));
    (answers, refused.chain(frames).collect())
}

#[tokio::test]
async fn the_local_backend_answers_every_operation_as_recorded() {
    let test = "the_local_backend_answers_every_operation_as_recorded";
    let Some(world) = World::start_local(test).await else { return };
    let (answers, frames) = record(&world).await;
    let answered = world.check();
    let missing: Vec<&str> = AnswerSchema::get().operations().filter(|name| !answered.contains(name)).collect();
    assert!(missing.is_empty(), "tests/mycel/tests/recordings/scenario.rs has no step for {}", missing.join(", "));

    for (name, rows) in [("answers.jsonl", answers), ("frames.jsonl", frames)] {
        let now: String = rows.iter().map(Value::to_string).collect();
        assert!(!now.contains("eyJ") && !now.contains("correct horse"), "a secret would be recorded");
        expect_recorded(&file(name), &rows, UPDATE);
    }
}

#[tokio::test]
async fn the_facade_decodes_all_that_is_recorded() {
    let answers = decode::<Mycel>(&file("answers.jsonl"), &mut AnswerSchema::fields()).await;
    let frames = frames::decode(&file("frames.jsonl")).await;
    let missing: Vec<&str> =
        AnswerSchema::get().operations().filter(|name| !answers.operations.contains(name)).collect();
    assert!(
        missing.is_empty(),
        "recordings/answers.jsonl has no answer of {}; once the scenario has a step for it, write it anew with\n{UPDATE}",
        missing.join(", ")
    );
    let exceptions = Mycel::LEFT_OUT.iter().map(|(operation, what, _)| (*operation, *what));
    assert_eq!(answers.left_out, exceptions.collect(), "the exceptions that are needed");

    let told = format!(
        "{} answers and {} errors of {} operations, {} frames",
        answers.answers,
        answers.errors,
        answers.operations.len(),
        frames.frames
    );
    note(&format!("decoded of the repository's recordings: {told}; {} values", answers.values + frames.values));
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    assert!(readme.contains(&told), "tests/README.md has to say: {told}");
    totals::record("Mycel", "recordings", &told);
}

#[tokio::test]
async fn every_field_of_every_answer_is_decoded_with_a_value() {
    let mut fields = AnswerSchema::fields();
    for name in ["answers.jsonl", "by-hand.jsonl"] {
        decode::<Mycel>(&file(name), &mut fields).await;
    }
    let missing = fields.without_value();
    assert!(
        missing.is_empty(),
        "no recording has a value in these fields of the answers, so nothing shows that they are decoded:\n{}\n\
         Have the local backend answer with one in tests/mycel/tests/recordings/scenario.rs, or, where it has none, write \
         an answer that has one into tests/mycel/recordings/by-hand.jsonl.",
        missing.join("\n")
    );
}

/// The recordings of another backend, in a folder with `transcript.jsonl` and `websocket.jsonl`.
#[tokio::test]
async fn the_facade_decodes_what_another_backend_was_recorded_with() {
    let Some(folder) = std::env::var_os("MYCEL_RECORDINGS").map(PathBuf::from) else {
        return note(
            "left out, since MYCEL_RECORDINGS names no folder: the_facade_decodes_what_another_backend_was_recorded_with",
        );
    };
    let answers = decode::<Mycel>(&folder.join("transcript.jsonl"), &mut AnswerSchema::fields()).await;
    let frames = frames::decode(&folder.join("websocket.jsonl")).await;
    assert!(answers.answers > 0 && answers.errors > 0 && frames.frames > 0, "{answers:?} {frames:?}");
    note(&format!(
        "decoded of the recordings in MYCEL_RECORDINGS: {} answers and {} errors of {} operations, {} frames, \
         {} refused handshakes, {} closes; {} values",
        answers.answers,
        answers.errors,
        answers.operations.len(),
        frames.frames,
        frames.refusals,
        frames.closes,
        answers.values + frames.values
    ));
}
