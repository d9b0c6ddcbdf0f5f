//! What is answered is what the document says.

use std::collections::BTreeSet;

use boon::{Compiler, Draft, Schemas};
use m8tes_local_backend::{LocalBackend, Question, Run, RunFailure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, Api};

const DOCUMENT: &str = include_str!("../../../../openapi/m8tes/backend.json");

/// Expects that an answer is what the document says of this operation, or of its failure.
#[track_caller]
fn expect_as_described(method: &str, template: &str, answer: &Answer) {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let responses = &document["paths"][template][method]["responses"];
    let mut statuses = responses.as_object().unwrap_or_else(|| panic!("{method} {template}")).keys();
    let described = match answer.status.is_success() {
        true => statuses.find(|status| status.starts_with('2')).unwrap(),
        false => "default",
    };
    let place = ["paths", template, method, "responses", described, "content", "application/json", "schema"];
    let pointer: String = place.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
    assert!(document.pointer(&pointer).is_some(), "{pointer}");
    // The braces of a template are none in a URL.
    let pointer = pointer.replace('{', "%7B").replace('}', "%7D");

    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.set_default_draft(Draft::V2020_12);
    compiler.add_resource("json:///document.json", document).unwrap();
    let schema = compiler.compile(&format!("json:///document.json#{pointer}"), &mut schemas).unwrap();
    schemas.validate(&answer.json(), schema).unwrap_or_else(|error| panic!("{method} {template}: {error}"));
}

#[tokio::test]
async fn every_answer_is_as_described() {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        match run.message() {
            "fail" => Err(RunFailure::new("out of paper").code("SANDBOX_UNAVAILABLE")),
            "wait" => std::future::pending().await,
            _ => Ok(()),
        }
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);

    let body = json!({ "name": "Ada", "tools": ["gmail"], "metadata": { "a": 1 }, "user_id": "cust_1" });
    expect_as_described("post", "/agents/", &api.post("/agents/", body).await);
    expect_as_described("get", "/agents/", &api.get("/agents/").await);
    expect_as_described("get", "/agents/{agent_id}", &api.get("/agents/1").await);
    let change = api.send(Method::PATCH, "/agents/1", Some(json!({ "model": null }))).await;
    expect_as_described("patch", "/agents/{agent_id}", &change);
    for verb in ["enable", "disable", "unarchive"] {
        let answer = api.send(Method::POST, &format!("/agents/1/{verb}"), None).await;
        expect_as_described("post", &format!("/agents/{{agent_id}}/{verb}"), &answer);
    }

    for message in ["go", "fail", "wait"] {
        let started = api.post("/runs/", json!({ "message": message, "stream": false, "metadata": {} })).await;
        expect_as_described("post", "/runs/", &started);
        if message != "wait" {
            api.ended(started.json()["id"].as_i64().unwrap()).await;
        }
    }
    for id in 1..=3 {
        expect_as_described("get", "/runs/{run_id}", &api.get(&format!("/runs/{id}")).await);
    }
    let page = api.get("/runs/?limit=2").await;
    assert_eq!(page.json()["has_more"], true);
    expect_as_described("get", "/runs/", &page);
    let cancelled = api.send(Method::POST, "/runs/3/cancel", None).await;
    expect_as_described("post", "/runs/{run_id}/cancel", &cancelled);

    for (path, body) in [
        ("/memories/", json!({ "content": "Likes tea" })),
        ("/permissions/", json!({ "tool": "gmail_send" })),
        ("/users/", json!({ "user_id": "cust_1" })),
    ] {
        expect_as_described("post", path, &api.post(path, body).await);
        expect_as_described("get", path, &api.get(path).await);
    }
    for (template, path, body) in [
        ("/tasks/", "/tasks/", json!({ "teammate_id": 1, "instructions": "Report" })),
        ("/tasks/{task_id}/triggers/", "/tasks/1/triggers/", json!({ "type": "webhook", "timezone": "UTC" })),
        ("/agents/{agent_id}/webhook", "/agents/1/webhook", json!({})),
        ("/agents/{agent_id}/email-inbox", "/agents/1/email-inbox", json!({})),
    ] {
        expect_as_described("post", template, &api.post(path, body).await);
    }
    expect_as_described("get", "/tasks/{task_id}/triggers/", &api.get("/tasks/1/triggers/").await);
    for path in ["/settings/", "/usage/", "/tasks/"] {
        expect_as_described("get", path, &api.get(path).await);
    }

    for (method, template, answer) in [
        ("get", "/runs/{run_id}", api.get("/runs/9").await),
        ("get", "/runs/", api.get("/runs/?limt=1").await),
        ("post", "/runs/{run_id}/cancel", api.send(Method::POST, "/runs/3/cancel", None).await),
    ] {
        assert!(!answer.status.is_success() && answer.status != StatusCode::INTERNAL_SERVER_ERROR);
        expect_as_described(method, template, &answer);
    }
}

