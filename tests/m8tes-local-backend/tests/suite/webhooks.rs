//! Webhooks and their deliveries.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use m8tes_local_backend::{LocalBackend, Run, RunFailure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::client::{Api, ids};

/// The next request to a listener, as text, which is answered by this status.
pub(crate) async fn received(listener: &TcpListener, status: u16) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut text = String::new();
    loop {
        let mut buffer = [0; 4096];
        let length = stream.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let expected = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() >= expected.parse().unwrap() {
            break;
        }
    }
    let answer = format!("HTTP/1.1 {status} Told\r\ncontent-length: 2\r\n\r\nok");
    stream.write_all(answer.as_bytes()).await.unwrap();
    text
}

pub(crate) async fn settled(api: &Api, path: &str) -> Value {
    loop {
        let found = api.get(path).await.good(StatusCode::OK);
        if found["data"].as_array().unwrap().iter().all(|each| each["status"] != "pending") {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_secret_is_told_once_and_again_when_it_is_new() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let made = api.post("/webhooks/", json!({ "url": "https://a.test/x" })).await.good(StatusCode::CREATED);
    assert_eq!(made["events"], json!(["run.completed", "run.failed", "run.cancelled"]));
    assert!(made["secret"].as_str().unwrap().len() > 20);
    for path in ["/webhooks/1", "/webhooks/"] {
        let read = api.get(path).await.good(StatusCode::OK);
        assert_eq!(read.pointer("/data/0").unwrap_or(&read)["secret"], "whse...");
    }
    let change = json!({ "rotate_secret": true, "active": false });
    let rotated = api.send(Method::PATCH, "/webhooks/1", Some(change)).await.good(StatusCode::OK);
    assert!(rotated["secret"] != made["secret"] && rotated["secret"].as_str().unwrap().len() > 20);
    let changed = api.send(Method::PATCH, "/webhooks/1", Some(json!({ "events": [] }))).await.good(StatusCode::OK);
    assert_eq!(
        (&changed["secret"], &changed["events"], &changed["active"]),
        (&json!("whse..."), &json!([]), &json!(false))
    );
    api.send(Method::DELETE, "/webhooks/1", None).await.nothing();
    api.get("/webhooks/1").await.refused(404, "not_found", None, "Webhook not found");
}

#[tokio::test]
async fn urls_are_public_and_events_are_known() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for url in [
        "http://a.test/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://a.internal/",
        "https://a.local/",
        "a.test",
        "",
    ] {
        api.post("/webhooks/", json!({ "url": url })).await.refused(422, "validation_error", None, "body.url");
    }
    let unknown = api.post("/webhooks/", json!({ "url": "https://a.test/", "events": ["moon"] })).await;
    unknown.refused(422, "validation_error", None, "moon is unknown");
}

#[tokio::test]
async fn what_runs_do_is_told_to_who_wants_to_know() {
    let backend = LocalBackend::builder().loopback_webhooks().on_run(|run: Run| async move {
        if run.message() == "fail" { Err(RunFailure::new("asked to")) } else { Ok(()) }
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?a=1", listener.local_addr().unwrap());
    let body = json!({ "url": url, "user_id": "cust_1", "events": ["run.started", "run.failed"] });
    let secret = api.post("/webhooks/", body).await.good(StatusCode::CREATED)["secret"].as_str().unwrap().to_owned();
    let go = |message: &'static str, user: &'static str| {
        api.post("/runs/", json!({ "message": message, "stream": false, "user_id": user }))
    };
    go("fail", "cust_2").await.good(StatusCode::OK);
    go("fail", "cust_1").await.good(StatusCode::OK);

    let started = received(&listener, 200).await;
    assert!(started.starts_with("POST /hook?a=1 HTTP/1.1\r\n"), "{started}");
    for name in ["webhook-id: evt_", "webhook-timestamp: ", "webhook-signature: v1="] {
        assert!(started.contains(name), "{started}");
    }
    let (head, body) = started.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header("webhook-signature"), format!("v1={digits}"));
    let told: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&told["event"], &told["run_id"]), (&json!("run.started"), &json!(2)));
    // One that is not taken comes again, with the same id.
    let event_id = |request: &str| request.lines().find(|line| line.starts_with("webhook-id")).unwrap().to_owned();
    let failed = received(&listener, 500).await;
    let again = received(&listener, 200).await;
    assert_eq!(event_id(&failed), event_id(&again));
    assert!(again.contains("run.failed"), "{again}");

    let deliveries = settled(&api, "/webhooks/1/deliveries").await;
    assert_eq!(ids(&deliveries), [2, 1]);
    let last = &deliveries["data"][0];
    assert_eq!(
        (&last["status"], &last["attempts"], &last["event_type"]),
        (&json!("delivered"), &json!(2), &json!("run.failed"))
    );
    assert_eq!((&last["response_status_code"], &last["response_body"]), (&json!(200), &json!("ok")));
    assert!(last["body"].is_null() && last["next_retry_at"].is_null(), "{last}");
}

