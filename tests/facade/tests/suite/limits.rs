//! Limits on time and size.

use std::time::{Duration, Instant};

use facade_tests::{Peer, Reply};
use mycel_sdk::{Client, ErrorKind, RetryPolicy};

#[tokio::test]
async fn a_silent_backend_runs_into_the_limit_of_an_attempt() {
    let peer = Peer::start([Reply::Silence]).await;
    let client = Client::builder(peer.url())
        .attempt_timeout(Duration::from_millis(50))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let begun = Instant::now();
    let error = client.messages().send("c", "hello").await.unwrap_err();
    assert!(begun.elapsed() >= Duration::from_millis(50));
    assert_eq!((error.kind(), error.status()), (ErrorKind::TimedOut, None));
    assert!(error.may_have_been_sent());
    assert!(error.to_string().contains("50ms (the attempt limit)"), "{error}");
}

#[tokio::test]
async fn all_attempts_together_run_into_the_overall_limit() {
    let peer = Peer::start([Reply::Silence]).await;
    let client = Client::builder(peer.url())
        .attempt_timeout(Duration::from_millis(60))
        .overall_timeout(Duration::from_millis(100))
        .retry(RetryPolicy::default().max_attempts(10).base_delay(Duration::from_millis(1)))
        .build()
        .unwrap();
    let error = client.chats().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(error.attempts(), 2);
    assert!(error.to_string().contains("100ms (the overall limit)"), "{error}");
}

#[tokio::test]
async fn a_response_that_is_too_large_is_not_read() {
    let body = format!("[{}]", " ".repeat(2_000));
    let declared = Reply::json("200 OK", &body);
    let undeclared = {
        let chunk = format!("{:x}\r\n{}\r\n", 600, " ".repeat(600));
        let chunks = chunk.repeat(4);
        Reply::Bytes(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}").into_bytes())
    };
    for reply in [declared, undeclared] {
        let peer = Peer::start([reply]).await;
        let client = Client::builder(peer.url()).max_response_bytes(1_000).build().unwrap();
        let error = client.chats().list().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::ResponseTooLarge, 1));
        assert!(error.to_string().contains("larger than 1000 bytes"), "{error}");
    }
}

#[tokio::test]
async fn a_response_within_the_bound_is_read_however_it_comes() {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n".to_vec();
    for reply in [Reply::json("200 OK", "[]"), Reply::Bytes(chunked)] {
        let peer = Peer::start([reply]).await;
        let client = Client::builder(peer.url()).max_response_bytes(2).build().unwrap();
        assert_eq!(client.chats().list().await.unwrap(), []);
    }
}
