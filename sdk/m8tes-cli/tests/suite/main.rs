//! The command, run as a program against a local backend.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod auth;
mod common;
mod help;
mod logins;
mod mates;
mod runs;
mod tasks;
mod webhooks;
mod work;
