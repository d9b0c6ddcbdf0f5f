//! What goes wrong, and how the backend says it.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use local_backend_kit::{Problem, Refusal, unhandled, with_cause};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::script::Refused;

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
        code: Option<String>,
        /// What is told beside it.
        details: Map<String, Value>,
        /// How many seconds to wait.
        retry_after: Option<u64>,
    },
    /// What the framework says where there is no route.
    NoRoute,
    /// What the framework says where a route has other methods, which these are.
    OtherMethods(String),
    /// What should not happen. The cause is for the developer.
    Unhandled(String),
}

impl Failure {
    /// What should not happen.
    pub(crate) fn unhandled(cause: impl ToString) -> Self {
        Self::Unhandled(cause.to_string())
    }

    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self::Error { status, kind, message: message.into(), code: None, details: Map::new(), retry_after: None }
    }

    /// With a semantic code.
    pub(crate) fn coded(mut self, semantic: &str) -> Self {
        if let Self::Error { code, .. } = &mut self {
            *code = Some(semantic.to_owned());
        }
        self
    }

    /// With more to tell: an object.
    pub(crate) fn detailed(mut self, more: Value) -> Self {
        if let (Self::Error { details, .. }, Value::Object(more)) = (&mut self, more) {
            details.extend(more);
        }
        self
    }

    /// With how many seconds to wait.
    pub(crate) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        if let Self::Error { retry_after, .. } = &mut self {
            *retry_after = seconds;
        }
        self
    }

    /// Of a status that is named by a number, and whose kind follows from it.
    pub(crate) fn of_status(status: StatusCode, message: impl Into<String>) -> Self {
        let kind = match status {
            StatusCode::BAD_REQUEST => "bad_request",
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::PAYMENT_REQUIRED => "billing_error",
            StatusCode::FORBIDDEN => "permission_denied",
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::CONFLICT => "conflict",
            StatusCode::UNPROCESSABLE_ENTITY => "validation_error",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            _ => "api_error",
        };
        Self::new(status, kind, message)
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

unhandled!(Failure);

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let Refused { status, code, details, retry_after } = refused;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::of_status(status, "The run is refused").coded(&code).detailed(details).retry_after(retry_after)
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
            Self::Error { status, kind, message, code, details, retry_after } => {
                let mut response = (status, error(status, kind, &message, code, details)).into_response();
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                }
                response
            }
            Self::NoRoute => (StatusCode::NOT_FOUND, detail("Not Found")).into_response(),
            Self::OtherMethods(methods) => {
                (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, methods)], detail("Method Not Allowed"))
                    .into_response()
            }
            Self::Unhandled(cause) => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                let mut response = (status, error(status, "api_error", "An internal error occurred", None, Map::new()))
                    .into_response();
                with_cause(&mut response, &cause);
                response
            }
        }
    }
}

/// The body of an error. A semantic code stands where newer clients look for it, and where older ones do.
fn error(
    status: StatusCode,
    kind: &str,
    message: &str,
    code: Option<String>,
    mut details: Map<String, Value>,
) -> Json<Value> {
    let request_id = format!("req_{}", Uuid::new_v4().simple());
    let mut error = json!({ "type": kind, "message": message, "code": status.as_u16(), "request_id": request_id });
    if let Some(error) = error.as_object_mut() {
        if let Some(code) = code {
            error.insert("error_code".to_owned(), json!(code));
            details.insert("error_code".to_owned(), json!(code));
        }
        if !details.is_empty() {
            error.insert("details".to_owned(), Value::Object(details));
        }
    }
    Json(json!({ "error": error }))
}
