//! The suites over MUXI's facade, one module for each concern. With `MUXI_TEST_URL` they run against that formation.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod audio;
mod audit;
mod background;
mod broken_streams;
mod buffers;
mod chats;
mod configuration;
mod credentials;
mod custom;
mod events;
mod examples;
mod formation;
mod hostile_streams;
mod jobs;
mod keys;
mod logs;
mod mcp;
mod memories;
mod models;
mod names;
mod public_types;
mod requests;
mod secrets;
mod server_bundles;
mod server_deployments;
mod server_drafts;
mod server_logs;
mod server_streams;
mod sessions;
mod sops;
mod streams;
mod told_secrets;
mod triggers;
mod users;
mod webhooks;
mod whole_examples;
