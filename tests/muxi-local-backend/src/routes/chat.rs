//! Chats.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Json,
    http::{Method, request::Parts},
    response::{IntoResponse, Response},
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::Value;

use super::{Route, Work};
use crate::{
    app::App,
    caller::{self, Key},
    error::Failure,
    ids, play,
    script::Asked,
};

pub(super) const ROUTES: &[Route] = &[(Method::POST, "/v1/chat", Key::Client, Work::Chat)];

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
}

/// Answers a chat: as it goes on, unless it is asked for in one piece.
pub(crate) async fn chat(app: &Arc<App>, parts: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let Chat { message, user_id, agent_id, session_id, request_id, mode, stream, ui_response } = call.body()?;
    if mode.as_deref() == Some("async") {
        let message = "Async mode requires webhook configuration. Use stream=true for real-time responses or mode=sync \
                       for immediate responses.";
        return Err(Failure::no_such_method(message));
    }
    app.requests.fetch_add(1, Ordering::Relaxed);
    let named = |text: Option<String>| text.filter(|text| !text.is_empty());
    let user = caller::user(&parts.headers).or_else(|| named(user_id).map(caller::normal));
    let request_id = named(request_id);
    let asked = Asked {
        message,
        user: user.unwrap_or_else(|| "0".to_owned()),
        session: named(session_id).unwrap_or_else(|| ids::fresh("sess_")),
        request: request_id.clone().unwrap_or_else(|| ids::fresh("req_")),
        agent: named(agent_id),
        ui_response: ui_response.filter(|answer| !answer.is_null()),
    };
    if stream != Some(false) {
        return Ok(play::streamed(app, asked));
    }
    let Some(key) = caller::idempotency_key(&parts.headers) else {
        return play::whole(app, asked, request_id).await.map(IntoResponse::into_response);
    };
    let kept = app.kept(&asked.user, key);
    // Whoever asks with the same key meanwhile waits for the answer to the first.
    let mut kept = kept.lock().await;
    let (status, body) = match &*kept {
        Some(answer) => answer.clone(),
        None => kept.insert(play::whole(app, asked, request_id).await?.sealed(Some(key))).clone(),
    };
    Ok((status, Json(body)).into_response())
}
