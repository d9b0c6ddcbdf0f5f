//! What the suites over m8tes' facade share: a backend to run against, and what it wants of calls.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

pub mod differences;
pub mod official;
pub mod peers;
pub mod sent;
pub mod work;

use std::time::Duration;

use m8tes_local_backend::{Builder, DEFAULT_API_KEY, LocalBackend};
use m8tes_sdk::{Client, RetryPolicy};
use test_harness::engine::Rules;

/// After which answers m8tes wants a call to go on.
pub const RULES: Rules =
    Rules { repeated: &[429, 500, 502, 503, 504], final_on_post: &[], again_after_429: false, followed: &[307, 308] };

/// A local backend that starts so, and a client of it.
pub async fn local(backend: Builder) -> (LocalBackend, Client) {
    let backend = backend.start().await.unwrap();
    let client = client(backend.url());
    (backend, client)
}

/// A client of the local backend behind this URL, with short pauses between attempts.
pub fn client(url: &str) -> Client {
    let pause = Duration::from_millis(1);
    let quick = RetryPolicy::default().base_delay(pause).max_delay(2 * pause);
    Client::builder(DEFAULT_API_KEY).base_url(url).retry(quick).build().unwrap()
}
