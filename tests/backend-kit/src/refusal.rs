//! What is refused before a platform's own code is asked.

use axum::{
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::validation::Issue;

/// The header that says why an answer is the bare `Internal Server Error`. A real backend writes the cause into its
/// log; a developer who runs a local one has no log to look at.
const CAUSE: HeaderName = HeaderName::from_static("x-local-backend-cause");

/// Why a request is refused. How that is said is the platform's.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// There is no such path.
    NotFound,
    /// The path exists, but not with this method. These do, as the header `Allow` has them.
    MethodNotAllowed(String),
    /// The operation exists, but not in this local backend.
    NotServed {
        /// The operation's method.
        method: Method,
        /// The operation's path.
        template: String,
    },
    /// The body is larger than what is read.
    BodyTooLarge,
    /// The body is no text, or nested too deep.
    Unreadable,
    /// This is wrong with the request: first with its path, then with its query, then with its body.
    Invalid(Vec<Issue>),
    /// Something failed that should not. The cause is for the developer.
    Unhandled(String),
}

impl Refusal {
    /// Something failed that should not.
    pub fn unhandled(cause: impl ToString) -> Self {
        Self::Unhandled(cause.to_string())
    }
}

/// Lets a failure be made from what should not fail, and did: the database, and what is read from it. It is made with its
/// `unhandled`.
#[macro_export]
macro_rules! unhandled {
    ($failure:ty) => {
        impl From<::rusqlite::Error> for $failure {
            fn from(error: ::rusqlite::Error) -> Self {
                Self::unhandled(error)
            }
        }

        impl From<::serde_json::Error> for $failure {
            fn from(error: ::serde_json::Error) -> Self {
                Self::unhandled(error)
            }
        }

        impl From<$crate::Closed> for $failure {
            fn from(closed: $crate::Closed) -> Self {
                Self::unhandled(closed)
            }
        }
    };
}

unhandled!(Refusal);

/// The bare 500 that an unhandled exception becomes, in plain text. The cause stands in a header.
pub fn internal_server_error(cause: &str) -> Response {
    let mut response = (
        StatusCode::INTERNAL_SERVER_ERROR,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        "Internal Server Error",
    )
        .into_response();
    with_cause(&mut response, cause);
    response
}

/// Says in a header why a response is a failure.
pub fn with_cause(response: &mut Response, cause: &str) {
    if let Ok(cause) = HeaderValue::try_from(cause.escape_default().to_string()) {
        response.headers_mut().insert(CAUSE, cause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_of_a_failure_stands_in_a_header() {
        for (cause, shown) in
            [("no such table: runs", "no such table: runs"), ("two\nlines, \u{e9}", r"two\nlines, \u{e9}")]
        {
            let response = internal_server_error(cause);
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(response.headers()[CAUSE], shown);
        }
    }
}
