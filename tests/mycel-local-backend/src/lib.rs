//! A Mycel backend in one process, for tests and local development.
//!
//! It speaks the real backend's protocol over real HTTP, with an embedded SQLite behind it, and needs nothing installed:
//!
//! ```
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let backend = mycel_local_backend::start().await?; // in memory, on a free port of 127.0.0.1
//! println!("{}", backend.url()); // "http://127.0.0.1:41234"
//! # Ok::<(), mycel_local_backend::StartError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A fixed address, a file that outlives the process, and the codes that registration asks for:
//!
//! ```
//! use mycel_local_backend::{LocalBackend, Profile};
//!
//! # let directory = std::env::temp_dir().join(format!("mycel-local-backend-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&directory)?;
//! # let file = directory.join("mycel.db");
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let backend = LocalBackend::builder()
//!     .listen("127.0.0.1:0".parse()?)
//!     .data(&file)
//!     .profile(Profile::Full)
//!     .invite_code("INVITE-1")
//!     .one_time_code("123456")
//!     .start()
//!     .await?;
//! backend.shutdown().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The README says what is served, and where it differs from the real backend.

#![forbid(unsafe_code)]

mod app;
mod auth;
mod backend;
mod dispatch;
mod error;
mod inbox;
mod promised;
mod routes;
mod store;
mod token;

pub use backend::{Builder, DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend, Profile, start};
pub use local_backend_kit::StartError;
