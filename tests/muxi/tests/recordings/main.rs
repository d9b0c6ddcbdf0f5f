//! What a real runtime was recorded to answer, as the facade reads it: whole answers value by value, and streams in every
//! cutting of their bytes.

// It is test code: what it can't do ends the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod answers;
mod calls;
mod streams;
mod told;
