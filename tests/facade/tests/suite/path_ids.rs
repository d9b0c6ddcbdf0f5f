//! Ids that would reach another route than their own are refused before anything is sent.

use facade_tests::{Peer, Reply, expect_not_sent};
use mycel_sdk::{Client, Error, Message};
use serde_json::json;

const UNADDRESSABLE: [&str; 7] = ["..", "", ".", "a/b", "a\\b", "../../etc", "/"];

/// A peer that has nothing to be asked for, and a client of it.
async fn unasked() -> (Client, Peer) {
    let peer = Peer::start([Reply::json("200 OK", "[]")]).await;
    let client = Client::builder(peer.url()).auth_token("t").build().unwrap();
    (client, peer)
}

/// A message in a chat with this id, from a backend that has such chats.
async fn message_in(chat: &str) -> Message {
    let page = json!([{"id": "m", "chat_id": chat, "sender_id": "u", "sender_name": "U", "content": "x",
        "message_type": "human", "mentioned_ids": [], "seq": 1, "created_at": 1.5}]);
    let peer = Peer::start([Reply::json("200 OK", &page.to_string())]).await;
    Client::builder(peer.url()).build().unwrap().messages().list("c").await.unwrap().remove(0)
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
    let ids = ["a b", "ä", "%2e%2e", "%2F", "a?b=c", "a#b", "a:b", "...", "a;b", "\u{0}", "a\nb", "👋", "[x]", "a|b^c"];
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
