//! Pauses between attempts.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);

/// Pauses that become longer, up to half a minute.
pub(crate) struct Pauses {
    next: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Pauses {
    /// Waits, and says why: `what` could not be done because of `error`.
    pub(crate) async fn after(&mut self, what: &str, error: &(dyn std::fmt::Display + Sync)) {
        eprintln!("{what}: {error}; trying again in {:?}", self.next);
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(LONGEST);
    }
}
