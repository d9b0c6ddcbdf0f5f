//! Triggers of tasks.

use m8tes_local_backend::LocalBackend;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, Api};

const PATH: &str = "/tasks/1/triggers/";

async fn with_task() -> (LocalBackend, Api) {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/agents/", json!({})).await.good(StatusCode::CREATED);
    let body = json!({ "teammate_id": 1, "instructions": "Report", "name": "Weekly" });
    api.post("/tasks/", body).await.good(StatusCode::CREATED);
    (backend, api)
}

async fn create(api: &Api, kind: &str, more: Value) -> Answer {
    let mut body = json!({ "type": kind, "timezone": "UTC" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    api.post(PATH, body).await
}

async fn made(api: &Api, kind: &str, more: Value) -> Value {
    create(api, kind, more).await.good(StatusCode::CREATED)
}

async fn listed(api: &Api) -> Vec<String> {
    let listed = api.get(PATH).await.good(StatusCode::OK);
    listed.as_array().unwrap().iter().map(|each| each["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_kind_has_its_id_and_what_starts_it() {
    let (backend, api) = with_task().await;
    let cron = made(&api, "schedule", json!({ "cron": "0 9 * * 1-5", "timezone": "Europe/Berlin" })).await;
    assert_eq!(
        (&cron["id"], &cron["enabled"], &cron["task_name"]),
        (&json!("schedule_1"), &json!(true), &json!("Weekly"))
    );
    let next = cron["next_run"].as_str().unwrap();
    assert!(next.ends_with("08:00:00.000000+00:00") || next.ends_with("07:00:00.000000+00:00"), "{next}");
    let once = made(&api, "schedule", json!({ "run_at": "2999-12-24T18:00:00+01:00" })).await;
    assert_eq!((&once["id"], &once["next_run"]), (&json!("schedule_2"), &json!("2999-12-24T17:00:00.000000+00:00")));
    let app = json!({ "app": "gmail", "trigger_name": "NEW_MESSAGE", "trigger_config": { "label": "INBOX" } });
    let app = made(&api, "app", app).await;
    assert_eq!((&app["id"], &app["trigger_config"]), (&json!("app_3"), &json!({ "label": "INBOX" })));
    let email = made(&api, "email", json!({ "allowed_senders": ["a@b.c"] })).await;
    assert!(email["id"] == "email" && email["address"].as_str().unwrap().contains('@'), "{email}");
    let webhook = made(&api, "webhook", json!({})).await;
    assert_eq!((&webhook["id"], &webhook["task_id"]), (&json!("webhook"), &json!(1)));
    assert!(webhook["url"].as_str().unwrap().starts_with(&format!("{}/webhooks/tasks/whk_", backend.url())));
    assert_eq!(listed(&api).await, ["schedule_1", "schedule_2", "email", "app_3", "webhook"]);
    assert_eq!(api.get("/tasks/1").await.good(StatusCode::OK)["app_trigger_count"], 1);
    // One address is enough.
    made(&api, "email", json!({})).await;
    assert_eq!(listed(&api).await.len(), 5);
}

#[tokio::test]
async fn what_is_no_trigger_is_refused() {
    let (_backend, api) = with_task().await;
    for (kind, more, problem) in [
        ("schedule", json!({}), "one of cron"),
        ("schedule", json!({ "cron": "0 9 * * *", "interval_seconds": 60 }), "one of cron"),
        ("schedule", json!({ "cron": "0 9 * *" }), "body.cron"),
        ("schedule", json!({ "cron": "61 9 * * *" }), "body.cron"),
        ("schedule", json!({ "interval_seconds": 0 }), "body.interval_seconds"),
        ("schedule", json!({ "run_at": "2020-01-01T00:00:00Z" }), "in the future"),
        ("schedule", json!({ "run_at": "tomorrow" }), "body.run_at"),
        ("schedule", json!({ "cron": "0 9 * * *", "timezone": "Fake/Zone" }), "body.timezone"),
        ("moon", json!({}), "body.type"),
        ("app", json!({ "app": "gmail" }), "body.trigger_name"),
    ] {
        create(&api, kind, more).await.refused(422, "validation_error", None, problem);
    }
    assert_eq!(listed(&api).await, [""; 0]);
    api.get("/tasks/9/triggers/").await.refused(404, "not_found", None, "Task not found");
}

#[tokio::test]
async fn one_form_of_a_schedule_takes_the_place_of_another() {
    let (_backend, api) = with_task().await;
    made(&api, "schedule", json!({ "cron": "0 9 * * *" })).await;
    let change = |path: &'static str, body: Value| api.send(Method::PATCH, path, Some(body));
    let path = "/tasks/1/triggers/schedule_1";
    let changed =
        change(path, json!({ "interval_seconds": 3600, "timezone": "Asia/Tokyo" })).await.good(StatusCode::OK);
    assert_eq!((&changed["cron"], &changed["interval_seconds"]), (&Value::Null, &json!(3600)));
    assert!(changed["timezone"] == "Asia/Tokyo" && changed["next_run"].is_string(), "{changed}");
    let off = change(path, json!({ "enabled": false })).await.good(StatusCode::OK);
    assert_eq!((&off["enabled"], &off["next_run"]), (&json!(false), &Value::Null));
    for (body, problem) in [
        (json!({ "cron": "x" }), "body.cron"),
        (json!({ "cron": "0 9 * * *", "run_at": "2999-01-01T00:00:00Z" }), "one of cron"),
        (json!({ "timezone": "Fake/Zone" }), "body.timezone"),
    ] {
        change(path, body).await.refused(422, "validation_error", None, problem);
    }
    // What is refused has changed nothing.
    assert_eq!(api.get(PATH).await.good(StatusCode::OK)[0], off);
    let unknown = change("/tasks/1/triggers/schedule_9", json!({ "enabled": true })).await;
    unknown.refused(404, "not_found", None, "Trigger not found");
}

#[tokio::test]
async fn a_webhook_is_switched_off_as_a_trigger_too() {
    let (_backend, api) = with_task().await;
    let path = "/tasks/1/triggers/webhook";
    let off = Some(json!({ "enabled": false }));
    api.send(Method::PATCH, path, off.clone()).await.refused(404, "not_found", None, "Trigger not found");
    made(&api, "webhook", json!({})).await;
    assert_eq!(api.send(Method::PATCH, path, off).await.good(StatusCode::OK)["enabled"], false);
    assert_eq!(api.get("/tasks/1").await.good(StatusCode::OK)["webhook_enabled"], false);
    let listed = api.get(PATH).await.good(StatusCode::OK);
    assert!(listed[0]["enabled"] == false && listed[0]["url"].as_str().unwrap().ends_with("/****"), "{listed}");
    let schedule = api.send(Method::PATCH, path, Some(json!({ "cron": "0 9 * * *" }))).await;
    schedule.refused(422, "validation_error", None, "Only a schedule");
}

#[tokio::test]
async fn what_is_numbered_is_deleted() {
    let (_backend, api) = with_task().await;
    made(&api, "schedule", json!({ "interval_seconds": 60 })).await;
    made(&api, "app", json!({ "app": "gmail", "trigger_name": "NEW_MESSAGE" })).await;
    made(&api, "webhook", json!({})).await;
    made(&api, "email", json!({})).await;
    let delete = |id: &'static str| {
        let (api, path) = (&api, format!("{PATH}{id}"));
        async move { api.send(Method::DELETE, &path, None).await }
    };
    for id in ["webhook", "email", "schedule", "schedule_", "schedule_x", "moon_1", "1"] {
        delete(id).await.refused(422, "validation_error", None, "");
    }
    for id in ["schedule_9", "app_1", "schedule_2", "schedule_99999999999999999999"] {
        let status = if id.len() > 20 { 422 } else { 404 };
        assert_eq!(delete(id).await.status.as_u16(), status, "{id}");
    }
    delete("schedule_1").await.nothing();
    delete("app_2").await.nothing();
    assert_eq!(listed(&api).await, ["email", "webhook"]);
    assert_eq!(api.get("/tasks/1").await.good(StatusCode::OK)["app_trigger_count"], 0);
}

#[tokio::test]
async fn a_task_may_be_made_with_its_schedule() {
    let (_backend, api) = with_task().await;
    let body =
        json!({ "teammate_id": 1, "instructions": "a", "schedule": "0 9 * * 1", "schedule_timezone": "Asia/Tokyo" });
    api.post("/tasks/", body).await.good(StatusCode::CREATED);
    let listed = api.get("/tasks/2/triggers/").await.good(StatusCode::OK);
    assert_eq!((&listed[0]["cron"], &listed[0]["timezone"]), (&json!("0 9 * * 1"), &json!("Asia/Tokyo")));
    // Another task's trigger is not its own.
    let other = api.send(Method::DELETE, "/tasks/1/triggers/schedule_1", None).await;
    other.refused(404, "not_found", None, "Trigger not found");
}
