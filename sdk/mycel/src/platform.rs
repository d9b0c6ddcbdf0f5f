//! Mycel, as the engine's parts see it.

use agent_platform_core::{CommonKind, ErrorBody, Platform, Refusal, Report};
use mycel_web_backend_client as transport;
use serde_json::Value;

use crate::error::{self, Error, ErrorKind};

/// Mycel. It has no values: it says which implementations of the engine's traits are Mycel's.
pub(crate) enum Mycel {}

/// A backend, seen by one user, or by nobody yet.
pub(crate) type Session = agent_platform_core::Session<Mycel>;

impl Platform for Mycel {
    type Api = transport::Client;
    type Kind = ErrorKind;
    type Error = Error;

    const NAME: &'static str = "Mycel";
    const CREDENTIALS: &'static str = "auth token";
    const HOW_TO_SET_CREDENTIALS: &'static str = "make a client with Client::with_auth_token";

    /// A URL takes `\` for `/`.
    const NOT_IN_IDS: &'static [char] = &['/', '\\'];

    fn kind(common: CommonKind) -> ErrorKind {
        ErrorKind::from_common(common)
    }

    fn error(report: Report<ErrorKind>) -> Error {
        Error::new(report)
    }

    fn read_error(body: Value) -> ErrorBody {
        ErrorBody::of_detail(body)
    }

    fn refine(refusal: &Refusal<'_>) -> Option<(ErrorKind, String)> {
        error::refine(refusal)
    }
}
