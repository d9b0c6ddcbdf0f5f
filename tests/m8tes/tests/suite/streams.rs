//! Runs as they go on.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use m8tes_local_backend::{LocalBackend, Run, RunFailure};
use m8tes_sdk::{ErrorKind, RunEvent, RunStatus};
use m8tes_tests::{client, local};
use serde_json::json;
use test_harness::{Peer, Reply, Trace, soon};
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_run_is_seen_from_its_start_to_its_end() {
    let (_backend, client) = local(LocalBackend::builder().on_run(|run: Run| async move {
        run.text("Looking. ");
        run.tool("gmail", &json!({ "q": "is:unread" }), &json!({ "found": 3 })).await;
        run.text("Three.");
        Ok(())
    }))
    .await;
    let mut run = client.runs().stream("close resolved tickets").await.unwrap();
    let id = run.run_id().expect("the head of the answer has it");
    let (mut text, mut tools) = (String::new(), Vec::new());
    while let Some(event) = soon(run.next()).await.transpose().unwrap() {
        match &event.kind {
            RunEvent::TextDelta(delta) => text += &delta.to_string(),
            RunEvent::ToolCallStart(tool) => tools.extend(tool.tool_name.clone()),
            RunEvent::ToolResultEnd(result) => assert!(result.text().contains("found"), "{event:?}"),
            _ => {}
        }
    }
    assert_eq!(
        (text.as_str(), run.text(), &tools[..]),
        ("Looking. Three.", "Looking. Three.", &["gmail".to_owned()][..])
    );
    assert_eq!((run.errors(), run.paused().is_none()), (&[][..] as &[String], true));
    let stored = client.runs().get(id).await.unwrap();
    assert_eq!((stored.status, stored.output.as_deref()), (RunStatus::Completed, Some("Looking. Three.")));
}

#[tokio::test]
async fn what_is_told_is_seen_as_it_is_told() {
    let word = Arc::new(Semaphore::new(0));
    let awaited = Arc::clone(&word);
    let (_backend, client) = local(LocalBackend::builder().on_run(move |run: Run| {
        let awaited = Arc::clone(&awaited);
        async move {
            run.text("one");
            awaited.acquire().await.unwrap().forget();
            Ok(())
        }
    }))
    .await;
    let mut run = client.runs().stream("go").await.unwrap();
    while run.text() != "one" {
        soon(run.next()).await.unwrap().unwrap();
    }
    let id = run.run_id().unwrap();
    assert_eq!(client.runs().get(id).await.unwrap().status, RunStatus::Running);
    word.add_permits(1);
    while soon(run.next()).await.transpose().unwrap().is_some() {}
    assert_eq!(client.runs().get(id).await.unwrap().status, RunStatus::Completed);
}

#[tokio::test]
async fn the_attempt_that_is_traced_ends_with_the_head() {
    let hanging = |_: Run| async { std::future::pending().await };
    let (_backend, client) = local(LocalBackend::builder().on_run(hanging)).await;
    let trace = Trace::record();
    let mut run = client.runs().stream("go").await.unwrap();
    soon(run.next()).await.unwrap().unwrap();
    let attempts = trace.ended("attempt");
    assert_eq!((attempts.len(), trace.ended("call").len()), (1, 1));
    assert_eq!(attempts[0].fields["otel.name"], "POST /runs/");
    assert_eq!(attempts[0].fields["http.response.status_code"], "200");
}

#[tokio::test]
async fn a_failure_is_an_event_and_kept() {
    let failing = |_: Run| async { Err(RunFailure::new("out of paper")) };
    let (_backend, client) = local(LocalBackend::builder().on_run(failing)).await;
    let mut run = client.runs().stream("go").await.unwrap();
    let events: Vec<_> = soon((&mut run).try_collect()).await.unwrap();
    assert!(events.iter().any(|event| matches!(event.kind, RunEvent::Error(_))), "{events:?}");
    assert_eq!(run.errors(), ["out of paper"]);
}

