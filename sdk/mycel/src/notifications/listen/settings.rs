//! What can be set of a listener.

use std::time::Duration;

/// Limits of a [`Listener`](crate::Listener).
///
/// ```
/// use std::time::Duration;
/// use mycel_sdk::ListenSettings;
///
/// let defaults = ListenSettings::default();
/// let the_same = ListenSettings::default()
///     .base_delay(Duration::from_millis(500))
///     .max_delay(Duration::from_secs(30))
///     .stable_after(Duration::from_secs(60))
///     .silence(Duration::from_secs(40))
///     .capacity(1_000);
/// assert_eq!(defaults, the_same);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenSettings {
    pub(super) base_delay: Duration,
    pub(super) max_delay: Duration,
    pub(super) stable_after: Duration,
    pub(super) silence: Duration,
    pub(super) capacity: usize,
}

impl Default for ListenSettings {
    fn default() -> Self {
        Self {
            base_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(30),
            stable_after: Duration::from_secs(60),
            silence: Duration::from_secs(40),
            capacity: 1_000,
        }
    }
}

impl ListenSettings {
    /// The least pause before the first try after a break. Each further pause is about twice as long, and
    /// lengthened by a random part of itself. 500 ms unless set; at least 1 ms.
    #[must_use]
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The bound on the growing part of a pause. 30 s unless set.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// How long a connection has to last for the pauses to begin at the least one again. 60 s unless set.
    #[must_use]
    pub fn stable_after(mut self, time: Duration) -> Self {
        self.stable_after = time;
        self
    }

    /// How long nothing at all may come before a connection counts as dead. A ping is sent after half of it.
    /// 40 s unless set.
    #[must_use]
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = limit;
        self
    }

    /// How many events may wait to be taken. Notifications of one chat count once, since only the newest of
    /// them waits; so do the changes of the connection. Where so many wait, the listener reads no further
    /// until some are taken: the backend holds what comes then, as it does during a break. 1,000 unless set;
    /// 0 counts as 1.
    #[must_use]
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = events.max(1);
        self
    }
}
