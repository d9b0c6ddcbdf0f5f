//! The management server, as the engine's parts see it.

use agent_platform_core::{CommonKind, ErrorBody, Platform, Refusal, Report};
use muxi_server_client as transport;
use serde_json::Value;

use super::refusal;
use crate::error::{self, Error, ErrorKind};

/// The management server. It has no values: it says which implementations of the engine's traits are the server's.
pub(crate) enum Server {}

/// The server, seen by one caller.
pub(super) type Session = agent_platform_core::Session<Server>;

impl Platform for Server {
    type Api = transport::Client;
    type Kind = ErrorKind;
    type Error = Error;

    const NAME: &'static str = "MUXI";
    const CREDENTIALS: &'static str = "key pair";
    const HOW_TO_SET_CREDENTIALS: &'static str = "give the client's builder a key_id and a secret_key";

    /// The server decodes a path before it looks for its route.
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
        refusal::refine(refusal)
    }
}
