//! Replies, and doing a run again.

use std::sync::Arc;

use m8tes_local_backend::{Builder, LocalBackend, Run, RunFailure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::client::{Answer, Api, frames, types};

/// A backend whose runs say in which turn they are asked for what. "wait" waits for the word first, and "fail" fails.
fn turns() -> (Builder, Arc<Semaphore>) {
    let word = Arc::new(Semaphore::new(0));
    let awaited = Arc::clone(&word);
    let builder = LocalBackend::builder().on_run(move |run: Run| {
        let awaited = Arc::clone(&awaited);
        async move {
            if run.message() == "wait" {
                awaited.acquire().await.unwrap().forget();
            }
            run.text(format!("{}: {}", run.turn(), run.message()));
            if run.message() == "act" {
                run.tool("gmail_send", &json!({}), &json!({})).await;
            }
            let fails = ["fail", "act"].contains(&run.message()) && run.retry_of().is_none();
            if fails { Err(RunFailure::new("it was asked to")) } else { Ok(()) }
        }
    });
    (builder, word)
}

async fn started(api: &Api, message: &str) -> Value {
    api.post("/runs/", json!({ "message": message, "stream": false })).await.good(StatusCode::OK)
}

async fn replied(api: &Api, message: &str) -> Value {
    api.post("/runs/1/reply", json!({ "message": message, "stream": false })).await.good(StatusCode::OK)
}

#[tokio::test]
async fn a_run_at_its_end_goes_on_with_a_reply() {
    let backend = turns().0.start().await.unwrap();
    let api = Api::of(&backend);
    started(&api, "go").await;
    assert_eq!(api.ended(1).await["output"], "1: go");
    let run = replied(&api, "more").await;
    assert_eq!((&run["id"], &run["status"], &run["delivery"]), (&json!(1), &json!("running"), &json!("resumed")));
    assert_eq!(run["output"], Value::Null);
    assert_eq!(api.ended(1).await["output"], "2: more");
    api.post("/runs/2/reply", json!({ "message": "more", "stream": false })).await.refused(404, "not_found", None, "");

    let body = json!({ "message": "again", "stream": true });
    let response = api.stream(Method::POST, "/runs/1/reply", Some(body)).await;
    assert_eq!(response.headers()["x-run-id"], "1");
    let told = frames(&response.text().await.unwrap());
    assert_eq!(types(&told), ["metadata", "text-start", "text-delta", "text-end", "done", "[DONE]"]);
    assert_eq!(told[2]["delta"], "3: again");
}

#[tokio::test]
async fn a_reply_to_a_run_that_goes_on_waits_for_its_end() {
    let (builder, word) = turns();
    let backend = builder.start().await.unwrap();
    let api = Api::of(&backend);
    started(&api, "wait").await;
    let first = replied(&api, "wait").await;
    assert_eq!((&first["delivery"], &first["queued_message_id"]), (&json!("queued"), &json!(1)));
    let second = replied(&api, "more").await;
    assert_eq!(second["pending_queued_message_ids"], json!([1, 2]));
    let body = json!({ "message": "last", "stream": true });
    let response = api.stream(Method::POST, "/runs/1/reply", Some(body)).await;
    word.add_permits(1);
    // What is told is the turn that went on.
    assert_eq!(frames(&response.text().await.unwrap())[2]["delta"], "1: wait");
    let run = loop {
        let run = api.get("/runs/1").await.json();
        if run["pending_queued_message_ids"] == json!([2, 3]) {
            break run;
        }
    };
    assert_eq!((&run["status"], &run["delivery"]), (&json!("running"), &Value::Null));
    word.add_permits(1);
    loop {
        let run = api.get("/runs/1").await.json();
        if run["status"] == "completed" && run["pending_queued_message_ids"] == json!([]) {
            assert_eq!((&run["output"], &run["queued_message_id"]), (&json!("4: last"), &Value::Null));
            break;
        }
    }
    let messages = api.get("/runs/1/messages").await.good(StatusCode::OK);
    let said: Vec<_> = messages.as_array().unwrap().iter().map(|message| message["content"].clone()).collect();
    let expected = ["wait", "1: wait", "wait", "2: wait", "more", "3: more", "last", "4: last"];
    assert_eq!(Value::from(said), json!(expected));
}

#[tokio::test]
async fn between_two_turns_the_end_of_one_is_seen_and_the_reply_still_waits() {
    let (builder, word) = turns();
    let backend = builder.pause_before_queued(std::time::Duration::from_secs(3600)).start().await.unwrap();
    let api = Api::of(&backend);
    started(&api, "wait").await;
    replied(&api, "more").await;
    word.add_permits(1);
    let run = api.ended(1).await;
    assert_eq!((&run["status"], &run["output"]), (&json!("completed"), &json!("1: wait")));
    assert_eq!((&run["delivery"], &run["pending_queued_message_ids"]), (&json!("queued"), &json!([1])));
    // One more waits behind it.
    assert_eq!(replied(&api, "last").await["pending_queued_message_ids"], json!([1, 2]));
}

#[tokio::test]
async fn a_run_that_is_cancelled_calls_its_replies_off() {
    let backend = turns().0.start().await.unwrap();
    let api = Api::of(&backend);
    started(&api, "wait").await;
    replied(&api, "more").await;
    let run = api.send(Method::POST, "/runs/1/cancel", None).await.good(StatusCode::OK);
    assert_eq!((&run["status"], &run["cancelled_queued_message_ids"]), (&json!("cancelled"), &json!([1])));
    assert_eq!(run["pending_queued_message_ids"], json!([]));
    replied(&api, "go on").await;
    assert_eq!(api.ended(1).await["output"], "2: go on");
}

#[tokio::test]
async fn a_live_run_takes_no_other_settings() {
    let backend = turns().0.start().await.unwrap();
    let api = Api::of(&backend);
    started(&api, "wait").await;
    for (name, value) in [("tools", json!([])), ("permission_mode", json!("autonomous")), ("skill", json!("s"))] {
        let answer = api.post("/runs/1/reply", json!({ "message": "m", "stream": false, (name): value })).await;
        answer.refused(409, "conflict", None, "goes on");
    }
    assert_eq!(api.get("/runs/1").await.json()["pending_queued_message_ids"], json!([]));
}

#[tokio::test]
async fn a_reply_says_something_and_is_to_a_run() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    started(&api, "one").await;
    let reply = |message: &'static str| json!({ "message": message, "stream": false });
    api.post("/runs/1/reply", reply("")).await.refused(422, "validation_error", None, "body.message");
    api.post("/runs/9/reply", reply("more")).await.refused(404, "not_found", None, "Run not found");
}

