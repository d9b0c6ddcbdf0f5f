//! Limits on time.

use std::time::Duration;

/// What stands for "no limit" where a clock has to add it to now: about 30 years.
pub(crate) const FAR_AWAY: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// How long a call may take.
///
/// ```
/// use std::time::Duration;
/// use agent_platform_core::TimeLimits;
///
/// let limits = TimeLimits::default();
/// assert_eq!(limits.connect, Duration::from_secs(10));
/// assert_eq!(limits.attempt, Duration::from_secs(15));
/// assert_eq!(limits.overall, Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeLimits {
    /// For a connection to be made, the TLS handshake included. 10 s unless set.
    pub connect: Duration,
    /// For one attempt, from its start until the last byte of the answer is read. 15 s unless set.
    pub attempt: Duration,
    /// For the whole call: all attempts and the pauses between them. 60 s unless set.
    pub overall: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), attempt: Duration::from_secs(15), overall: Duration::from_secs(60) }
    }
}
