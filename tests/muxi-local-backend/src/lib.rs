//! A MUXI management server and its formations in one process, for tests and local development.
//!
//! It speaks both protocols over real HTTP: a formation is there at once, directly and behind the server, and others can be
//! deployed from their bundles. It needs nothing installed.
//! What a turn does is a script:
//!
//! ```
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let backend = muxi_local_backend::start().await?; // in memory, on a free port of 127.0.0.1
//! println!("{}", backend.url()); // "http://127.0.0.1:41234"
//! # Ok::<(), muxi_local_backend::StartError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The README says what is served.

#![forbid(unsafe_code)]

mod app;
mod backend;
mod bot;
mod buffer;
mod caller;
mod cron;
mod envelope;
mod error;
mod fault;
mod formation;
mod happenings;
mod ids;
mod management;
mod play;
mod routes;
mod script;
mod secrets;
mod things;
mod turns;
mod users;
mod variant;
mod webhooks;

pub use backend::{ADMIN_KEY, Builder, CLIENT_KEY, FORMATION_ID, KEY_ID, LocalBackend, SECRET_KEY, Separators, start};
pub use fault::Fault;
pub use local_backend_kit::StartError;
pub use management::DeployStep;
pub use script::{Reply, Turn, TurnFailure};
pub use variant::Variant;
