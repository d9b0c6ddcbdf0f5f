//! Answers that no well-behaved server sends: each ends in a clear error, within the bounds of time and memory.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Facade, Retry, Settings, Told};
use crate::{Connection, RawPeer, VirtualTime, soon};

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

/// What a flood may bring at most until the client goes: what it reads, and what lies in the sockets.
const FLOOD: usize = 64 * 1024 * 1024;

super::suite! { $ answers:
    what_is_not_http_is_malformed
    a_header_that_is_folded_is_refused_and_the_error_says_so
    a_head_that_ends_too_early_is_an_interruption
    a_length_that_is_none_is_malformed
    what_is_odd_but_clear_is_taken
    a_body_that_breaks_its_framing_is_an_interruption
    a_compressed_answer_is_refused_and_not_unpacked
    a_flood_of_headers_is_malformed
    a_body_without_end_is_too_large
    what_follows_a_body_without_end_is_bounded
    of_an_error_without_end_the_start_is_kept
    an_error_that_trickles_is_told_when_its_time_is_over
    what_trickles_without_end_runs_into_the_limit_of_an_attempt
    a_flood_of_interim_answers_runs_into_the_limit_of_an_attempt
    a_switch_of_protocols_that_nobody_asked_for_is_no_success
    what_comes_beyond_an_answer_is_not_the_answer_to_the_next_request
}

fn client<F: Facade>(peer: &RawPeer) -> F::Client {
    F::client(&peer.url(), Settings { max_response_bytes: Some(4 * 1024), ..Settings::default() }).unwrap()
}

/// A client that gives up after an attempt, which takes so many milliseconds at most.
fn hasty<F: Facade>(peer: &RawPeer, attempt: u64) -> F::Client {
    let attempt_timeout = Some(Duration::from_millis(attempt));
    F::client(&peer.url(), Settings { attempt_timeout, retry: Retry::Never, ..Settings::default() }).unwrap()
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

/// How the call that may be repeated fails at such a server.
async fn failing<F: Facade>(peer: &RawPeer) -> Box<Told> {
    soon(F::read(&client::<F>(peer))).await.unwrap_err()
}

/// Expects an answer that is none, and that is not asked for again.
#[track_caller]
fn expect_malformed(told: &Told, status: Option<u16>, problem: &str) {
    assert_eq!((told.kind.as_str(), told.status), ("MalformedResponse", status), "{told:?}");
    assert_eq!((told.attempts, told.may_have_been_sent), (1, true), "{told:?}");
    assert!(told.line.contains(problem), "{told:?}");
}

async fn what_is_not_http_is_malformed<F: Facade>() {
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
        let told = failing::<F>(&peer).await;
        expect_malformed(&told, None, "not one of HTTP/1.1");
        assert!(told.line.contains("is http://127.0.0.1"), "{told:?}");
        assert_eq!(peer.requests().len(), 1);
    }
}

/// RFC 9112, section 5.2, has clients take what servers must not send. Nobody needs to send it, and who reads it in
/// another way sees other headers.
async fn a_header_that_is_folded_is_refused_and_the_error_says_so<F: Facade>() {
    for headers in ["x-folded: one\r\n two\r\n", "x-folded:\r\n\tone\r\n", " x-first: one\r\n", "no colon here\r\n"] {
        let peer = answering(format!("{HEAD}{headers}content-length: 2\r\n\r\n[]")).await;
        let told = failing::<F>(&peer).await;
        expect_malformed(&told, None, "not one of HTTP/1.1");
        expect_malformed(&told, None, "goes on in a further line (obs-fold, which is refused)");
    }
}

async fn a_head_that_ends_too_early_is_an_interruption<F: Facade>() {
    for bytes in ["H", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"] {
        let told = failing::<F>(&answering(bytes).await).await;
        assert_eq!((told.kind.as_str(), told.attempts), ("Interrupted", 3), "{bytes:?}: {told:?}");
    }
}

