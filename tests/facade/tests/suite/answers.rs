//! Answers that no well-behaved server sends: each ends in a clear error, within the bounds of time and memory.

use std::time::Duration;

use facade_tests::{Connection, RawPeer, soon};
use mycel_sdk::{Client, Error, ErrorKind, RetryPolicy};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

/// What a flood may bring at most until the client goes: what it reads, and what lies in the sockets.
const FLOOD: usize = 64 * 1024 * 1024;

fn client(peer: &RawPeer) -> Client {
    let quick = RetryPolicy::default().base_delay(Duration::from_millis(1)).max_delay(Duration::from_millis(1));
    Client::builder(peer.url()).auth_token("tok-123").max_response_bytes(4 * 1024).retry(quick).build().unwrap()
}

/// A server that sends these bytes for an answer, and closes.
async fn answering(bytes: impl Into<Vec<u8>>) -> RawPeer {
    let bytes = bytes.into();
    RawPeer::start(move |mut connection| {
        let bytes = bytes.clone();
        async move {
            connection.request().await;
            connection.send(bytes).await;
        }
    })
    .await
}

/// How asking for the chats fails at such a server.
async fn failing(peer: &RawPeer) -> Error {
    soon(async { client(peer).chats().list().await }).await.unwrap_err()
}

/// Expects an answer that is none, and that is not asked for again.
#[track_caller]
fn expect_malformed(error: &Error, status: Option<u16>, problem: &str) {
    assert_eq!((error.kind(), error.status()), (ErrorKind::MalformedResponse, status), "{error}");
    assert_eq!((error.attempts(), error.may_have_been_sent()), (1, true), "{error}");
    assert!(error.to_string().contains(problem), "{error}");
}

#[tokio::test]
async fn what_is_not_http_is_malformed() {
    for bytes in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"220 mail.example ESMTP\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
        b"<html><body>welcome</body></html>",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/0.9 200 OK\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: a\x00b\r\n\r\n",
    ] {
        let peer = answering(bytes).await;
        let error = failing(&peer).await;
        expect_malformed(&error, None, "not one of HTTP/1.1");
        assert!(error.to_string().contains("is http://127.0.0.1"), "{error}");
        assert_eq!(peer.requests().len(), 1);
    }
}

/// RFC 9112, section 5.2, has clients take what servers must not send. Nobody needs to send it, and who reads it in
/// another way sees other headers.
#[tokio::test]
async fn a_header_that_is_folded_is_refused_and_the_error_says_so() {
    for headers in ["x-folded: one\r\n two\r\n", "x-folded:\r\n\tone\r\n", " x-first: one\r\n", "no colon here\r\n"] {
        let error = failing(&answering(format!("{HEAD}{headers}content-length: 2\r\n\r\n[]")).await).await;
        expect_malformed(&error, None, "not one of HTTP/1.1");
        expect_malformed(&error, None, "goes on in a further line (obs-fold, which is refused)");
    }
}

#[tokio::test]
async fn a_head_that_ends_too_early_is_an_interruption() {
    for bytes in ["H", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"] {
        let error = failing(&answering(bytes).await).await;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 3), "{bytes:?}: {error}");
    }
}

#[tokio::test]
async fn a_length_that_is_none_is_malformed() {
    for headers in [
        "content-length: 2\r\ncontent-length: 3\r\n",
        "content-length: 2, 3\r\n",
        "content-length: -1\r\n",
        "content-length: +2\r\n",
        "content-length: two\r\n",
        "content-length: 18446744073709551615\r\n",
        "content-length: 18446744073709551616\r\n",
    ] {
        let error = failing(&answering(format!("{HEAD}{headers}\r\n[]")).await).await;
        expect_malformed(&error, None, "not one of HTTP/1.1");
    }
}

