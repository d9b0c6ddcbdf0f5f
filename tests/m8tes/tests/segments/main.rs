//! Which texts the facade sends as a segment of a path, and how, whatever they name.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::path::Path;

use m8tes_sdk::{Client, Error, ErrorKind};
use m8tes_tests::client;
use m8tes_tests::peers::refuses;
use serde_json::Value;
use test_harness::{Peer, recorded, soon};

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
