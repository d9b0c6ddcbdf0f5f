//! How a stream ends.

use serde_json::json;
use tokio::time::timeout;

use super::super::client::SOON;
use super::socket::{Stream, two};

#[tokio::test]
async fn a_client_may_close_it() {
    let (_backend, _, b, _) = two().await;
    let stream = Stream::of(&b).await;
    // The close is answered in kind, without a code.
    assert_eq!(stream.closed().await, None);
}

#[tokio::test]
async fn an_inbox_that_can_not_be_looked_at_ends_it_with_the_reason() {
    let (_backend, a, b, chat) = two().await;
    let mut stream = Stream::of(&b).await;
    let broken = b.post("/api/chats", json!({ "kind": "group" })).await.good();
    stream.is_silent().await;
    // Whoever woke it hears nothing of this.
    a.say(&chat, "x").await;
    let reason = format!("Chat {} has no projectable title", broken["id"].as_str().unwrap());
    assert_eq!(stream.ending().await, Some((1011, reason)));
}

#[tokio::test]
async fn stopping_ends_it() {
    let (backend, a, b, chat) = two().await;
    let (mut for_a, for_b) = (Stream::of(&a).await, Stream::of(&b).await);
    b.say(&chat, "x").await;
    for_a.frames(2).await;
    let (ending_a, ending_b) = (tokio::spawn(for_a.ending()), tokio::spawn(for_b.ending()));
    timeout(SOON, backend.shutdown()).await.unwrap();
    let restarting = Some((1012, String::new()));
    assert_eq!((ending_a.await.unwrap(), ending_b.await.unwrap()), (restarting.clone(), restarting));
}

#[tokio::test]
async fn stopping_does_not_wait_for_who_does_not_listen() {
    let (backend, _, b, _) = two().await;
    let stream = Stream::of(&b).await;
    // There is no grace that could run out meanwhile.
    timeout(SOON, backend.shutdown()).await.unwrap();
    // It was told all the same.
    assert_eq!(stream.ending().await, Some((1012, String::new())));
}

#[tokio::test]
async fn dropping_the_backend_ends_it() {
    let (backend, _, b, _) = two().await;
    let stream = Stream::of(&b).await;
    drop(backend);
    assert_eq!(stream.ending().await, Some((1012, String::new())));
}
