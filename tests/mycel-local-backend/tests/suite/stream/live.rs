//! What a stream tells while it is open, and to whom.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::socket::{Stream, two};
use crate::client::{User, backend, keys};

#[tokio::test]
async fn nothing_is_told_at_first() {
    let (_backend, a, b, chat) = two().await;
    a.say(&chat, "before").await;
    Stream::of(&b).await.is_silent().await;
}

#[tokio::test]
async fn a_message_is_told_twice() {
    let (_backend, a, b, chat) = two().await;
    let mut stream = Stream::of(&b).await;
    for number in 1..=2 {
        let message = a.say(&chat, "x").await;
        let frames = stream.frames(2).await;
        for (frame, seq) in frames.iter().zip(2 * number - 1..) {
            assert_eq!(keys(frame), ["fingerprint", "metadata", "seq", "ts", "type"]);
            assert_eq!((&frame["type"], &frame["seq"]), (&json!("notify"), &json!(seq)));
            let expected = json!({
                "event_type": "chat.message", "notification_type": "chat", "chat_id": chat,
                "message_id": message["id"], "message_seq": number, "sender_name": "Name of a",
                "unread_count": number,
            });
            assert_eq!(frame["metadata"], expected);
        }
        let ts = |frame: &Value| frame["ts"].as_f64().unwrap();
        let apart = ts(&frames[1]) - ts(&frames[0]);
        assert!(ts(&frames[0]) >= message["created_at"].as_f64().unwrap() && apart >= 0.025, "{frames:?}");
        let fingerprints: HashSet<_> = frames.iter().map(|frame| frame["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(fingerprints.len(), 1);
        assert_eq!(fingerprints.iter().next().unwrap().len(), 64);
    }
    stream.is_silent().await;
}

#[tokio::test]
async fn whatever_comes_after_the_handshake_is_told() {
    let (_backend, a, b, chat) = two().await;
    for _ in 0..20 {
        let mut stream = Stream::of(&b).await;
        let message = a.say(&chat, "x").await;
        assert_eq!(stream.frame().await["metadata"]["message_id"], message["id"]);
    }
}

#[tokio::test]
async fn what_is_unread_elsewhere_is_told_again_and_what_is_read_is_not() {
    let (_backend, a, b, chat) = two().await;
    let other = a.group("Other", &[&b]).await;
    a.say(&other, "unread").await;
    let mut stream = Stream::of(&b).await;
    a.say(&chat, "x").await;
    let told = |frames: Vec<Value>| {
        frames.iter().map(|frame| frame["metadata"]["chat_id"].as_str().unwrap().to_owned()).collect::<HashSet<_>>()
    };
    assert_eq!(told(stream.frames(4).await), HashSet::from([chat.clone(), other.clone()]));
    stream.is_silent().await;

    b.read(&other).await;
    a.say(&chat, "y").await;
    assert_eq!(told(stream.frames(2).await), HashSet::from([chat]));
    stream.is_silent().await;
}

#[tokio::test]
async fn what_waits_in_the_inbox_is_taken_out() {
    let (_backend, a, b, chat) = two().await;
    a.post("/api/relationships/request", json!({ "target_user_id": "b" })).await.good();
    let mut stream = Stream::of(&b).await;
    stream.is_silent().await;
    a.say(&chat, "x").await;
    let types: Vec<_> = stream.frames(3).await.iter().map(|frame| frame["metadata"]["event_type"].clone()).collect();
    assert_eq!(types, ["relationship.requested", "chat.message", "chat.message"]);
    assert_eq!(b.drain().await.len(), 1);
}

#[tokio::test]
async fn people_are_not_told() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let a = owner.external("a").await;
    let chat = owner.direct(&a).await;
    let mut stream = Stream::of(&owner).await;
    a.say(&chat, "x").await;
    a.post("/api/relationships/request", json!({ "target_user_id": owner.id })).await.good();
    stream.is_silent().await;
    // Not even by a stream of theirs is the chat taken away.
    let drained = owner.drain().await;
    assert_eq!((drained.len(), &drained[0]["event_type"]), (1, &json!("chat.message")));
}

#[tokio::test]
async fn the_muted_and_the_unmentioned_are_not_told() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let (a, b, c) = (owner.external("a").await, owner.external("b").await, owner.external("c").await);
    let chat = a.group("Group", &[&b, &c]).await;
    let mute = async |muted: bool| {
        b.post(format!("/api/chats/{chat}/mute"), json!({ "user_id": "b", "muted": muted })).await.good();
    };
    let mut stream = Stream::of(&b).await;
    let send = async |more: Value| {
        let mut body = json!({ "content": "x" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        a.post(format!("/api/chats/{chat}/messages"), body).await.good();
    };
    let addressed_to = |id: &str| json!({ "delivery_scope": "addressed", "addressed_to_user_ids": [id] });

    for others in [json!({ "mentioned_ids": ["c"] }), addressed_to("c")] {
        send(others).await;
        stream.is_silent().await;
    }
    for mine in [json!({}), json!({ "mentioned_ids": ["b"] }), addressed_to("b")] {
        send(mine).await;
        stream.frames(2).await;
    }
    mute(true).await;
    send(json!({ "mentioned_ids": ["b"] })).await;
    stream.is_silent().await;
    mute(false).await;
    send(json!({})).await;
    // What was addressed to somebody else is not unread.
    assert_eq!(stream.frame().await["metadata"]["unread_count"], 6);
}

#[tokio::test]
async fn a_second_stream_takes_over_for_good() {
    let (_backend, a, b, chat) = two().await;
    let mut first = Stream::of(&b).await;
    let mut second = Stream::of(&b).await;
    a.say(&chat, "x").await;
    assert_eq!(second.frames(2).await.len(), 2);
    first.is_silent().await;
    assert_eq!(second.closed().await, None);
    a.say(&chat, "y").await;
    first.is_silent().await;
    // It is there all the same.
    first.resume(0).await;
    assert_eq!(first.seqs(2).await, [1, 2]);
    first.is_silent().await;
}

#[tokio::test]
async fn the_end_of_an_earlier_stream_leaves_a_later_one_alone() {
    let (_backend, a, b, chat) = two().await;
    let first = Stream::of(&b).await;
    let mut second = Stream::of(&b).await;
    first.closed().await;
    a.say(&chat, "x").await;
    second.frames(2).await;
}

#[tokio::test]
async fn waiting_takes_over_as_well() {
    let (_backend, a, b, chat) = two().await;
    let mut stream = Stream::of(&b).await;
    let wait = async |user: &User| {
        user.post_nothing("/api/runtime/inbox/wait?timeout_seconds=0").await.good()["count"].clone()
    };
    assert_eq!(wait(&b).await, 0);
    a.say(&chat, "x").await;
    stream.is_silent().await;
    assert_eq!(wait(&b).await, 1);
}

#[tokio::test]
async fn streams_of_several_users_are_told_apart() {
    let (_backend, a, b, chat) = two().await;
    let (mut for_a, mut for_b) = (Stream::of(&a).await, Stream::of(&b).await);
    a.say(&chat, "x").await;
    for_b.frames(2).await;
    for_a.is_silent().await;
    b.say(&chat, "y").await;
    assert_eq!(for_a.seqs(2).await, [1, 2]);
    for_b.is_silent().await;
}
