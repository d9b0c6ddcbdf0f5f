//! Tasks.

use m8tes_local_backend::{LocalBackend, Run};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, Api, frames, ids, types};

/// A backend with a teammate of `cust_1` and one of nobody.
async fn with_teammates() -> (LocalBackend, Api) {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for body in [json!({ "user_id": "cust_1", "tools": ["gmail"] }), json!({})] {
        api.post("/agents/", body).await.good(StatusCode::CREATED);
    }
    (backend, api)
}

async fn made(api: &Api, body: Value) -> Value {
    api.post("/tasks/", body).await.good(StatusCode::CREATED)
}

#[tokio::test]
async fn what_it_is_made_of_is_read_again() {
    let (_backend, api) = with_teammates().await;
    let body = json!({ "teammate_id": 1, "instructions": "Report", "name": "Weekly", "tools": ["gmail"],
        "expected_output": "a page", "goals": "brevity", "email_notifications": false, "model": "m", "effort": "high",
        "permission_mode": "plan", "workflow_stage": "draft", "enable_memory": false, "enable_lessons": false });
    let task = made(&api, body.clone()).await;
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(task[field], *value, "{field}");
    }
    // It is for whom its teammate is for.
    assert_eq!((&task["id"], &task["user_id"], &task["status"]), (&json!(1), &json!("cust_1"), &json!("enabled")));
    assert_eq!(api.get("/tasks/1").await.good(StatusCode::OK), task);
    assert_eq!(api.get("/tasks/1?user_id=cust_1").await.good(StatusCode::OK), task);
    api.get("/tasks/1?user_id=cust_2").await.refused(404, "not_found", None, "Task not found");
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let (_backend, api) = with_teammates().await;
    let unknown = api.post("/tasks/", json!({ "teammate_id": 9, "instructions": "Report" })).await;
    unknown.refused(404, "not_found", None, "Teammate not found");
    for (body, problem) in [
        (json!({ "teammate_id": 1 }), "body.instructions"),
        (json!({ "teammate_id": 1, "instructions": " " }), "body.instructions"),
        (json!({ "teammate_id": 1, "instructions": "a", "user_id": "cust_2" }), "scope of the teammate"),
        (json!({ "teammate_id": 1, "instructions": "a", "schedule": "soon" }), "body.cron"),
        (json!({ "teammate_id": 1, "instructions": "a", "permission_mode": "never" }), "body.permission_mode"),
    ] {
        api.post("/tasks/", body).await.refused(422, "validation_error", None, problem);
    }
    // What is refused is not there.
    assert_eq!(ids(&api.get("/tasks/").await.good(StatusCode::OK)), [0; 0]);
}

#[tokio::test]
async fn a_change_is_of_what_is_given_and_null_is_given() {
    let (_backend, api) = with_teammates().await;
    made(&api, json!({ "teammate_id": 2, "instructions": "a", "name": "n", "model": "m", "tools": ["gmail"] })).await;
    let change = json!({ "model": null, "tools": [], "status": "disabled" });
    let changed = api.send(Method::PATCH, "/tasks/1", Some(change)).await.good(StatusCode::OK);
    assert_eq!((&changed["model"], &changed["tools"], &changed["name"]), (&Value::Null, &json!([]), &json!("n")));
    assert!(changed["status"] == "disabled" && changed["updated_at"].is_string());
    let enabled = api.send(Method::PATCH, "/tasks/1", Some(json!({ "status": "enabled" }))).await;
    assert_eq!(enabled.good(StatusCode::OK)["status"], "enabled");
    for (path, body, status, kind) in [
        ("/tasks/1", json!({ "status": "archived" }), 422, "validation_error"),
        ("/tasks/1", json!({ "instructions": "" }), 422, "validation_error"),
        ("/tasks/9", json!({}), 404, "not_found"),
    ] {
        api.send(Method::PATCH, path, Some(body)).await.refused(status, kind, None, "");
    }
}

#[tokio::test]
async fn lists_are_by_teammate_and_user_and_without_what_is_archived() {
    let (_backend, api) = with_teammates().await;
    for teammate in [1, 2, 2] {
        made(&api, json!({ "teammate_id": teammate, "instructions": "a" })).await;
    }
    // Once more is as good.
    for _ in 0..2 {
        api.send(Method::DELETE, "/tasks/3", None).await.nothing();
    }
    for (query, expected) in [
        ("", vec![2, 1]),
        ("?include_archived=true", vec![3, 2, 1]),
        ("?teammate_id=2", vec![2]),
        ("?teammate_id=2&include_archived=true&limit=1&starting_after=3", vec![2]),
        ("?user_id=cust_1", vec![1]),
    ] {
        assert_eq!(ids(&api.get(&format!("/tasks/{query}")).await.good(StatusCode::OK)), expected, "{query}");
    }
}