#[tokio::test]
async fn a_stream_that_may_not_be_joined_again_says_which_run_goes_on() {
    let word = Arc::new(Semaphore::new(0));
    let awaited = Arc::clone(&word);
    let (_backend, client) = local(LocalBackend::builder().on_run(move |run: Run| {
        let awaited = Arc::clone(&awaited);
        async move {
            run.text("one");
            awaited.acquire().await.unwrap().forget();
            run.cut();
            run.text(" two");
            Ok(())
        }
    }))
    .await;
    let mut run = client.runs().stream("go").rejoins(0).await.unwrap();
    while run.text() != "one" {
        soon(run.next()).await.unwrap().unwrap();
    }
    word.add_permits(1);
    let error = loop {
        match soon(run.next()).await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("the stream is not at its end"),
        }
    };
    let id = run.run_id().unwrap();
    assert_eq!((error.kind(), error.run_id()), (ErrorKind::Interrupted, Some(id)), "{error}");
    assert!(error.to_string().contains(&format!("run {id} probably goes on")), "{error}");
    assert!(soon(run.next()).await.is_none());
    let over = client.runs().wait(id).interval(Duration::from_millis(1)).await.unwrap();
    assert_eq!(over.output.as_deref(), Some("one two"));
}

#[tokio::test]
async fn a_stream_that_is_refused_is_an_error_of_its_call() {
    let (_backend, client) = local(LocalBackend::builder()).await;
    let error = client.runs().stream("go").teammate(9).await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::NotFound, Some("Teammate not found")));
}

#[tokio::test]
async fn dropping_a_stream_stops_nothing() {
    let word = Arc::new(Semaphore::new(0));
    let awaited = Arc::clone(&word);
    let (_backend, client) = local(LocalBackend::builder().on_run(move |run: Run| {
        let awaited = Arc::clone(&awaited);
        async move {
            awaited.acquire().await.unwrap().forget();
            run.text("done");
            Ok(())
        }
    }))
    .await;
    let run = client.runs().stream("go").await.unwrap();
    let id = run.run_id().unwrap();
    drop(run);
    word.add_permits(1);
    let over = client.runs().wait(id).interval(Duration::from_millis(1)).await.unwrap();
    assert_eq!(over.output.as_deref(), Some("done"));
}

#[tokio::test]
async fn a_stream_that_cancels_its_run_tells_so_and_ends() {
    let (_backend, client) = local(LocalBackend::builder().on_run(|run: Run| async move {
        run.text("one");
        std::future::pending().await
    }))
    .await;
    let mut run = client.runs().stream("go").await.unwrap();
    while run.text().is_empty() {
        run.next().await.unwrap().unwrap();
    }
    let (id, cancelled) = (run.run_id().unwrap(), run.cancel().await.unwrap());
    assert_eq!(cancelled.status, RunStatus::Cancelled);
    assert_eq!(client.runs().get(id).await.unwrap().status, RunStatus::Cancelled);
    let error = run.finish().await.unwrap_err();
    assert_eq!((error.kind(), error.run_id()), (ErrorKind::RunFailed, Some(id)));
    assert!(error.to_string().contains("was cancelled"), "{error}");
}

#[tokio::test]
async fn what_is_odd_in_one_place_spoils_no_more_than_that() {
    let text = |piece: &str| format!("data: {{\"type\":\"text-delta\",\"delta\":\"{piece}\"}}\n\n");
    let deep = "[".repeat(5_000);
    for odd in [
        "",
        "data: {\n\n",
        "data: 7\n\n",
        "data\n\n",
        "data: {\"type\":{},\"delta\":\"x\"}\n\n",
        "data: {\"type\":\"text-delta\",\"delta\":[1e999,NaN]}\n\n",
        "event: \0\ndata: \0\n\n",
        "id: \0\nretry: 99999999999999999999\n: comment\n\n",
        &format!("data: {deep}\n\n"),
        &format!("data: {}\n\n", "x".repeat(100_000)),
    ] {
        let body = format!("{}{odd}{}data: [DONE]\n\n", text("Grüße "), text("🦀"));
        let peer =
            Peer::start([Reply::http("200 OK", "content-type: text/event-stream\r\nx-run-id: 42\r\n", &body)]).await;
        let mut run = client(peer.url()).runs().stream("go").await.unwrap();
        while let Some(event) = soon(run.next()).await {
            event.unwrap_or_else(|error| panic!("{odd:?}: {error}"));
        }
        assert_eq!(run.text(), "Grüße 🦀", "{odd:?}");
    }
}
