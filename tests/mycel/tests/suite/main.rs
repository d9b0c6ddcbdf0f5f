//! The suites, one module for each concern.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod addressed;
mod agents;
mod auth;
mod backend_info;
mod base_path;
mod caught_up;
mod chats;
mod connections;
mod errors;
mod examples;
mod free_json;
mod groups;
mod history;
mod inbox;
mod join_requests;
mod large_answers;
mod messages;
mod mute;
mod null_character;
mod odd_answers;
mod operations;
mod own_limits;
mod path_ids;
mod public_types;
mod redaction;
mod registration;
mod relationships;
mod requests;
mod secrets;
mod security;
mod tasks;
mod text;
mod threads;
mod traps;
mod users;
mod whole_examples;
mod workflow_events;
mod workflows;
