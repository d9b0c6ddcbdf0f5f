//! The runtime inbox: drain and wait.

use std::time::Duration;

use serde_json::{Value, json};
use test_harness::VirtualTime;
use tokio::time::Instant;

use crate::client::{Answer, User, backend, text};

async fn wait(user: &User, seconds: f64) -> Answer {
    user.post_nothing(format!("/api/runtime/inbox/wait?timeout_seconds={seconds}")).await
}

/// Waits in the background, and gives what came and how long it took.
fn waiting(user: &User, seconds: f64) -> tokio::task::JoinHandle<(Value, Duration)> {
    let user = user.clone();
    tokio::spawn(async move {
        let start = Instant::now();
        let answer = wait(&user, seconds).await.good();
        (answer, start.elapsed())
    })
}

/// Long enough for a request to arrive.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

/// How long those wait who are not to be woken, in seconds.
const SHORT: f64 = 1.0;

/// How long those wait who are: the answer comes long before.
const LONG: f64 = 30.0;

/// Whether one unread chat was found, and no earlier than the time was up.
fn slept(waited: &(Value, Duration)) -> bool {
    slept_and_found(1, waited)
}

fn slept_and_found(count: u64, (answer, took): &(Value, Duration)) -> bool {
    answer["count"] == count && took.as_secs_f64() >= SHORT
}

/// Whether one unread chat was found before the time was up.
fn was_woken((answer, took): &(Value, Duration)) -> bool {
    answer["count"] == 1 && took.as_secs_f64() < LONG
}

/// An owner and two external users of theirs.
async fn three(nobody: &User) -> (User, User, User) {
    let owner = nobody.guest("Owner").await;
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    (owner, a, b)
}

#[tokio::test]
async fn an_empty_inbox_drains_to_nothing() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let drained = owner.post_nothing("/api/runtime/inbox/drain").await.good();
    assert_eq!(drained, json!({ "count": 0, "notifications": [] }));
}

#[tokio::test]
async fn an_unread_chat_comes_again_until_it_is_read() {
    let (_backend, nobody) = backend().await;
    let (_, a, b) = three(&nobody).await;
    let chat = a.direct(&b).await;
    a.say(&chat, "one").await;
    let sent = a.say(&chat, "two").await;
    let expected = |seq: u64, message: &Value, sender: &str, unread: u64| {
        json!([{
            "seq": seq, "event_type": "chat.message", "notification_type": "chat", "chat_id": chat,
            "message_id": message["id"], "message_seq": message["seq"], "sender_name": sender, "unread_count": unread,
        }])
    };
    assert_eq!(json!(b.drain().await), expected(1, &sent, "Name of a", 2));
    assert_eq!(json!(b.drain().await), expected(2, &sent, "Name of a", 2));
    // The latest message may be one's own.
    let own = b.say(&chat, "three").await;
    assert_eq!(json!(b.drain().await), expected(3, &own, "Name of b", 2));
    b.read(&chat).await;
    assert_eq!(b.drain().await, [Value::Null; 0]);
}

#[tokio::test]
async fn people_and_those_who_muted_find_their_chats_as_well() {
    let (_backend, nobody) = backend().await;
    let (owner, a, b) = three(&nobody).await;
    let (with_owner, with_b) = (a.direct(&owner).await, a.direct(&b).await);
    b.post(format!("/api/chats/{with_b}/mute"), json!({ "user_id": "b", "muted": true })).await.good();
    a.say(&with_owner, "x").await;
    a.say(&with_b, "x").await;
    assert_eq!(owner.drain().await[0]["chat_id"], json!(with_owner));
    assert_eq!(b.drain().await[0]["chat_id"], json!(with_b));
}

