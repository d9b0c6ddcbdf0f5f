//! What starts a run from without: schedules, e-mails, events of apps.

use std::time::Duration;

use m8tes_local_backend::{LocalBackend, Run};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, Api, ids};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A task of a teammate's.
async fn with_task(api: &Api) {
    api.post("/agents/", json!({ "user_id": "cust_1" })).await.good(StatusCode::CREATED);
    api.post("/tasks/", json!({ "teammate_id": 1, "instructions": "Report" })).await.good(StatusCode::CREATED);
}

async fn trigger(api: &Api, kind: &str, more: Value) -> Value {
    let mut body = json!({ "type": kind, "timezone": "UTC" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    api.post("/tasks/1/triggers/", body).await.good(StatusCode::CREATED)
}

async fn runs(api: &Api) -> Vec<i64> {
    ids(&api.get("/runs/").await.good(StatusCode::OK))
}

async fn next_run(api: &Api) -> Value {
    api.get("/tasks/1/triggers/").await.good(StatusCode::OK)[0]["next_run"].clone()
}

#[tokio::test]
async fn a_schedule_starts_its_task_when_it_is_due() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    with_task(&api).await;
    let made = trigger(&api, "schedule", json!({ "interval_seconds": 3600 })).await;
    backend.advance(HOUR / 2);
    assert_eq!(runs(&api).await, [0; 0]);
    backend.advance(HOUR / 2);
    assert_eq!(runs(&api).await, [1]);
    let run = api.ended(1).await;
    assert_eq!((&run["task_id"], &run["trigger_source"]), (&json!(1), &json!("schedule")));
    assert_eq!((&run["description"], &run["user_id"]), (&json!("Report"), &json!("cust_1")));
    let next = next_run(&api).await;
    assert!(next.as_str().unwrap() > made["next_run"].as_str().unwrap(), "{next}");
    // What was missed is started once.
    backend.advance(HOUR * 5);
    assert_eq!(runs(&api).await, [2, 1]);
}

#[tokio::test]
async fn each_form_of_a_schedule_goes_on_as_it_says() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    with_task(&api).await;
    trigger(&api, "schedule", json!({ "run_at": "2999-12-24T18:00:00" })).await;
    backend.advance(HOUR * 24 * 366 * 100);
    assert_eq!(runs(&api).await, [0; 0]);
    backend.advance(HOUR * 24 * 366 * 1000);
    assert_eq!(runs(&api).await, [1]);
    assert_eq!(next_run(&api).await, Value::Null);
    backend.advance(HOUR * 24 * 366);
    assert_eq!(runs(&api).await, [1]);
    let body = json!({ "cron": "0 9 * * *" });
    api.send(Method::PATCH, "/tasks/1/triggers/schedule_1", Some(body)).await.good(StatusCode::OK);
    for count in [2, 3] {
        backend.advance(HOUR * 24);
        assert_eq!(runs(&api).await.len(), count);
    }
}

#[tokio::test]
async fn a_schedule_starts_nothing_that_is_off() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    with_task(&api).await;
    trigger(&api, "schedule", json!({ "interval_seconds": 3600 })).await;
    for (method, path, off, on) in [
        (Method::PATCH, "/tasks/1/triggers/schedule_1", json!({ "enabled": false }), json!({ "enabled": true })),
        (Method::PATCH, "/tasks/1", json!({ "status": "disabled" }), json!({ "status": "enabled" })),
    ] {
        let before = runs(&api).await;
        api.send(method.clone(), path, Some(off)).await.good(StatusCode::OK);
        backend.advance(HOUR);
        assert_eq!(runs(&api).await, before);
        // Nor is it made up for.
        api.send(method, path, Some(on)).await.good(StatusCode::OK);
        backend.advance(Duration::ZERO);
        assert_eq!(runs(&api).await, before);
        backend.advance(HOUR);
        assert_eq!(runs(&api).await.len(), before.len() + 1);
    }
    let before = runs(&api).await;
    api.send(Method::POST, "/agents/1/disable", None).await.good(StatusCode::OK);
    backend.advance(HOUR);
    api.send(Method::POST, "/agents/1/enable", None).await.good(StatusCode::OK);
    api.send(Method::DELETE, "/tasks/1/triggers/schedule_1", None).await.nothing();
    backend.advance(HOUR);
    assert_eq!(runs(&api).await, before);
}

