//! Which texts the facade sends as a segment of a path, and how, whatever they name.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::path::Path;

use m8tes_sdk::{Client, Error, ErrorKind};
use m8tes_tests::client;
use m8tes_tests::peers::refuses;
use serde_json::Value;
use test_harness::names::{Names, every_text_reaches_its_own_route_or_none, hostile_texts};
use test_harness::{Peer, holds_for_all, recorded, soon};

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
    type Error = Error;

    // It can't store the last.
    const FORBIDDEN: &[char] = &['/', '\0'];
    const PATHS: &[&str] = &[
        "/api/v2/users/*",
        "/api/v2/apps/*/connections",
        "/api/v2/runs/42/files/*/download",
        "/api/v2/tasks/10/triggers/*",
    ];

    async fn call(url: &str, path: &str, text: &str) -> Error {
        send(&client(url), path.strip_prefix("/api/v2").unwrap(), text).await.unwrap_err()
    }

    fn is_refused(error: &Error) -> bool {
        error.kind() == ErrorKind::InvalidInput && error.attempts() == 0 && !error.may_have_been_sent()
    }
}

#[test]
fn every_id_reaches_its_own_route_or_none() {
    every_text_reaches_its_own_route_or_none::<M8tes>(100);
}

/// A user is named in the query: as the text it is, or not at all.
#[test]
fn every_user_is_in_its_own_parameter_or_none() {
    holds_for_all(150, hostile_texts(), async |user| {
        let peer = Peer::start([refuses("404 Not Found", "none")]).await;
        let error = client(peer.url()).teammates().get(7).user(user.as_str()).await.unwrap_err();
        let requests = peer.requests();
        let can_be_one = !user.trim().is_empty() && user.len() <= 8 * 1024 && !user.contains('\0');
        assert_eq!(M8tes::is_refused(&error), !can_be_one, "{user:?}: {error}");
        if can_be_one {
            let query = target(&requests[0]);
            let value = query.strip_prefix("/api/v2/agents/7?user_id=").unwrap();
            assert!(!value.contains(['&', '#', '=', ' ']), "{query}");
            let value =
                percent_encoding::percent_decode_str(&value.replace('+', "%20")).decode_utf8().unwrap().into_owned();
            assert_eq!(value, user);
        } else {
            assert!(requests.is_empty());
        }
    });
}
