//! What runs ask people for.

use std::{sync::Arc, time::Duration};

use m8tes_local_backend::{LocalBackend, Permission, Question, Run};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::client::{Api, frames, types};

/// A backend whose runs do what their message says.
async fn asking() -> LocalBackend {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        match run.message() {
            "ask" | "paused" => {
                if run.message() == "paused" {
                    run.end_streams_at_requests();
                }
                let said = run.ask_permission("gmail_send", &json!({ "to": "ada@example.com" })).await;
                run.text(format!("{said:?}"));
            }
            "question" => {
                let question = Question::new("Which channel?").header("Channel").option("#general").option("#random");
                run.text(format!("{:?}", run.question(question).await));
            }
            "twice" => {
                let (tool, input) = ("gmail_send", json!({}));
                let said = tokio::join!(run.ask_permission(tool, &input), run.ask_permission(tool, &input));
                run.text(format!("{said:?}"));
            }
            _ => {
                let said = run.tool("gmail_send", &json!({ "to": "ada@example.com" }), &json!("sent")).await;
                run.text(format!("{said:?}"));
            }
        }
        Ok(())
    });
    backend.start().await.unwrap()
}

fn with_people(message: &str, mode: &str) -> Value {
    json!({ "message": message, "stream": false, "permission_mode": mode, "human_in_the_loop": true })
}

/// Starts a run; its open requests, once there are so many.
async fn asked(api: &Api, body: Value, count: usize) -> Vec<Value> {
    api.post("/runs/", body).await.good(StatusCode::OK);
    until_asked(api, count).await
}

