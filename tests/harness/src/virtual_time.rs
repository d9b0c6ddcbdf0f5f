//! Virtual time over real sockets.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::task::yield_now;

/// How much time passes at once.
const STEP: Duration = Duration::from_millis(20);

/// How often everybody has a turn in between. A call takes some of them, since each message that passes takes one.
const TURNS: u32 = 16;

/// Has the paused clock of a runtime with one thread go on, until this is dropped.
///
/// By itself the clock jumps to the next timer whenever nobody has anything to do, also while bytes are on their way
/// from one socket to another, so that any limit may run out meanwhile. Here it goes on step by step, and in each step
/// everybody does what there is to do. An hour takes some seconds.
#[must_use = "the clock stands when this is dropped"]
pub struct VirtualTime(JoinHandle<()>);

impl VirtualTime {
    /// Pauses the clock first, of a runtime that a test shares with all that it talks to: no limit runs out because a machine
    /// is busy.
    pub fn pause() -> Self {
        tokio::time::pause();
        Self::start()
    }

    /// Starts it, in a runtime whose clock is paused.
    pub fn start() -> Self {
        Self(tokio::spawn(async {
            loop {
                for _ in 0..TURNS {
                    yield_now().await;
                }
                tokio::time::advance(STEP).await;
            }
        }))
    }
}

impl Drop for VirtualTime {
    fn drop(&mut self) {
        self.0.abort();
    }
}
