//! Calls that follow each other go over one connection, whatever they are and however they end.

use facade_tests::RawPeer;
use mycel_sdk::{Client, ErrorKind};

/// A response that does not ask to close the connection.
fn response(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// The same, with a body whose length is not known before its end.
fn chunked(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n\
         {length:x}\r\n{body}\r\n0\r\n\r\n"
    )
}

/// A server that answers the request of a number with what stands there, over however many connections they come.
async fn peer(answers: &[String]) -> RawPeer {
    let answers = answers.to_vec();
    RawPeer::start(move |mut connection| {
        let answers = answers.clone();
        async move {
            // Whoever makes a second connection gets no answer at all.
            if connection.number > 0 {
                return;
            }
            for answer in answers {
                if connection.request().await.is_none() {
                    return;
                }
                connection.send(answer).await;
            }
            connection.gone().await;
        }
    })
    .await
}

const MESSAGE: &str = r#"{"id":"m-1","chat_id":"c","sender_id":"u","sender_name":"Ada","content":"hello","message_type":"human","mentioned_ids":[],"delivery_scope":"broadcast","addressed_to_user_ids":[],"seq":1,"signal":null,"retracted_at":null,"created_at":1784000000.5}"#;

#[tokio::test]
async fn calls_of_any_kind_share_one_connection() {
    let list = format!("[{MESSAGE}]");
    let error = r#"{"detail":"No such chat."}"#;
    let peer = peer(&[
        response("200 OK", MESSAGE),
        response("200 OK", &list),
        chunked("200 OK", &list),
        response("404 Not Found", error),
        response("200 OK", MESSAGE),
        chunked("403 Forbidden", error),
        response("422 Unprocessable Entity", error),
        response("200 OK", "[]"),
        // Not what was promised, but whole.
        response("200 OK", "{}"),
        response("200 OK", "[]"),
    ])
    .await;
    let client = Client::builder(peer.url()).auth_token("tok-123").build().unwrap();
    let other = client.with_auth_token("tok-456");

    client.messages().send("c", "hello").await.unwrap();
    client.messages().list("c").await.unwrap();
    client.messages().unread("c").await.unwrap();
    assert_eq!(client.messages().list("c").await.unwrap_err().kind(), ErrorKind::NotFound);
    client.messages().send("c", "hello").await.unwrap();
    assert_eq!(client.messages().send("c", "hello").await.unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!(client.chats().list().await.unwrap_err().kind(), ErrorKind::Rejected);
    other.messages().read("c").await.unwrap();
    assert_eq!(client.chats().list().await.unwrap_err().kind(), ErrorKind::MalformedResponse);
    client.clone().messages().list("c").await.unwrap();

    assert_eq!(peer.requests().len(), 10);
}

#[tokio::test]
async fn many_calls_share_one_connection() {
    let peer = peer(&vec![response("200 OK", MESSAGE); 100]).await;
    let client = Client::builder(peer.url()).auth_token("tok-123").build().unwrap();
    for _ in 0..100 {
        client.messages().send("c", "hello").await.unwrap();
    }
    assert_eq!(peer.requests().len(), 100);
}
