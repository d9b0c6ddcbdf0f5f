//! Ids that would reach another route than their own are refused before anything is sent.

use std::path::Path;
use std::time::Duration;

use mycel_sdk::{Client, Error, ErrorKind, RetryPolicy};
use mycel_tests::{NOT_SENT, Peer, Reply, call, expect_not_sent, holds_for_all, is_sent, message_in};
use proptest::prelude::*;
use serde_json::Value;
use test_harness::engine::Told;
use test_harness::names::{
    Names, every_idempotency_key_is_in_its_own_header_or_none, every_text_reaches_its_own_route_or_none, hostile_texts,
};
use test_harness::{PublicOperation, told};

const UNADDRESSABLE: [&str; 7] = ["..", "", ".", "a/b", "a\\b", "../../etc", "/"];

/// A peer that has nothing to be asked for, and a client of it.
async fn unasked() -> (Client, Peer) {
    let peer = Peer::start([Reply::json("200 OK", "[]")]).await;
    let client = Client::builder(peer.url()).auth_token("t").build().unwrap();
    (client, peer)
}

#[tokio::test]
async fn a_chat_that_would_reach_another_route_is_not_asked_for() {
    let (client, peer) = unasked().await;
    for id in UNADDRESSABLE {
        let message = message_in(id).await;
        let (chats, messages, join_requests) = (client.chats(), client.messages(), client.join_requests());
        let (workflows, events, tasks) = (client.workflows(), client.workflow_events(), client.tasks());
        let errors: Vec<Error> = vec![
            chats.get(id).await.unwrap_err(),
            chats.add_member(id, "u").await.unwrap_err(),
            chats.mute_member(id, "u").await.unwrap_err(),
            chats.unmute_member(id, "u").await.unwrap_err(),
            messages.send(id, "hello").await.unwrap_err(),
            messages.list(id).await.unwrap_err(),
            messages.history(id).next().await.unwrap().unwrap_err(),
            messages.unread(id).await.unwrap_err(),
            messages.read(id).await.unwrap_err(),
            messages.mark_read(&message).await.unwrap_err(),
            join_requests.target(id).await.unwrap_err(),
            join_requests.list(id).await.unwrap_err(),
            join_requests.request(id).await.unwrap_err(),
            join_requests.approve(id, "j").await.unwrap_err(),
            join_requests.reject(id, "j").await.unwrap_err(),
            workflows.get(id).await.unwrap_err(),
            workflows.set(id, "review").await.unwrap_err(),
            workflows.delete(id).await.unwrap_err(),
            events.list(id).await.unwrap_err(),
            events.create(id, "review", "u").await.unwrap_err(),
            events.get(id, "1").await.unwrap_err(),
            events.update(id, "1").await.unwrap_err(),
            events.delete(id, "1").await.unwrap_err(),
            tasks.list(id).await.unwrap_err(),
            tasks.create(id, "Review").await.unwrap_err(),
            tasks.get(id, "1").await.unwrap_err(),
            tasks.update(id, "1").await.unwrap_err(),
            tasks.delete(id, "1").await.unwrap_err(),
        ];
        for error in errors {
            expect_not_sent(&error, "the chat id");
        }
    }
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn nor_is_any_other_thing_with_such_an_id() {
    let (client, peer) = unasked().await;
    for id in UNADDRESSABLE {
        let (join_requests, relationships) = (client.join_requests(), client.relationships());
        let (events, tasks) = (client.workflow_events(), client.tasks());
        let errors: Vec<(&str, Error)> = vec![
            ("the join request id", join_requests.approve("c", id).await.unwrap_err()),
            ("the join request id", join_requests.reject("c", id).await.unwrap_err()),
            ("the relationship id", relationships.approve(id).await.unwrap_err()),
            ("the relationship id", relationships.reject(id).await.unwrap_err()),
            ("the relationship id", relationships.upgrade(id).await.unwrap_err()),
            ("the relationship id", relationships.revoke(id).await.unwrap_err()),
            ("the relationship id", relationships.downgrade(id).await.unwrap_err()),
            ("the user id", relationships.request(id).await.unwrap_err()),
            ("the workflow event id", events.get("c", id).await.unwrap_err()),
            ("the workflow event id", events.update("c", id).await.unwrap_err()),
            ("the workflow event id", events.delete("c", id).await.unwrap_err()),
            ("the task id", tasks.get("c", id).await.unwrap_err()),
            ("the task id", tasks.update("c", id).await.unwrap_err()),
            ("the task id", tasks.delete("c", id).await.unwrap_err()),
        ];
        for (named, error) in errors {
            expect_not_sent(&error, named);
        }
    }
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn any_other_id_reaches_its_own_route() {
    let peer = Peer::start([Reply::json("404 Not Found", r#"{"detail":"Chat not found"}"#)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let ids = ["a b", "ä", "%2e%2e", "%2F", "a?b=c", "a#b", "a:b", "...", "a;b", "a\nb", "👋", "[x]", "a|b^c"];
    let places = [
        ("/api/chats/", ""),
        ("/api/chats/c/join-requests/", "/approve"),
        ("/api/relationships/", "/revoke"),
        ("/api/chats/c/workflow/events/", ""),
        ("/api/chats/c/tasks/", ""),
    ];
    for id in ids {
        let errors = [
            client.chats().get(id).await.unwrap_err(),
            client.join_requests().approve("c", id).await.unwrap_err(),
            client.relationships().revoke(id).await.unwrap_err(),
            client.workflow_events().get("c", id).await.unwrap_err(),
            client.tasks().get("c", id).await.unwrap_err(),
        ];
        let requests = peer.requests();
        let latest = &requests[requests.len() - places.len()..];
        for ((error, request), (before, after)) in errors.iter().zip(latest).zip(places) {
            assert_eq!(error.detail(), Some("Chat not found"), "{id:?}");
            let target = request.split(' ').nth(1).unwrap();
            let segment = target.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap();
            assert!(!segment.contains(['/', '?', '#', ' ']), "{id:?} became {target}");
            assert_eq!(percent_decoded(segment), id, "{target}");
        }
    }
    assert_eq!(peer.requests().len(), ids.len() * places.len());
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The operations that have parameters in their paths.
fn operations() -> Vec<PublicOperation> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/mycel/public.json");
    let document: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    for (template, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (place, name) = (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap());
                let is_tried = place == "path" || ["limit", "before", "timeout_seconds"].contains(&name);
                assert!(is_tried, "the parameter {name} of {template} is tried by no test here");
            }
        }
    }
    let all = PublicOperation::all("mycel").into_iter();
    all.filter(|operation| operation.path.contains('{') && is_sent(&operation.name)).collect()
}

/// Whether the id can't be addressed, in the words of the documentation.
fn is_unaddressable(id: &str) -> bool {
    ["", ".", ".."].contains(&id) || id.contains(['/', '\\', '\0']) || id.len() > 8192
}

struct Mycel;

impl Names for Mycel {
    const FORBIDDEN: &[char] = &['/', '\\', '\0'];
    const DOCUMENTS: &[(&str, &str)] = &[("mycel", "")];
    const LEFT_OUT: &[(&str, &str)] = NOT_SENT;

    async fn call(url: &str, _document: &str, operation: &str, text: &str) -> Box<Told> {
        let client = Client::builder(url).retry(RetryPolicy::never()).build().unwrap();
        // A message can only be had from its chat.
        let chat = if operation == "mark_messages_read" { text } else { "c" };
        told!(call(&client, operation, [text, text], &message_in(chat).await).await.unwrap_err())
    }
}

#[test]
fn every_id_reaches_its_own_route_or_none() {
    every_text_reaches_its_own_route_or_none::<Mycel>(20);
}

#[test]
fn no_operation_takes_an_idempotency_key() {
    every_idempotency_key_is_in_its_own_header_or_none::<Mycel>(1);
}

#[test]
fn every_operation_reaches_its_own_route_with_its_own_ids_or_none() {
    let operations = operations();
    assert!(operations.len() >= 30);
    holds_for_all(30, [hostile_texts(), hostile_texts()], async |[first, second]: [String; 2]| {
        let peer = Peer::start([Reply::json("404 Not Found", r#"{"detail":"Chat not found"}"#)]).await;
        let client = Client::builder(peer.url()).retry(RetryPolicy::never()).build().unwrap();
        let message = message_in(&first).await;
        let ids = [&*first, &*second];
        let mut sent = 0;
        for PublicOperation { name, method, path: template, .. } in &operations {
            let error = call(&client, name, ids, &message).await.unwrap_err();
            assert_eq!(error.operation(), Some(&**name));
            let requests = peer.requests();
            let mut of_path = ids.iter();
            let expected: Vec<&str> = template
                .split('/')
                .map(|segment| if segment.starts_with('{') { of_path.next().unwrap() } else { segment })
                .collect();
            let used = &ids[..template.matches('{').count()];
            if used.iter().any(|id| is_unaddressable(id)) {
                expect_not_sent(&error, "id");
            } else {
                sent += 1;
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotFound, 1), "{error}");
                let mut line = requests.last().unwrap().lines().next().unwrap().split(' ');
                assert_eq!(line.next(), Some(&**method));
                let target = line.next().unwrap();
                assert_eq!(line.collect::<Vec<_>>(), ["HTTP/1.1"], "the target is one word: {target}");
                let path = target.split('?').next().unwrap();
                assert!(path == target || name == "list_messages", "{target}");
                assert!(path.bytes().all(|byte| byte.is_ascii_graphic()) && !path.contains(['#', '\\']), "{path}");
                let reached: Vec<String> = path.split('/').map(percent_decoded).collect();
                assert_eq!(reached, expected, "{path}");
            }
            assert_eq!(requests.len(), sent, "{name}");
        }
    });
}

#[test]
fn what_is_asked_for_is_in_the_query_as_it_is() {
    let limits = prop_oneof![0_u32..=201, any::<u32>()];
    holds_for_all(40, (limits, any::<u64>(), 0_u64..=30_000_000_000), async |(limit, before, nanos)| {
        let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
        let client = Client::builder(peer.url()).retry(RetryPolicy::never()).build().unwrap();
        let listing = client.messages().list("c").limit(limit).before(before).await.unwrap_err();
        let timeout = Duration::from_nanos(nanos);
        client.notifications().wait(timeout).await.unwrap_err();
        let mut targets: Vec<String> =
            peer.requests().iter().map(|request| request.split(' ').nth(1).unwrap().to_owned()).collect();
        let waited = targets.pop().unwrap();
        let seconds: f64 = waited.strip_prefix("/api/runtime/inbox/wait?timeout_seconds=").unwrap().parse().unwrap();
        assert_eq!(seconds, timeout.as_secs_f64(), "{waited}");
        if !(1..=200).contains(&limit) {
            expect_not_sent(&listing, "limit");
            assert_eq!(targets, [""; 0]);
        } else {
            let mut query: Vec<&str> = targets[0].strip_prefix("/api/chats/c/messages?").unwrap().split('&').collect();
            query.sort_unstable();
            assert_eq!(query, [format!("before={before}"), format!("limit={limit}")]);
        }
    });
}