#[tokio::test]
async fn a_reply_is_taken_once_for_its_key() {
    let backend = turns().0.start().await.unwrap();
    let api = Api::of(&backend);
    started(&api, "go").await;
    api.ended(1).await;
    let send = |message: &str, stream: bool| {
        let body = json!({ "message": message, "stream": stream });
        Answer::to(api.request(Method::POST, "/runs/1/reply").header("idempotency-key", "k").json(&body))
    };
    assert_eq!(send("more", false).await.header("idempotent-replay"), None);
    api.ended(1).await;
    let again = send("more", false).await;
    assert_eq!((again.header("idempotent-replay"), again.json()["output"].as_str()), (Some("true"), Some("2: more")));
    send("else", false).await.refused(409, "conflict", Some("idempotency_key_reuse"), "");
    // The key of one route is another request at another.
    let create = api.keyed("k", json!({ "message": "more", "stream": false })).await;
    create.refused(409, "conflict", Some("idempotency_key_reuse"), "");
}

#[tokio::test]
async fn a_run_that_failed_is_done_again_as_another() {
    let backend = turns().0.start().await.unwrap();
    let api = Api::of(&backend);
    let body = json!({ "message": "fail", "stream": false, "user_id": "cust_1", "metadata": { "a": 1 } });
    api.post("/runs/", body).await.good(StatusCode::OK);
    assert_eq!(api.ended(1).await["retryable"], true);
    let again = api.send(Method::POST, "/runs/1/retry", None).await.good(StatusCode::OK);
    assert_eq!((&again["id"], &again["retry_of_run_id"], &again["retry_count"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!((&again["user_id"], &again["metadata"]), (&json!("cust_1"), &json!({ "a": 1 })));
    assert_eq!(api.get("/runs/1").await.json()["retried_by_run_id"], 2);
    assert_eq!(api.ended(2).await["status"], "completed");
    let answer = api.send(Method::POST, "/runs/2/retry", None).await;
    answer.refused(409, "conflict", Some("run_not_retryable"), "");
}

#[tokio::test]
async fn doing_again_what_has_acted_wants_a_word() {
    let backend = turns().0.start().await.unwrap();
    let api = Api::of(&backend);
    started(&api, "act").await;
    assert_eq!(api.ended(1).await["repeats_actions"], true);
    let answer = api.send(Method::POST, "/runs/1/retry?confirm=false", None).await;
    answer.refused(409, "conflict", Some("retry_needs_confirmation"), "");
    api.send(Method::POST, "/runs/1/retry?confirm=true", None).await.good(StatusCode::OK);
}

#[tokio::test]
async fn an_answer_that_is_lost_has_started_its_run() {
    let (builder, _) = turns();
    let backend = builder.lose_answers(|message| message == "lost").start().await.unwrap();
    let api = Api::of(&backend);
    for (key, stream) in [("k1", false), ("k2", true)] {
        let body = json!({ "message": "lost", "stream": stream });
        let request = api.request(Method::POST, "/runs/").header("idempotency-key", key).json(&body);
        assert!(request.send().await.is_err());
        let again = api.keyed(key, body).await;
        assert_eq!(again.header("idempotent-replay"), Some("true"));
    }
    assert_eq!(api.ended(2).await["output"], "1: lost");
    assert_eq!(api.get("/runs/3").await.status, StatusCode::NOT_FOUND);
}
