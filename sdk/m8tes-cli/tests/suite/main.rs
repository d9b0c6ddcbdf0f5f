//! The command, run as a program against a local backend.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod at_a_terminal;
mod auth;
mod chat;
mod commands;
mod common;
mod first_commands;
mod help;
mod logins;
mod mates;
mod runs;
mod secrets;
mod tasks;
mod terminal;
mod transcript;
mod waited_out;
mod webhooks;
mod work;