async fn a_length_that_is_none_is_malformed<F: Facade>() {
    for headers in [
        "content-length: 2\r\ncontent-length: 3\r\n",
        "content-length: 2, 3\r\n",
        "content-length: -1\r\n",
        "content-length: +2\r\n",
        "content-length: two\r\n",
        "content-length: 18446744073709551615\r\n",
        "content-length: 18446744073709551616\r\n",
    ] {
        let told = failing::<F>(&answering(format!("{HEAD}{headers}\r\n[]")).await).await;
        expect_malformed(&told, None, "not one of HTTP/1.1");
    }
}

async fn what_is_odd_but_clear_is_taken<F: Facade>() {
    let body = F::READ.answer;
    let length = format!("content-length: {}\r\n", body.len());
    for answer in [
        format!("HTTP/1.0 200 OK\r\n{length}\r\n{body}"),
        format!("HTTP/1.1 200\r\n{length}\r\n{body}"),
        format!("{HEAD}{length}{length}\r\n{body}"),
        format!("{HEAD}content-encoding: Identity\r\n{length}\r\n{body}"),
        format!("{HEAD}connection: close\r\n\r\n{body}"),
        format!("{HEAD}{length}\r\n{body} and more than was promised"),
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n{HEAD}{length}\r\n{body}"),
    ] {
        let peer = answering(&*answer).await;
        soon(F::read(&client::<F>(&peer))).await.unwrap_or_else(|told| panic!("{answer}: {told:?}"));
    }
}

async fn a_body_that_breaks_its_framing_is_an_interruption<F: Facade>() {
    for answer in [
        "content-length: 3\r\n\r\n[]",
        "transfer-encoding: chunked\r\n\r\n2\r\n[]",
        "transfer-encoding: chunked\r\n\r\nxyz\r\n[]\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n[]\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n2\r\n[]!!0\r\n\r\n",
    ] {
        let told = failing::<F>(&answering(format!("{HEAD}{answer}")).await).await;
        assert_eq!((told.kind.as_str(), told.attempts), ("Interrupted", 3), "{answer:?}: {told:?}");
        assert!(told.may_have_been_sent);
    }
}

async fn a_compressed_answer_is_refused_and_not_unpacked<F: Facade>() {
    // 2 KiB that would be 2 MiB.
    let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    for coding in ["gzip", "GZIP", "br", "deflate", "zstd", "identity, gzip", "made-up"] {
        let mut answer = format!("{HEAD}content-encoding: {coding}\r\ncontent-length: 10\r\n\r\n").into_bytes();
        answer.extend(bomb);
        let told = failing::<F>(&answering(answer).await).await;
        expect_malformed(&told, Some(200), "compressed");
    }
    let body = F::READ.answer;
    let peer = answering(format!("{HEAD}content-length: {}\r\n\r\n{body}", body.len())).await;
    F::read(&client::<F>(&peer)).await.unwrap();
    assert!(!peer.requests()[0].to_ascii_lowercase().contains("accept-encoding"), "nobody asked for it");
    // What the status says counts, whatever the body is.
    let refused = "HTTP/1.1 404 Not Found\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x08\x00";
    assert_eq!(failing::<F>(&answering(refused).await).await.kind, "NotFound");
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

async fn a_flood_of_headers_is_malformed<F: Facade>() {
    for (start, endless) in [
        ("HTTP/1.1 200 OK\r\n", "x-flood: of headers\r\n"),
        ("HTTP/1.1 200 OK\r\nx-flood: ", "of one header "),
        ("HTTP/1.1 200 ", "O"),
    ] {
        let (peer, mut taken) = flooding(start, endless).await;
        let told = failing::<F>(&peer).await;
        expect_malformed(&told, None, "too large");
        expect_bounded(&mut taken).await;
    }
    let headers: String = (0..101).map(|number| format!("x-{number}: {number}\r\n")).collect();
    let told = failing::<F>(&answering(format!("{HEAD}{headers}content-length: 2\r\n\r\n[]")).await).await;
    expect_malformed(&told, None, "too large");
}

async fn a_body_without_end_is_too_large<F: Facade>() {
    for (start, endless) in [
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "8\r\n        \r\n"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\n \r\n"),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", "          "),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775807\r\n\r\n", "          "),
    ] {
        let (peer, mut taken) = flooding(start, endless).await;
        let told = failing::<F>(&peer).await;
        assert_eq!((told.kind.as_str(), told.attempts), ("ResponseTooLarge", 1), "{told:?}");
        assert!(told.line.contains("4096 bytes"), "{told:?}");
        expect_bounded(&mut taken).await;
    }
}

