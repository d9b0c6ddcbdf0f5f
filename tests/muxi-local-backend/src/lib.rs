//! A MUXI formation in one process, for tests and local development.
//!
//! It speaks the runtime's protocol over real HTTP, directly and as behind a management server, and needs nothing installed.
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
mod formation;
mod ids;
mod play;
mod proxy;
mod routes;
mod script;
mod secrets;
mod things;
mod turns;
mod users;
mod variant;

pub use backend::{ADMIN_KEY, Builder, CLIENT_KEY, FORMATION_ID, LocalBackend, start};
pub use local_backend_kit::StartError;
pub use script::{Reply, Turn, TurnFailure};
pub use variant::Variant;