async fn until_asked(api: &Api, count: usize) -> Vec<Value> {
    loop {
        let gates = api.get("/runs/1/permissions").await.good(StatusCode::OK);
        let pending = gates.as_array().unwrap().iter().filter(|gate| gate["status"] == "pending");
        let pending: Vec<_> = pending.cloned().collect();
        if pending.len() == count {
            assert_eq!(api.get("/runs/1").await.json()["status"], "awaiting_approval");
            return pending;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn decision(request_id: &str, decision: &str) -> Value {
    json!({ "request_id": request_id, "decision": decision, "remember": false })
}

#[tokio::test]
async fn what_is_allowed_is_done() {
    let backend = asking().await;
    let api = Api::of(&backend);
    let gates = asked(&api, with_people("go", "approval"), 1).await;
    assert_eq!((&gates[0]["request_id"], &gates[0]["tool_name"]), (&json!("req_1_1"), &json!("gmail_send")));
    assert_eq!(gates[0]["tool_input"], json!({ "to": "ada@example.com" }));
    // What a person is to be shown.
    assert_eq!((&gates[0]["display_name"], &gates[0]["mate_name"]), (&json!("gmail_send"), &json!("Mate 1")));
    let resolved = api.post("/runs/1/approve", decision("req_1_1", "allow")).await.good(StatusCode::OK);
    assert_eq!((&resolved["status"], &resolved["resumed"]), (&json!("allowed"), &json!(true)));
    assert_eq!((&resolved["remembered"], &resolved["auto_resolved"]), (&json!(false), &json!(false)));
    assert!(resolved["resolved_at"].is_string());
    assert_eq!(api.ended(1).await["output"], "Allowed");
}

#[tokio::test]
async fn what_is_denied_is_not_and_the_script_is_told_why() {
    let backend = asking().await;
    let api = Api::of(&backend);
    asked(&api, with_people("go", "approval"), 1).await;
    let mut body = decision("req_1_1", "deny");
    body["reason"] = json!("not today");
    let resolved = api.post("/runs/1/approve", body).await.good(StatusCode::OK);
    assert_eq!(resolved["status"], "denied");
    assert_eq!(api.ended(1).await["output"], format!("{:?}", Permission::Denied(Some("not today".to_owned()))));
    let messages = api.get("/runs/1/messages?include_trace=true").await.good(StatusCode::OK);
    assert_eq!(messages[1]["content_blocks"][1]["content"], json!({ "error": "Permission denied" }));
}

#[tokio::test]
async fn what_is_remembered_is_not_asked_again() {
    let backend = asking().await;
    let api = Api::of(&backend);
    let mut body = with_people("go", "approval");
    body["user_id"] = json!("cust_1");
    asked(&api, body.clone(), 1).await;
    let remember = json!({ "request_id": "req_1_1", "decision": "allow", "remember": true });
    let resolved = api.post("/runs/1/approve", remember).await.good(StatusCode::OK);
    assert_eq!(resolved["remembered"], true);
    api.ended(1).await;
    let policies = api.get("/permissions/?user_id=cust_1").await.good(StatusCode::OK);
    assert_eq!(policies["data"][0]["tool_name"], "gmail_send");
    api.post("/runs/", body).await.good(StatusCode::OK);
    assert_eq!(api.ended(2).await["output"], "Allowed");
    assert_eq!(api.get("/runs/2/permissions").await.good(StatusCode::OK), json!([]));
}

#[tokio::test]
async fn where_several_are_open_the_run_goes_on_with_the_last() {
    let backend = asking().await;
    let api = Api::of(&backend);
    asked(&api, with_people("twice", "autonomous"), 2).await;
    let first = api.post("/runs/1/approve", decision("req_1_2", "allow")).await.good(StatusCode::OK);
    assert_eq!(first["resumed"], false);
    assert_eq!(api.get("/runs/1").await.json()["status"], "awaiting_approval");
    // The same again is fine, and changes nothing; it may still be remembered.
    let again = json!({ "request_id": "req_1_2", "decision": "allow", "remember": true });
    assert_eq!(api.post("/runs/1/approve", again).await.good(StatusCode::OK)["remembered"], true);
    let other = api.post("/runs/1/approve", decision("req_1_2", "deny")).await;
    other.refused(404, "not_found", Some("gate_resolved_otherwise"), "");
    let second = api.post("/runs/1/approve", decision("req_1_1", "deny")).await.good(StatusCode::OK);
    assert_eq!(second["resumed"], true);
    assert_eq!(api.ended(1).await["output"], "(Denied(None), Allowed)");
}

#[tokio::test]
async fn what_cannot_be_approved_is_refused() {
    let backend = asking().await;
    let api = Api::of(&backend);
    asked(&api, with_people("ask", "autonomous"), 1).await;
    let unknown = api.post("/runs/1/approve", decision("req_9", "allow")).await;
    unknown.refused(404, "not_found", Some("gate_not_found"), "");
    let undecided = api.post("/runs/1/approve", decision("req_1_1", "perhaps")).await;
    undecided.refused(422, "validation_error", None, "body.decision");
    api.post("/runs/2/approve", decision("req_1_1", "allow")).await.refused(404, "not_found", None, "Run not found");
    api.send(Method::POST, "/runs/1/cancel", None).await.good(StatusCode::OK);
    let gone = api.post("/runs/1/approve", decision("req_1_1", "allow")).await;
    gone.refused(404, "not_found", Some("gate_cancelled"), "");

    api.post("/runs/", with_people("ask", "autonomous")).await.good(StatusCode::OK);
    while api.get("/runs/2/permissions").await.json() == json!([]) {}
    api.post("/runs/2/approve", decision("req_2_1", "allow")).await.good(StatusCode::OK);
    api.ended(2).await;
    let over = api.post("/runs/2/approve", decision("req_2_1", "allow")).await;
    over.refused(409, "conflict", Some("run_not_active"), "");
}

#[tokio::test]
async fn a_question_is_answered_by_its_text() {
    let backend = asking().await;
    let api = Api::of(&backend);
    let question = asked(&api, with_people("question", "autonomous"), 1).await.remove(0);
    let options = json!([{ "label": "#general" }, { "label": "#random" }]);
    let expected = json!({ "questions": [{ "question": "Which channel?", "header": "Channel", "options": options }] });
    assert_eq!((&question["tool_name"], &question["tool_input"]), (&json!("AskUserQuestion"), &expected));
    let empty = api.post("/runs/1/answer", json!({ "answers": {} })).await;
    empty.refused(422, "validation_error", None, "body.answers");
    let answers = json!({ "Which channel?": "#random" });
    let body = json!({ "answers": answers, "request_id": "req_1_1" });
    let receipt = api.post("/runs/1/answer", body.clone()).await.good(StatusCode::OK);
    assert_eq!(receipt, json!({ "status": "ok", "resumed": true }));
    assert_eq!(api.ended(1).await["output"], r##"Some("#random")"##);
    api.post("/runs/1/answer", body).await.refused(409, "conflict", Some("run_not_active"), "");
}

#[tokio::test]
async fn an_answer_without_a_name_is_to_the_oldest_question() {
    let backend = asking().await;
    let api = Api::of(&backend);
    asked(&api, with_people("question", "autonomous"), 1).await;
    let body = json!({ "answers": { "Which channel?": "else" } });
    api.post("/runs/1/answer", body.clone()).await.good(StatusCode::OK);
    api.ended(1).await;
    // A request for permission is no question.
    api.post("/runs/", with_people("ask", "autonomous")).await.good(StatusCode::OK);
    while api.get("/runs/2").await.json()["status"] != "awaiting_approval" {}
    api.post("/runs/2/answer", body).await.refused(409, "conflict", Some("run_not_awaiting_input"), "");
}

#[tokio::test]
async fn a_question_that_nobody_answers_in_time_is_passed_over() {
    let word = Arc::new(Semaphore::new(0));
    let awaited = Arc::clone(&word);
    let backend = LocalBackend::builder().on_run(move |run: Run| {
        let awaited = Arc::clone(&awaited);
        async move {
            tokio::select! {
                _ = run.question(Question::new("Which channel?")) => {}
                _ = awaited.acquire() => {}
            }
            std::future::pending().await
        }
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    asked(&api, with_people("go", "autonomous"), 1).await;
    word.add_permits(1);
    while api.get("/runs/1").await.json()["status"] != "running" {}
    for request_id in [None, Some("req_1_1")] {
        let mut body = json!({ "answers": { "Which channel?": "#random" } });
        if let Some(request_id) = request_id {
            body["request_id"] = json!(request_id);
        }
        api.post("/runs/1/answer", body).await.refused(409, "conflict", Some("auto_continued"), "");
    }
    let gates = api.get("/runs/1/permissions").await.json();
    assert_eq!((&gates[0]["status"], &gates[0]["auto_resolved"]), (&json!("timeout"), &json!(true)));
}

#[tokio::test]
async fn a_plan_is_approved_before_anything_is_done() {
    let backend = asking().await;
    let api = Api::of(&backend);
    let plan = asked(&api, with_people("go", "plan"), 1).await.remove(0);
    let question = &plan["tool_input"]["questions"][0];
    assert_eq!(question["header"], "Plan Approval");
    api.post("/runs/1/answer", json!({ "answers": { "Plan Approval": "Approve" } })).await.good(StatusCode::OK);
    assert_eq!(api.ended(1).await["output"], "Allowed");

    let run = api.post("/runs/", with_people("go", "plan")).await.good(StatusCode::OK);
    while api.get("/runs/2").await.json()["status"] != "awaiting_approval" {}
    let answers = json!({ (question["question"].as_str().unwrap()): "Reject" });
    api.post("/runs/2/answer", json!({ "answers": answers })).await.good(StatusCode::OK);
    assert_eq!(api.ended(2).await["output"], "The plan was not approved.", "{run}");
}

#[tokio::test]
async fn autonomous_allows_what_is_pending_but_answers_nothing() {
    let backend = asking().await;
    let api = Api::of(&backend);
    asked(&api, with_people("go", "approval"), 1).await;
    let mode = |id: i64, mode: &str| (format!("/runs/{id}/permission-mode"), Some(json!({ "permission_mode": mode })));
    let (path, body) = mode(1, "autonomous");
    let changed = api.send(Method::PATCH, &path, body).await.good(StatusCode::OK);
    assert_eq!(changed, json!({ "permission_mode": "autonomous" }));
    assert_eq!(api.ended(1).await["output"], "Allowed");
    let gates = api.get("/runs/1/permissions").await.json();
    assert_eq!((&gates[0]["status"], &gates[0]["auto_resolved"]), (&json!("allowed"), &json!(true)));

    api.post("/runs/", with_people("question", "autonomous")).await.good(StatusCode::OK);
    while api.get("/runs/2").await.json()["status"] != "awaiting_approval" {}
    let (path, body) = mode(2, "autonomous");
    api.send(Method::PATCH, &path, body).await.good(StatusCode::OK);
    assert_eq!(api.get("/runs/2").await.json()["status"], "awaiting_approval");

    // Without people in the loop nobody could be asked.
    api.post("/runs/", json!({ "message": "ask", "stream": false })).await.good(StatusCode::OK);
    let (path, body) = mode(3, "approval");
    let refused = api.send(Method::PATCH, &path, body).await;
    refused.refused(422, "validation_error", None, "requires human_in_the_loop");
}

#[tokio::test]
async fn a_stream_tells_of_requests_and_how_they_are_resolved() {
    let backend = asking().await;
    let api = Api::of(&backend);
    let mut body = with_people("go", "approval");
    body["stream"] = json!(true);
    let response = api.stream(Method::POST, "/runs/", Some(body)).await;
    until_asked(&api, 1).await;
    api.post("/runs/1/approve", decision("req_1_1", "allow")).await.good(StatusCode::OK);
    let told = frames(&response.text().await.unwrap());
    let expected = [
        "metadata",
        "tool-call-start",
        "tool-call-delta",
        "tool-call-end",
        "permission_request",
        "awaiting_approval",
        "permission_resolved",
        "tool-result-end",
        "text-start",
        "text-delta",
        "text-end",
        "done",
        "[DONE]",
    ];
    assert_eq!(types(&told), expected);
    let asked = json!({ "type": "permission_request", "request_id": "req_1_1", "tool_name": "gmail_send",
        "tool_input": { "to": "ada@example.com" }, "tool_use_id": "toolu_1" });
    assert_eq!(told[4], asked);
    let resolved = json!({ "type": "permission_resolved", "request_id": "req_1_1", "tool_use_id": "toolu_1",
        "decision": "allow" });
    assert_eq!(told[6], resolved);
}

#[tokio::test]
async fn a_stream_may_end_where_people_are_waited_for() {
    let backend = asking().await;
    let api = Api::of(&backend);
    let mut body = with_people("paused", "autonomous");
    body["stream"] = json!(true);
    let response = api.stream(Method::POST, "/runs/", Some(body)).await;
    let paused = ["metadata", "permission_request", "awaiting_approval"];
    assert_eq!(types(&frames(&response.text().await.unwrap())), paused);
    let joined = frames(&api.get("/runs/1/stream").await.text);
    assert_eq!(types(&joined), [&paused[..], &["replay_complete"]].concat());
    api.post("/runs/1/approve", decision("req_1_1", "allow")).await.good(StatusCode::OK);
    assert_eq!(api.ended(1).await["output"], "Allowed");
}
