//! Answers that are odd in one place, which is not to spoil more than that place.

use mycel_sdk::{Client, ErrorKind, Message, RetryPolicy};
use mycel_tests::{Peer, Reply};
use serde_json::{Value, json};

/// Asks a backend that always answers so.
fn at(peer: &Peer) -> Client {
    Client::builder(peer.url()).auth_token("tok-123").retry(RetryPolicy::never()).build().unwrap()
}

async fn answering(body: &str) -> Peer {
    Peer::start([Reply::json("200 OK", body)]).await
}

fn message(seq: u64) -> Value {
    json!({"id": format!("m-{seq}"), "chat_id": "c", "sender_id": "u", "sender_name": "U", "content": "hello",
           "message_type": "human", "mentioned_ids": ["v"], "seq": seq, "created_at": 1.5})
}

/// Where a text of the tests is put in as it is.
fn with(row: &Value, field: &str, text: &str) -> String {
    let mut row = row.clone();
    row[field] = json!("HERE");
    row.to_string().replace(r#""HERE""#, text)
}

#[tokio::test]
async fn half_an_emoji_is_replaced_and_the_others_are_whole() {
    let page = format!("[{},{},{}]", message(1), with(&message(2), "content", r#""so \ud83d""#), message(3));
    let peer = answering(&page).await;
    let client = at(&peer);
    let contents = |page: Vec<Message>| page.into_iter().map(|message| message.content).collect::<Vec<_>>();
    assert_eq!(contents(client.messages().list("c").await.unwrap()), ["hello", "so \u{fffd}", "hello"]);
    assert_eq!(contents(client.messages().unread("c").await.unwrap()), ["hello", "so \u{fffd}", "hello"]);

    let peer = answering(&with(&message(2), "sender_name", r#""\udc4dA\n\ud83d\ude00""#)).await;
    let sent = at(&peer).messages().send("c", "hello").await.unwrap();
    assert_eq!((sent.sender_name.as_str(), sent.seq), ("\u{fffd}A\n😀", 2));

    let refusal = Reply::json("400 Bad Request", r#"{"detail":"no \ud83d here"}"#);
    let peer = Peer::start([refusal]).await;
    let error = at(&peer).chats().list().await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::Rejected, Some("no \u{fffd} here")));
}
