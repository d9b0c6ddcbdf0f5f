//! Which texts the facade sends as a segment of a path, and how, whatever they name.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::path::Path;

use m8tes_sdk::apps::ConnectionProof;
use m8tes_sdk::{Client, Error, ErrorKind};
use m8tes_tests::client;
use m8tes_tests::peers::refuses;
use serde_json::Value;
use test_harness::engine::Told;
use test_harness::names::{
    Names, every_idempotency_key_is_in_its_own_header_or_none, every_text_is_one_value_of_its_query_or_none,
    every_text_reaches_its_own_route_or_none,
};
use test_harness::{Peer, recorded, soon, told};

/// The paths that have a text in them, which `*` stands for.
const PATHS: [&str; 4] = ["/users/*", "/apps/*/connections", "/runs/42/files/*/download", "/tasks/10/triggers/*"];

#[tokio::test]
async fn the_segments_of_the_repository_are_sent_as_they_should() {
    agree(&recorded::own("m8tes", "segments")).await;
}

#[tokio::test]
async fn further_segments_are_sent_as_they_should() {
    if let Some(file) = recorded::further("M8TES_SEGMENTS", "further_segments_are_sent_as_they_should") {
        agree(&file).await;
    }
}

async fn agree(file: &Path) {
    let peer = Peer::start([refuses("404 Not Found", "none")]).await;
    let client = client(peer.url());
    let lines = recorded::lines(file);
    let mut wrong = Vec::new();
    for line in &lines {
        let value = line["value"].as_str().unwrap();
        for path in PATHS {
            let before = peer.requests().len();
            let error = soon(send(&client, path, value)).await.unwrap_err();
            let sent: Vec<_> = peer.requests().split_off(before).iter().map(|request| target(request)).collect();
            let is_right = match &line["segment"] {
                Value::String(segment) => sent == [format!("/api/v2{}", path.replace('*', segment))],
                _ => sent.is_empty() && error.kind() == ErrorKind::InvalidInput,
            };
            if !is_right {
                wrong.push(format!("{value:?} in {path}: {sent:?} was sent ({error})"));
                break;
            }
        }
    }
    recorded::tell("segments", lines.len(), file, &wrong);
}

async fn send(client: &Client, path: &str, value: &str) -> Result<(), Error> {
    match path {
        "/users/*" => client.users().get(value).await.map(drop),
        "/apps/*/connections" => client.apps().disconnect(value).await,
        "/runs/42/files/*/download" => client.runs().download_file(42, value).await.map(drop),
        "/tasks/10/triggers/*" => client.tasks().triggers(10).delete(value).await,
        other => panic!("no call has the path {other}"),
    }
}

/// The target of a request.
fn target(request: &str) -> String {
    request.split(' ').nth(1).unwrap().to_owned()
}

struct M8tes;

impl Names for M8tes {
    // It can't store the last.
    const FORBIDDEN: &[char] = &['/', '\0'];
    const DOCUMENTS: &[(&str, &str)] = &[("m8tes", "/api/v2")];
    const IDEMPOTENCY_HEADER: Option<&str> = Some("idempotency-key");

    async fn call(url: &str, _document: &str, operation: &str, text: &str) -> Box<Told> {
        let client = client(url);
        let outcome = match operation {
            "complete_app_connection" => {
                client.apps().connect_complete(text, ConnectionProof::Connection("c".to_owned())).await.map(drop)
            }
            "connect_app" => client.apps().connect(text, "https://a.example").await.map(drop),
            "connect_app_with_key" => client.apps().connect_with_key(text, "key").await.map(drop),
            "delete_trigger" => client.tasks().triggers(7).delete(text).await,
            "delete_user" => client.users().delete(text).await,
            "disconnect_app" => client.apps().disconnect(text).await,
            "download_run_file" => client.runs().download_file(7, text).await.map(drop),
            "get_user" => client.users().get(text).await.map(drop),
            "update_trigger" => client.tasks().triggers(7).update(text).enabled(true).await.map(drop),
            "update_user" => client.users().update(text).name("Ada").await.map(drop),
            other => panic!("tests/m8tes/tests/segments/main.rs has no call of {other}"),
        };
        told!(outcome.unwrap_err())
    }

    async fn ask(url: &str, parameter: &str, text: &str) -> Box<Told> {
        let client = client(url);
        let outcome = match parameter {
            "query" => client.memories().list().query(text).await.map(drop),
            "starting_after" => client.teammates().list().starting_after(text).await.map(drop),
            "status" => client.runs().list().status(text.to_owned().into()).await.map(drop),
            "user_id" => client.teammates().get(7).user(text).await.map(drop),
            other => panic!("no call has the parameter {other}: add one, or say in NO_TEXTS why not"),
        };
        told!(outcome.unwrap_err())
    }

    async fn call_with_key(url: &str, operation: &str, key: &str) -> Box<Told> {
        let client = client(url);
        let runs = client.runs();
        let outcome = match operation {
            "create_run" => runs.create("go").idempotency_key(key).await.map(drop),
            "create_run_with_files" => {
                runs.create("go").file("a.txt", "a", "text/plain").idempotency_key(key).await.map(drop)
            }
            "reply_to_run" => runs.reply(7, "go").idempotency_key(key).await.map(drop),
            "reply_to_run_with_files" => {
                runs.reply(7, "go").file("a.txt", "a", "text/plain").idempotency_key(key).await.map(drop)
            }
            "run_task" => client.tasks().run(7).idempotency_key(key).await.map(drop),
            other => panic!("tests/m8tes/tests/segments/main.rs has no call of {other} with a key"),
        };
        told!(outcome.unwrap_err())
    }
}

#[test]
fn every_id_reaches_its_own_route_or_none() {
    every_text_reaches_its_own_route_or_none::<M8tes>(60);
}

#[test]
fn every_idempotency_key_is_in_its_own_header_or_none_is_sent() {
    every_idempotency_key_is_in_its_own_header_or_none::<M8tes>(60);
}

#[test]
fn every_text_that_is_asked_for_is_in_its_own_parameter_or_none() {
    every_text_is_one_value_of_its_query_or_none::<M8tes>(100);
}