#[tokio::test]
async fn a_relationship_is_told_once() {
    let (_backend, nobody) = backend().await;
    let (_, a, b) = three(&nobody).await;
    let request = async |message: Value| {
        let body = json!({ "target_user_id": "b", "message": message });
        text(&a.post("/api/relationships/request", body).await.good()["id"])
    };
    let act = async |user: &User, id: &str, action: &str| {
        user.post(format!("/api/relationships/{id}/{action}"), json!({})).await.good();
    };
    let id = request(json!("hi")).await;
    let requested = |seq: u64, summary: &str| {
        json!([{
            "seq": seq, "event_type": "relationship.requested", "sender_id": "a", "sender_name": "Name of a",
            "summary": summary, "relationship_id": id, "notification_type": "relationship", "source": "external",
        }])
    };
    let summary = "Name of a requested a relationship with you. Message: hi Review the pending relationship request in \
                   Mycel, then approve or reject it.";
    assert_eq!(json!(b.drain().await), requested(1, summary));
    assert_eq!(b.drain().await, [Value::Null; 0]);

    let answered = |seq: u64, past: &str, event: &str, state: &str| {
        json!([{
            "seq": seq, "event_type": format!("relationship.{past}"), "sender_id": "b", "sender_name": "Name of b",
            "summary": format!("Name of b {past} your relationship request."), "relationship_id": id, "event": event,
            "state": state, "notification_type": "relationship", "source": "external",
        }])
    };
    act(&b, &id, "reject").await;
    assert_eq!(json!(a.drain().await), answered(1, "rejected", "reject", "none"));
    request(json!(null)).await;
    let summary = "Name of a requested a relationship with you. Review the pending relationship request in Mycel, then \
                   approve or reject it.";
    assert_eq!(json!(b.drain().await), requested(2, summary));
    act(&b, &id, "approve").await;
    assert_eq!(json!(a.drain().await), answered(2, "approved", "approve", "visit"));
    for action in ["upgrade", "downgrade", "revoke"] {
        act(&b, &id, action).await;
        assert_eq!((a.drain().await, b.drain().await), (vec![], vec![]), "{action}");
    }
}

#[tokio::test]
async fn a_rejected_request_to_join_is_told_and_an_approved_one_is_seen_in_the_chat() {
    let (_backend, nobody) = backend().await;
    let (_, a, b) = three(&nobody).await;
    let chat = a.group("Group", &[]).await;
    let ask = async || text(&b.post(format!("/api/chats/{chat}/join-requests"), json!({})).await.good()["id"]);
    let id = ask().await;
    a.post(format!("/api/chats/{chat}/join-requests/{id}/reject"), json!({})).await.good();
    let expected = json!([{
        "seq": 1, "event_type": "chat.join.rejected", "sender_id": "a", "sender_name": "Name of a",
        "summary": format!("Name of a rejected your request to join chat {chat}."), "chat_join_request_id": id,
        "chat_id": chat, "state": "rejected", "notification_type": "chat_join", "source": "external",
    }]);
    assert_eq!(json!(b.drain().await), expected);
    ask().await;
    a.post(format!("/api/chats/{chat}/join-requests/{id}/approve"), json!({})).await.good();
    let drained = b.drain().await;
    assert_eq!((drained.len(), &drained[0]["event_type"]), (1, &json!("chat.message")));
}

#[tokio::test]
async fn a_workflow_event_is_told_to_the_others() {
    let (_backend, nobody) = backend().await;
    let (_, a, b) = three(&nobody).await;
    let chat = a.direct(&b).await;
    let events = format!("/api/chats/{chat}/workflow/events");
    let refs = json!([{ "type": "task", "id": "1" }]);
    let body = json!({ "kind": "review", "resource_refs": refs, "requested_by_user_id": "a" });
    a.post(&events, body).await.good();
    let expected = |seq: u64, actor: &str, operation: &str, state: &str, version: u64| {
        json!([{
            "seq": seq, "event_type": "chat.workflow.event", "sender_id": actor,
            "sender_name": format!("Name of {actor}"),
            "summary": format!("Workflow event review was {operation} and is {state}."), "chat_id": chat,
            "event_id": "1", "kind": "review", "operation": operation, "actor_user_id": actor, "resource_refs": refs,
            "state": state, "state_version": version, "delivery_id": format!("workflow:{chat}:1:{version}"),
            "correlation_id": format!("workflow:{chat}:1"), "idempotency_key": format!("workflow:{chat}:1:{version}"),
            "notification_type": "workflow_event", "source": "external",
        }])
    };
    assert_eq!(json!(b.drain().await), expected(1, "a", "created", "open", 0));
    assert_eq!(a.drain().await, [Value::Null; 0]);
    b.patch(format!("{events}/1"), json!({ "state": "settled" })).await.good();
    assert_eq!(json!(a.drain().await), expected(1, "b", "updated", "settled", 1));
    assert_eq!(b.drain().await, [Value::Null; 0]);
}