#[tokio::test]
async fn a_schedule_goes_by_the_clock_and_outlives_the_backend() {
    let directory = tempfile::tempdir().unwrap();
    let builder = LocalBackend::builder().data(directory.path().join("m8tes.db"));
    let backend = builder.clone().start().await.unwrap();
    let api = Api::of(&backend);
    with_task(&api).await;
    trigger(&api, "schedule", json!({ "interval_seconds": 1 })).await;
    backend.shutdown().await;
    let backend = builder.start().await.unwrap();
    let api = Api::of(&backend);
    while runs(&api).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Sends an e-mail to this address.
async fn mailed(backend: &LocalBackend, address: &Value, from: &str) -> Answer {
    let path = format!("/emails/{}", address.as_str().unwrap());
    let email = json!({ "from": from, "subject": "Hello", "text": "Are you there?" });
    Api::at(backend.url(), None).post(&path, email).await
}

#[tokio::test]
async fn an_email_starts_what_its_address_is_of() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    with_task(&api).await;
    let mate = api.send(Method::POST, "/agents/1/email-inbox", None).await.good(StatusCode::OK)["address"].clone();
    let task = trigger(&api, "email", json!({})).await["address"].clone();
    for (address, description, task_id) in
        [(&mate, "Hello\n\nAre you there?", Value::Null), (&task, "Report\n\nHello\n\nAre you there?", json!(1))]
    {
        let started = mailed(&backend, address, "a@b.c").await.good(StatusCode::ACCEPTED);
        let run = api.ended(started["run_id"].as_i64().unwrap()).await;
        assert_eq!((&run["description"], &run["task_id"]), (&json!(description), &task_id));
        assert_eq!((&run["trigger_source"], &run["user_id"]), (&json!("email"), &json!("cust_1")));
    }
    // Some may not send, and where nobody lives nothing arrives.
    let allowed = json!({ "allowed_senders": ["A@b.c"] });
    api.send(Method::PATCH, "/agents/1", Some(allowed)).await.good(StatusCode::OK);
    mailed(&backend, &mate, "a@b.c").await.good(StatusCode::ACCEPTED);
    mailed(&backend, &mate, "eve@b.c").await.refused(403, "permission_denied", None, "sender");
    api.send(Method::DELETE, "/agents/1/email-inbox", None).await.nothing();
    let off = json!({ "enabled": false });
    api.send(Method::PATCH, "/tasks/1/triggers/email", Some(off)).await.good(StatusCode::OK);
    for address in [&mate, &task, &json!("mate-9@inbox.m8tes.test"), &json!("run-1@inbox.m8tes.test"), &json!("a@b.c")]
    {
        mailed(&backend, address, "a@b.c").await.refused(404, "not_found", None, "Address not found");
    }
    api.send(Method::POST, "/agents/1/email-inbox", None).await.good(StatusCode::OK);
    api.send(Method::POST, "/agents/1/disable", None).await.good(StatusCode::OK);
    mailed(&backend, &mate, "a@b.c").await.refused(409, "conflict", None, "not enabled");
    let no_email =
        Api::at(backend.url(), None).post("/emails/mate-1@inbox.m8tes.test", json!({ "subject": "a" })).await;
    no_email.refused(422, "validation_error", None, "from");
}

#[tokio::test]
async fn who_may_send_to_a_task_is_said_by_its_trigger() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    with_task(&api).await;
    let address = trigger(&api, "email", json!({ "allowed_senders": ["a@b.c"] })).await["address"].clone();
    mailed(&backend, &address, "eve@b.c").await.refused(403, "permission_denied", None, "sender");
    mailed(&backend, &address, "a@b.c").await.good(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_email_to_a_run_is_a_reply() {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        if run.turn() == 1 {
            run.ask_permission("gmail", &json!({})).await;
        }
        run.text(run.message());
        Ok(())
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    let body = json!({ "message": "go", "stream": false, "email_inbox": true });
    let address = api.post("/runs/", body).await.good(StatusCode::OK)["email_address"].clone();
    while api.get("/runs/1/permissions").await.json() == json!([]) {}
    assert_eq!(mailed(&backend, &address, "a@b.c").await.good(StatusCode::ACCEPTED), json!({ "run_id": 1 }));
    let queued = api.get("/runs/1").await.good(StatusCode::OK);
    assert_eq!((&queued["delivery"], &queued["pending_queued_message_ids"]), (&json!("queued"), &json!([1])));
    let approval = json!({ "request_id": "req_1_1", "decision": "allow", "remember": false });
    api.post("/runs/1/approve", approval).await.good(StatusCode::OK);
    while api.get("/runs/1").await.json()["output"] != "Hello\n\nAre you there?" {}
    mailed(&backend, &address, "a@b.c").await.good(StatusCode::ACCEPTED);
    api.ended(1).await;
    assert_eq!(api.get("/runs/1/messages").await.json()[4]["content"], "Hello\n\nAre you there?");
}

#[tokio::test]
async fn an_event_of_an_app_starts_the_tasks_that_wait_for_it() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    with_task(&api).await;
    trigger(&api, "app", json!({ "app": "gmail", "trigger_name": "NEW_MESSAGE" })).await;
    let outside = Api::at(backend.url(), Some(m8tes_local_backend::DEFAULT_API_KEY));
    let event = json!({ "subject": "Hello" });
    let started = outside.post("/events/gmail/NEW_MESSAGE", event.clone()).await.good(StatusCode::ACCEPTED);
    assert_eq!(started, json!({ "run_ids": [1] }));
    let run = api.ended(1).await;
    assert_eq!(
        (&run["description"], &run["trigger_source"]),
        (&json!("Report\n\n{\"subject\":\"Hello\"}"), &json!("app"))
    );
    let none = json!({ "run_ids": [] });
    for path in ["/events/gmail/OTHER", "/events/slack/NEW_MESSAGE"] {
        assert_eq!(outside.post(path, event.clone()).await.good(StatusCode::ACCEPTED), none);
    }
    let off = Some(json!({ "enabled": false }));
    api.send(Method::PATCH, "/tasks/1/triggers/app_1", off).await.good(StatusCode::OK);
    assert_eq!(outside.post("/events/gmail/NEW_MESSAGE", event.clone()).await.good(StatusCode::ACCEPTED), none);
    let nobody = Api::at(backend.url(), None).post("/events/gmail/NEW_MESSAGE", event).await;
    nobody.refused(401, "authentication_error", None, "API key");
}
