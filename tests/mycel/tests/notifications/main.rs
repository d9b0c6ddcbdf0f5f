//! Attacks on the notification stream and the listener, one module for each kind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cancel;
mod drains;
mod handshakes;
mod hostile;
mod hostile_listener;
#[cfg(target_os = "linux")]
mod idle;
mod listening;
mod night;
mod odd_frames;
mod proxies;
mod quiet;
mod renewal;
mod runtimes;
mod shared;
