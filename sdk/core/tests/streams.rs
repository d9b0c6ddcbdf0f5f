//! Answers that are read as they come: up to their head they are calls like any other.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod platform;

use agent_platform_core::{
    AnswerKind, ByteStream, EventStream, JsonOrEvents, LARGEST_IN_MEMORY, Operation, RetryPolicy, Transport,
};
use serde_json::{Value, json};

use platform::{EVENTS, Error, ErrorKind, JSON, Peer, Plain, Test, answer, stream};

static RUN: Operation =
    Operation { answer: AnswerKind::JsonOrEvents, idempotency_key: true, ..Operation::new("run", "POST", "/runs/") };
static JOIN: Operation =
    Operation { answer: AnswerKind::Events, repeatable: true, ..Operation::new("join", "GET", "/stream") };
static FILE: Operation =
    Operation { answer: AnswerKind::Bytes, repeatable: true, ..Operation::new("file", "GET", "/f") };
static ACT: Operation = Operation { answer: AnswerKind::Events, ..Operation::new("act", "POST", "/act") };

async fn join(peer: &Peer) -> Result<EventStream<Test>, Error> {
    let session = peer.session(Transport::builder().retry(RetryPolicy::never()));
    let request = session.request(&JOIN);
    let outcome = request.api.send::<Value>(&JOIN).await;
    request.finish_events(outcome)
}

/// What each event says, and how the stream ends.
async fn all(mut events: EventStream<Test>) -> (Vec<String>, Option<Error>) {
    let mut said = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => said.push(event.data),
            Err(error) => {
                assert!(events.next().await.is_none(), "after an error it is over");
                return (said, Some(error));
            }
        }
    }
    (said, None)
}

