//! The suites, one module for each concern.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod addressed;
mod agents;
mod answers;
mod auth;
mod backend_info;
mod base_path;
mod caught_up;
mod chats;
mod connections;
mod contract;
mod errors;
mod examples;
mod groups;
mod history;
mod inbox;
mod join_requests;
mod limits;
mod messages;
mod mute;
mod path_ids;
mod proxies;
mod public_types;
mod redaction;
mod redirects;
mod registration;
mod relationships;
mod requests;
mod retries;
mod secrets;
mod security;
mod tasks;
mod text;
mod threads;
mod traps;
mod users;
mod workflow_events;
mod workflows;
