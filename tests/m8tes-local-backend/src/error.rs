//! What goes wrong, and how the backend says it.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use local_backend_kit::{Closed, Problem, Refusal, with_cause};
use serde_json::{Value, json};
use uuid::Uuid;

/// A request that did not succeed. Whatever it had written is rolled back.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The platform's own shape.
    Error {
        status: StatusCode,
        /// The kind of failure, as `not_found`.
        kind: &'static str,
        message: String,
        /// The semantic code, where there is one.
        code: Option<&'static str>,
    },
    /// What the framework says where there is no route.
    NoRoute,
    /// What the framework says where a route has other methods, which these are.
    OtherMethods(String),
    /// What should not happen. The cause is for the developer.
    Unhandled(String),
}

impl Failure {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self::Error { status, kind, message: message.into(), code: None }
    }

    /// With a semantic code.
    pub(crate) fn coded(self, code: &'static str) -> Self {
        match self {
            Self::Error { status, kind, message, .. } => Self::Error { status, kind, message, code: Some(code) },
            other => other,
        }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::not_authenticated("Invalid or missing API key")
    }

    /// Who asks is not known to be who it says.
    pub(crate) fn not_authenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "authentication_error", message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_error", message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// `what` is not there, or another's.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::no_such(format!("{what} not found"))
    }

    /// What is asked for is not there, as this says.
    pub(crate) fn no_such(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// The real backend does `what`, and this one doesn't.
    pub(crate) fn not_served(what: &str) -> Self {
        let message = format!("The local backend does not serve {what}");
        Self::new(StatusCode::NOT_IMPLEMENTED, "not_implemented", message)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unhandled(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Unhandled(error.to_string())
    }
}

impl From<Closed> for Failure {
    fn from(closed: Closed) -> Self {
        Self::Unhandled(closed.to_string())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::NoRoute,
            Refusal::MethodNotAllowed(methods) => Self::OtherMethods(methods),
            Refusal::NotServed { method, template } => Self::not_served(&format!("{method} {template}")),
            Refusal::BodyTooLarge => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "Request body too large")
            }
            Refusal::Unreadable => {
                Self::new(StatusCode::BAD_REQUEST, "bad_request", "There was an error parsing the body")
            }
            Refusal::Invalid(issues) => {
                let lines: Vec<_> = issues.iter().map(ToString::to_string).collect();
                let failure = Self::invalid(lines.join("; "));
                let is_unknown = issues.iter().any(|issue| issue.problem == Problem::UnknownParameter);
                if is_unknown { failure.coded("unknown_query_parameter") } else { failure }
            }
            Refusal::Unhandled(cause) => Self::Unhandled(cause),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let detail = |detail: &str| Json(json!({ "detail": detail }));
        match self {
            Self::Error { status, kind, message, code } => {
                (status, error(status, kind, &message, code)).into_response()
            }
            Self::NoRoute => (StatusCode::NOT_FOUND, detail("Not Found")).into_response(),
            Self::OtherMethods(methods) => {
                (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, methods)], detail("Method Not Allowed"))
                    .into_response()
            }
            Self::Unhandled(cause) => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                let mut response =
                    (status, error(status, "api_error", "An internal error occurred", None)).into_response();
                with_cause(&mut response, &cause);
                response
            }
        }
    }
}

/// The body of an error. A semantic code stands where newer clients look for it, and where older ones do.
fn error(status: StatusCode, kind: &str, message: &str, code: Option<&str>) -> Json<Value> {
    let request_id = format!("req_{}", Uuid::new_v4().simple());
    let mut error = json!({ "type": kind, "message": message, "code": status.as_u16(), "request_id": request_id });
    if let (Some(code), Some(error)) = (code, error.as_object_mut()) {
        error.insert("error_code".to_owned(), json!(code));
        error.insert("details".to_owned(), json!({ "error_code": code }));
    }
    Json(json!({ "error": error }))
}
