//! An m8tes backend in one process, for tests and local development.
//!
//! It speaks the platform's protocol over real HTTP, with an embedded SQLite behind it, and needs nothing installed. What a
//! run does is a script:
//!
//! ```
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let backend = m8tes_local_backend::start().await?; // in memory, on a free port of 127.0.0.1
//! println!("{}", backend.base_url()); // "http://127.0.0.1:41234/api/v2"
//! # Ok::<(), m8tes_local_backend::StartError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The README says what is served, and what is not known of the real one.

#![forbid(unsafe_code)]

mod app;
mod backend;
mod deliver;
mod error;
mod fire;
mod live;
mod play;
mod routes;
mod schedule;
mod script;
mod steps;
mod store;

pub use backend::{BASE_PATH, Builder, DEFAULT_API_KEY, LocalBackend, start};
pub use local_backend_kit::StartError;
pub use script::{Answers, Attachment, Permission, Question, Refused, Run, RunFailure, Toggles};
