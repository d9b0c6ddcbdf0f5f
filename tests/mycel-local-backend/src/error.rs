//! What goes wrong, and how the backend says it.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use local_backend_kit::{Refusal, internal_server_error, unhandled};
use serde::Serialize;
use serde_json::{Value, json};

const METHOD_NOT_ALLOWED: &str = "Method Not Allowed";

/// A request that did not succeed. Whatever it had written is rolled back.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The usual shape: a JSON object whose `detail` is a text, an object, or the list of a 422.
    Detail(StatusCode, Value),
    /// A JSON object of its own, without `detail`.
    Bare(StatusCode, Value),
    /// 405, with the methods that there are.
    MethodNotAllowed(String),
    /// What the real backend doesn't catch: a 500 in plain text. The cause is for the developer.
    Unhandled(String),
}

impl Failure {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::Detail(status, Value::String(detail.into()))
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// A 409 that tells more than a text could.
    pub(crate) fn conflict_with(detail: Value) -> Self {
        Self::Detail(StatusCode::CONFLICT, detail)
    }

    pub(crate) fn unhandled(cause: impl ToString) -> Self {
        Self::Unhandled(cause.to_string())
    }

    /// What went wrong, for where there is no room for more than a text.
    pub(crate) fn reason(self) -> String {
        match self {
            Self::Detail(_, Value::String(text)) | Self::Unhandled(text) => text,
            Self::Detail(_, value) | Self::Bare(_, value) => value.to_string(),
            Self::MethodNotAllowed(_) => METHOD_NOT_ALLOWED.to_owned(),
        }
    }
}

unhandled!(Failure);

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::not_found("Not Found"),
            Refusal::MethodNotAllowed(methods) => Self::MethodNotAllowed(methods),
            Refusal::NotServed { method, template } => {
                let detail = format!("The local backend does not serve {method} {template}");
                Self::new(StatusCode::NOT_IMPLEMENTED, detail)
            }
            Refusal::BodyTooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large"),
            Refusal::Unreadable => Self::bad_request("There was an error parsing the body"),
            Refusal::Invalid(issues) => Self::Detail(StatusCode::UNPROCESSABLE_ENTITY, json!(issues)),
            Refusal::Unhandled(cause) => Self::Unhandled(cause),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Detail(status, detail) => (status, Json(json!({ "detail": detail }))).into_response(),
            Self::Bare(status, body) => (status, Json(body)).into_response(),
            Self::MethodNotAllowed(methods) => {
                let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, METHOD_NOT_ALLOWED);
                ([(header::ALLOW, methods)], refusal).into_response()
            }
            Self::Unhandled(cause) => internal_server_error(&cause),
        }
    }
}

/// An answer to a request whose changes are kept.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 200 with this JSON text.
    Json(Vec<u8>),
    /// The real backend stores something here and crashes afterwards: the changes stay, the answer is a bare 500.
    StoredThenCrashed(String),
}

impl Answer {
    pub(crate) fn json(body: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self::Json(serde_json::to_vec(body)?))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Json(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Self::StoredThenCrashed(cause) => internal_server_error(&cause),
        }
    }
}
