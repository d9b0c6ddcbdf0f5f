//! Answers that were to say which run has begun, and are cut before they are whole.

use std::time::Duration;

use m8tes_sdk::{Client, Error, ErrorKind, RetryPolicy, RunId, RunStatus};
use m8tes_tests::peers::{done, events, is, refuses, text};
use serde_json::json;
use test_harness::{Peer, Reply};

/// The run that all of this is about.
fn run() -> Option<RunId> {
    Some(RunId::from(42))
}

/// A client that attempts each call once.
fn client(peer: &Peer) -> Client {
    Client::builder("m8_x").base_url(peer.url()).retry(RetryPolicy::never()).build().unwrap()
}

/// An answer with these headers and this body, behind which the connection breaks.
fn cut(headers: &str, body: &str) -> Reply {
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5000\r\n{headers}\r\n");
    Reply::Bytes((head + body).into_bytes())
}

/// Answers that say by their head, or by the start of their body, that it is run 42.
fn cuts() -> [Reply; 3] {
    [
        cut("x-run-id: 42\r\n", ""),
        cut("idempotent-replay: true\r\n", r#"{"id": 42, "status": "runn"#),
        // The end of the connection is that of the body.
        Reply::http("200 OK", "x-run-id: 42\r\n", r#"{"id": 4"#),
    ]
}

fn said(peer: &Peer) -> Vec<String> {
    let requests = peer.requests().into_iter();
    requests.map(|request| request.split(" HTTP/").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_run_whose_answer_is_cut_is_got() {
    for answer in cuts() {
        let peer = Peer::start([answer, is("running", &json!({}))]).await;
        let created = client(&peer).runs().create("go").await.unwrap();
        assert_eq!((Some(created.id), created.status), (run(), RunStatus::Running));
        assert_eq!(said(&peer), ["POST /api/v2/runs/", "GET /api/v2/runs/42"]);
    }
}

#[tokio::test]
async fn one_that_cant_be_got_is_an_error_that_names_it() {
    for answer in cuts() {
        let peer = Peer::start([answer, refuses("404 Not Found", "not_found")]).await;
        let error = client(&peer).runs().create("go").await.unwrap_err();
        let is_of_start = matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::MalformedResponse);
        assert!(is_of_start && error.operation() == Some("create_run"), "{error}");
        assert_eq!(error.run_id(), run(), "{error}");
    }
}

#[tokio::test]
async fn a_stream_whose_answer_is_cut_is_joined() {
    for answer in cuts() {
        let peer = Peer::start([answer, events(&[text("one"), done()], true)]).await;
        let stream = client(&peer).runs().stream("go").await.unwrap();
        assert_eq!(stream.run_id(), run());
        assert_eq!(stream.finish().await.unwrap(), "one");
        assert_eq!(said(&peer), ["POST /api/v2/runs/", "GET /api/v2/runs/42/stream"]);
    }
}

#[tokio::test]
async fn a_run_that_is_waited_for_is_waited_for_although_its_answer_is_cut() {
    for answer in cuts() {
        let peer = Peer::start([answer, is("running", &json!({})), is("completed", &json!({"output": "one"}))]).await;
        let client = client(&peer);
        let wait = client.runs().create_and_wait("go").interval(Duration::from_millis(1));
        assert_eq!(wait.await.unwrap().output.as_deref(), Some("one"));
        assert_eq!(said(&peer)[0], "POST /api/v2/runs/");
        assert_eq!(said(&peer)[1..], ["GET /api/v2/runs/42", "GET /api/v2/runs/42"]);
    }
}

#[tokio::test]
async fn what_says_nothing_of_a_run_names_none() {
    for answer in [cut("", r#"{"id": 4"#), cut("x-run-id: 0\r\n", ""), cut("", r#"{"status": "running","#)] {
        let peer = Peer::start([answer]).await;
        let client = client(&peer);
        let is_unnamed = |error: Error| error.kind() == ErrorKind::Interrupted && error.run_id().is_none();
        assert!(is_unnamed(client.runs().create("go").await.unwrap_err()));
        assert!(is_unnamed(client.runs().stream("go").await.unwrap_err()));
        assert!(peer.requests().iter().all(|request| request.starts_with("POST ")));
    }
}

#[tokio::test]
async fn a_reply_whose_answer_is_cut_is_streamed_or_names_its_run() {
    for answer in cuts() {
        let peer = Peer::start([answer.clone(), events(&[text("two"), done()], true)]).await;
        assert_eq!(client(&peer).runs().reply_stream(42, "more").await.unwrap().finish().await.unwrap(), "two");
        // Whether it was queued is not known.
        let peer = Peer::start([answer]).await;
        assert_eq!(client(&peer).runs().reply(42, "more").await.unwrap_err().run_id(), run());
        assert_eq!(said(&peer), ["POST /api/v2/runs/42/reply"]);
    }
}
