//! What can go wrong with a call, in terms of HTTP.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::connector::BoxError;

/// A call that did not bring the response that the contract promises.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// What went wrong, in the last attempt.
    pub cause: Cause,
    /// How many attempts were made; 0 where nothing was sent.
    pub attempts: u32,
    /// Whether the backend may have carried out the operation: it was sent at least once, and no response
    /// says for certain that the backend refused it.
    pub may_have_acted: bool,
    /// What the backend, or a proxy before it, calls the last request (`X-Request-Id`).
    pub request_id: Option<String>,
    /// What came of an answer that promised success, and then broke off or was not of the promised shape: of the last one,
    /// whichever attempt it came to.
    pub partial: Option<Box<PartialAnswer>>,
}

/// What came of an answer that was no whole one. The secrets that the call carried are taken out of it, but it may hold
/// others: never print it.
pub struct PartialAnswer {
    pub(crate) headers: HeaderMap,
    pub(crate) start: String,
}

impl PartialAnswer {
    /// A header of it, where that is a text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The start of its body, as much as came of its first KiB. What is not UTF-8 is replaced.
    pub fn start(&self) -> &str {
        &self.start
    }
}

impl fmt::Debug for PartialAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialAnswer").finish_non_exhaustive()
    }
}

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The request could not be sent as it is; the text says why.
    Unsendable(&'static str),
    /// An argument holds U+0000, which the backend can't store.
    HoldsNul {
        /// The name of the parameter, or of the member of the body.
        argument: String,
    },
    /// No connection was made.
    Connect(BoxError),
    /// The proxy makes no tunnel, since it does not accept its credentials, or wants some (407).
    ProxyCredentials,
    /// The connection broke off while the request was sent or the response read.
    Interrupted(BoxError),
    /// The tokio runtime that the connection was made in ended.
    RuntimeEnded,
    /// A limit on time ran out.
    TimedOut {
        /// Which limit.
        limit: Limit,
        /// How long it was.
        after: Duration,
    },
    /// The response is larger than the bound.
    TooLarge {
        /// The bound, in bytes.
        bound: usize,
    },
    /// A response with a status other than the promised one.
    Status(ErrorResponse),
    /// A response with the promised status, whose envelope tells of a failure.
    Failed(ErrorResponse),
    /// A response that promises success, and is not of the promised shape.
    Malformed {
        /// The status, where there was one to read.
        status: Option<StatusCode>,
        /// What the response lacks, without any value from it.
        problem: String,
    },
}

/// A limit on time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// The limit of one attempt.
    Attempt,
    /// The limit of the whole call.
    Overall,
    /// The limit on how long nothing may come of a body that is read as it comes.
    Silence,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attempt => "attempt",
            Self::Overall => "overall",
            Self::Silence => "silence",
        })
    }
}

/// A response that is not the promised one.
#[non_exhaustive]
pub struct ErrorResponse {
    /// The status.
    pub status: StatusCode,
    /// How long the backend asks to wait before the next attempt (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// Where a redirect points (`Location`), as a whole URL without credentials, query and fragment. It is not
    /// followed.
    pub location: Option<Box<str>>,
    /// Whether it is a page for people (`text/html`): from a web server, and hardly from the backend itself.
    pub is_page: bool,
    /// The body, where it is JSON of at most 64 KiB. The secrets that the call carried are taken out of it, but
    /// it may hold others: never print it whole.
    pub body: Option<Value>,
}

impl fmt::Debug for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorResponse")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("is_page", &self.is_page)
            .field("has_json_body", &self.body.is_some())
            .finish_non_exhaustive()
    }
}

impl Cause {
    /// What it is called in a trace.
    pub(crate) fn short_name(&self) -> &'static str {
        match self {
            Self::Unsendable(_) | Self::HoldsNul { .. } => "unsendable",
            Self::Connect(_) => "no connection",
            Self::ProxyCredentials => "no connection, for the proxy's credentials",
            Self::Interrupted(_) => "connection broke off",
            Self::RuntimeEnded => "the runtime ended",
            Self::TimedOut { limit: Limit::Attempt, .. } => "attempt timed out",
            Self::TimedOut { limit: Limit::Overall, .. } => "call timed out",
            Self::TimedOut { limit: Limit::Silence, .. } => "silence",
            Self::TooLarge { .. } => "response too large",
            Self::Status(_) => "status",
            Self::Failed(_) => "failure in its envelope",
            Self::Malformed { .. } => "malformed response",
        }
    }

    /// The status of a response that says what went wrong.
    pub(crate) fn refusal(&self) -> Option<StatusCode> {
        match self {
            Self::Status(response) | Self::Failed(response) => Some(response.status),
            _ => None,
        }
    }

    /// Whether the backend may have acted on an attempt that ended so.
    pub(crate) fn may_have_acted(&self) -> bool {
        match self {
            Self::Unsendable(_) | Self::HoldsNul { .. } | Self::Connect(_) | Self::ProxyCredentials => false,
            Self::Interrupted(_)
            | Self::RuntimeEnded
            | Self::TimedOut { .. }
            | Self::TooLarge { .. }
            | Self::Failed(_)
            | Self::Malformed { .. } => true,
            // A 3xx or 4xx is a refusal. A 408 is none: some gateways send it when the backend is slow.
            Self::Status(response) => {
                let refused = response.status.is_redirection() || response.status.is_client_error();
                !refused || response.status == StatusCode::REQUEST_TIMEOUT
            }
        }
    }
}