async fn what_follows_a_body_without_end_is_bounded<F: Facade>() {
    for (start, endless) in [
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n", "x-trailer: more\r\n"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;", "extension"),
    ] {
        let (peer, mut taken) = flooding(start, endless).await;
        let told = failing::<F>(&peer).await;
        assert_eq!(told.kind.as_str(), "Interrupted", "{told:?}");
        expect_bounded(&mut taken).await;
    }
}

async fn of_an_error_without_end_the_start_is_kept<F: Facade>() {
    let start = r#"HTTP/1.1 409 Conflict
connection: close

{"detail":""#
        .replace('\n', "\r\n");
    let start: &'static str = start.leak();
    let (peer, mut taken) = flooding(start, "no ").await;
    let told = failing::<F>(&peer).await;
    assert_eq!((told.kind.as_str(), told.status, told.attempts), ("Conflict", Some(409), 1), "{told:?}");
    assert_eq!(told.detail, None, "a JSON that is cut off tells nothing");
    expect_bounded(&mut taken).await;
}

async fn an_error_that_trickles_is_told_when_its_time_is_over<F: Facade>() {
    let _time = VirtualTime::pause();
    let peer = RawPeer::start(async |mut connection: Connection| {
        connection.request().await;
        connection.send("HTTP/1.1 403 Forbidden\r\nconnection: close\r\nx-request-id: r-1\r\n\r\n").await;
        connection.trickle(" ").await;
    })
    .await;
    let told = soon(F::write(&hasty::<F>(&peer, 1_000))).await.unwrap_err();
    assert_eq!((told.kind.as_str(), told.status, told.attempts), ("Forbidden", Some(403), 1), "{told:?}");
    assert_eq!((told.may_have_been_sent, told.request_id.as_deref()), (false, Some("r-1")));
}

async fn what_trickles_without_end_runs_into_the_limit_of_an_attempt<F: Facade>() {
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
        let told = soon(F::read(&hasty::<F>(&peer, 100))).await.unwrap_err();
        assert_eq!(told.kind.as_str(), "TimedOut", "{start:?}: {told:?}");
    }
}

async fn a_flood_of_interim_answers_runs_into_the_limit_of_an_attempt<F: Facade>() {
    let (peer, mut taken) = flooding("", "HTTP/1.1 100 Continue\r\n\r\n").await;
    let told = soon(F::read(&hasty::<F>(&peer, 200))).await.unwrap_err();
    assert_eq!(told.kind.as_str(), "TimedOut", "{told:?}");
    // How much was taken depends on the time that there was; that it ends is what counts.
    soon(taken.recv()).await.unwrap();
}

async fn a_switch_of_protocols_that_nobody_asked_for_is_no_success<F: Facade>() {
    let peer = answering("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\n[]").await;
    let told = failing::<F>(&peer).await;
    assert!(!matches!(told.kind.as_str(), "TimedOut" | "Connect"), "{told:?}");
    assert!(told.may_have_been_sent);
}

async fn what_comes_beyond_an_answer_is_not_the_answer_to_the_next_request<F: Facade>() {
    let peer = RawPeer::start(async |mut connection: Connection| {
        connection.request().await;
        let answer = |status: &str, body: &str| {
            let length = body.len();
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}")
        };
        // At once, so that it is there before the next request is sent.
        let (honest, forged) = (answer("200 OK", F::READ.answer), answer("403 Forbidden", "forged"));
        connection.send(format!("{honest}{forged}")).await;
        while connection.request().await.is_some() {}
    })
    .await;
    let client = client::<F>(&peer);
    for _ in 0..20 {
        soon(F::read(&client)).await.unwrap();
    }
}
