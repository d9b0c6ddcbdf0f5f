//! The formation and the management server over plain HTTP.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, missing_docs)]

mod audio;
mod client;
mod faults;
mod keys;
mod management;
mod restart;
mod users;
