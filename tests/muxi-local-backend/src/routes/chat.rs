//! Chats.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    http::{Method, request::Parts},
    response::{IntoResponse, Response},
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Route, Work};
use crate::{
    app::App,
    caller::{self, Key},
    error::Failure,
    ids,
    play::{self, Named, Shows},
    script::Asked,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/v1/audiochat", Key::Client, Work::AudioChat),
    (Method::POST, "/v1/chat", Key::Client, Work::Chat),
];

#[derive(Deserialize)]
struct Chat {
    message: String,
    user_id: Option<String>,
    agent_id: Option<String>,
    session_id: Option<String>,
    request_id: Option<String>,
    mode: Option<String>,
    stream: Option<bool>,
    ui_response: Option<Value>,
    webhook_url: Option<String>,
}

/// Answers a chat: as it goes on, unless it is asked for in one piece.
pub(crate) async fn chat(app: &Arc<App>, parts: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let Chat { message, user_id, agent_id, session_id, request_id, mode, stream, ui_response, webhook_url } =
        call.body()?;
    if mode.as_deref() == Some("async") {
        let message = "Async mode requires webhook configuration. Use stream=true for real-time responses or mode=sync \
                       for immediate responses.";
        return Err(Failure::no_such_method(message));
    }
    let named = Named { session: filled(session_id), request: filled(request_id) };
    let asked = Asked {
        ui_response: ui_response.filter(|answer| !answer.is_null()),
        webhook_url: filled(webhook_url),
        ..asked(message, user(parts, user_id), filled(agent_id), &named)
    };
    app.requests.fetch_add(1, Ordering::Relaxed);
    if stream != Some(false) {
        return Ok(play::streamed(app, asked));
    }
    let turn = play::whole(Arc::clone(app), asked, named, Shows::ItsSession);
    app.once(parts, turn).await
}

#[derive(Deserialize)]
struct AudioChat {
    files: Vec<Map<String, Value>>,
    user_id: Option<String>,
    agent_id: Option<String>,
    session_id: Option<String>,
    request_id: Option<String>,
    stream: Option<bool>,
}

/// Answers what was recorded. Nobody listens to it: what is said is the names of the files.
pub(crate) async fn audiochat(app: &Arc<App>, parts: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let AudioChat { files, user_id, agent_id, session_id, request_id, stream } = call.body()?;
    if files.is_empty() {
        return Err(Failure::bad_files("files parameter is required for audiochat()", json!({ "field": "files" })));
    }
    let text = |file: &Map<String, Value>, field: &str| file.get(field).and_then(Value::as_str).map(str::to_owned);
    let kind = |file| text(file, "content_type").or_else(|| text(file, "mime_type")).unwrap_or_default();
    if let Some(other) = files.iter().map(kind).find(|kind| !kind.starts_with("audio/")) {
        let message = "Only audio files (audio/*) are accepted. For video or other files, use /chat with the files \
                       parameter.";
        return Err(Failure::bad_files(message, json!({ "field": "files", "invalid_content_type": other })));
    }
    let names: Vec<_> = files.iter().map(|file| text(file, "filename").unwrap_or_else(|| "?".to_owned())).collect();
    // An empty name of a conversation is told as it was given.
    let shown = session_id.clone();
    let named = Named { session: filled(session_id), request: filled(request_id) };
    let asked = asked(format!("heard {}", names.join(", ")), user(parts, user_id), filled(agent_id), &named);
    // The name that the request has for its turn is told, and not the turn's.
    let asked = Asked { request: ids::fresh("req_"), ..asked };
    app.requests.fetch_add(1, Ordering::Relaxed);
    if stream != Some(false) {
        return Ok(play::streamed(app, asked));
    }
    play::whole(Arc::clone(app), asked, named, Shows::OnlyWhatWasGiven(shown)).await.map(IntoResponse::into_response)
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The user that the header names, or else the body.
fn user(parts: &Parts, in_body: Option<String>) -> String {
    let user = caller::user(&parts.headers).or_else(|| filled(in_body).map(caller::normal));
    user.unwrap_or_else(|| "0".to_owned())
}

fn asked(message: String, user: String, agent: Option<String>, named: &Named) -> Asked {
    Asked {
        message,
        user,
        session: named.session.clone().unwrap_or_else(|| ids::fresh("sess_")),
        request: named.request.clone().unwrap_or_else(|| ids::fresh("req_")),
        agent,
        ui_response: None,
        webhook_url: None,
    }
}