#[tokio::test]
async fn people_are_told_of_unread_chats_and_of_nothing_else() {
    let (_backend, nobody) = backend().await;
    let (owner, a, b) = three(&nobody).await;
    // Each step that an agent is told of, with a person in its place.
    let ask = async |user: &User, target: &User| {
        let body = json!({ "target_user_id": target.id });
        text(&user.post("/api/relationships/request", body).await.good()["id"])
    };
    let asked = ask(&a, &owner).await;
    owner.post(format!("/api/relationships/{asked}/reject"), json!({})).await.good();
    for decision in ["reject", "approve"] {
        let asked = ask(&owner, &a).await;
        a.post(format!("/api/relationships/{asked}/{decision}"), json!({})).await.good();
    }
    let group = b.group("Group", &[]).await;
    let request = owner.post(format!("/api/chats/{group}/join-requests"), json!({})).await.good();
    let decision = format!("/api/chats/{group}/join-requests/{}/reject", text(&request["id"]));
    b.post(decision, json!({})).await.good();
    let chat = a.direct(&owner).await;
    let events = format!("/api/chats/{chat}/workflow/events");
    a.post(&events, json!({ "kind": "review", "requested_by_user_id": "a" })).await.good();
    a.patch(format!("{events}/1"), json!({ "state": "settled" })).await.good();
    assert_eq!(owner.drain().await, [Value::Null; 0]);
    assert_eq!(wait(&owner, 0.0).await.good(), json!({ "count": 0, "notifications": [] }));

    a.say(&chat, "x").await;
    let told = owner.drain().await;
    assert_eq!((told.len(), &told[0]["event_type"], &told[0]["seq"]), (1, &json!("chat.message"), &json!(1)));
}

#[tokio::test]
async fn waiting_returns_at_once_what_is_there() {
    let _time = VirtualTime::pause();
    let (_backend, nobody) = backend().await;
    let (_, a, b) = three(&nobody).await;
    let chat = a.direct(&b).await;
    a.say(&chat, "x").await;
    let (answer, took) = waiting(&b, LONG).await.unwrap();
    assert_eq!((&answer["count"], &answer["notifications"][0]["seq"]), (&json!(1), &json!(1)));
    assert!(took.as_secs_f64() < LONG, "{took:?}");
    // The numbers are those of drain.
    assert_eq!(b.drain().await[0]["seq"], 2);
}

#[tokio::test]
async fn waiting_ends_with_its_time() {
    let _time = VirtualTime::pause();
    let (_backend, nobody) = backend().await;
    let (_, a, _) = three(&nobody).await;
    let (answer, took) = waiting(&a, 0.2).await.unwrap();
    assert_eq!(answer, json!({ "count": 0, "notifications": [] }));
    assert!(took >= Duration::from_millis(200), "{took:?}");
    assert_eq!(wait(&a, 0.0).await.good()["count"], 0);
}

#[tokio::test]
async fn waiting_is_ended_by_what_comes() {
    let _time = VirtualTime::pause();
    let (_backend, nobody) = backend().await;
    let (_, a, b) = three(&nobody).await;
    let chat = a.direct(&b).await;
    for cause in ["message", "relationship"] {
        let waiting = waiting(&b, LONG);
        a_moment().await;
        match cause {
            "message" => drop(a.say(&chat, "x").await),
            _ => drop(a.post("/api/relationships/request", json!({ "target_user_id": "b" })).await.good()),
        }
        let waited = waiting.await.unwrap();
        assert!(was_woken(&waited), "{cause}: {waited:?}");
        b.read(&chat).await;
    }
}

