//! What local backends are made of, whatever their platform: routes and checks out of an OpenAPI document, a server, a
//! database, events, a program.
//!
//! A backend implements [`Backend`] over its own handlers and says in its own words what the kit refuses
//! ([`Refusal`]). It reads its document ([`Document`]), opens its tables ([`Store`]), and serves ([`Bound`]).

#![forbid(unsafe_code)]

pub mod clock;
mod cors;
mod dispatch;
pub mod document;
pub mod events;
mod form;
pub mod password;
mod process;
pub mod program;
pub mod python;
mod refusal;
mod request;
mod routing;
mod server;
mod start_error;
mod statements;
mod store;
mod validation;

pub use dispatch::{Backend, pass_on};
pub use document::Document;
pub use form::Upload;
pub use process::Process;
pub use refusal::{Refusal, internal_server_error, with_cause};
pub use request::{BODY_LIMIT, CheckedRequest};
pub use routing::decoded_path;
pub use server::{Bound, Closing, GRACE, Server};
pub use start_error::StartError;
pub use statements::OnStatement;
pub use store::{Closed, Store, Tables};
pub use validation::{Bound as NumberBound, Issue, Problem, Step};
