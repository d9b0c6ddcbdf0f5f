//! What was answered is there after the program is killed and started again.

use local_backend_kit::Process;
use m8tes_local_backend::{BASE_PATH, DEFAULT_API_KEY};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::{
    client::{Answer, Api},
    operations::upload,
    webhooks::{received, settled},
};

/// The program on a file of its own.
struct Program {
    running: Process,
    directory: TempDir,
}

impl Program {
    fn start() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    fn on(directory: TempDir) -> Self {
        let file = directory.path().join("m8tes.db");
        let arguments = ["--pace=0", "--loopback-webhooks", "--data", file.to_str().unwrap()];
        Self { running: Process::start(env!("CARGO_BIN_EXE_m8tes-local-backend"), &arguments).unwrap(), directory }
    }

    fn api(&self) -> Api {
        self.api_of(DEFAULT_API_KEY)
    }

    fn api_of(&self, key: &str) -> Api {
        Api::at(&format!("{}{BASE_PATH}", self.running.url()), Some(key))
    }

    /// Kills it, and starts it again.
    fn again(self) -> Self {
        drop(self.running);
        Self::on(self.directory)
    }
}

/// Everything that can be read.
const READ: [&str; 26] = [
    "/agents/",
    "/agents/?include_archived=true",
    "/agents/1",
    "/runs/",
    "/runs/1",
    "/runs/1/messages?include_trace=true",
    "/runs/1/outcome",
    "/runs/1/permissions",
    "/runs/1/files",
    "/runs/?task_id=1",
    "/tasks/",
    "/tasks/?include_archived=true",
    "/tasks/1",
    "/tasks/1/triggers/",
    "/apps/",
    "/apps/?user_id=cust_1",
    "/memories/",
    "/memories/?user_id=cust_1",
    "/permissions/",
    "/permissions/?user_id=cust_1",
    "/users/",
    "/users/cust_2",
    "/webhooks/",
    "/webhooks/1/deliveries",
    "/settings/",
    "/verify/status",
];

async fn read(api: &Api) -> Vec<Value> {
    let mut read = Vec::new();
    for path in READ {
        read.push(api.get(path).await.good(StatusCode::OK));
    }
    read
}

async fn post(api: &Api, path: &str, body: Value) -> Value {
    let answer = api.post(path, body).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    answer.json()
}

/// Everything that there can be, but for runs.
async fn fill(api: &Api) {
    for name in ["Ada", "Grace"] {
        post(api, "/agents/", json!({ "name": name, "metadata": { "a": [1, null] }, "email_inbox": true })).await;
    }
    api.send(Method::DELETE, "/agents/2", None).await.nothing();
    for instructions in ["Report", "Sort"] {
        post(api, "/tasks/", json!({ "teammate_id": 1, "instructions": instructions, "model": "m" })).await;
    }
    api.send(Method::PATCH, "/tasks/1", Some(json!({ "goals": "Be quick" }))).await.good(StatusCode::OK);
    api.send(Method::DELETE, "/tasks/2", None).await.nothing();
    for trigger in [
        json!({ "type": "schedule", "timezone": "Europe/Berlin", "cron": "0 9 1 1 *" }),
        json!({ "type": "schedule", "timezone": "UTC", "run_at": "2999-01-01T00:00:00Z" }),
        json!({ "type": "email", "timezone": "UTC", "allowed_senders": ["a@b.c"] }),
        json!({ "type": "app", "timezone": "UTC", "app": "gmail", "trigger_name": "NEW", "trigger_config": {} }),
    ] {
        post(api, "/tasks/1/triggers/", trigger).await;
    }
    post(api, "/apps/gemini/connect/api-key", json!({ "api_key": "k" })).await;
    let begun =
        post(api, "/apps/gmail/connect", json!({ "redirect_uri": "http://a.test/", "user_id": "cust_1" })).await;
    let complete = json!({ "connection_id": begun["connection_id"], "user_id": "cust_1" });
    post(api, "/apps/gmail/connect/complete", complete).await;
    for user_id in [Value::Null, json!("cust_1")] {
        let with_user = |mut body: Value| {
            if user_id.is_string() {
                body["user_id"] = user_id.clone();
            }
            body
        };
        post(api, "/memories/", with_user(json!({ "content": "Likes tea", "audience": "company" }))).await;
        post(api, "/permissions/", with_user(json!({ "tool": "gmail_send" }))).await;
    }
    post(api, "/users/", json!({ "user_id": "cust_2", "name": "Bo", "run_limit": 3 })).await;
    let settings = json!({ "retention_mode": "metadata_only", "per_end_user_run_limit": 9 });
    api.send(Method::PATCH, "/settings/", Some(settings)).await.good(StatusCode::OK);
}

