//! Waiting without waiting for ever.

use std::time::Duration;

/// After how long a test that hangs is ended. No test is judged by it: whatever is to come comes sooner, on a machine that is
/// as busy as can be.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Waits for what is to happen, and fails if it doesn't.
#[track_caller]
pub fn soon<T>(what: impl Future<Output = T>) -> impl Future<Output = T> {
    let place = std::panic::Location::caller();
    async move {
        let outcome = tokio::time::timeout(PATIENCE, what).await;
        outcome.unwrap_or_else(|_| panic!("it did not happen in {PATIENCE:?}, at {place}"))
    }
}
