//! `m8tes webhooks …`

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with webhooks.
#[derive(Debug, Subcommand)]
pub(crate) enum Webhooks {
    /// Check that a request that was saved is from m8tes, and print its body
    Verify(Verify),
}

/// `m8tes webhooks verify`
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// The request as it came: its headers, a blank line, its body; `-` reads it from stdin. With --header the body alone
    pub(crate) request: PathBuf,
    /// A header of it, as "Webhook-Id: msg_1"; once for each
    #[arg(long, value_name = "HEADER")]
    pub(crate) header: Vec<String>,
    /// The file that holds the webhook's secret [default: what M8TES_WEBHOOK_SECRET holds]
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// How far from now its time may lie, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, conflicts_with = "any_time")]
    pub(crate) tolerance: u32,
    /// Whenever it was sent
    #[arg(long)]
    pub(crate) any_time: bool,
}
