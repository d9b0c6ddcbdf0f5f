//! The formation's buffer, as it is looked at and cleared.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde_json::json;

use super::{Route, Work};
use crate::{
    app::App,
    caller::{self, Key},
    envelope::Answer,
    error::Failure,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/memory/buffer", Key::Either, Work::Now(get)),
    (Method::DELETE, "/v1/memory/buffer", Key::Either, Work::Now(clear)),
    (Method::DELETE, "/v1/memory/buffer/{session_id}", Key::Either, Work::Now(clear_session)),
    (Method::GET, "/v1/memory/stats", Key::Admin, Work::Now(stats)),
    (Method::GET, "/v1/memory/buffers", Key::Admin, Work::Now(list)),
    (Method::DELETE, "/v1/memory/buffers", Key::Admin, Work::Now(clear_all)),
];

fn get(app: &App, parts: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let user = caller::required_user(&parts.headers)?;
    let usage = app.buffer.usage_of(Some(&user));
    let data = json!({
        "user_id": user, "total_messages": usage.messages, "sessions": [], "buffer_size_kb": usage.size_kb(),
    });
    Ok(Answer::new("memory", "memory.buffer.status", data))
}

/// Without a user it clears nothing, whoever asks.
fn clear(app: &App, parts: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let user = caller::user_unless_admin(&parts.headers)?;
    let (messages, sessions) = user.as_deref().map_or((0, 0), |user| {
        let usage = app.buffer.usage_of(Some(user));
        app.buffer.forget(|of, _| of == user);
        (usage.messages, usage.sessions)
    });
    let data = json!({
        "message": "Buffer cleared successfully", "user_id": user, "messages_cleared": messages,
        "sessions_cleared": sessions,
    });
    Ok(Answer::new("message", "memory.buffer.user.cleared", data))
}

fn clear_session(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (user, session) = (caller::user_unless_admin(&parts.headers)?, call.path("session_id")?);
    let cleared = app.buffer.forget(|of, in_session| Some(of) == user.as_deref() && in_session == session);
    let data = json!({
        "message": "Session buffer cleared successfully", "user_id": user, "session_id": session,
        "messages_cleared": cleared,
    });
    Ok(Answer::new("message", "memory.buffer.session.cleared", data))
}

fn stats(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let usage = app.buffer.usage_of(None);
    let data = json!({
        "total_entries": usage.messages, "total_users": usage.users, "total_sessions": usage.sessions,
        "buffer_size_kb": usage.size_kb(), "max_size": 0, "utilization": 0.0,
    });
    Ok(Answer::new("memory", "memory.retrieved", data))
}

/// The only one that there is.
fn list(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let messages = app.buffer.usage_of(None).messages;
    let buffer = json!({ "total_entries": messages, "max_size": 0, "utilization": 0, "kv_namespaces": {} });
    Ok(Answer::new("list", "memory.list", json!({ "buffers": [buffer] })))
}

/// Clears all, and fails to say so.
fn clear_all(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    app.buffer.forget(|_, _| true);
    Err(Failure::internal("MEMORY_BUFFER_CLEARED"))
}