#[tokio::test]
async fn a_webhook_is_told_once() {
    let (backend, api) = with_teammates().await;
    let task = made(&api, json!({ "teammate_id": 2, "instructions": "a", "webhook": true })).await;
    let first = task["webhook_url"].as_str().unwrap().to_owned();
    assert!(first.starts_with(&format!("{}/webhooks/tasks/whk_", backend.url())) && task["webhook_enabled"] == true);
    let read = api.get("/tasks/1").await.good(StatusCode::OK);
    assert!(read["webhook_url"].as_str().unwrap().ends_with("/****"), "{read}");
    let again = api.send(Method::POST, "/tasks/1/webhook", None).await.good(StatusCode::OK);
    assert!(again["url"].as_str().unwrap().contains("/whk_") && again["url"] != first.as_str());
    let off = api.send(Method::PATCH, "/tasks/1/webhook", Some(json!({ "enabled": false }))).await;
    let off = off.good(StatusCode::OK);
    assert!(off["enabled"] == false && off["url"].as_str().unwrap().ends_with("/****"), "{off}");
    assert_eq!(api.get("/tasks/1").await.good(StatusCode::OK)["webhook_enabled"], false);
    for _ in 0..2 {
        api.send(Method::DELETE, "/tasks/1/webhook", None).await.nothing();
    }
    let none = api.send(Method::PATCH, "/tasks/1/webhook", Some(json!({ "enabled": true }))).await;
    none.refused(400, "bad_request", None, "no webhook");
    assert_eq!(api.get("/tasks/1").await.good(StatusCode::OK)["webhook_url"], Value::Null);
}

#[tokio::test]
async fn a_strict_account_wants_a_user() {
    let backend = LocalBackend::builder().require_user_id().start().await.unwrap();
    let api = Api::of(&backend);
    let problem = "require_end_user_id=False";
    let body = json!({ "teammate_id": 1, "instructions": "a" });
    api.post("/tasks/", body).await.refused(422, "validation_error", None, problem);
    for (method, path, body) in [
        (Method::GET, "/tasks/", None),
        (Method::GET, "/tasks/1", None),
        (Method::PATCH, "/tasks/1", Some(json!({}))),
        (Method::DELETE, "/tasks/1", None),
        (Method::POST, "/tasks/1/webhook", None),
        (Method::PATCH, "/tasks/1/webhook", Some(json!({ "enabled": true }))),
        (Method::DELETE, "/tasks/1/webhook", None),
        (Method::POST, "/tasks/1/triggers/", Some(json!({ "type": "email", "timezone": "UTC" }))),
        (Method::GET, "/tasks/1/triggers/", None),
        (Method::PATCH, "/tasks/1/triggers/schedule_1", Some(json!({}))),
        (Method::DELETE, "/tasks/1/triggers/schedule_1", None),
        (Method::GET, "/runs/1", None),
        (Method::POST, "/runs/1/cancel", None),
        (Method::GET, "/apps/", None),
        (Method::GET, "/webhooks/1/deliveries", None),
        (Method::GET, "/agents/1", None),
        (Method::POST, "/agents/1/enable", None),
        (Method::POST, "/agents/1/webhook", None),
        (Method::POST, "/agents/1/email-inbox", None),
    ] {
        api.send(method, path, body).await.refused(422, "validation_error", None, problem);
    }
}

#[tokio::test]
async fn a_run_of_a_task_is_asked_for_what_the_task_says() {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        run.text(format!("{} {:?} {:?}", run.message(), run.tools(), run.user_id()));
        Ok(())
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/agents/", json!({ "user_id": "cust_1", "tools": ["gmail"] })).await.good(StatusCode::CREATED);
    made(&api, json!({ "teammate_id": 1, "instructions": "Report", "name": "Weekly" })).await;
    let keyed =
        |body: Value| api.request(Method::POST, "/tasks/1/runs").header("idempotency-key", "cron-1").json(&body);
    let body = json!({ "stream": false, "metadata": { "a": 1 } });
    let run = Answer::to(keyed(body.clone())).await.good(StatusCode::OK);
    assert_eq!((&run["task_id"], &run["task_name"], &run["user_id"]), (&json!(1), &json!("Weekly"), &json!("cust_1")));
    assert_eq!((&run["metadata"], &run["teammate_id"]), (&json!({ "a": 1 }), &json!(1)));
    assert_eq!(api.ended(1).await["output"], r#"Report ["gmail"] Some("cust_1")"#);
    assert_eq!(Answer::to(keyed(body)).await.header("idempotent-replay"), Some("true"));
    let other = Answer::to(keyed(json!({ "stream": true }))).await;
    other.refused(409, "conflict", Some("idempotency_key_reuse"), "");
    assert_eq!(ids(&api.get("/runs/?task_id=1").await.good(StatusCode::OK)), [1]);
    let told =
        frames(&api.stream(Method::POST, "/tasks/1/runs", Some(json!({ "stream": true }))).await.text().await.unwrap());
    assert_eq!((types(&told).first(), types(&told).last()), (Some(&"metadata"), Some(&"[DONE]")));

    for (body, problem) in [
        (json!({ "stream": false, "user_id": "cust_2" }), "scope of the task"),
        (json!({ "stream": false, "permission_mode": "approval" }), "requires human_in_the_loop"),
        (json!({ "stream": false, "max_turns": 2001 }), "body.max_turns"),
        (json!({}), "body.stream"),
    ] {
        api.post("/tasks/1/runs", body).await.refused(422, "validation_error", None, problem);
    }
    api.send(Method::DELETE, "/tasks/1", None).await.nothing();
    for path in ["/tasks/1/runs", "/tasks/9/runs"] {
        api.post(path, json!({ "stream": false })).await.refused(404, "not_found", None, "Task not found");
    }
}
