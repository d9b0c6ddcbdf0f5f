//! Conversations.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Route, Work};
use crate::{
    app::App,
    buffer::Entry,
    caller::{self, Key},
    envelope::Answer,
    error::Failure,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/sessions", Key::Client, Work::Now(list)),
    (Method::GET, "/v1/sessions/{session_id}", Key::Client, Work::Now(get)),
    (Method::GET, "/v1/sessions/{session_id}/messages", Key::Client, Work::Now(messages)),
    (Method::POST, "/v1/sessions/{session_id}/restore", Key::Client, Work::Now(restore)),
];

#[derive(Deserialize)]
struct Limit {
    limit: usize,
}

fn list(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (user, Limit { limit }) = (app.variant.user(caller::required_user(&parts.headers)?), call.query()?);
    let sessions = app.buffer.sessions(&user, limit);
    let count = sessions.len();
    Ok(Answer::new("session_list", "session.list", json!({ "sessions": sessions, "count": count })))
}

fn get(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (user, session) = (app.variant.user(caller::required_user(&parts.headers)?), call.path("session_id")?);
    let found = app.buffer.session(&user, session);
    let no_such = || Failure::not_found("RESOURCE_NOT_FOUND", format!("Session '{session}' not found"));
    Ok(Answer::new("session", "session.retrieved", found.ok_or_else(no_such)?))
}

/// The first ones, whatever `before` says.
fn messages(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (user, session, Limit { limit }) =
        (app.variant.user(caller::required_user(&parts.headers)?), call.path("session_id")?, call.query()?);
    let mut messages = app.buffer.messages(&user, session);
    let has_more = messages.len() > limit;
    messages.truncate(limit);
    let count = messages.len();
    let data = json!({ "session_id": session, "messages": messages, "count": count, "has_more": has_more });
    Ok(Answer::new("session", "session.messages.list", data))
}

/// Sorted by their times; what has none that can be read comes first.
fn restore(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Restore {
        messages: Vec<Message>,
    }

    #[derive(Deserialize)]
    struct Message {
        role: String,
        content: String,
        timestamp: String,
        agent_id: Option<String>,
        metadata: Option<Map<String, Value>>,
    }

    let (user, session) = (app.variant.user(caller::required_user(&parts.headers)?), call.path("session_id")?);
    let Restore { messages } = call.body()?;
    let mut restored: Vec<_> = messages
        .into_iter()
        .map(|Message { role, content, timestamp, agent_id, metadata }| {
            let time = timestamp.parse().map_or(0.0, |time: jiff::Timestamp| time.as_millisecond() as f64 / 1000.0);
            let entry = Entry {
                role,
                text: content,
                user: user.clone(),
                session: session.to_owned(),
                agent: agent_id,
                request: None,
                metadata: metadata.unwrap_or_default(),
            };
            (entry, time)
        })
        .collect();
    restored.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    let count = restored.len();
    let loaded = app.buffer.restore(&user, session, restored);
    let data = json!({
        "session_id": session, "messages_loaded": loaded, "messages_dropped": count - loaded,
        "message": "Session restored successfully",
    });
    Ok(Answer::new("session", "session.restored", data))
}
