//! The pipeline from a backend's OpenAPI export to its generated transport crate.
//!
//! ```text
//! export ── import ──▶ backend.json ─┐
//!                     contract.toml ─┼─ regenerate ──▶ public.json ──▶ generated crate
//!                      schemas.json ─┘
//!
//! live export ── drift ──▶ what has changed since, and whether it breaks the client
//! ```
//!
//! `import` takes the public part of an export as it is. `regenerate` lowers it from OpenAPI 3.1 to 3.0.3,
//! types its answers, and has progenitor write the client. Whatever can't be done is refused by name and
//! place before anything is written.

mod answer;
mod answer_code;
mod backend;
mod body_code;
mod checkout;
pub mod cli;
mod contract;
mod diff;
mod drift;
mod endpoint;
mod error;
mod export;
mod files;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod generate;
mod header_code;
mod import;
mod inline;
mod inspect;
mod join;
mod json;
mod lower;
mod media;
mod named_body;
mod parameter;
mod pattern;
mod place;
mod prose;
mod public;
mod reference;
mod regenerate;
mod rehearse;
mod response;
mod schemas;
mod secret;
mod security;
mod sent_code;
mod source;
mod spelling;
mod stand_in;
mod success;
mod used_code;
mod version_header;

pub use backend::{Backend, check_no_left_over_crate};
pub use drift::{Change, Drift, Reached, Severity, Texts, Verdict, drift, drift_between};
pub use error::{Error, Kind, Result};
pub use import::{Imported, import};
pub use regenerate::{regenerate, stale, stale_error};
pub use rehearse::{Rehearsal, rehearse};
pub use source::Source;