#[tokio::test]
async fn events_are_read_to_the_end_of_the_body() {
    let peer =
        Peer::start([stream(&format!("{EVENTS}x-run-id: 42\r\n"), ": hi\n\ndata: 1\n\ndata: é\r\n\r\ndata: 3")]).await;
    let events = join(&peer).await.unwrap();
    assert_eq!((events.header("X-Run-Id"), events.header("x-other")), (Some("42"), None));
    let (said, end) = all(events).await;
    assert_eq!(said, ["1", "é", "3"]);
    assert!(end.is_none());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_interruption_that_is_never_attempted_again() {
    let broken = format!("HTTP/1.1 200 OK\r\n{EVENTS}x-request-id: req-7\r\ncontent-length: 1000\r\n\r\ndata: 1\n\nda");
    let peer = Peer::start([broken]).await;
    let session = peer.plain_session();
    let request = session.request(&JOIN);
    let outcome = request.api.send::<Value>(&JOIN).await;
    let (said, end) = all(request.finish_events(outcome).unwrap()).await;
    let end = end.unwrap();
    assert_eq!(said, ["1"]);
    assert_eq!((end.kind(), end.attempts(), end.request_id()), (ErrorKind::Interrupted, 1, Some("req-7")));
    assert!(end.may_have_been_sent());
    assert_eq!(peer.requests().len(), 1);
}

#[tokio::test]
async fn up_to_the_head_it_is_attempted_again_as_any_call() {
    let peer = Peer::start([answer("503 Service Unavailable", JSON, "{}"), stream(EVENTS, "data: 1\n\n")]).await;
    let session = peer.plain_session();
    let request = session.request(&JOIN);
    let outcome = request.api.send::<Value>(&JOIN).await;
    assert_eq!(all(request.finish_events(outcome).unwrap()).await.0, ["1"]);

    let peer = Peer::start([answer("503 Service Unavailable", JSON, r#"{"detail":"down"}"#)]).await;
    let session = peer.plain_session();
    let request = session.request(&ACT);
    let outcome = request.api.send::<Value>(&ACT).await;
    let error = request.finish_events(outcome).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.detail()), (ErrorKind::Unavailable, 1, Some("down")));
}

#[tokio::test]
async fn what_is_no_stream_of_events_is_told_before_the_first_one() {
    for (reply, problem) in [
        (answer("200 OK", JSON, "{}"), "its Content-Type is application/json, not text/event-stream"),
        (answer("200 OK", "", "data: 1\n\n"), "its Content-Type is missing"),
        (answer("200 OK", "content-type: text/event-stream\r\ncontent-encoding: gzip\r\n", "x"), "compressed"),
    ] {
        let error = join(&Peer::start([reply]).await).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::MalformedResponse, Some(200)));
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[tokio::test]
async fn an_event_that_is_too_large_costs_no_other() {
    let peer = Peer::start([stream(EVENTS, &format!("data: 1\n\ndata: {}\n\ndata: 3\n\n", "x".repeat(200)))]).await;
    let session = peer.session(Transport::builder().max_response_bytes(100));
    let request = session.request(&JOIN);
    let outcome = request.api.send::<Value>(&JOIN).await;
    let mut events = request.finish_events(outcome).unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().data, "1");
    assert_eq!(events.next().await.unwrap().unwrap_err().kind(), ErrorKind::ResponseTooLarge);
    assert_eq!(events.next().await.unwrap().unwrap().data, "3");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn an_event_that_is_given_back_lends_its_room_to_one_that_comes_later() {
    // More than is read at once is between them.
    let (first, between) = ("1".repeat(1000), " ".repeat(1_000_000));
    let peer = Peer::start([stream(EVENTS, &format!("data: {first}\n\n:{between}\ndata: 2\n\n"))]).await;
    let mut events = join(&peer).await.unwrap();
    let event = events.next().await.unwrap().unwrap();
    assert_eq!(event.data, first);
    events.give_back(event);
    let event = events.next().await.unwrap().unwrap();
    assert!(event.data == "2" && event.data.capacity() >= 1000, "{}", event.data.capacity());
}

#[tokio::test]
async fn one_route_answers_with_json_or_events() {
    async fn run(reply: String) -> Result<JsonOrEvents<Plain, Test>, Error> {
        let peer = Peer::start([reply]).await;
        let session = peer.plain_session();
        let request = session.request(&RUN);
        let outcome = request.api.send::<Value>(&RUN).await;
        request.finish_json_or_events(outcome)
    }
    let JsonOrEvents::Json(Plain(value)) = run(answer("200 OK", JSON, r#"{"id":1}"#)).await.unwrap() else { panic!() };
    assert_eq!(value, json!({"id": 1}));
    let JsonOrEvents::Events(events) = run(stream(EVENTS, "data: 1\n\n")).await.unwrap() else { panic!() };
    assert_eq!(all(events).await.0, ["1"]);
    let error = run(answer("409 Conflict", JSON, r#"{"detail":"x"}"#)).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Conflict, Some(409)));

    // A stream that nobody asked for is no value.
    let peer = Peer::start([stream(EVENTS, "data: 1\n\n")]).await;
    let session = peer.plain_session();
    let request = session.request(&RUN);
    let outcome = request.api.send::<Value>(&RUN).await;
    let error = request.finish::<_, Plain, _>(outcome).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedResponse);
}

#[tokio::test]
async fn bytes_come_as_they_are_with_their_headers() {
    let peer = Peer::start([answer("200 OK", "content-type: text/csv\r\n", "a,b\n\u{0},\u{ff}")]).await;
    let session = peer.plain_session();
    let request = session.request(&FILE);
    let outcome = request.api.send::<Value>(&FILE).await;
    let mut bytes = request.finish_bytes(outcome).unwrap();
    assert_eq!(bytes.header("Content-Type"), Some("text/csv"));
    let mut whole = Vec::new();
    while let Some(piece) = bytes.next().await {
        whole.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(whole, "a,b\n\u{0},\u{ff}".as_bytes());
}

async fn file(body: &str) -> ByteStream<Test> {
    let peer = Peer::start([answer("200 OK", "", body)]).await;
    let session = peer.plain_session();
    let request = session.request(&FILE);
    let outcome = request.api.send::<Value>(&FILE).await;
    request.finish_bytes(outcome).unwrap()
}

#[tokio::test]
async fn bytes_are_taken_as_a_whole_up_to_a_bound() {
    assert_eq!(LARGEST_IN_MEMORY, 67_108_864, "facades promise 64 MiB");
    for (bound, is_taken) in [(0, false), (9, false), (10, true), (11, true), (1000, true)] {
        let outcome = file("0123456789").await.whole(bound, "write it to a file").await;
        match outcome {
            Ok(whole) => assert!(is_taken && whole == b"0123456789", "{bound}"),
            Err(error) => {
                assert!(!is_taken && error.kind() == ErrorKind::ResponseTooLarge, "{bound}: {error}");
                let line = format!("file: it is larger than {bound} bytes; write it to a file");
                assert_eq!(error.to_string(), line);
            }
        }
    }
}

#[tokio::test]
async fn bytes_are_written_as_they_come_and_counted() {
    let mut written = Vec::new();
    assert_eq!(file("0123456789").await.write_to(&mut written).await.unwrap(), 10);
    assert_eq!(written, b"0123456789");
    let (mut full, _) = tokio::io::duplex(1);
    let error = file("0123456789").await.write_to(&mut full).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(error.to_string().contains("it could not be written where it was to be"), "{error}");
}

#[tokio::test]
async fn a_stream_shows_what_it_is_of_and_whether_it_is_over() {
    let mut bytes = file("0123456789").await;
    assert_eq!(format!("{bytes:?}"), r#"ByteStream { operation: "file", is_over: false, .. }"#);
    while bytes.next().await.is_some() {}
    assert_eq!(format!("{bytes:?}"), r#"ByteStream { operation: "file", is_over: true, .. }"#);
    let events = join(&Peer::start([stream(EVENTS, "data: 1\n\n")]).await).await.unwrap();
    assert_eq!(format!("{events:?}"), r#"EventStream { operation: "join", is_over: false, .. }"#);
}