/// Says what a body lacks in the words of its decoder, without the values that those words quote: a value
/// may be a token.
pub(crate) fn describe_decode_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let problem = if let Some((_, expected)) = text.rsplit_once(", expected ") {
        let expected = expected.split(" at line ").next().unwrap_or(expected);
        format!("expected {expected}")
    } else if let Some((missing, _)) =
        text.split_once(" at line ").filter(|(head, _)| head.starts_with("missing field"))
    {
        missing.to_owned()
    } else if error.is_eof() {
        "the body ends too early".to_owned()
    } else if error.is_syntax() {
        "the body is not JSON".to_owned()
    } else {
        "a value is not of the promised shape".to_owned()
    };
    // What is not read from a text has no place there.
    if error.line() == 0 { problem } else { format!("{problem} (line {} column {})", error.line(), error.column()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decode_error_is_described_without_values() {
        let describe = |json: &str| {
            let error = serde_json::from_str::<std::collections::BTreeMap<String, u64>>(json).unwrap_err();
            describe_decode_error(&error)
        };
        let described = describe(r#"{"token": "tok-123, expected a tok-456"}"#);
        assert!(described.starts_with("expected u64 (line 1"), "{described}");
        assert_eq!(describe(r#"{"a": 1"#), "the body ends too early (line 1 column 7)");
        assert_eq!(describe("<html>tok-123"), "the body is not JSON (line 1 column 1)");
        assert_eq!(describe(r#"{"a": -1}"#), "expected u64 (line 1 column 8)");
    }

    #[test]
    fn each_cause_has_a_name_in_traces_and_says_whether_the_backend_may_have_acted() {
        let response = |status| ErrorResponse {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            location: None,
            is_page: false,
            body: Some(Value::from("tok-123")),
        };
        let timed_out = |limit| Cause::TimedOut { limit, after: Duration::ZERO };
        for (cause, name, status, may_have_acted) in [
            (Cause::Unsendable(""), "unsendable", None, false),
            (Cause::HoldsNul { argument: String::new() }, "unsendable", None, false),
            (Cause::Connect("x".into()), "no connection", None, false),
            (Cause::ProxyCredentials, "no connection, for the proxy's credentials", None, false),
            (Cause::Interrupted("x".into()), "connection broke off", None, true),
            (Cause::RuntimeEnded, "the runtime ended", None, true),
            (timed_out(Limit::Attempt), "attempt timed out", None, true),
            (timed_out(Limit::Overall), "call timed out", None, true),
            (timed_out(Limit::Silence), "silence", None, true),
            (Cause::TooLarge { bound: 1 }, "response too large", None, true),
            (Cause::Status(response(307)), "status", Some(307), false),
            (Cause::Status(response(404)), "status", Some(404), false),
            // Some gateways send it when the backend is slow.
            (Cause::Status(response(408)), "status", Some(408), true),
            (Cause::Status(response(500)), "status", Some(500), true),
            (Cause::Failed(response(200)), "failure in its envelope", Some(200), true),
            (Cause::Malformed { status: None, problem: String::new() }, "malformed response", None, true),
        ] {
            assert_eq!(cause.short_name(), name);
            assert_eq!(cause.refusal().map(|status| status.as_u16()), status, "{cause:?}");
            assert_eq!(cause.may_have_acted(), may_have_acted, "{cause:?}");
        }
        assert_eq!(
            format!("{:?}", response(404)),
            "ErrorResponse { status: 404, retry_after: None, is_page: false, has_json_body: true, .. }"
        );
        let partial = PartialAnswer { headers: HeaderMap::new(), start: "tok-123".to_owned() };
        assert_eq!(format!("{partial:?}"), "PartialAnswer { .. }");
        let limits = [Limit::Attempt, Limit::Overall, Limit::Silence].map(|limit| limit.to_string());
        assert_eq!(limits, ["attempt", "overall", "silence"]);
    }
}
