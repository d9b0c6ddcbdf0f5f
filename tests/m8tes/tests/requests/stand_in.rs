//! A server that answers each request so that a call goes on as it went on in the recordings.

use std::sync::{Arc, Mutex};

use m8tes_tests::sent::recorded;
use serde_json::{Value, json};
use test_harness::{Connection, RawPeer};

/// What a call finds: run 42, which is under way for `cust_123`, and whatever `given` says.
struct Found {
    /// What the next run is; the run that is spoken of.
    run: Value,
    /// What the run asks, and the tool by which.
    asks: Option<(String, &'static str)>,
    /// How often the run is still seen under way.
    looks: usize,
    /// Whether there are three things more on each list.
    has_more: bool,
}

/// Starts it for one call, in the state that the recording tells.
pub(crate) async fn serve(given: &str) -> RawPeer {
    let asks = |request: &str, tool| given.ends_with(request).then(|| (request.to_owned(), tool));
    let is_over = given == "run 42 is completed" || given.starts_with("run 42 failed");
    let found = Arc::new(Mutex::new(Found {
        run: json!({"id": 42, "user_id": "cust_123"}),
        asks: asks("req_123", "gmail_send").or_else(|| asks("req_9", "AskUserQuestion")),
        looks: usize::from(!is_over),
        has_more: given.ends_with("exist too"),
    }));
    RawPeer::start(move |connection| answer(connection, Arc::clone(&found))).await
}

async fn answer(mut connection: Connection, found: Arc<Mutex<Found>>) {
    while let Some(request) = connection.request().await {
        let answer = found.lock().unwrap().answer(&recorded(&request));
        connection.send(answer).await;
    }
}

impl Found {
    fn answer(&mut self, request: &Value) -> String {
        let [method, path] = ["method", "path"].map(|name| request[name].as_str().unwrap());
        let segments: Vec<_> = path.trim_matches('/').split('/').collect();
        let sent = match &request["body"]["multipart"] {
            Value::Array(parts) => &parts[0]["json"],
            _ => &request["body"],
        };
        match (method, &segments[..]) {
            ("POST", ["runs"] | ["runs", "with-files"]) => {
                self.run = json!({"id": 43, "user_id": sent["user_id"]});
                self.begin(sent)
            }
            ("POST", ["runs", _, "reply", ..]) => self.begin(sent),
            ("POST", ["tasks", _, "runs"]) => {
                self.run["id"] = 43.into();
                self.begin(sent)
            }
            ("GET", ["runs", _, "stream"]) => events(),
            ("GET", ["runs", _, "permissions"]) => json(&self.asked()),
            ("GET", ["runs", _, "files" | "messages"] | ["tasks", _, "triggers"]) => json(&json!([])),
            ("GET", ["runs", _, "files", ..]) => answer_of("text/csv", "a,b\n"),
            ("POST", ["runs", _, "approve" | "answer"]) => {
                self.asks = None;
                self.looks = 1;
                json(&anything())
            }
            ("GET", ["runs", _]) => self.look(),
            ("GET", ["apps"]) => json(&json!({"data": [], "has_more": false})),
            ("GET", [resource] | ["webhooks", _, resource]) if !["settings", "usage"].contains(resource) => {
                self.page(resource, &request["query"])
            }
            ("DELETE", _) => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
            _ => json(&anything()),
        }
    }

    fn begin(&mut self, sent: &Value) -> String {
        self.looks = 1;
        let request = || format!("req_{}_1", self.run["id"]);
        self.asks = match sent["permission_mode"].as_str() {
            Some("approval") => Some((request(), "gmail_send")),
            Some("plan") => Some((request(), "AskUserQuestion")),
            _ => None,
        };
        if sent["stream"] == true { events() } else { json(&self.with_status("running")) }
    }

    fn look(&mut self) -> String {
        let status = match self.looks {
            _ if self.asks.is_some() => "awaiting_approval",
            0 => "completed",
            _ => "running",
        };
        if self.asks.is_none() {
            self.looks = self.looks.saturating_sub(1);
        }
        json(&self.with_status(status))
    }

    fn with_status(&self, status: &str) -> Value {
        let mut run = self.run.clone();
        run["status"] = status.into();
        run["created_at"] = "2026-11-01T09:00:00Z".into();
        run
    }

    fn asked(&self) -> Value {
        let Some((request, tool)) = &self.asks else { return json!([]) };
        let input = json!({"questions": [{"question": "1. look 2. send", "header": "Plan Approval"}]});
        json!([{"request_id": request, "tool_name": tool, "status": "pending", "tool_input": input}])
    }

    fn page(&self, resource: &str, query: &Value) -> String {
        let first = if resource == "runs" { 42 } else { 7 };
        let last = if self.has_more { first + 3 } else { first };
        let number = |name: &str| query[name].as_str().and_then(|number| number.parse::<i64>().ok());
        let after = number("starting_after").unwrap_or(last + 1);
        let limit = usize::try_from(number("limit").unwrap_or(20)).unwrap();
        let ids: Vec<_> = (first..=last).rev().filter(|id| *id < after).collect();
        let data: Vec<_> = ids.iter().take(limit).map(|id| with_id(*id)).collect();
        json(&json!({"data": data, "has_more": ids.len() > limit}))
    }
}

/// What any model can be read from.
fn anything() -> Value {
    json!({
        "id": 7, "name": "n", "user_id": "cust_123", "teammate_id": 7, "instructions": "i", "status": "completed",
        "created_at": "2026-11-01T09:00:00Z", "enabled": true, "url": "https://example.com/hook", "type": "schedule",
        "request_id": "r", "tool_name": "slack", "content": "c", "app": "gmail", "authorization_url": "https://example.com",
        "connection_id": "c", "run_id": 42, "permission_mode": "approval", "plan": "pro", "runs_used": 1,
        "runs_limit": 2, "cost_used": "0.1", "cost_limit": "1", "period_end": "2026-12-01", "message": "m",
        "is_verified": true, "api_key": "m8_new", "email": "new@example.com", "webhook_endpoint_id": 8,
        "event_type": "run.completed", "event_id": "e",
    })
}

fn with_id(id: i64) -> Value {
    let mut thing = anything();
    thing["id"] = id.into();
    thing
}

fn json(body: &Value) -> String {
    answer_of("application/json", &body.to_string())
}

fn events() -> String {
    let frames = "data: {\"type\":\"text-delta\",\"delta\":\"a\"}\n\ndata: [DONE]\n\n";
    answer_of("text/event-stream", frames)
}

fn answer_of(kind: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
