//! Waiting without waiting for ever.

use std::time::Duration;

/// Waits for what is to happen soon, and fails if it doesn't.
#[track_caller]
pub fn soon<T>(what: impl Future<Output = T>) -> impl Future<Output = T> {
    let place = std::panic::Location::caller();
    async move {
        let outcome = tokio::time::timeout(Duration::from_secs(20), what).await;
        outcome.unwrap_or_else(|_| panic!("it did not happen in 20 s, at {place}"))
    }
}
