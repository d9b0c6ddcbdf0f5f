//! The bridge, between the local backends.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod m8tes;
mod muxi;
mod readme;
mod restarts;
mod world;