#[tokio::test]
async fn what_is_odd_but_clear_is_taken() {
    for answer in [
        "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n[]",
        "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\ncontent-encoding: Identity\r\ncontent-length: 2\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[] and more than was promised",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]",
    ] {
        let peer = answering(answer).await;
        assert_eq!(soon(async { client(&peer).chats().list().await }).await.unwrap(), [], "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_its_framing_is_an_interruption() {
    for answer in [
        "content-length: 3\r\n\r\n[]",
        "transfer-encoding: chunked\r\n\r\n2\r\n[]",
        "transfer-encoding: chunked\r\n\r\nxyz\r\n[]\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n[]\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n2\r\n[]!!0\r\n\r\n",
    ] {
        let error = failing(&answering(format!("{HEAD}{answer}")).await).await;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 3), "{answer:?}: {error}");
        assert!(error.may_have_been_sent());
    }
}

#[tokio::test]
async fn a_compressed_answer_is_refused_and_not_unpacked() {
    // 2 KiB that would be 2 MiB.
    let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    for coding in ["gzip", "GZIP", "br", "deflate", "zstd", "identity, gzip", "made-up"] {
        let mut answer = format!("{HEAD}content-encoding: {coding}\r\ncontent-length: 10\r\n\r\n").into_bytes();
        answer.extend(bomb);
        expect_malformed(&failing(&answering(answer).await).await, Some(200), "compressed");
    }
    let peer = answering(format!("{HEAD}content-length: 2\r\n\r\n[]")).await;
    client(&peer).chats().list().await.unwrap();
    assert!(!peer.requests()[0].to_ascii_lowercase().contains("accept-encoding"), "nobody asked for it");
    // What the status says counts, whatever the body is.
    let refused = "HTTP/1.1 404 Not Found\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x08\x00";
    assert_eq!(failing(&answering(refused).await).await.kind(), ErrorKind::NotFound);
}

/// A server that sends this, and then that without end. It tells how much was taken until the client went.
async fn flooding(start: &'static str, endless: &'static str) -> (RawPeer, UnboundedReceiver<usize>) {
    let (sender, taken) = unbounded_channel();
    let peer = RawPeer::start(move |mut connection: Connection| {
        let sender = sender.clone();
        async move {
            connection.request().await;
            connection.send(start).await;
            let piece = endless.repeat(64 * 1024 / endless.len());
            sender.send(connection.flood(piece).await).unwrap();
        }
    })
    .await;
    (peer, taken)
}

/// Expects that the client goes, and took no more of a flood than it had to.
async fn expect_bounded(taken: &mut UnboundedReceiver<usize>) {
    let taken = soon(taken.recv()).await.unwrap();
    assert!(taken <= FLOOD, "{taken} bytes were taken");
}

#[tokio::test]
async fn a_flood_of_headers_is_malformed() {
    for (start, endless) in [
        ("HTTP/1.1 200 OK\r\n", "x-flood: of headers\r\n"),
        ("HTTP/1.1 200 OK\r\nx-flood: ", "of one header "),
        ("HTTP/1.1 200 ", "O"),
    ] {
        let (peer, mut taken) = flooding(start, endless).await;
        expect_malformed(&failing(&peer).await, None, "too large");
        expect_bounded(&mut taken).await;
    }
    let headers: String = (0..101).map(|number| format!("x-{number}: {number}\r\n")).collect();
    let error = failing(&answering(format!("{HEAD}{headers}content-length: 2\r\n\r\n[]")).await).await;
    expect_malformed(&error, None, "too large");
}

#[tokio::test]
async fn a_body_without_end_is_too_large() {
    for (start, endless) in [
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "8\r\n        \r\n"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\n \r\n"),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", "          "),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775807\r\n\r\n", "          "),
    ] {
        let (peer, mut taken) = flooding(start, endless).await;
        let error = failing(&peer).await;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::ResponseTooLarge, 1), "{error}");
        assert!(error.to_string().contains("4096 bytes"), "{error}");
        expect_bounded(&mut taken).await;
    }
}

#[tokio::test]
async fn what_follows_a_body_without_end_is_bounded() {
    for (start, endless) in [
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n", "x-trailer: more\r\n"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;", "extension"),
    ] {
        let (peer, mut taken) = flooding(start, endless).await;
        let error = failing(&peer).await;
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        expect_bounded(&mut taken).await;
    }
}

