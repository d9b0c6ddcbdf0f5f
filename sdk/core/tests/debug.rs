//! What holds a token shows none of it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use agent_platform_core::{Credentials, Operation, Secret, Timestamp, Transport, WebSocketLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

static LIST: Operation = Operation::new("list", "GET", "/list");

/// Answers one request, with a body that repeats it.
async fn echo(listener: TcpListener) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = vec![0; 8192];
    let length = stream.read(&mut request).await.unwrap();
    let body = serde_json::json!({ "detail": String::from_utf8_lossy(&request[..length]) }).to_string();
    let head = format!("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
}

#[tokio::test]
async fn neither_a_call_nor_its_failure_shows_what_it_carries() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(echo(listener));
    let token = Credentials::bearer(Secret::from("tok-secret"));
    let transport = Transport::builder().build(&url.parse().unwrap()).unwrap();
    let mut call = transport.call(Some(&token)).with_extra_time(Duration::from_secs(1));
    assert_eq!(call.carry(&Secret::from("pass-secret")), "pass-secret");
    let before = format!("{token:?} {transport:?} {call:?}");
    let failure =
        call.open_websocket(&format!("{url}?pass-secret"), &LIST, WebSocketLimits::default()).await.unwrap_err();
    server.await.unwrap();

    let agent_platform_core::Cause::Status(response) = &failure.cause else { panic!("{failure:?}") };
    let body = response.body.as_ref().unwrap().to_string();
    assert!(body.contains("authorization: Bearer [redacted]") && body.contains("/?[redacted] HTTP/1.1"), "{body}");
    let printed = format!("{before} {failure:?} {response:?} {body}");
    assert!(!printed.contains("-secret"), "{printed}");
}

#[test]
fn each_type_is_shown_by_what_of_it_is_no_secret() {
    let call = Transport::builder().build(&"http://127.0.0.1:1".parse().unwrap()).unwrap();
    let call = call.call(Some(&Credentials::bearer(Secret::from("tok-secret"))));
    assert_eq!(format!("{call:?}"), "Call { credentials: Some(Credentials([redacted])), .. }");
    assert_eq!(format!("{:?}", Secret::from("tok-secret")), "Secret([redacted])");
    let noon = "2026-05-13T12:00:00Z";
    assert_eq!(format!("{:?}", noon.parse::<Timestamp>().unwrap()), noon);
}
