//! Streams that break off and are joined again.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use m8tes_local_backend::{LocalBackend, Run};
use m8tes_sdk::{Client, Error, ErrorKind, RunEvent, RunId, RunStatus, RunStream};
use m8tes_tests::peers::{done, events, is, ok, refuses, refuses_without_a_word, text};
use m8tes_tests::{client, local};
use serde_json::json;
use test_harness::{Peer, RawPeer, Reply, VirtualTime, soon};
use tokio::sync::Semaphore;

const PAUSE: Duration = Duration::from_millis(1);

async fn stream(client: &Client) -> RunStream {
    client.runs().stream("go").rejoin_pauses(PAUSE, PAUSE).await.unwrap()
}

/// A peer with this script, and a stream of its run 42.
async fn peer(script: impl Into<Vec<Reply>>) -> (Peer, RunStream) {
    let peer = Peer::start(script).await;
    let stream = stream(&client(peer.url())).await;
    (peer, stream)
}

/// All that is told, by name, text as it is; and how it ends.
async fn told(stream: &mut RunStream) -> (Vec<String>, Result<(), Error>) {
    let mut told = Vec::new();
    loop {
        let event = match soon(stream.next()).await {
            Some(Ok(event)) => event,
            Some(Err(error)) => return (told, Err(error)),
            None => return (told, Ok(())),
        };
        told.push(match &event.kind {
            RunEvent::TextDelta(delta) => delta.to_string(),
            RunEvent::Rejoining(rejoining) => format!("rejoining {}", rejoining.attempt),
            RunEvent::Rejoined => "rejoined".to_owned(),
            RunEvent::Rewritten(rewritten) => format!("keep {}", rewritten.kept),
            RunEvent::Over(run) => format!("over: {}", run.status),
            _ => event.raw_type().to_owned(),
        });
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_goes_on_and_tells_nothing_twice() {
    let _time = VirtualTime::pause();
    let (_backend, client) = local(LocalBackend::builder().on_run(|run: Run| async move {
        run.text("one ");
        run.tool("gmail", &json!({}), &json!({"found": 3})).await;
        run.pause(Duration::from_secs(1)).await;
        run.cut();
        run.text("two ");
        run.pause(Duration::from_secs(1)).await;
        run.cut();
        run.text("three");
        Ok(())
    }))
    .await;
    let mut run = stream(&client).await;
    let (told, end) = told(&mut run).await;
    end.unwrap();
    let count = |name: &str| told.iter().filter(|told| *told == name).count();
    assert_eq!(["one ", "two ", "three"].map(count), [1, 1, 1], "{told:?}");
    assert_eq!(["metadata", "tool-call-start", "tool-result-end"].map(count), [1, 1, 1], "{told:?}");
    assert!(count("rejoined") >= 1, "{told:?}");
    assert_eq!((run.text(), run.errors().len()), ("one two three", 0));
    assert_eq!(client.runs().list().into_stream().try_collect::<Vec<_>>().await.unwrap().len(), 1);
}

/// Two streams would tell the same at once.
#[tokio::test]
async fn a_stream_that_is_silent_is_closed_before_it_is_joined_again() {
    let is_closed = Arc::new(Semaphore::new(0));
    let closed = Arc::clone(&is_closed);
    let server = RawPeer::start(move |mut connection| {
        let is_closed = Arc::clone(&closed);
        async move {
            connection.request().await.unwrap();
            let head =
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\nx-run-id: 42\r\n\r\n";
            connection.send(format!("{head}data: {}\n\n", text("one "))).await;
            if connection.number == 0 {
                connection.gone().await;
                is_closed.add_permits(1);
                return;
            }
            // It goes on as soon as the first one is gone, and hangs where that stays.
            is_closed.acquire().await.unwrap().forget();
            is_closed.add_permits(1);
            connection.send(format!("data: {}\n\ndata: {}\n\n", text("two"), done())).await;
        }
    })
    .await;
    let client = client(&server.url());
    let silence = Duration::from_millis(250);
    let mut run = client.runs().stream("go").rejoin_pauses(PAUSE, PAUSE).silence(silence).await.unwrap();
    let (told, end) = told(&mut run).await;
    end.unwrap();
    assert_eq!((run.text(), told.iter().filter(|told| *told == "one ").count()), ("one two", 1), "{told:?}");
    let begun = server.requests().iter().filter(|request| request.starts_with("POST ")).count();
    assert_eq!(begun, 1);
}

#[tokio::test]
async fn an_error_that_is_told_first_is_no_text_and_begins_nothing_anew() {
    let failed = json!({"type": "error", "error": "out of paper"});
    let (peer, mut run) = peer([events(&[failed, done()], true)]).await;
    let (told, end) = told(&mut run).await;
    end.unwrap();
    assert_eq!(
        (run.text(), run.errors(), peer.requests().len()),
        ("", &["out of paper".to_owned()][..], 1),
        "{told:?}"
    );
    let error = run.finish().await.unwrap_err();
    assert_eq!((error.kind(), error.run_id(), peer.requests().len()), (ErrorKind::RunFailed, Some(RunId::from(42)), 1));
}

#[tokio::test]
async fn what_is_told_otherwise_is_told() {
    let (_peer, mut run) =
        peer([events(&[text("one"), text(" two")], false), events(&[text("one "), text("2"), done()], true)]).await;
    let (told, end) = told(&mut run).await;
    end.unwrap();
    assert_eq!(told, ["one", " two", "rejoining 1", "rejoined", "keep 4", "2", "done"]);
    assert_eq!(run.text(), "one 2");
}

#[tokio::test]
async fn a_run_that_is_over_by_then_is_its_end() {
    let over = |status, more| {
        let script = [events(&[text("one")], false), refuses("409 Conflict", "run_not_active"), is(status, &more)];
        peer(script)
    };
    let (_peer, mut run) = over("completed", json!({"output": "one two"})).await;
    let (events, end) = told(&mut run).await;
    end.unwrap();
    assert_eq!(events, ["one", "rejoining 1", " two", "over: completed"]);
    assert_eq!((run.text(), run.run().unwrap().status.clone()), ("one two", RunStatus::Completed));
    // What does not begin with the text says nothing of what is missing.
    let (_peer, mut run) = over("completed", json!({"output": "In short."})).await;
    assert_eq!(told(&mut run).await.0, ["one", "rejoining 1", "over: completed"]);
    assert_eq!(run.finish().await.unwrap(), "one");
    let (_peer, mut run) = over("failed", json!({"error": "out of paper"})).await;
    told(&mut run).await.1.unwrap();
    assert_eq!(run.errors(), ["out of paper"]);
    let error = run.finish().await.unwrap_err();
    assert_eq!((error.kind(), error.run().unwrap().status.clone()), (ErrorKind::RunFailed, RunStatus::Failed));
    let (_peer, run) = over("cancelled", json!({})).await;
    let error = run.finish().await.unwrap_err();
    assert!(error.kind() == ErrorKind::RunFailed && error.to_string().contains("was cancelled"), "{error}");
}

#[tokio::test]
async fn a_refusal_that_is_cut_says_no_less() {
    let cut = || refuses_without_a_word("409 Conflict");
    let (_peer, mut run) =
        peer([events(&[text("one")], false), cut(), is("completed", &json!({"output": "one"}))]).await;
    assert_eq!(told(&mut run).await.0, ["one", "rejoining 1", "over: completed"]);
    // It is at work, so that it was refused for something else, or goes on since.
    let script =
        [events(&[text("one")], false), cut(), is("running", &json!({})), events(&[text("one"), done()], true)];
    let (_peer, mut run) = peer(script).await;
    assert_eq!(told(&mut run).await.0, ["one", "rejoining 1", "rejoining 2", "rejoined", "done"]);
}

#[tokio::test]
async fn a_run_that_waits_by_then_says_for_what() {
    let asks = json!({"type": "permission_request", "request_id": "r", "tool_name": "gmail_send", "tool_use_id": "t"});
    // It broke off while the run waited, and the history has it again.
    let (_peer, mut run) =
        peer([events(&[text("one"), asks.clone()], false), events(&[text("one"), asks], true)]).await;
    let (events_told, end) = told(&mut run).await;
    end.unwrap();
    assert_eq!(events_told, ["one", "permission_request", "rejoining 1", "rejoined"]);
    assert_eq!(run.paused().unwrap().request_id, "r");
    let error = run.finish().await.unwrap_err();
    assert_eq!((error.kind(), error.run_id()), (ErrorKind::NeedsPerson, Some(RunId::from(42))));
    assert_eq!(error.permission_request().unwrap().title(), "gmail_send");
    // It can't be joined while it waits.
    let waiting = json!([{"request_id": "q", "tool_name": "AskUserQuestion", "status": "pending"}]);
    let (_peer, mut run) = peer([
        events(&[text("one")], false),
        refuses("409 Conflict", "run_not_active"),
        is("awaiting_approval", &json!({})),
        ok(&waiting),
    ])
    .await;
    told(&mut run).await.1.unwrap();
    assert_eq!(run.paused().unwrap().request_id, "q");
}

#[tokio::test]
async fn once_it_is_decided_the_stream_goes_on_and_tells_nothing_twice() {
    let asks = json!({"type": "permission_request", "request_id": "r", "tool_name": "gmail_send", "tool_use_id": "t"});
    let resolved = json!({"type": "permission_resolved", "request_id": "r"});
    let (peer, mut run) = peer([
        events(&[text("one"), asks.clone()], true),
        events(&[text("one"), asks.clone()], true),
        events(&[text("one"), asks, resolved, text(" two"), done()], true),
    ])
    .await;
    assert_eq!(told(&mut run).await.0, ["one", "permission_request"]);
    // It is not decided yet.
    run.rejoin();
    assert_eq!(told(&mut run).await.0, ["rejoined"]);
    assert_eq!(run.paused().unwrap().request_id, "r");
    run.rejoin();
    assert_eq!(told(&mut run).await.0, ["rejoined", "permission_resolved", " two", "done"]);
    // A stream that has not ended so is left as it is.
    run.rejoin();
    assert!(run.next().await.is_none());
    assert_eq!((run.finish().await.unwrap().as_str(), peer.requests().len()), ("one two", 3));
}

#[tokio::test]
async fn what_cant_be_joined_is_an_error_with_the_run() {
    let (peer, mut run) = peer([events(&[text("one")], false), refuses("404 Not Found", "not_found")]).await;
    let (_, end) = told(&mut run).await;
    let error = end.unwrap_err();
    let expected = (ErrorKind::NotFound, Some("not_found"), Some(RunId::from(42)));
    assert_eq!((error.kind(), error.code(), error.run_id()), expected);
    assert_eq!(peer.requests().len(), 2);
    assert!(run.next().await.is_none());
    assert_eq!(run.finish().await.unwrap_err().kind(), ErrorKind::Interrupted);
}

#[tokio::test]
async fn it_is_tried_as_often_as_it_may_be() {
    let peer = Peer::start([events(&[text("one")], false)]).await;
    let mut run = client(peer.url()).runs().stream("go").rejoins(3).rejoin_pauses(PAUSE, PAUSE).await.unwrap();
    let (told, end) = told(&mut run).await;
    let error = end.unwrap_err();
    assert_eq!((error.kind(), error.run_id()), (ErrorKind::Interrupted, Some(RunId::from(42))));
    assert_eq!(told.iter().filter(|told| told.starts_with("rejoining")).count(), 3, "{told:?}");
    assert_eq!((told[0].as_str(), run.text(), peer.requests().len()), ("one", "one", 4));
}

#[tokio::test]
async fn what_is_new_begins_the_count_anew() {
    let [one, two, three] = ["one", " two", " three"].map(text);
    let peer = Peer::start([
        events(std::slice::from_ref(&one), false),
        events(&[one.clone(), two.clone()], false),
        events(&[one.clone(), two.clone(), json!({"type": "message-start", "messageId": "m"})], false),
        events(&[one, two, three, done()], true),
    ])
    .await;
    let mut run = client(peer.url()).runs().stream("go").rejoins(1).rejoin_pauses(PAUSE, PAUSE).await.unwrap();
    let (told, end) = told(&mut run).await;
    end.unwrap();
    assert_eq!(told.iter().filter(|told| *told == "rejoining 1").count(), 3, "{told:?}");
    assert_eq!(run.text(), "one two three");
}

#[tokio::test]
async fn a_history_that_is_told_again_is_nothing_new() {
    let replayed = json!({"type": "replay_complete"});
    let peer = Peer::start([events(&[text("one"), replayed], false)]).await;
    let mut run = client(peer.url()).runs().stream("go").rejoins(3).rejoin_pauses(PAUSE, PAUSE).await.unwrap();
    let (_, end) = told(&mut run).await;
    assert_eq!((end.unwrap_err().kind(), peer.requests().len()), (ErrorKind::Interrupted, 4));
}

#[tokio::test]
async fn text_that_is_not_told_again_by_the_end_does_not_hold() {
    let broken = json!({"type": "error", "error": "out of paper"});
    let (_peer, mut run) =
        peer([events(&[text("one"), text(" two")], false), events(&[text("one"), broken], true)]).await;
    let (events_told, end) = told(&mut run).await;
    end.unwrap();
    assert_eq!(events_told, ["one", " two", "rejoining 1", "rejoined", "error", "keep 3"]);
    assert_eq!(run.text(), "one");
    let asks = json!({"type": "permission_request", "request_id": "r"});
    let (_peer, mut run) =
        peer([events(&[text("one"), text(" two")], false), events(&[text("one"), asks], true)]).await;
    assert_eq!(told(&mut run).await.0, ["one", " two", "rejoining 1", "rejoined", "permission_request", "keep 3"]);
    assert_eq!((run.text(), run.paused().unwrap().request_id.as_str()), ("one", "r"));
}

#[tokio::test]
async fn a_run_is_joined_by_its_id() {
    let peer = Peer::start([events(&[text("one"), done()], true)]).await;
    let run = client(peer.url()).runs().join(42).await.unwrap();
    assert_eq!((run.run_id(), run.finish().await.unwrap().as_str()), (Some(RunId::from(42)), "one"));
    let peer = Peer::start([refuses("409 Conflict", "run_not_active")]).await;
    let error = client(peer.url()).runs().join(42).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.run_id()),
        (ErrorKind::Conflict, Some("run_not_active"), Some(RunId::from(42)))
    );
}

