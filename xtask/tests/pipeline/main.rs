//! The commands on a small backend, shaped like a FastAPI export, in a folder of their own.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in tests, but clippy does not take the helpers of tests for such"
)]

mod answers;
mod command_line;
mod corpus;
mod cpu_time;
mod drift;
mod folders;
mod hostile;
mod import;
mod json_parts;
mod kinds;
mod kinds_of_schemas;
mod mutations;
mod refusals;
mod regenerate;
mod secrets;
mod url;
mod workspace;
