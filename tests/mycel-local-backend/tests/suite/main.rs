//! Plain HTTP and WebSockets against a backend on a real socket, by concern: every operation's good answer, and every way in which it
//! refuses.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod agents;
mod auth;
mod chats;
mod client;
mod concurrency;
mod hostile;
mod inbox;
mod join_requests;
mod messages;
mod null_character;
mod profiles;
mod program;
mod registration;
mod relationships;
mod restart;
mod routing;
mod statements;
mod stream;
mod tasks;
mod validation;
mod workflow;
