//! The local backend over plain HTTP.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, missing_docs)]

mod accounts;
mod apps;
mod client;
mod contract;
mod document;
mod errors;
mod gates;
mod history;
mod killed;
mod memories;
mod operations;
mod options;
mod permissions;
mod program;
mod replies;
mod restart;
mod runs;
mod scripted;
mod settings;
mod starts;
mod streams;
mod tasks;
mod teammates;
mod triggers;
mod uploads;
mod users;
mod webhooks;
