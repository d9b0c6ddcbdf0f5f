//! What formations, and the server itself, have written.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::{Management, error::Refused, progress, success};
use crate::envelope::written_now;

/// How many lines are kept, and can be asked for.
const MOST: usize = 10_000;

/// Lines, the last of them.
#[derive(Debug, Default)]
struct Lines {
    last: VecDeque<String>,
    total: usize,
}

impl Lines {
    fn push(&mut self, line: String) {
        self.total += 1;
        self.last.push_back(line);
        if self.last.len() > MOST {
            self.last.pop_front();
        }
    }

    fn last(&self, count: usize) -> Vec<&str> {
        let skipped = self.last.len().saturating_sub(count);
        self.last.iter().skip(skipped).map(String::as_str).collect()
    }
}

/// What a formation has written, and who follows it.
#[derive(Debug, Default)]
struct Log {
    stdout: Lines,
    followers: Vec<UnboundedSender<Bytes>>,
}

/// What all have written.
#[derive(Debug, Default)]
pub(super) struct Logs {
    formations: Mutex<HashMap<String, Log>>,
    server: Mutex<Lines>,
}

impl Logs {
    /// Writes a line of a formation.
    pub(super) fn formation(&self, id: &str, line: &str) {
        let line = format!("{} {line}", written_now());
        let mut formations = self.formations.lock().unwrap_or_else(PoisonError::into_inner);
        let log = formations.entry(id.to_owned()).or_default();
        let event = progress::event("log", &json!({ "line": line, "formation_id": id }));
        log.followers.retain(|follower| follower.send(event.clone()).is_ok());
        log.stdout.push(line);
    }

    /// Writes a line of the server's own.
    pub(super) fn server(&self, message: &str, id: &str) {
        let line = json!({ "level": "info", "time": written_now(), "message": message, "formation_id": id });
        self.server.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_string());
    }

    /// Forgets a formation, and ends what follows it.
    pub(super) fn forget(&self, id: &str) {
        self.formations.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// The last lines of a formation, or all further ones.
pub(super) fn of_formation(server: &Management, id: &str, parts: &Parts) -> Result<Response, Refused> {
    server.row(id)?;
    if query(parts, "follow") == Some("true") {
        let (sender, receiver) = unbounded_channel();
        let _ = sender.send(progress::event("connected", &json!({ "formation_id": id })));
        let mut formations = server.logs.formations.lock().unwrap_or_else(PoisonError::into_inner);
        formations.entry(id.to_owned()).or_default().followers.push(sender);
        return Ok(progress::stream(server, receiver));
    }
    let (count, source) = (lines(parts), query(parts, "stream").unwrap_or("all"));
    let formations = server.logs.formations.lock().unwrap_or_else(PoisonError::into_inner);
    let log = formations.get(id);
    let stdout = log.filter(|_| source != "stderr").map(|log| log.stdout.last(count));
    // A formation of this backend complains of nothing.
    let stderr = (source != "stdout").then(|| Value::Array(Vec::new()));
    let total = log.map_or(0, |log| log.stdout.total);
    Ok(success(json!({
        "formation_id": id, "logs": { "stdout": stdout, "stderr": stderr },
        "total_lines": { "stdout": total, "stderr": 0 },
    })))
}

/// The last lines of the server's own.
pub(super) fn server(server: &Management, parts: &Parts) -> Response {
    let own = server.logs.server.lock().unwrap_or_else(PoisonError::into_inner);
    let text: String = own.last(lines(parts)).iter().flat_map(|line| [*line, "\n"]).collect();
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// How many lines are asked for; what is no number of them is none.
fn lines(parts: &Parts) -> usize {
    let asked = query(parts, "lines").and_then(|lines| lines.parse().ok()).filter(|lines| *lines > 0);
    asked.unwrap_or(100).min(MOST)
}

fn query<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    let pairs = parts.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}
