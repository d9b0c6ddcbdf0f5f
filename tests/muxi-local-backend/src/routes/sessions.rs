//! Conversations.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::json;

use super::{Route, Work};
use crate::{
    app::App,
    caller::{self, Key},
    envelope::Answer,
    error::Failure,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/sessions", Key::Client, Work::Now(list)),
    (Method::GET, "/v1/sessions/{session_id}", Key::Client, Work::Now(get)),
    (Method::GET, "/v1/sessions/{session_id}/messages", Key::Client, Work::Now(messages)),
];

#[derive(Deserialize)]
struct Limit {
    limit: usize,
}

fn list(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (user, Limit { limit }) = (caller::required_user(&parts.headers)?, call.query()?);
    let sessions = app.buffer.sessions(&user, limit);
    let count = sessions.len();
    Ok(Answer::new("session_list", "session.list", json!({ "sessions": sessions, "count": count })))
}

fn get(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (user, session) = (caller::required_user(&parts.headers)?, call.path("session_id")?);
    let found = app.buffer.session(&user, session);
    let no_such = || Failure::not_found("RESOURCE_NOT_FOUND", format!("Session '{session}' not found"));
    Ok(Answer::new("session", "session.retrieved", found.ok_or_else(no_such)?))
}

/// The first ones, whatever `before` says.
fn messages(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (user, session, Limit { limit }) =
        (caller::required_user(&parts.headers)?, call.path("session_id")?, call.query()?);
    let mut messages = app.buffer.messages(&user, session);
    let has_more = messages.len() > limit;
    messages.truncate(limit);
    let count = messages.len();
    let data = json!({ "session_id": session, "messages": messages, "count": count, "has_more": has_more });
    Ok(Answer::new("session", "session.messages.list", data))
}
