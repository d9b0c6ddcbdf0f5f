//! A MUXI formation, as the engine's parts see it.

use agent_platform_core::{CommonKind, ErrorBody, Operation, Platform, Refusal, Report};
use muxi_formation_client as transport;
use serde_json::Value;

use crate::error::{self, Error, ErrorKind};
use crate::id::UserId;

/// A formation. It has no values: it says which implementations of the engine's traits are a formation's.
pub(crate) enum Formation {}

/// A formation, seen by one caller.
pub(crate) type Session = agent_platform_core::Session<Formation>;

/// A call of a formation.
pub(crate) type Request<'s> = agent_platform_core::Request<'s, Formation>;

/// Begins a call that is made for this user, or where none is named, for the session's own.
pub(crate) fn request_for<'s>(
    session: &'s Session,
    operation: &'static Operation,
    user: Option<&UserId>,
) -> Result<Request<'s>, Error> {
    session.request(operation).for_user(user.map(UserId::as_str))
}

/// Refuses a list of more than `most`, or of none.
pub(crate) fn check_limit(request: &Request<'_>, limit: Option<i64>, most: i64) -> Result<(), Error> {
    match limit {
        Some(limit) if !(1..=most).contains(&limit) => {
            Err(request.refuse(format!("the limit has to be from 1 to {most}")))
        }
        _ => Ok(()),
    }
}

impl Platform for Formation {
    type Api = transport::Client;
    type Kind = ErrorKind;
    type Error = Error;

    const NAME: &'static str = "MUXI";
    const CREDENTIALS: &'static str = "key";
    const HOW_TO_SET_CREDENTIALS: &'static str = "give the client's builder a client_key or an admin_key";

    /// MUXI decodes a path before it looks for its route.
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