#[tokio::test]
async fn of_an_error_without_end_the_start_is_kept() {
    let start = r#"HTTP/1.1 409 Conflict
connection: close

{"detail":""#
        .replace('\n', "\r\n");
    let start: &'static str = start.leak();
    let (peer, mut taken) = flooding(start, "no ").await;
    let error = failing(&peer).await;
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Conflict, Some(409), 1), "{error}");
    assert_eq!(error.detail(), None, "a JSON that is cut off tells nothing");
    expect_bounded(&mut taken).await;
}

#[tokio::test]
async fn an_error_that_trickles_is_told_when_its_time_is_over() {
    let peer = RawPeer::start(async |mut connection: Connection| {
        connection.request().await;
        connection.send("HTTP/1.1 403 Forbidden\r\nconnection: close\r\nx-request-id: r-1\r\n\r\n").await;
        connection.trickle(" ").await;
    })
    .await;
    let client = Client::builder(peer.url()).attempt_timeout(Duration::from_millis(100)).build().unwrap();
    let error = soon(async { client.messages().send("c", "hello").await }).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Forbidden, Some(403), 1), "{error}");
    assert_eq!((error.may_have_been_sent(), error.request_id()), (false, Some("r-1")));
    // So it is with the handshake of a stream.
    let error = soon(async { client.notifications().stream().await }).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(403)), "{error}");
}

#[tokio::test]
async fn what_trickles_without_end_runs_into_the_limit_of_an_attempt() {
    for start in [
        "",
        "HTTP/1.1 200 OK\r\nx-trickle: ",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;",
    ] {
        let peer = RawPeer::start(move |mut connection: Connection| async move {
            connection.request().await;
            connection.send(start).await;
            let piece = if start.is_empty() { "HTTP/1.1 100 Continue\r\n\r\n" } else { " " };
            connection.trickle(piece).await;
        })
        .await;
        let builder = Client::builder(peer.url()).attempt_timeout(Duration::from_millis(100));
        let client = builder.retry(RetryPolicy::never()).build().unwrap();
        let error = soon(async { client.chats().list().await }).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{start:?}: {error}");
    }
}

#[tokio::test]
async fn a_flood_of_interim_answers_runs_into_the_limit_of_an_attempt() {
    let (peer, mut taken) = flooding("", "HTTP/1.1 100 Continue\r\n\r\n").await;
    let builder = Client::builder(peer.url()).attempt_timeout(Duration::from_millis(200));
    let client = builder.retry(RetryPolicy::never()).build().unwrap();
    let error = soon(async { client.chats().list().await }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
    // How much was taken depends on the time that there was; that it ends is what counts.
    soon(taken.recv()).await.unwrap();
}

#[tokio::test]
async fn a_switch_of_protocols_that_nobody_asked_for_is_no_success() {
    let peer = answering("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\n[]").await;
    let error = failing(&peer).await;
    assert!(!matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Connect), "{error:?}");
    assert!(error.may_have_been_sent());
}

#[tokio::test]
async fn what_comes_beyond_an_answer_is_not_the_answer_to_the_next_request() {
    let peer = RawPeer::start(async |mut connection: Connection| {
        connection.request().await;
        let answer = |body: &str| format!("{HEAD}content-length: {}\r\n\r\n{body}", body.len());
        let forged = r#"{"id":"mallory","name":"Mallory","type":"external","is_guest":false}"#;
        let honest = r#"{"id":"ada","name":"Ada","type":"human","is_guest":true}"#;
        // At once, so that it is there before the next request is sent.
        connection.send(format!("{}{}", answer(honest), answer(forged))).await;
        while connection.request().await.is_some() {}
    })
    .await;
    let client = client(&peer);
    for _ in 0..20 {
        assert_eq!(soon(async { client.me().whoami().await }).await.unwrap().name, "Ada");
    }
}
