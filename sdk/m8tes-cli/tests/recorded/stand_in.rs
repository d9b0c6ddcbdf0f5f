//! A server that answers as the one did that the official command was recorded with.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use test_harness::read_request;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

/// What holds beside the basic state: teammate 7, task 10, run 42, and the next run is 43.
#[derive(Clone, Debug)]
pub struct Given {
    has_key: bool,
    is_refused: bool,
    is_disabled: bool,
    stream: Stream,
}

/// What a run that is started says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stream {
    Good,
    Failed,
    Cut,
}

impl Given {
    /// What has to hold, by what the official command did.
    pub fn of(argv: &[String], requests: &[Value], exit: i32, note: &str) -> Self {
        let sends = |end: &str| requests.iter().any(|request| request["path"].as_str().unwrap().ends_with(end));
        let needs_no_key = ["status", "list"].iter().any(|command| argv.get(2).is_some_and(|given| given == command));
        let is_for_a_key = sends("/auth/login") || sends("/auth/register");
        let has_no_key = is_for_a_key || (requests.is_empty() && needs_no_key);
        let is_login = argv.get(1).is_some_and(|group| group == "auth") && sends("/auth/login");
        Self {
            has_key: !has_no_key,
            is_refused: note == "401" || (is_login && exit == 1),
            is_disabled: sends("/enable"),
            stream: match note {
                note if note.starts_with("stream cut") => Stream::Cut,
                _ if sends("/runs/") && exit == 1 => Stream::Failed,
                _ => Stream::Good,
            },
        }
    }
}

/// The server.
pub struct StandIn {
    url: String,
    given: Given,
    requests: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    pub async fn start(given: Given) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, state) = (requests.clone(), given.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, state.clone(), log.clone()));
            }
        });
        Self { url, given, requests }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn has_key(&self) -> bool {
        self.given.has_key
    }

    /// What came, a line each.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A recorded request in a line.
pub fn line_of(request: &Value) -> String {
    let query = request["query"].as_object().unwrap();
    let mut query = query.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect::<Vec<_>>();
    query.sort();
    line(
        request["method"].as_str().unwrap(),
        request["path"].as_str().unwrap(),
        &query.join("&"),
        request["authorization"].as_str(),
        request["idempotency_key"].is_string(),
        &request["body"],
    )
}

fn line(method: &str, path: &str, query: &str, key: Option<&str>, is_keyed: bool, body: &Value) -> String {
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    let body = if body.is_null() { String::new() } else { format!(" {body}") };
    let key = key.map(|key| format!(" {key}")).unwrap_or_default();
    format!("{method} {path}{query}{key}{}{body}", if is_keyed { " keyed" } else { "" })
}

async fn serve(mut stream: TcpStream, given: Given, log: Arc<Mutex<Vec<String>>>) {
    while let Some(request) = read_request(&mut stream).await {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut words = head.split_whitespace();
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut query = query.split('&').filter(|pair| !pair.is_empty()).collect::<Vec<_>>();
        query.sort_unstable();
        let header = |name: &str| {
            let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
            lines
                .into_iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim().to_owned())
        };
        let body = serde_json::from_str(body).unwrap_or_default();
        let is_keyed = header("idempotency-key").is_some();
        log.lock().unwrap().push(line(
            method,
            path,
            &query.join("&"),
            header("authorization").as_deref(),
            is_keyed,
            &body,
        ));
        let answer = answer(method, path.strip_prefix("/api/v2").unwrap_or(path), &body, &given);
        let is_whole = !answer.is_cut;
        if stream.write_all(answer.text().as_bytes()).await.is_err() || !is_whole {
            return;
        }
    }
}

struct Answer {
    status: u16,
    media_type: &'static str,
    body: String,
    is_cut: bool,
}

impl Answer {
    fn json(status: u16, body: &Value) -> Self {
        Self { status, media_type: "application/json", body: body.to_string(), is_cut: false }
    }

    fn refused(status: u16, code: &str) -> Self {
        Self::json(status, &json!({"error": {"type": "refused", "message": "it is refused", "error_code": code}}))
    }

