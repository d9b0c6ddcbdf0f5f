//! Mycel, as the engine's parts see it.

use agent_platform_core::{Context, Failure, Operation, Platform};
use mycel_web_backend_client as transport;

use crate::error::Error;

/// Mycel. It has no values: it says which implementations of the engine's traits are Mycel's.
pub(crate) enum Mycel {}

/// A backend, seen by one user, or by nobody yet.
pub(crate) type Session = agent_platform_core::Session<Mycel>;

impl Platform for Mycel {
    type Api = transport::Client;
    type Error = Error;

    /// A URL takes `\` for `/`.
    const NOT_IN_IDS: &'static [char] = &['/', '\\'];

    fn refused(operation: Option<&'static Operation>, problem: String) -> Error {
        Error::invalid_input(operation, problem)
    }

    fn failed(failure: Failure, context: &Context<'_>) -> Error {
        Error::from_failure(failure, context)
    }
}
