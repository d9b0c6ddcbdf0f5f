//! The formation over plain HTTP.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, missing_docs)]

mod client;
mod keys;
mod restart;
mod users;
