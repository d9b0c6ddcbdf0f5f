//! The suites over m8tes' facade, one module for each concern.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod calls;
mod cut_answers;
mod cuttings;
mod errors;
mod examples;
mod files;
mod hostile_streams;
mod lost;
mod models;
mod odd_answers;
mod people;
mod public_types;
mod rejoined;
mod replays;
mod resources;
mod runs;
mod secrets;
mod streams;
mod tasks;
mod teammates;
mod users_of_yours;
mod whole_examples;