#[tokio::test]
async fn people_the_muted_and_the_unmentioned_are_not_woken() {
    let _time = VirtualTime::pause();
    let (_backend, nobody) = backend().await;
    let (owner, a, b) = three(&nobody).await;
    let c = owner.external("c").await;
    let chat = a.group("Group", &[&b, &c]).await;
    a.post(format!("/api/chats/{chat}/members"), json!({ "user_id": owner.id })).await.good();
    c.post(format!("/api/chats/{chat}/mute"), json!({ "user_id": "c", "muted": true })).await.good();
    let send = async |more: Value| {
        let mut body = json!({ "content": "x" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        a.post(format!("/api/chats/{chat}/messages"), body).await.good();
    };
    // To everybody: a runtime that didn't mute is woken. Who is not woken finds it in the end.
    let (for_owner, for_b, for_c) = (waiting(&owner, SHORT), waiting(&b, LONG), waiting(&c, SHORT));
    a_moment().await;
    send(json!({})).await;
    let (for_owner, for_b, for_c) = (for_owner.await.unwrap(), for_b.await.unwrap(), for_c.await.unwrap());
    assert!(slept(&for_owner) && was_woken(&for_b) && slept(&for_c), "{for_owner:?} {for_b:?} {for_c:?}");

    // To some: the others are left alone, and a mention does not get through to who muted.
    b.read(&chat).await;
    c.read(&chat).await;
    let (for_b, for_c) = (waiting(&b, SHORT), waiting(&c, SHORT));
    a_moment().await;
    send(json!({ "mentioned_ids": ["c"] })).await;
    let (for_b, for_c) = (for_b.await.unwrap(), for_c.await.unwrap());
    assert!(slept(&for_b) && slept(&for_c), "{for_b:?} {for_c:?}");

    // Neither is a person by anything else, which they are not told of either.
    owner.read(&chat).await;
    let for_owner = waiting(&owner, SHORT);
    a_moment().await;
    b.post("/api/relationships/request", json!({ "target_user_id": owner.id })).await.good();
    let for_owner = for_owner.await.unwrap();
    assert!(slept_and_found(0, &for_owner), "{for_owner:?}");

    // An addressee is woken.
    b.read(&chat).await;
    let for_b = waiting(&b, LONG);
    a_moment().await;
    send(json!({ "delivery_scope": "addressed", "addressed_to_user_ids": ["b"] })).await;
    let for_b = for_b.await.unwrap();
    assert!(was_woken(&for_b), "{for_b:?}");
}

#[tokio::test]
async fn a_second_wait_takes_over() {
    let _time = VirtualTime::pause();
    let (_backend, nobody) = backend().await;
    let (_, a, b) = three(&nobody).await;
    let chat = a.direct(&b).await;
    let first = waiting(&b, SHORT);
    a_moment().await;
    let second = waiting(&b, LONG);
    a_moment().await;
    a.say(&chat, "x").await;
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert!(slept(&first) && was_woken(&second), "{first:?} {second:?}");
}

#[tokio::test]
async fn the_time_to_wait_has_bounds() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    for (seconds, kind) in [
        ("31", "less_than_equal"),
        ("-1", "greater_than_equal"),
        ("x", "float_parsing"),
        ("", "float_parsing"),
        ("inf", "less_than_equal"),
        ("-inf", "greater_than_equal"),
        ("nan", "less_than_equal"),
    ] {
        let issue = owner.post_nothing(format!("/api/runtime/inbox/wait?timeout_seconds={seconds}")).await.issue();
        assert_eq!((&issue["type"], &issue["loc"]), (&json!(kind), &json!(["query", "timeout_seconds"])));
    }
    let refused = nobody.post_nothing("/api/runtime/inbox/wait?timeout_seconds=31").await;
    refused.refused(401, "Missing or invalid Authorization header");
}
