//! Streams of what happens: the log, and a user's events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    http::{Method, request::Parts},
    response::Response,
};
use futures::{Stream, StreamExt};
use local_backend_kit::{CheckedRequest, events};
use serde::Deserialize;
use serde_json::json;

use super::{Route, Work};
use crate::{
    app::App,
    backend::Separators,
    caller::{self, Key},
    error::Failure,
    happenings::Filter,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/logs", Key::Admin, Work::Stream(logs)),
    (Method::GET, "/v1/events", Key::Either, Work::Stream(of_user)),
    (Method::GET, "/v1/events/{session_id}", Key::Either, Work::Stream(of_session)),
    (Method::GET, "/v1/events/{session_id}/{request_id}", Key::Either, Work::Stream(of_request)),
];

/// What of all that happens is for users.
const FOR_USERS: &[&str] = &["chat.", "agent.", "workflow.", "task."];

#[derive(Deserialize)]
struct Logs {
    user_id: Option<String>,
    session_id: Option<String>,
    request_id: Option<String>,
    agent_id: Option<String>,
    level: Option<String>,
    event_type: Option<String>,
}

fn logs(app: &Arc<App>, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let Logs { user_id, session_id, request_id, agent_id, level, event_type } = call.query()?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let fields = [("user_id", user_id), ("session_id", session_id), ("request_id", request_id), ("agent_id", agent_id)];
    let fields = fields.into_iter().filter_map(|(field, value)| Some((field, filled(value)?))).collect();
    let filter = Filter { fields, level: filled(level), event_type: filled(event_type) };
    if filter.fields.is_empty() && filter.level.is_none() && filter.event_type.is_none() {
        let message = "At least one filter parameter is required (user_id, session_id, request_id, agent_id, level, \
                       or event_type)";
        return Err(Failure::bad_request(message));
    }
    let entries = app.happenings.listen(filter);
    Ok(answer(app, entries.map(|entry| format!("event: log\ndata: {entry}\n\n"))))
}

fn of_user(app: &Arc<App>, parts: &Parts, _: &CheckedRequest) -> Result<Response, Failure> {
    events_of(app, caller::user_unless_admin(&parts.headers)?, None)
}

fn of_session(app: &Arc<App>, parts: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    events_of(app, caller::user_unless_admin(&parts.headers)?, Some(call.path("session_id")?.to_owned()))
}

/// The part that it needs is missing in the real one.
fn of_request(_: &Arc<App>, parts: &Parts, _: &CheckedRequest) -> Result<Response, Failure> {
    caller::user_unless_admin(&parts.headers)?;
    Err(Failure::internal("No module named 'muxi.runtime.formation.services'"))
}

fn events_of(app: &Arc<App>, user: Option<String>, session: Option<String>) -> Result<Response, Failure> {
    let fields = [user.map(|user| ("user_id", user)), session.map(|session| ("session_id", session))];
    let filter = Filter { fields: fields.into_iter().flatten().collect(), ..Filter::default() };
    let separator = match app.separators {
        Separators::Literal => r"\n\n",
        Separators::LineFeeds => "\n\n",
    };
    let events = app.happenings.listen(filter).filter_map(move |happening| async move {
        let text = |field: &str| happening.get(field).cloned().unwrap_or_default();
        let event_type = text("event_type");
        FOR_USERS.iter().any(|kind| event_type.as_str().is_some_and(|event_type| event_type.starts_with(kind))).then(
            || {
                let event = json!({
                    "type": event_type, "timestamp": text("timestamp"), "message": text("message"),
                    "session_id": text("session_id"), "request_id": text("request_id"),
                });
                format!("data: {event}{separator}")
            },
        )
    });
    Ok(answer(app, events))
}

/// Tells what comes until the backend stops. Silence is no sign of anything.
fn answer(app: &Arc<App>, frames: impl Stream<Item = String> + Send + 'static) -> Response {
    let frames = frames.map(|frame| Ok::<_, Infallible>(Bytes::from(frame)));
    events::stream(frames.take_until(app.closing.closed()), Duration::MAX)
}