#[tokio::test]
async fn what_nobody_takes_has_failed_after_some_attempts() {
    let backend = LocalBackend::builder().loopback_webhooks().start().await.unwrap();
    let api = Api::of(&backend);
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    api.post("/webhooks/", json!({ "url": format!("http://{gone}/") })).await.good(StatusCode::CREATED);
    api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
    api.ended(1).await;
    let deliveries = settled(&api, "/webhooks/1/deliveries").await;
    let only = &deliveries["data"][0];
    assert_eq!((&only["status"], &only["attempts"], &only["run_id"]), (&json!("failed"), &json!(3), &json!(1)));
}

#[tokio::test]
async fn a_post_to_a_webhook_starts_a_run() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/agents/", json!({ "user_id": "cust_1" })).await.good(StatusCode::CREATED);
    let mate = api.send(Method::POST, "/agents/1/webhook", None).await.good(StatusCode::OK);
    let body = json!({ "teammate_id": 1, "instructions": "Report", "webhook": true });
    let task = api.post("/tasks/", body).await.good(StatusCode::CREATED);
    let (mate, task) = (mate["url"].as_str().unwrap(), task["webhook_url"].as_str().unwrap());

    let started = Api::at(mate, None).post("", json!({ "a": 1 })).await.good(StatusCode::ACCEPTED);
    let run = api.ended(started["run_id"].as_i64().unwrap()).await;
    assert_eq!(
        (&run["description"], &run["user_id"], &run["trigger_source"]),
        (&json!(r#"{"a":1}"#), &json!("cust_1"), &json!("webhook"))
    );
    let started = Api::at(task, None).post("", json!({ "a": 1 })).await.good(StatusCode::ACCEPTED);
    let run = api.ended(started["run_id"].as_i64().unwrap()).await;
    assert_eq!((&run["description"], &run["task_id"]), (&json!("Report\n\n{\"a\":1}"), &json!(1)));

    api.send(Method::PATCH, "/tasks/1/webhook", Some(json!({ "enabled": false }))).await.good(StatusCode::OK);
    api.send(Method::POST, "/agents/1/webhook", None).await.good(StatusCode::OK);
    for dead in [mate, task] {
        Api::at(dead, None).post("", json!({})).await.refused(404, "not_found", None, "Webhook not found");
    }
}

#[tokio::test]
async fn each_event_of_a_run_is_told_when_it_happens() {
    let backend = LocalBackend::builder().loopback_webhooks().scripted().start().await.unwrap();
    let api = Api::of(&backend);
    let all = [
        "run.started",
        "run.completed",
        "run.failed",
        "run.cancelled",
        "run.awaiting_input",
        "run.message_received",
        "run.message_cancelled",
    ];
    let body = json!({ "url": "http://127.0.0.1:9/", "events": all });
    api.post("/webhooks/", body).await.good(StatusCode::CREATED);
    let go = |message: &'static str| json!({ "message": message, "stream": false });
    for (id, message) in [(1, "say done"), (2, "fail"), (3, "ask gmail")] {
        api.post("/runs/", go(message)).await.good(StatusCode::OK);
        while message.starts_with("ask") && api.get("/runs/3/permissions").await.json() == json!([]) {}
        if message.starts_with("ask") {
            api.post("/runs/3/reply", go("more")).await.good(StatusCode::OK);
            api.send(Method::POST, "/runs/3/cancel", None).await.good(StatusCode::OK);
        }
        api.ended(id).await;
    }
    let told = api.get("/webhooks/1/deliveries").await.good(StatusCode::OK);
    let told = told["data"].as_array().unwrap().iter().rev();
    let told: Vec<_> =
        told.map(|each| (each["run_id"].as_i64().unwrap(), each["event_type"].as_str().unwrap())).collect();
    let expected = [
        (1, "run.started"),
        (1, "run.completed"),
        (2, "run.started"),
        (2, "run.failed"),
        (3, "run.started"),
        (3, "run.awaiting_input"),
        (3, "run.message_received"),
        (3, "run.cancelled"),
        (3, "run.message_cancelled"),
    ];
    assert_eq!(told, expected);
    // One that is switched off is told nothing.
    api.send(Method::PATCH, "/webhooks/1", Some(json!({ "active": false }))).await.good(StatusCode::OK);
    api.post("/runs/", go("say done")).await.good(StatusCode::OK);
    api.ended(4).await;
    let told = api.get("/webhooks/1/deliveries").await.good(StatusCode::OK);
    assert_eq!(told["data"].as_array().unwrap().len(), expected.len());
}
