//! m8tes, as the engine's parts see it.

use agent_platform_core::{CommonKind, ErrorBody, Platform, Refusal, Report};
use m8tes_web_backend_client as transport;
use serde_json::Value;

use crate::error::{self, Error, ErrorKind};
use crate::id::UserId;

/// m8tes. It has no values: it says which implementations of the engine's traits are m8tes'.
pub(crate) enum M8tes {}

/// m8tes, seen by one account.
pub(crate) type Session = agent_platform_core::Session<M8tes>;

/// The session in which what comes after belongs to this user, or where none is named, to the session's own.
pub(crate) fn session_for(session: &Session, user: Option<&UserId>) -> Session {
    user.map_or_else(|| session.clone(), |user| session.for_user(user.as_str()))
}

/// A call of m8tes.
pub(crate) type Request<'s> = agent_platform_core::Request<'s, M8tes>;

impl Platform for M8tes {
    type Api = transport::Client;
    type Kind = ErrorKind;
    type Error = Error;

    const NAME: &'static str = "m8tes";
    const CREDENTIALS: &'static str = "API key";
    const HOW_TO_SET_CREDENTIALS: &'static str = "make a client with Client::builder";

    /// m8tes decodes a path before it looks for its route.
    const NOT_IN_IDS: &'static [char] = &['/'];

    fn kind(common: CommonKind) -> ErrorKind {
        ErrorKind::from_common(common)
    }

    fn error(report: Report<ErrorKind>) -> Error {
        Error::new(report)
    }

    fn read_error(body: Value) -> ErrorBody {
        error::read(body)
    }

    fn refine(refusal: &Refusal<'_>) -> Option<(ErrorKind, String)> {
        error::refine(refusal)
    }
}