    fn events(frames: &[Value], is_cut: bool) -> Self {
        let frames = frames.iter().map(|frame| format!("data: {frame}\n\n")).collect::<String>();
        let body = if is_cut { frames } else { format!("{frames}data: [DONE]\n\n") };
        Self { status: 200, media_type: "text/event-stream", body, is_cut }
    }

    fn text(&self) -> String {
        // Who is told of more than comes, knows that it was cut.
        let length = self.body.len() + usize::from(self.is_cut);
        let (status, media_type) = (self.status, self.media_type);
        format!("HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{}", self.body)
    }
}

fn answer(method: &str, path: &str, body: &Value, given: &Given) -> Answer {
    let ok = |body: Value| Answer::json(200, &body);
    if given.is_refused {
        return Answer::refused(401, "");
    }
    let status = if given.is_disabled { "disabled" } else { "enabled" };
    let mate = json!({"id": 7, "name": "bot", "status": status, "tools": []});
    let task = json!({"id": 10, "teammate_id": 7, "instructions": "i", "status": "enabled", "tools": []});
    let run = |id: i64| json!({"id": id, "status": "completed", "teammate_id": 7, "output": "half"});
    let page = |item: &Value| json!({"data": [item], "has_more": false, "next_starting_after": null});
    let is_streamed = body["stream"] == true;
    match (method, path) {
        ("GET", "/verify/status") => ok(json!({"is_verified": true})),
        ("POST", "/verify/resend") => ok(json!({"message": "sent"})),
        ("GET", "/usage/") => ok(json!({
            "plan": "p", "runs_used": 1, "runs_limit": 2, "cost_used": "0.1", "cost_limit": "1", "period_end": "x"
        })),
        ("POST", "/token" | "/signup") => {
            ok(json!({"api_key": "m8_new", "email": "dev@example.com", "message": "welcome"}))
        }
        ("GET", "/agents/") => ok(page(&mate)),
        ("DELETE", _) => Answer { status: 204, media_type: "text/plain", body: String::new(), is_cut: false },
        (_, "/agents/" | "/agents/7" | "/agents/7/enable" | "/agents/7/disable") => ok(mate),
        ("POST", "/runs/" | "/tasks/10/runs") if is_streamed => started(given.stream),
        ("POST", path) if path.ends_with("/reply") => {
            let id = path.split('/').nth(2).and_then(|id| id.parse().ok()).unwrap_or_default();
            Answer::events(&said(id, &["Reply do", "ne."]), false)
        }
        ("GET", "/runs/") => ok(page(&run(42))),
        ("GET", "/runs/42/stream") => Answer::refused(409, "run_not_active"),
        ("GET", "/runs/42" | "/runs/43") => ok(run(42)),
        ("GET", "/runs/42/outcome" | "/runs/43/outcome") => ok(json!({"run_id": 42, "status": "completed"})),
        ("GET", "/runs/42/messages") => ok(json!([])),
        ("POST", "/runs/42/retry") => ok(run(43)),
        ("PATCH", "/runs/42/permission-mode") => ok(json!({"permission_mode": "plan"})),
        ("GET", "/tasks/") => ok(page(&task)),
        (_, "/tasks/" | "/tasks/10") => ok(task),
        _ => Answer::refused(404, ""),
    }
}

fn said(run: i64, pieces: &[&str]) -> Vec<Value> {
    let mut frames =
        vec![json!({"type": "metadata", "payload": {"run_id": run}}), json!({"type": "text-start", "id": "t1"})];
    frames.extend(pieces.iter().map(|piece| json!({"type": "text-delta", "id": "t1", "delta": piece})));
    frames.push(json!({"type": "text-end", "id": "t1"}));
    frames.push(json!({
        "type": "done", "stop_reason": "end_turn", "completion_state": "complete", "unresolved_tool_use_ids": []
    }));
    frames
}

fn started(stream: Stream) -> Answer {
    let metadata = json!({"type": "metadata", "payload": {"run_id": 42}});
    match stream {
        Stream::Good => Answer::events(&said(43, &["Done."]), false),
        Stream::Failed => Answer::events(&[metadata, json!({"type": "error", "error": "boom"})], false),
        Stream::Cut => Answer::events(&[metadata, json!({"type": "text-delta", "delta": "half"})], true),
    }
}
