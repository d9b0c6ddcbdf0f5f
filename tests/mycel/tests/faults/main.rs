//! Every operation under every fault: what its caller is told is true, nothing happens twice that must not, and the
//! client goes on working.
//!
//! `FAULT_CELL=send_message/drop-answer` runs one cell alone, `FAULT_CELL='*/drop-answer'` those of one fault;
//! `FAULT_SEED` decides where exactly messages are cut.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cases;
mod judge;
mod matrix;
mod scenarios;