#[tokio::test]
async fn text_alone_ends_with_what_went_wrong() {
    let pieces = async |script: Vec<Reply>| {
        let (_peer, run) = peer(script).await;
        let mut text = run.into_text();
        let (mut whole, mut end) = (String::new(), None);
        while let Some(piece) = soon(text.next()).await {
            match piece {
                Ok(piece) => {
                    assert_ne!(piece, "", "a piece without text is none");
                    whole += &piece;
                }
                Err(error) => end = Some(error.kind()),
            }
        }
        (whole, end)
    };
    let one = || vec![events(&[text("one"), text(""), text(" two"), done()], true)];
    assert_eq!(pieces(one()).await, ("one two".to_owned(), None));
    let broken = json!({"type": "error", "error": "out of paper"});
    assert_eq!(
        pieces(vec![events(&[text("one"), broken, done()], true)]).await,
        ("one".to_owned(), Some(ErrorKind::RunFailed))
    );
    let asks = json!({"type": "permission_request", "request_id": "r"});
    assert_eq!(pieces(vec![events(&[asks], true)]).await, (String::new(), Some(ErrorKind::NeedsPerson)));
    let other = vec![events(&[text("one")], false), events(&[text("two"), done()], true)];
    assert_eq!(pieces(other).await, ("one".to_owned(), Some(ErrorKind::Interrupted)));
}

#[tokio::test]
async fn a_stream_cancels_its_run() {
    let (peer, run) = peer([events(&[text("one")], true), is("cancelled", &json!({}))]).await;
    assert_eq!(run.cancel().await.unwrap().status, RunStatus::Cancelled);
    assert!(peer.requests()[1].starts_with("POST /api/v2/runs/42/cancel "), "{:?}", peer.requests());
}