/// A client is to see every field that there is, even where it is null.
#[tokio::test]
async fn every_field_is_answered_and_no_other() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for (path, body) in [
        ("/memories/", json!({ "content": "Likes tea" })),
        ("/permissions/", json!({ "tool": "gmail_send" })),
        ("/users/", json!({ "user_id": "cust_1" })),
        ("/tasks/", json!({ "teammate_id": 1, "instructions": "Report", "webhook": true })),
    ] {
        api.post(path, body).await.good(StatusCode::CREATED);
    }
    for (schema, path) in [
        ("Teammate", "/agents/1"),
        ("Run", "/runs/1"),
        ("Memory", "/memories/"),
        ("PermissionPolicy", "/permissions/"),
        ("EndUser", "/users/cust_1"),
        ("AccountSettings", "/settings/"),
        ("Usage", "/usage/"),
        ("Task", "/tasks/1"),
        ("Trigger", "/tasks/1/triggers/"),
    ] {
        let described = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
        let answered = api.get(path).await.good(StatusCode::OK);
        let answered = answered.pointer("/data/0").or(answered.get(0)).unwrap_or(&answered);
        let mut described: Vec<_> = described.keys().collect();
        let mut answered: Vec<_> = answered.as_object().unwrap().keys().collect();
        described.sort();
        answered.sort();
        assert_eq!(answered, described, "{schema}");
    }
}

/// A run that asks for a permission, is allowed it, calls a tool, and makes a file.
async fn told(api: &Api) {
    let body = json!({ "message": "go", "stream": false, "permission_mode": "approval", "human_in_the_loop": true });
    api.post("/runs/", body).await.good(StatusCode::OK);
    while api.get("/runs/1/permissions").await.json() == json!([]) {}
}

#[tokio::test]
async fn what_a_run_says_and_asks_is_as_described() {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        run.tool("gmail", &json!({ "to": "ada@example.com" }), &json!("sent")).await;
        run.question(Question::new("Which channel?").option("#general")).await;
        run.usage(10, 5, "0.000100");
        run.output_data(json!({ "a": 1 }));
        run.file("report.csv", "a,b")?;
        Ok(())
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    told(&api).await;
    expect_as_described("get", "/runs/{run_id}/permissions", &api.get("/runs/1/permissions").await);
    let approval = json!({ "request_id": "req_1_1", "decision": "allow", "remember": true, "reason": "fine" });
    expect_as_described("post", "/runs/{run_id}/approve", &api.post("/runs/1/approve", approval).await);
    while api.get("/runs/1/permissions").await.json()[1].is_null() {}
    let mode = api.send(Method::PATCH, "/runs/1/permission-mode", Some(json!({ "permission_mode": "plan" }))).await;
    expect_as_described("patch", "/runs/{run_id}/permission-mode", &mode);
    let queued = api.post("/runs/1/reply", json!({ "message": "more", "stream": false })).await;
    expect_as_described("post", "/runs/{run_id}/reply", &queued);
    let answers = json!({ "answers": { "Which channel?": "#general" }, "request_id": "req_1_2" });
    expect_as_described("post", "/runs/{run_id}/answer", &api.post("/runs/1/answer", answers).await);
    while api.get("/runs/1/permissions").await.json()[2].is_null() {}
    for part in ["outcome", "messages?include_trace=true", "files", "permissions"] {
        let template = format!("/runs/{{run_id}}/{}", part.split('?').next().unwrap());
        expect_as_described("get", &template, &api.get(&format!("/runs/1/{part}")).await);
    }
    expect_as_described("post", "/runs/{run_id}/cancel", &api.send(Method::POST, "/runs/1/cancel", None).await);
    let again = api.send(Method::POST, "/runs/1/retry", None).await;
    expect_as_described("post", "/runs/{run_id}/retry", &again);
    for (method, template, answer) in [
        ("post", "/runs/{run_id}/approve", api.post("/runs/1/approve", json!({})).await),
        ("post", "/runs/{run_id}/answer", api.post("/runs/1/answer", json!({ "answers": { "a": "b" } })).await),
        ("get", "/runs/{run_id}/stream", api.get("/runs/1/stream").await),
    ] {
        assert!(answer.status.is_client_error());
        expect_as_described(method, template, &answer);
    }
}

#[tokio::test]
async fn every_field_of_what_a_run_says_and_asks_is_answered_and_no_other() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    told(&api).await;
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for (schema, answered) in [
        ("PermissionRequest", &api.get("/runs/1/permissions").await.json()[0]),
        ("RunMessage", &api.get("/runs/1/messages").await.json()[0]),
        ("RunOutcome", &api.get("/runs/1/outcome").await.json()),
    ] {
        let described = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
        let described: BTreeSet<_> = described.keys().collect();
        let answered: BTreeSet<_> = answered.as_object().unwrap().keys().collect();
        assert_eq!(answered, described, "{schema}");
    }
}
