//! What answers are in.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::ids;

/// Seconds since 1970.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The time now, in writing.
pub(crate) fn written_now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// What goes into an answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    /// What kind of thing it is, as `agent_list`.
    object: &'static str,
    /// What has happened, as `agent.list`.
    event: &'static str,
    data: Value,
    /// What the request is called; a new name unless it is given.
    request_id: Option<String>,
}

impl Answer {
    pub(crate) fn new(object: &'static str, event: &'static str, data: Value) -> Self {
        Self { status: StatusCode::OK, object, event, data, request_id: None }
    }

    pub(crate) fn created(self) -> Self {
        Self { status: StatusCode::CREATED, ..self }
    }

    pub(crate) fn request(self, id: Option<String>) -> Self {
        Self { request_id: id, ..self }
    }

    /// In its envelope, under the key that it was asked for with.
    pub(crate) fn sealed(self, key: Option<&str>) -> (StatusCode, Value) {
        let Self { status, object, event, data, request_id } = self;
        (status, envelope(object, event, (request_id, key), json!({ "success": true, "error": null, "data": data })))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let (status, body) = self.sealed(None);
        (status, Json(body)).into_response()
    }
}

/// An error in its envelope.
pub(crate) fn refusal(event: &'static str, code: &str, message: &str, data: &Value) -> Value {
    let error = json!({ "code": code, "message": message, "data": data });
    envelope("error", event, (None, None), json!({ "success": false, "error": error, "data": {} }))
}

fn envelope(object: &str, event: &str, (id, key): (Option<String>, Option<&str>), mut rest: Value) -> Value {
    let id = id.unwrap_or_else(|| ids::fresh("req_"));
    let head = json!({
        "object": object, "timestamp": (now() * 1000.0) as i64, "type": event,
        "request": { "id": id, "idempotency_key": key },
    });
    if let (Value::Object(rest), Value::Object(head)) = (&mut rest, head) {
        rest.extend(head);
    }
    rest
}
