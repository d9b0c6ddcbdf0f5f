//! What the handshake of a stream has in common with other calls.

use std::time::Duration;

use mycel_sdk::{Client, ErrorKind};
use mycel_tests::{Connection, Handshake, Peer, RawPeer, Reply, StreamPeer, Trace, VirtualTime, soon};

#[tokio::test]
async fn no_redirect_is_followed_and_the_token_stays() {
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let elsewhere = Peer::start([Reply::json("200 OK", "[]")]).await;
        let location = format!("location: {}/api/runtime/inbox/subscribe\r\n", elsewhere.url());
        let peer = Peer::start([Reply::http(status, &location, "")]).await;
        let client = Client::builder(peer.url()).auth_token("tok-123").build().unwrap();
        let error = client.notifications().stream().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Redirected, 1), "{status}: {error}");
        assert!(!error.may_have_been_sent());
        let line = error.to_string();
        assert!(line.contains(&format!("{} points to {}/api/runtime", peer.url(), elsewhere.url())), "{line}");
        assert_eq!((elsewhere.requests().len(), peer.requests().len()), (0, 1), "{status}");
    }
}

#[tokio::test]
async fn a_refusal_that_trickles_is_told_when_its_time_is_over() {
    let _time = VirtualTime::pause();
    let peer = RawPeer::start(async |mut connection: Connection| {
        connection.request().await;
        connection.send("HTTP/1.1 403 Forbidden\r\nconnection: close\r\nx-request-id: r-1\r\n\r\n").await;
        connection.trickle(" ").await;
    })
    .await;
    let client = Client::builder(peer.url()).attempt_timeout(Duration::from_secs(1)).build().unwrap();
    let error = soon(async { client.notifications().stream().await }).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(403)), "{error}");
    assert_eq!((error.may_have_been_sent(), error.request_id()), (false, Some("r-1")));
}

#[tokio::test]
async fn it_is_traced_as_an_attempt_that_ends_with_the_head() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let _open = handshake.accept().await;
        std::future::pending().await
    })
    .await;
    let trace = Trace::record();
    let client = Client::builder(peer.url()).auth_token("tok-123").build().unwrap();
    let _stream = soon(async { client.notifications().stream().await }).await.unwrap();
    let attempts = trace.ended("attempt");
    assert_eq!(attempts.len(), 1, "{attempts:?}");
    let told = |name| attempts[0].fields.get(name).map(String::as_str);
    assert_eq!(told("otel.name"), Some("GET /api/runtime/inbox/subscribe"));
    assert_eq!((told("http.response.status_code"), told("otel.status_code")), (Some("101"), None));

    let peer = Peer::start([Reply::http("403 Forbidden", "", "")]).await;
    let trace = Trace::record();
    let client = Client::builder(peer.url()).auth_token("tok-123").build().unwrap();
    client.notifications().stream().await.unwrap_err();
    let attempts = trace.ended("attempt");
    let told = |name| attempts[0].fields.get(name).map(String::as_str);
    assert_eq!((told("http.response.status_code"), told("error.type")), (Some("403"), Some("403")));
    assert_eq!((told("otel.status_code"), attempts[0].parent), (Some("ERROR"), Some("call")));
}
