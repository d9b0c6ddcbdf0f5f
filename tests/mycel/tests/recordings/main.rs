//! What goes over the wire between the facade and a backend, held against what it promises.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod answers;
mod frames;
mod json;
mod normal;
mod recorded;
mod scenario;
mod schema;
mod tap;