#[tokio::test]
async fn all_that_was_answered_is_there_again() {
    let program = Program::start();
    let api = program.api();
    fill(&api).await;
    post(&api, "/webhooks/", json!({ "url": "http://127.0.0.1:9/", "events": ["run.started"] })).await;
    let body = json!({ "message": "go", "stream": false, "teammate_id": 1, "user_id": "cust_1" });
    post(&api, "/runs/", body).await;
    post(&api, "/tasks/1/runs", json!({ "stream": false })).await;
    for id in [1, 2] {
        api.ended(id).await;
    }
    settled(&api, "/webhooks/1/deliveries").await;
    let before = read(&api).await;

    let program = program.again();
    let api = program.api();
    for ((path, before), after) in READ.iter().zip(before).zip(read(&api).await) {
        assert_eq!(after, before, "{path}");
    }
    // What is made now is new, and what is known is known.
    assert_eq!(post(&api, "/agents/", json!({})).await["id"], 3);
    for (path, body) in
        [("/users/", json!({ "user_id": "cust_2" })), ("/memories/", json!({ "content": "likes  TEA" }))]
    {
        api.post(path, body).await.refused(409, "conflict", None, "");
    }
}

async fn send(api: &Api, (path, body): &(&str, Option<Value>)) -> Answer {
    let request = api.request(Method::POST, path).header("idempotency-key", *path);
    match body {
        Some(body) => Answer::to(request.json(body)).await,
        None => upload(request).await,
    }
}

#[tokio::test]
async fn each_key_of_a_request_is_known_again() {
    let program = Program::start();
    let api = program.api();
    fill(&api).await;
    let requests: [(&str, Option<Value>); 5] = [
        ("/runs/", Some(json!({ "message": "go", "stream": false }))),
        ("/runs/with-files", None),
        ("/runs/1/reply", Some(json!({ "message": "more", "stream": false }))),
        ("/runs/2/reply/with-files", None),
        ("/tasks/1/runs", Some(json!({ "stream": false }))),
    ];
    let mut ids = Vec::new();
    for request in &requests {
        let answer = send(&api, request).await;
        assert_eq!(answer.header("idempotent-replay"), None, "{}", request.0);
        let id = answer.good(StatusCode::OK)["id"].as_i64().unwrap();
        api.ended(id).await;
        ids.push(id);
    }
    assert_eq!(ids, [1, 2, 1, 2, 3]);
    let messages = api.get("/runs/1/messages").await.good(StatusCode::OK);

    let program = program.again();
    let api = program.api();
    for (request, id) in requests.iter().zip(ids) {
        let again = send(&api, request).await;
        assert_eq!(again.header("idempotent-replay"), Some("true"), "{}", request.0);
        assert_eq!(again.good(StatusCode::OK)["id"], id, "{}", request.0);
    }
    assert_eq!(api.get("/runs/1/messages").await.good(StatusCode::OK), messages);
    let other = api.request(Method::POST, "/runs/").header("idempotency-key", "/runs/");
    let other = Answer::to(other.json(&json!({ "message": "stop", "stream": false }))).await;
    other.refused(409, "conflict", Some("idempotency_key_reuse"), "");
}

#[tokio::test]
async fn what_was_to_be_told_is_told() {
    let program = Program::start();
    let api = program.api();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    post(&api, "/webhooks/", json!({ "url": url, "events": ["run.started", "run.completed"] })).await;
    post(&api, "/runs/", json!({ "message": "go", "stream": false })).await;
    api.ended(1).await;
    // It is being told, and nobody has said that it was heard.
    let unanswered = listener.accept().await.unwrap();
    let program = program.again();
    drop(unanswered);
    for event in ["run.started", "run.completed"] {
        let told = received(&listener, 200).await;
        assert!(told.contains(&format!("\"event\":\"{event}\"")), "{told}");
    }
    let deliveries = settled(&program.api(), "/webhooks/1/deliveries").await;
    let deliveries = deliveries["data"].as_array().unwrap();
    assert!(deliveries.len() == 2 && deliveries.iter().all(|each| each["status"] == "delivered"), "{deliveries:?}");
}

#[tokio::test]
async fn urls_and_accounts_are_good_for_as_long() {
    let program = Program::start();
    let api = program.api();
    post(&api, "/agents/", json!({})).await;
    let task = json!({ "teammate_id": 1, "instructions": "Report", "webhook": true });
    let hooks = [
        api.send(Method::POST, "/agents/1/webhook", None).await.good(StatusCode::OK)["url"].clone(),
        post(&api, "/tasks/", task).await["webhook_url"].clone(),
    ];
    let signup = json!({ "email": "a@b.c", "first_name": "Ada", "password": "pw-12345678" });
    let first = post(&api, "/signup", signup).await["api_key"].as_str().unwrap().to_owned();
    let login = json!({ "email": "a@b.c", "password": "pw-12345678" });
    let second = post(&api, "/token", login.clone()).await["api_key"].as_str().unwrap().to_owned();
    program.api_of(&second).send(Method::POST, "/verify/resend", None).await.good(StatusCode::OK);

    let url = program.running.url().to_owned();
    let program = program.again();
    for (hook, id) in hooks.iter().zip([1, 2]) {
        let path = hook.as_str().unwrap().strip_prefix(&url).unwrap();
        let started = Api::at(program.running.url(), None).post(path, json!({})).await.good(StatusCode::ACCEPTED);
        assert_eq!(started["run_id"], id);
    }
    program.api_of(&first).get("/settings/").await.refused(401, "authentication_error", None, "");
    let api = program.api_of(&second);
    assert_eq!(api.get("/verify/status").await.good(StatusCode::OK)["is_verified"], true);
    assert_eq!(api.get("/settings/").await.good(StatusCode::OK)["require_end_user_id"], true);
    post(&api, "/token", login).await;
}
