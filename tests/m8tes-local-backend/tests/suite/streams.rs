//! Runs as they go on.

use std::sync::Arc;
use std::time::Duration;

use m8tes_local_backend::{LocalBackend, Run, RunFailure};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::client::{Api, frames, types};

/// What comes at once, on a machine that has much else to do.
const SOON: Duration = Duration::from_secs(60);

/// What never comes in a test that doesn't wait for it.
const NEVER: Duration = Duration::from_secs(3600);

fn go() -> Option<Value> {
    Some(json!({ "message": "go", "stream": true }))
}

/// Frames up to this one, which comes before the run goes on.
async fn until(response: &mut Response, last: &str) -> Vec<Value> {
    let mut body = String::new();
    loop {
        let chunk = response.chunk().await.unwrap().unwrap();
        body.push_str(std::str::from_utf8(&chunk).unwrap());
        if body.contains(last) && body.ends_with("\n\n") {
            return frames(&body);
        }
    }
}

/// A backend whose runs say "one", and wait for the word before they say "two".
async fn waiting() -> (LocalBackend, Arc<Semaphore>) {
    let word = Arc::new(Semaphore::new(0));
    let awaited = Arc::clone(&word);
    let backend = LocalBackend::builder().on_run(move |run: Run| {
        let awaited = Arc::clone(&awaited);
        async move {
            run.text("one");
            awaited.acquire().await.unwrap().forget();
            run.text(" two");
            Ok(())
        }
    });
    (backend.grace(NEVER).start().await.unwrap(), word)
}

#[tokio::test]
async fn a_run_is_told_from_its_start_to_its_end() {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        run.text("one");
        run.tool("gmail", &json!({ "q": "is:unread" }), &json!({ "found": 3 })).await;
        run.text("two\nlines");
        run.frame(&json!({ "type": "run_metrics", "input_tokens_used": 7 }));
        Ok(())
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    let response = api.stream(Method::POST, "/runs/", go()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        (&response.headers()["x-run-id"], response.headers().get("idempotent-replay")),
        (&"1".parse().unwrap(), None)
    );
    let told = frames(&response.text().await.unwrap());
    let expected = json!([
        { "type": "metadata", "payload": { "run_id": 1 } },
        { "type": "text-start", "id": "txt_1" },
        { "type": "text-delta", "id": "txt_1", "delta": "one" },
        { "type": "text-end", "id": "txt_1" },
        { "type": "tool-call-start", "toolCallId": "toolu_2", "toolName": "gmail" },
        { "type": "tool-call-delta", "toolCallId": "toolu_2", "delta": "{\"q\":\"is:unread\"}" },
        { "type": "tool-call-end", "toolCallId": "toolu_2" },
        { "type": "tool-result-end", "toolCallId": "toolu_2", "result": { "found": 3 } },
        { "type": "text-start", "id": "txt_3" },
        { "type": "text-delta", "id": "txt_3", "delta": "two\nlines" },
        { "type": "run_metrics", "input_tokens_used": 7 },
        { "type": "text-end", "id": "txt_3" },
        { "type": "done", "stop_reason": "end_turn", "completion_state": "complete", "unresolved_tool_use_ids": [] },
        "[DONE]",
    ]);
    assert_eq!(Value::from(told), expected);
    assert_eq!(api.get("/runs/1").await.good(StatusCode::OK)["output"], "onetwo\nlines");
}

#[tokio::test]
async fn what_is_told_comes_as_it_is_told() {
    let (backend, word) = waiting().await;
    let api = Api::of(&backend);
    let mut response = api.stream(Method::POST, "/runs/", go()).await;
    assert_eq!(types(&until(&mut response, "one").await), ["metadata", "text-start", "text-delta"]);
    assert_eq!(api.get("/runs/1").await.good(StatusCode::OK)["status"], "running");
    word.add_permits(1);
    assert_eq!(types(&until(&mut response, "[DONE]").await), ["text-delta", "text-end", "done", "[DONE]"]);
    // Who is told of the end finds it in the run.
    assert_eq!(api.get("/runs/1").await.good(StatusCode::OK)["status"], "completed");
}

#[tokio::test]
async fn who_joins_is_told_everything_and_then_what_comes() {
    let (backend, word) = waiting().await;
    let api = Api::of(&backend);
    let mut first = api.stream(Method::POST, "/runs/", go()).await;
    until(&mut first, "one").await;
    let mut joined = api.stream(Method::GET, "/runs/1/stream", None).await;
    assert_eq!(joined.headers()["x-run-id"], "1");
    let history = until(&mut joined, "replay_complete").await;
    assert_eq!(types(&history), ["metadata", "text-start", "text-delta", "replay_complete"]);
    // Nobody has to listen for the run to go on.
    drop(first);
    word.add_permits(1);
    assert_eq!(types(&until(&mut joined, "[DONE]").await), ["text-delta", "text-end", "done", "[DONE]"]);
    let over = api.get("/runs/1/stream").await;
    over.refused(409, "conflict", Some("run_not_active"), "no longer executing");
    api.get("/runs/2/stream").await.refused(404, "not_found", None, "Run not found");
}

#[tokio::test]
async fn a_failure_ends_a_stream_with_its_text() {
    let failing = |_: Run| async { Err(RunFailure::new("out of paper").code("SANDBOX_UNAVAILABLE")) };
    let backend = LocalBackend::builder().on_run(failing).start().await.unwrap();
    let told = frames(&Api::of(&backend).stream(Method::POST, "/runs/", go()).await.text().await.unwrap());
    assert_eq!(types(&told), ["metadata", "error", "[DONE]"]);
    assert_eq!((&told[1]["error"], &told[1]["error_code"]), (&json!("out of paper"), &json!("SANDBOX_UNAVAILABLE")));
}

#[tokio::test]
async fn a_run_that_is_cancelled_says_so_to_those_who_listen() {
    let (backend, _word) = waiting().await;
    let api = Api::of(&backend);
    let mut response = api.stream(Method::POST, "/runs/", go()).await;
    until(&mut response, "one").await;
    api.send(Method::POST, "/runs/1/cancel", None).await.good(StatusCode::OK);
    assert_eq!(types(&until(&mut response, "[DONE]").await), ["cancelled", "[DONE]"]);
    assert!(response.chunk().await.unwrap().is_none());
}

#[tokio::test]
async fn a_stream_that_is_cut_breaks_off_and_the_run_goes_on() {
    let word = Arc::new(Semaphore::new(0));
    let awaited = Arc::clone(&word);
    let backend = LocalBackend::builder().on_run(move |run: Run| {
        let awaited = Arc::clone(&awaited);
        async move {
            run.text("one");
            awaited.acquire().await.unwrap().forget();
            run.cut();
            run.text(" two");
            awaited.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    let mut response = api.stream(Method::POST, "/runs/", go()).await;
    until(&mut response, "one").await;
    word.add_permits(1);
    while let Ok(chunk) = response.chunk().await {
        assert!(chunk.is_some(), "the body is not at its end");
    }
    let mut joined = api.stream(Method::GET, "/runs/1/stream", None).await;
    until(&mut joined, " two").await;
    word.add_permits(1);
    assert_eq!(api.ended(1).await["output"], "one two");
}

#[tokio::test]
async fn a_backend_that_stops_breaks_streams_off() {
    let (backend, _word) = waiting().await;
    let mut response = Api::of(&backend).stream(Method::POST, "/runs/", go()).await;
    until(&mut response, "one").await;
    // There is no grace that could run out meanwhile.
    timeout(SOON, backend.shutdown()).await.unwrap();
    assert!(response.chunk().await.is_err());
}
