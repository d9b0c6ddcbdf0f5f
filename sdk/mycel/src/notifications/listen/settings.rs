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
///     .base_delay(Duration::from_secs(1))
///     .max_delay(Duration::from_secs(30))
///     .stable_after(Duration::from_secs(60))
///     .silence(Duration::from_secs(40))
///     .drain_every(Duration::from_secs(60))
///     .capacity(1_000);
/// assert_eq!(defaults, the_same);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenSettings {
    pub(super) base_delay: Duration,
    pub(super) max_delay: Duration,
    pub(super) stable_after: Duration,
    pub(super) silence: Duration,
    pub(super) drain_every: Duration,
    pub(super) capacity: usize,
}

impl Default for ListenSettings {
    fn default() -> Self {
        Self {
            base_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(30),
            stable_after: Duration::from_secs(60),
            silence: Duration::from_secs(40),
            drain_every: Duration::from_secs(60),
            capacity: 1_000,
        }
    }
}

impl ListenSettings {
    /// The least pause before the stream is opened again, whyever it ended. Before a renewal it is that long. Before
    /// the first try after a break it is lengthened by a random part of itself, and each further pause is about twice
    /// as long. 1 s unless set; at least 1 ms.
    ///
    /// The backend goes on with what it is doing for a stream after that has ended, and then takes the user's
    /// listener away, whoever that is by then. A stream that is opened within that time, about half a second, stays
    /// open and is told nothing; what happens is then told by drains alone, as
    /// [`drain_every`](Self::drain_every) says.
    #[must_use]
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay.max(Duration::from_millis(1));
        self
    }

    /// The bound on the growing part of a pause. 30 s unless set.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// How long the stream has to be open, its renewals aside, for the pauses to begin at the least one again.
    /// 60 s unless set.
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

    /// How often the inbox is drained while the stream is open, so that whatever no stream tells, for whatever
    /// reason, is told within that time: muted chats, messages that mention others, all that a stream has missed. The
    /// first time after the stream was opened is up to a half earlier. Each minute unless set; at least 1 ms.
    ///
    /// A drain that fails counts as a break: what its response carried comes with the next stream.
    #[must_use]
    pub fn drain_every(mut self, time: Duration) -> Self {
        self.drain_every = time.max(Duration::from_millis(1));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_set_beside_the_others_and_none_is_less_than_it_may_be() {
        let time = Duration::from_secs;
        let set = ListenSettings::default().base_delay(time(2)).max_delay(time(3)).stable_after(time(4));
        let set = set.silence(time(5)).drain_every(time(6)).capacity(7);
        let [base_delay, max_delay, stable_after, silence, drain_every] = [2, 3, 4, 5, 6].map(time);
        let expected = ListenSettings { base_delay, max_delay, stable_after, silence, drain_every, capacity: 7 };
        assert_eq!(set, expected);
        let least = set.base_delay(Duration::ZERO).drain_every(Duration::ZERO).capacity(0);
        let millisecond = Duration::from_millis(1);
        assert_eq!(
            least,
            ListenSettings { base_delay: millisecond, drain_every: millisecond, capacity: 1, ..expected }
        );
    }
}
