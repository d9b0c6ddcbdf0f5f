//! The suites, one module for each concern.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod auth;
mod caught_up;
mod chats;
mod errors;
mod limits;
mod messages;
mod path_ids;
mod redaction;
mod retries;
mod users;
