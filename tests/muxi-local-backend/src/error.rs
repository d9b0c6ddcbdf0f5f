//! What goes wrong, and how a formation says it.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use local_backend_kit::{Issue, Problem, Refusal, Step, unhandled, with_cause};
use serde_json::{Value, json};

use crate::envelope;

/// A request that did not succeed.
#[derive(Debug)]
pub(crate) struct Failure(Box<Told>);

/// What is told of it.
#[derive(Debug)]
struct Told {
    status: StatusCode,
    /// What kind of error the envelope calls it; hardly ever what it is.
    event: &'static str,
    code: &'static str,
    message: String,
    data: Value,
    /// The methods that there are, where it is about that.
    allow: Option<String>,
    /// When to ask again.
    retry_after: Option<String>,
    /// For the developer.
    cause: Option<String>,
}

impl Failure {
    fn new(status: StatusCode, event: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Told {
            status,
            event,
            code,
            message,
            data: Value::Null,
            allow: None,
            retry_after: None,
            cause: None,
        }))
    }

    pub(crate) fn unauthorized(message: String) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "error.authentication", "UNAUTHORIZED", message)
    }

    pub(crate) fn forbidden() -> Self {
        let message = "Insufficient permissions to process this request";
        Self::new(StatusCode::FORBIDDEN, "error.authorization", "FORBIDDEN", message)
    }

    pub(crate) fn forbidden_to(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "error.authorization", "FORBIDDEN", message)
    }

    pub(crate) fn unprocessable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "error.validation", code, message)
    }

    pub(crate) fn unprocessable_since(code: &'static str, message: &str, data: Value) -> Self {
        let mut failure = Self::unprocessable(code, message);
        failure.0.data = data;
        failure
    }

    /// What the formation has not been given the means for.
    pub(crate) fn unavailable(message: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "error.internal", "SERVICE_UNAVAILABLE", message)
    }

    /// What is not there, under an event that says something else.
    pub(crate) fn internal_not_found(code: &'static str, message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "error.internal", code, message)
    }

    /// What can't be done as things are.
    pub(crate) fn bad_operation(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "error.internal", "OPERATION_FAILED", message)
    }

    pub(crate) fn bad_value(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "error.internal", "VALIDATION_ERROR", message)
    }

    /// Files that are none, or not what is taken.
    pub(crate) fn bad_files(message: &str, data: Value) -> Self {
        let mut failure = Self::bad_value(message.to_owned());
        failure.0.data = data;
        failure
    }

    /// `why` is what a parser of such schedules has to say.
    pub(crate) fn bad_schedule(message: &str, schedule: &str, expected: &str, why: Option<&str>) -> Self {
        let mut failure = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "error.internal", "VALIDATION_ERROR", message);
        let mut data = json!({ "field": "schedule", "value": schedule, "expected": expected });
        if let (Some(data), Some(why)) = (data.as_object_mut(), why) {
            data.insert("error".to_owned(), json!(why));
        }
        failure.0.data = data;
        failure
    }

    pub(crate) fn bad_parameter(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "error.validation", "INVALID_PARAMETER", message)
    }

    pub(crate) fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "error.validation", "INVALID_REQUEST", message)
    }

    pub(crate) fn not_found(code: &'static str, message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "error.not_found", code, message)
    }

    /// What the runtime tells of a secret under a status of its own and an event that is none.
    pub(crate) fn of_secret(status: StatusCode, code: &'static str, message: String) -> Self {
        Self::new(status, "error.internal", code, message)
    }

    pub(crate) fn no_such_method(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "error.not_found", "METHOD_NOT_FOUND", message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "error.internal", "INTERNAL_ERROR", message)
    }

    /// What goes wrong because somebody wants it to.
    pub(crate) fn on_purpose(status: u16, retry_after: Option<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = match status {
            StatusCode::TOO_MANY_REQUESTS => "RATE_LIMITED",
            StatusCode::SERVICE_UNAVAILABLE => "SERVICE_UNAVAILABLE",
            _ => "INTERNAL_ERROR",
        };
        let mut failure = Self::new(status, "error.internal", code, "It goes wrong on purpose");
        failure.0.retry_after = retry_after;
        failure
    }

    /// What was to be done broke off.
    pub(crate) fn broken(cause: tokio::task::JoinError) -> Self {
        Self::unhandled(cause)
    }

    fn unhandled(cause: impl ToString) -> Self {
        let mut failure = Self::internal("Internal error");
        failure.0.cause = Some(cause.to_string());
        failure
    }

    fn invalid(issues: &[Issue]) -> Self {
        let message = format!("Validation failed: {} error(s)", issues.len());
        let errors: Vec<_> = issues.iter().map(validation_error).collect();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let mut failure = Self::new(status, "error.validation", "INVALID_PARAMS", message);
        failure.0.data = json!({ "validation_errors": errors });
        failure
    }
}

/// One thing that is wrong, where and how.
fn validation_error(issue: &Issue) -> Value {
    let mut place: Vec<_> = issue.place.iter().map(step).collect();
    if place.first().is_some_and(|first| first == "body") {
        place.remove(0);
    }
    // The type is a guess there, too.
    json!({ "field": place.join("."), "msg": issue.problem.to_string(), "type": "string", "error": code(&issue.problem) })
}

fn step(step: &Step) -> String {
    match step {
        Step::Name(name) => name.clone(),
        Step::Index(index) => index.to_string(),
    }
}

fn code(problem: &Problem) -> &'static str {
    match problem {
        Problem::Missing => "missing",
        Problem::InvalidJson(_) => "invalid_json",
        Problem::NotMatching(_) => "invalid_format",
        Problem::UnknownField | Problem::UnknownParameter => "extra_field",
        Problem::Below(_) | Problem::Above(_) | Problem::NotOneOf(_) | Problem::NotFinite | Problem::TooLong => {
            "invalid"
        }
        _ => "wrong_type",
    }
}

unhandled!(Failure);

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::not_found("RESOURCE_NOT_FOUND", "Not Found".to_owned()),
            Refusal::MethodNotAllowed(methods) => {
                let status = StatusCode::METHOD_NOT_ALLOWED;
                let mut failure = Self::new(status, "error.internal", "METHOD_NOT_ALLOWED", "Method Not Allowed");
                failure.0.allow = Some(methods);
                failure
            }
            Refusal::NotServed { method, template } => {
                Self::no_such_method(format!("The local backend does not serve {method} {template}"))
            }
            Refusal::BodyTooLarge => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "error.internal", "INVALID_REQUEST", "The body is too large")
            }
            Refusal::Unreadable => Self::bad_request("There was an error parsing the body"),
            Refusal::Invalid(issues) => Self::invalid(&issues),
            Refusal::Unhandled(cause) => Self::unhandled(cause),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let told = *self.0;
        let body = envelope::refusal(told.event, told.code, &told.message, &told.data);
        let mut response = (told.status, Json(body)).into_response();
        if let Some(methods) = told.allow.and_then(|methods| methods.try_into().ok()) {
            response.headers_mut().insert(header::ALLOW, methods);
        }
        if let Some(when) = told.retry_after.and_then(|when| when.try_into().ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, when);
        }
        if let Some(cause) = told.cause {
            with_cause(&mut response, &cause);
        }
        response
    }
}
