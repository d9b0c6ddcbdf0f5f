//! What is refused, in the server's form.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use local_backend_kit::unhandled;
use serde_json::json;

/// A request that is refused.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// What should not happen.
    fn unhandled(cause: impl ToString) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, cause.to_string())
    }
}

unhandled!(Refused);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        of_phrase(self.status, self.status.canonical_reason().unwrap_or_default(), &self.message)
    }
}

/// A refusal whose phrase is not that of its status.
pub(crate) fn of_phrase(status: StatusCode, phrase: &str, message: &str) -> Response {
    (status, Json(json!({ "error": phrase, "message": message, "code": status.as_u16() }))).into_response()
}
