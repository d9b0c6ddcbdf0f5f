//! Limits that run out without anybody waiting for them, and not before.
//!
//! On a busy machine all takes longer, and a limit that is short enough to wait for is one that a call may miss by
//! itself. So limits are generous, and once there is nothing to do but to wait, the clock is moved on.

use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{advance, pause, resume, sleep};

use crate::{PATIENCE, Script};

/// The limit of an attempt.
pub(super) const LIMIT: Duration = PATIENCE;

/// The limit of a connection that is never made: three of them are shorter than any limit on a call.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(8);

/// In how many steps a limit runs out: one that begins anew with each byte never does so.
const STEPS: u32 = 8;

/// How often everybody has a turn in between.
const TURNS: u32 = 16;

/// Does some work, in a runtime with one thread, until this limit runs out. The clock is moved on while an exchange stalls that
/// follows the script; all the time, where there is none.
pub(super) async fn hastened<T>(work: impl Future<Output = T>, limit: Duration, script: Option<&Script>) -> T {
    let hasten = async {
        loop {
            if let Some(script) = script {
                script.wait_for_stall().await;
            }
            // What came before is on its way still.
            sleep(Duration::from_millis(1)).await;
            for _ in 0..TURNS {
                yield_now().await;
            }
            let _paused = Paused::begin();
            advance(limit / STEPS).await;
        }
    };
    tokio::select! {
        biased;
        outcome = work => outcome,
        () = hasten => unreachable!("it goes on for ever"),
    }
}

/// The clock stands.
struct Paused;

impl Paused {
    fn begin() -> Self {
        pause();
        Self
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        resume();
    }
}
