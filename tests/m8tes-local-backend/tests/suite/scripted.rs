//! Runs that do what their messages say.

use m8tes_local_backend::LocalBackend;
use reqwest::StatusCode;
use serde_json::json;

use crate::client::{Api, frames, types};

#[tokio::test]
async fn a_message_of_steps_is_done_line_by_line() {
    let backend = LocalBackend::builder().scripted().start().await.unwrap();
    let api = Api::of(&backend);
    let message =
        "say One.\ntool gmail_search {\"q\": \"a\"} {\"found\": 3}\nusage 10 5 0.01\nfile a.csv 1,2\nsay Two.";
    let told = api.post("/runs/", json!({ "message": message, "stream": true })).await;
    let told = frames(&told.text);
    let expected = [
        "metadata",
        "text-start",
        "text-delta",
        "text-end",
        "tool-call-start",
        "tool-call-delta",
        "tool-call-end",
        "tool-result-end",
        "run_metrics",
        "text-start",
        "text-delta",
        "text-end",
        "done",
        "[DONE]",
    ];
    assert_eq!(types(&told), expected);
    assert_eq!(told[7]["result"], json!({ "found": 3 }));
    let run = api.ended(1).await;
    assert_eq!((&run["output"], &run["usage"]["total_tokens"]), (&json!("One.Two."), &json!(15)));
    assert_eq!(api.get("/runs/1/files/a.csv/download").await.text, "1,2");
}

#[tokio::test]
async fn people_are_asked_and_their_answers_said() {
    let backend = LocalBackend::builder().scripted().start().await.unwrap();
    let api = Api::of(&backend);
    let message =
        "ask gmail_send {\"to\": \"a\"}\nsay , \nquestion Which? | #a | #b\nsay , \nplan 1. Look\nfail no more";
    api.post("/runs/", json!({ "message": message, "stream": false })).await.good(StatusCode::OK);
    let waiting = |count: usize| {
        let api = &api;
        async move { while api.get("/runs/1/permissions").await.json()[count - 1].is_null() {} }
    };
    waiting(1).await;
    let denial = json!({ "request_id": "req_1_1", "decision": "deny", "remember": false });
    api.post("/runs/1/approve", denial).await.good(StatusCode::OK);
    for (count, answers) in [(2, json!({ "Which?": "#b" })), (3, json!({ "Plan Approval": "Approve" }))] {
        waiting(count).await;
        api.post("/runs/1/answer", json!({ "answers": answers })).await.good(StatusCode::OK);
    }
    let run = api.ended(1).await;
    assert_eq!((&run["output"], &run["error"]), (&json!("denied, #b, approved"), &json!("no more")));
}

#[tokio::test]
async fn any_other_message_is_echoed() {
    let backend = LocalBackend::builder().scripted().start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/runs/", json!({ "message": "say it\nhello", "stream": false })).await.good(StatusCode::OK);
    assert!(api.ended(1).await["output"].as_str().unwrap().ends_with("You said: say it\nhello"));
    // Without it steps are a message as any other.
    let plain = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&plain);
    api.post("/runs/", json!({ "message": "fail", "stream": false })).await.good(StatusCode::OK);
    assert_eq!(api.ended(1).await["status"], "completed");
}
