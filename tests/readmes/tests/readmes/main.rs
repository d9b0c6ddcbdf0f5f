//! What the READMEs say: their programs run, their snippets compile, their tables are true, and no suite is forgotten.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod modules;
mod programs;
mod readme;
mod snippets;
mod suites;
mod tables;
mod workspace;
