//! The public API of each facade. In one target, so that a list is written anew whatever else is wrong with it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod debug;
mod foreign_types;
mod readme;
mod requests;
mod snapshot;
