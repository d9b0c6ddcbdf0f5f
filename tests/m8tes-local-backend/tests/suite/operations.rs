//! All operations of the document, and something for each of them to be about.

use m8tes_local_backend::{LocalBackend, Run};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, Api};

/// An operation.
#[derive(Clone, Debug)]
pub struct Operation {
    pub method: Method,
    pub template: String,
    /// The names of its parameters in the query.
    pub query: Vec<String>,
    /// The fields of its body.
    pub fields: Vec<String>,
}

/// All of them.
pub fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(include_str!("../../../../openapi/m8tes/backend.json")).unwrap();
    let mut operations = Vec::new();
    for (template, described) in document["paths"].as_object().unwrap() {
        for (method, operation) in described.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            let query = query.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect();
            let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
            let schema = schema.and_then(Value::as_str).and_then(|schema| schema.rsplit('/').next());
            let fields = schema.and_then(|schema| document["components"]["schemas"][schema]["properties"].as_object());
            let fields = fields.into_iter().flatten().map(|(name, _)| name.clone()).collect();
            operations.push(Operation { method, template: template.clone(), query, fields });
        }
    }
    operations
}

const FORM: &str = "--b\r\ncontent-disposition: form-data; name=\"payload\"\r\n\r\n{\"message\":\"more\",\"stream\":false}\r\n\
                    --b\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a.csv\"\r\n\
                    content-type: text/csv\r\n\r\na,b\r\n--b--\r\n";

/// A request with a file, that is to say `more`.
pub async fn upload(request: reqwest::RequestBuilder) -> Answer {
    Answer::to(request.header("content-type", "multipart/form-data; boundary=b").body(FORM)).await
}

impl Operation {
    /// Its path about these things.
    pub fn path(&self, ids: &[(&str, String)]) -> String {
        let fill = |path: String, (name, id): &(&str, String)| path.replace(&format!("{{{name}}}"), id);
        let path = ids.iter().fold(self.template.clone(), fill);
        assert!(!path.contains('{'), "{path}");
        path
    }

    /// Asks for it there, with nothing wrong but what is wrong with the path.
    pub async fn send(&self, api: &Api, path: &str) -> Answer {
        if self.template.ends_with("with-files") {
            return upload(api.request(self.method.clone(), path)).await;
        }
        let body = (self.method == Method::POST || self.method == Method::PATCH).then(|| self.body());
        api.send(self.method.clone(), path, body).await
    }

    fn body(&self) -> Value {
        match (self.template.as_str(), self.template.rsplit('/').next().unwrap()) {
            ("/signup", _) => json!({ "email": "a@b.c", "first_name": "Ada" }),
            ("/token", _) => json!({ "email": "a@b.c", "password": "p" }),
            ("/tasks/", _) => json!({ "teammate_id": 1, "instructions": "Report" }),
            ("/users/", _) => json!({ "user_id": "cust_9" }),
            ("/webhooks/", _) => json!({ "url": "https://a.test/" }),
            ("/permissions/", _) => json!({ "tool": "gmail" }),
            ("/memories/", _) | (_, "{memory_id}") => json!({ "content": "Likes coffee" }),
            ("/runs/", _) | (_, "reply") => json!({ "message": "more", "stream": false }),
            (_, "approve") => json!({ "request_id": "req_1_1", "decision": "allow", "remember": false }),
            (_, "answer") => json!({ "answers": { "a": "b" } }),
            (_, "permission-mode") => json!({ "permission_mode": "autonomous" }),
            (_, "runs") => json!({ "stream": false }),
            (_, "webhook") if self.method == Method::PATCH => json!({ "enabled": true }),
            (_, "connect") => json!({ "redirect_uri": "http://a.test/" }),
            (_, "api-key") => json!({ "api_key": "k" }),
            (_, "") if self.template.ends_with("triggers/") => json!({ "type": "webhook", "timezone": "UTC" }),
            _ => json!({}),
        }
    }
}

/// A backend whose runs make a file and go on.
pub async fn busy() -> LocalBackend {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        run.file("report.csv", "a,b")?;
        std::future::pending().await
    });
    backend.start().await.unwrap()
}

/// Everything that an account can have, of the account itself or of an end user, and the ids by which it is asked for.
pub async fn with_everything(api: &Api, user_id: Option<&str>) -> Vec<(&'static str, String)> {
    let id = |made: Value| made["id"].as_i64().unwrap().to_string();
    let of_user = |mut body: Value| {
        if let Some(user_id) = user_id {
            body["user_id"] = json!(user_id);
        }
        body
    };
    let query = user_id.map(|user_id| format!("?user_id={user_id}")).unwrap_or_default();
    let made = |path: &'static str, body: Value| async move { api.post(path, body).await.good(StatusCode::CREATED) };
    let mate = id(made("/agents/", of_user(json!({ "name": "Ada" }))).await);
    let number: i64 = mate.parse().unwrap();
    let task = id(made("/tasks/", of_user(json!({ "teammate_id": number, "instructions": "Report" }))).await);
    let schedule = json!({ "type": "schedule", "timezone": "UTC", "interval_seconds": 3600 });
    let schedule = api.post(&format!("/tasks/{task}/triggers/{query}"), schedule).await.good(StatusCode::CREATED);
    let memory = id(made("/memories/", of_user(json!({ "content": "Likes tea" }))).await);
    let permission = id(made("/permissions/", of_user(json!({ "tool": "gmail_send" }))).await);
    made("/users/", json!({ "user_id": "cust_2" })).await;
    let webhook = id(made("/webhooks/", of_user(json!({ "url": "https://a.test/" }))).await);
    api.post("/apps/gemini/connect/api-key", of_user(json!({ "api_key": "k" }))).await.good(StatusCode::OK);
    let body = of_user(json!({ "message": "go", "stream": false, "teammate_id": number }));
    let run = id(api.keyed("key-1", body).await.good(StatusCode::OK));
    while api.get(&format!("/runs/{run}/files")).await.json() == json!([]) {}
    vec![
        ("agent_id", mate),
        ("task_id", task),
        ("trigger_id", schedule["id"].as_str().unwrap().to_owned()),
        ("memory_id", memory),
        ("permission_id", permission),
        ("user_id", "cust_2".to_owned()),
        ("webhook_id", webhook),
        ("run_id", run),
        ("filename", "report.csv".to_owned()),
        ("app_name", "gemini".to_owned()),
    ]
}
