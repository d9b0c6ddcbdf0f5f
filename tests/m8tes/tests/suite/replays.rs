//! Runs that had been started before with the same idempotency key.

use futures::StreamExt;
use m8tes_sdk::{ErrorKind, RunEvent, RunId, RunStatus};
use m8tes_tests::client;
use m8tes_tests::peers::{done, events, is, ok, refuses, run, text};
use serde_json::{Value, json};
use test_harness::{Peer, Reply};

fn method_and_path(request: &str) -> &str {
    request.split(" HTTP/").next().unwrap()
}

#[tokio::test]
async fn one_that_goes_on_is_joined() {
    let peer = Peer::start([is("running", &json!({})), events(&[text("one"), done()], true)]).await;
    let run = client(peer.url()).runs().stream("go").await.unwrap();
    assert_eq!((run.run_id(), run.queued_message_id()), (Some(RunId::from(42)), None));
    assert_eq!(run.finish().await.unwrap(), "one");
    let requests = peer.requests();
    assert_eq!(
        requests.iter().map(|request| method_and_path(request)).collect::<Vec<_>>(),
        ["POST /api/v2/runs/", "GET /api/v2/runs/42/stream"]
    );
}

#[tokio::test]
async fn one_that_is_over_is_a_conflict_with_the_run() {
    let over_at_once = vec![is("completed", &json!({"output": "one"}))];
    let over_by_then =
        vec![is("running", &json!({})), refuses("409 Conflict", "run_not_active"), is("completed", &json!({}))];
    for script in [over_at_once, over_by_then] {
        let peer = Peer::start(script).await;
        let error = client(peer.url()).runs().stream("go").idempotency_key("mine").await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, Some("idempotent_replay_terminal")));
        assert_eq!(error.run_id(), Some(RunId::from(42)));
        assert_eq!(error.run().unwrap().status, RunStatus::Completed);
    }
}

#[tokio::test]
async fn a_reply_that_was_queued_is_remembered() {
    let queued = json!({"delivery": "queued", "queued_message_id": 5, "pending_queued_message_ids": [5]});
    let peer = Peer::start([is("running", &queued), events(&[text("one"), done()], true)]).await;
    let run = client(peer.url()).runs().reply_stream(42, "and then?").await.unwrap();
    assert_eq!(run.queued_message_id(), Some(5));
    assert_eq!(method_and_path(&peer.requests()[0]), "POST /api/v2/runs/42/reply");
}

#[tokio::test]
async fn a_reply_whose_turn_is_yet_to_come_is_not_over_with_the_turn_before() {
    let queued = json!({"delivery": "queued", "queued_message_id": 5, "pending_queued_message_ids": [5]});
    let reply = async |run: Value| {
        let peer = Peer::start([is("running", &queued), refuses("409 Conflict", "run_not_active"), ok(&run)]).await;
        client(peer.url()).runs().reply_stream(42, "and then?").await
    };
    let mut stream = reply(run("completed", &json!({"pending_queued_message_ids": [5]}))).await.unwrap();
    let event = stream.next().await.unwrap().unwrap();
    assert!(matches!(&event.kind, RunEvent::Over(run) if run.status == RunStatus::Completed), "{event:?}");
    assert_eq!(stream.queued_message_id(), Some(5));
    assert!(stream.next().await.is_none());
    // It has had its turn by then.
    let error = reply(run("completed", &json!({}))).await.unwrap_err();
    assert_eq!((error.kind(), error.run_id()), (ErrorKind::Conflict, Some(RunId::from(42))));
}

#[tokio::test]
async fn one_that_is_not_there_any_more_is_not_joined() {
    let peer = Peer::start([is("running", &json!({})), refuses("404 Not Found", "not_found")]).await;
    let error = client(peer.url()).runs().stream("go").await.unwrap_err();
    let expected = (ErrorKind::NotFound, Some("not_found"), Some(RunId::from(42)));
    assert_eq!((error.kind(), error.code(), error.run_id()), expected);
}

#[tokio::test]
async fn one_that_cant_be_joined_now_is_tried_again() {
    let away = || Reply::json("503 Service Unavailable", "{}");
    let peer =
        Peer::start([is("running", &json!({})), away(), away(), away(), events(&[text("one"), done()], true)]).await;
    let pause = std::time::Duration::from_millis(1);
    let run = client(peer.url()).runs().stream("go").rejoin_pauses(pause, pause).await.unwrap();
    assert_eq!(run.finish().await.unwrap(), "one");
}
