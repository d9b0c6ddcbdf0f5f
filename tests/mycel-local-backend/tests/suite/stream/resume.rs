//! What the one frame of a client does.

use mycel_local_backend::LocalBackend;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::socket::{Stream, two};
use crate::client::User;

#[tokio::test]
async fn everything_after_a_number_comes_again_as_it_was() {
    let (_backend, a, b, chat) = two().await;
    let mut stream = Stream::of(&b).await;
    a.say(&chat, "x").await;
    a.post("/api/relationships/request", json!({ "target_user_id": "b" })).await.good();
    // Each wake tells of the unread chat, and one of them of the request.
    let told = stream.frames(5).await;
    stream.is_silent().await;
    for since_seq in [0, 1, 4] {
        let mut again = Stream::of(&b).await;
        again.resume(since_seq).await;
        assert_eq!(again.frames(5 - since_seq as usize).await, told[since_seq as usize..]);
        again.is_silent().await;
    }
    // The numbers of drain are the same ones.
    assert_eq!(b.drain().await[0]["seq"], 6);
    let mut again = Stream::of(&b).await;
    again.resume(5).await;
    assert_eq!(again.seqs(1).await, [6]);
}

#[tokio::test]
async fn without_a_number_everything_comes() {
    let (_backend, a, b, chat) = two().await;
    a.say(&chat, "x").await;
    b.drain().await;
    b.drain().await;
    let mut stream = Stream::of(&b).await;
    stream.send_json(json!({ "type": "resume" })).await;
    assert_eq!(stream.seqs(2).await, [1, 2]);
}

#[tokio::test]
async fn after_the_last_number_and_beyond_it_nothing_comes_but_what_is_new() {
    let (_backend, a, b, chat) = two().await;
    a.say(&chat, "x").await;
    b.drain().await;
    for (since_seq, seqs) in [(1, [2, 3]), (100, [4, 5])] {
        let mut stream = Stream::of(&b).await;
        stream.resume(since_seq).await;
        stream.is_silent().await;
        a.say(&chat, "y").await;
        assert_eq!(stream.seqs(2).await, seqs);
    }
}

#[tokio::test]
async fn a_restart_starts_the_numbers_again_and_forgets_what_was() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let start = || LocalBackend::builder().data(&file).start();
    let backend = start().await.unwrap();
    let owner = User::nobody(backend.url()).guest("Owner").await;
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let chat = a.direct(&b).await;
    a.say(&chat, "x").await;
    b.drain().await;
    b.drain().await;
    backend.shutdown().await;

    let backend = start().await.unwrap();
    let (a, b) = (a.at(backend.url()), b.at(backend.url()));
    let mut stream = Stream::of(&b).await;
    stream.resume(2).await;
    stream.is_silent().await;
    a.say(&chat, "y").await;
    assert_eq!(stream.seqs(2).await, [1, 2]);
}

#[tokio::test]
async fn what_is_no_longer_there_is_told() {
    let (_backend, a, b, chat) = two().await;
    a.say(&chat, "x").await;
    for _ in 0..300 {
        b.drain().await;
    }
    let mut stream = Stream::of(&b).await;
    stream.resume(0).await;
    assert_eq!(stream.frame().await, json!({ "type": "replay_overflow", "since_seq": 0, "oldest_seq": 45 }));
    stream.is_silent().await;
    a.say(&chat, "y").await;
    assert_eq!(stream.seqs(2).await, [301, 302]);

    // Of the oldest that is left on, all is there.
    let mut stream = Stream::of(&b).await;
    stream.resume(46).await;
    assert_eq!(stream.seqs(256).await, (47..=302).collect::<Vec<_>>());
    let mut stream = Stream::of(&b).await;
    stream.resume(45).await;
    assert_eq!(stream.frame().await, json!({ "type": "replay_overflow", "since_seq": 45, "oldest_seq": 47 }));
}

#[tokio::test]
async fn only_the_first_frame_is_read() {
    let (_backend, a, b, chat) = two().await;
    a.say(&chat, "x").await;
    b.drain().await;
    let mut stream = Stream::of(&b).await;
    // A ping is no frame of the client's.
    stream.is_answered().await;
    stream.resume(0).await;
    assert_eq!(stream.seqs(1).await, [1]);
    stream.resume(0).await;
    stream.send(Message::text("no JSON")).await;
    stream.send(Message::binary(&b"\x00"[..])).await;
    stream.is_silent().await;
    stream.is_answered().await;
}

#[tokio::test]
async fn other_json_is_ignored_and_was_the_first() {
    let (_backend, a, b, chat) = two().await;
    a.say(&chat, "x").await;
    b.drain().await;
    for frame in [json!({ "type": "hello" }), json!({ "since_seq": 0 }), json!([]), json!(7), Value::Null] {
        let mut stream = Stream::of(&b).await;
        stream.send_json(frame).await;
        stream.resume(0).await;
        stream.is_silent().await;
        a.say(&chat, "y").await;
        stream.frames(2).await;
    }
}

#[tokio::test]
async fn what_can_not_be_read_ends_it_without_a_word() {
    let (_backend, a, b, chat) = two().await;
    for message in [
        Message::text("no JSON"),
        Message::text(""),
        Message::text(r#"{"type":"resume","since_seq":"0"}"#),
        Message::text(r#"{"type":"resume","since_seq":null}"#),
        Message::text(r#"{"type":"resume","since_seq":1.5}"#),
        Message::binary(r#"{"type":"resume"}"#),
    ] {
        let mut stream = Stream::of(&b).await;
        stream.send(message.clone()).await;
        assert_eq!(stream.ending().await, None, "{message:?}");
    }
    // The next one is none the worse.
    let mut stream = Stream::of(&b).await;
    a.say(&chat, "x").await;
    stream.frames(2).await;
}
