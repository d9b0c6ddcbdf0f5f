//! Which failures are worth another attempt, when, and how often.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::failure::{Cause, ErrorResponse};
use crate::operation::Operation;

/// How often a call is attempted, and how long the pauses between the attempts are.
///
/// The pauses grow from [`base_delay`](Self::base_delay) by a factor of two up to
/// [`max_delay`](Self::max_delay), each lengthened by a random part
/// of itself, so that clients which failed together do not come back together. A pause that the backend asks
/// for is kept where it is longer: `Retry-After`, in whole seconds or as an HTTP date, the longest where it
/// comes several times; what is neither is ignored. A pause that would not end before the call's overall
/// limit is not begun: the call fails at once, and its error tells how long the backend asks to wait.
///
/// An operation that may be repeated is attempted again after a lost connection, an attempt that took too long, and
/// statuses that pass, such as 503. Any other operation is attempted again only where it is certain that the backend did
/// not act. The front page of the SDK says which statuses these are on its platform.
///
/// All calls over the connections of one client share a budget of retries: each call puts a tenth of a
/// retry into it and each retry takes one out, ten at most being saved up. So a backend that is down gets
/// about a tenth more requests than it gets anyway, instead of a multiple: for 1,000 calls at most 1,110.
///
/// ```
/// use std::time::Duration;
/// use agent_platform_core::RetryPolicy;
///
/// let defaults = RetryPolicy::default();
/// let the_same = RetryPolicy::default()
///     .max_attempts(3)
///     .base_delay(Duration::from_millis(200))
///     .max_delay(Duration::from_secs(5));
/// assert_eq!(defaults, the_same);
/// assert_eq!(RetryPolicy::never(), RetryPolicy::default().max_attempts(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_attempts: 3, base_delay: Duration::from_millis(200), max_delay: Duration::from_secs(5) }
    }
}

impl RetryPolicy {
    /// A single attempt for each call.
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// How many attempts a call has, the first included. 3 unless set; 0 counts as 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The least pause before the second attempt. 200 ms unless set.
    #[must_use]
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The bound on the growing part of a pause. 5 s unless set; never less than the base.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The pauses of one call, in order.
    pub(crate) fn pauses(&self) -> ExponentialBackoff {
        let attempts = self.max_attempts as usize;
        growing(self.base_delay, self.max_delay).with_max_times(attempts - 1).build()
    }
}

/// Pauses between attempts that go on for ever: each is about twice as long as the one before, up to a bound,
/// and lengthened by a random part of itself.
#[derive(Debug)]
pub struct Backoff {
    max: Duration,
    pauses: ExponentialBackoff,
}

impl Backoff {
    /// Begins at `base`, or at 1 ms where that is less, and grows up to `max`: without any pause a peer that
    /// fails at once would be asked without end.
    pub fn new(base: Duration, max: Duration) -> Self {
        let base = base.max(Duration::from_millis(1));
        Self { max, pauses: growing(base, max).without_max_times().build() }
    }

    /// The next pause.
    pub fn next_pause(&mut self) -> Duration {
        self.pauses.next().unwrap_or(self.max)
    }
}

fn growing(base: Duration, max: Duration) -> ExponentialBuilder {
    ExponentialBuilder::new().with_jitter().with_factor(2.0).with_min_delay(base).with_max_delay(max.max(base))
}

/// What a platform's backend says is worth another attempt.
///
/// An attempt that made no connection is always worth one, since nothing was sent. Another that broke off or took too long
/// is worth one where the operation may be repeated, or carries an idempotency key.
#[derive(Clone, Copy, Debug)]
pub struct RetryRules {
    /// The statuses after which such an operation is attempted again.
    pub statuses: &'static [u16],
    /// The statuses after which any operation is, since the backend is sure not to have acted.
    pub refusals: &'static [u16],
    /// Whether a response to this operation is the last word all the same, whatever its status.
    pub is_final: fn(&'static Operation, &ErrorResponse) -> bool,
}

impl Default for RetryRules {
    fn default() -> Self {
        Self { statuses: &[408, 429, 502, 503, 504], refusals: &[429], is_final: |_, _| false }
    }
}

impl RetryRules {
    /// Whether an attempt at this operation that ended so is worth another one, of a call that may be repeated or not.
    pub(crate) fn allow_another_attempt(
        &self,
        operation: &'static Operation,
        cause: &Cause,
        may_be_repeated: bool,
    ) -> bool {
        match cause {
            Cause::Connect(_) => true,
            Cause::Interrupted(_) | Cause::TimedOut { .. } => may_be_repeated,
            Cause::Status(response) => {
                let status = response.status.as_u16();
                let is_final = (self.is_final)(operation, response);
                !is_final && (self.refusals.contains(&status) || (may_be_repeated && self.statuses.contains(&status)))
            }
            Cause::Unsendable(_)
            | Cause::HoldsNul { .. }
            | Cause::ProxyCredentials
            | Cause::RuntimeEnded
            | Cause::TooLarge { .. }
            | Cause::Failed(_)
            | Cause::Malformed { .. } => false,
        }
    }
}

/// The pause that a response asks for: `Retry-After` in seconds or as an HTTP date, the longest where there are several. A
/// date in the past asks for none; what is neither is ignored. HTTP has whole seconds alone, and some backends fractions.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let values = headers.get_all(header::RETRY_AFTER).into_iter().filter_map(|value| value.to_str().ok());
    values.filter_map(|value| pause_until(value.trim(), now)).max()
}

fn pause_until(value: &str, now: SystemTime) -> Option<Duration> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a u64 holds is a very long time, and still one.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    if value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        let seconds = value.parse().ok()?;
        return Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    }
    // In calendar terms, since the last day that a date can name is beyond the end of a timestamp.
    let now = Timestamp::try_from(now).ok()?.to_zoned(TimeZone::UTC).datetime();
    Some(http_date(value)?.duration_since(now).try_into().unwrap_or_default())
}

/// One of the three forms of RFC 9110, section 5.6.7. The latter two are obsolete, but have to be understood.
fn http_date(value: &str) -> Option<DateTime> {
    let forms = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    forms.into_iter().find_map(|form| DateTime::strptime(form, value).ok())
}

/// The retries that all calls of one transport share, counted in tenths of a retry.
#[derive(Debug)]
pub(crate) struct RetryBudget(Mutex<u32>);

impl RetryBudget {
    const RETRY: u32 = 10;
    const MOST: u32 = 10 * Self::RETRY;

    /// A full budget.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Self::MOST))
    }

    /// Puts in what one call brings.
    pub(crate) fn deposit(&self) {
        let mut tenths = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *tenths = (*tenths + 1).min(Self::MOST);
    }

    /// Takes out one retry; `false` where there is none left.
    pub(crate) fn withdraw(&self) -> bool {
        let mut tenths = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match tenths.checked_sub(Self::RETRY) {
            Some(rest) => {
                *tenths = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_for_in_all(values: &[&str]) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::RETRY_AFTER, value.parse().unwrap());
        }
        // Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
        retry_after(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
    }

    fn asked_for(value: &str) -> Option<Duration> {
        asked_for_in_all(&[value])
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        assert_eq!(asked_for("120"), Some(Duration::from_secs(120)));
        assert_eq!(asked_for("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(asked_for("99999999999999999999999.5"), Some(Duration::MAX));
        assert_eq!(asked_for(" 0 "), Some(Duration::ZERO));
        for in_a_minute in
            ["Sun, 06 Nov 1994 08:50:37 GMT", "Sunday, 06-Nov-94 08:50:37 GMT", "Sun Nov  6 08:50:37 1994"]
        {
            assert_eq!(asked_for(in_a_minute), Some(Duration::from_secs(60)), "{in_a_minute}");
        }
        assert_eq!(asked_for("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked_for("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        assert!(asked_for("Fri, 31 Dec 9999 23:59:59 GMT") > Some(Duration::from_secs(8_000 * 365 * 24 * 3600)));
        assert_eq!(asked_for("99999999999999999999999"), Some(Duration::from_secs(u64::MAX)));
    }

    #[test]
    fn what_is_no_retry_after_is_ignored() {
        for unreadable in [
            "",
            "-1",
            "+1",
            ".",
            "1.5.2",
            "1,5",
            "5s",
            "0x10",
            "soon",
            "NaN",
            "inf",
            "1e3",
            "120, 60",
            "1 2",
            "\u{661}",
            "Sun, 99 Nov 1994 08:50:37 GMT",
            "Mon, 06 Nov 1994 08:50:37 GMT",
            "1994-11-06T08:50:37Z",
        ] {
            assert_eq!(asked_for(unreadable), None, "{unreadable:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }

    #[test]
    fn of_several_the_longest_counts() {
        assert_eq!(asked_for_in_all(&["1", "3", "2"]), Some(Duration::from_secs(3)));
        assert_eq!(asked_for_in_all(&["soon", "2", "-9"]), Some(Duration::from_secs(2)));
        assert_eq!(asked_for_in_all(&["30", "Sun, 06 Nov 1994 08:50:37 GMT"]), Some(Duration::from_secs(60)));
        assert_eq!(asked_for_in_all(&["soon", "later"]), None);
    }

    #[test]
    fn pauses_grow_up_to_the_bound_and_end_with_the_attempts() {
        let policy = RetryPolicy::default()
            .max_attempts(6)
            .base_delay(Duration::from_millis(100))
            .max_delay(Duration::from_millis(400));
        for _ in 0..200 {
            let pauses: Vec<u128> = policy.pauses().map(|pause| pause.as_millis()).collect();
            assert_eq!(pauses.len(), 5);
            for (pause, least) in pauses.iter().zip([100, 200, 400, 400, 400]) {
                assert!((least..=2 * least).contains(pause), "{pauses:?}");
            }
        }
        assert_eq!(RetryPolicy::never().pauses().count(), 0);
        assert_eq!(policy.max_attempts(0).pauses().count(), 0);

        // A bound below the base does not make the pauses shrink.
        let upside_down = policy.base_delay(Duration::from_millis(500));
        assert!(upside_down.pauses().all(|pause| (500..=1_000).contains(&pause.as_millis())));
        let endless = policy.base_delay(Duration::MAX).max_delay(Duration::MAX);
        assert!(endless.pauses().all(|pause| pause == Duration::MAX));
    }

    #[test]
    fn a_backoff_grows_and_goes_on_at_its_bound() {
        let (base, max) = (Duration::from_millis(100), Duration::from_millis(800));
        let mut backoff = Backoff::new(base, max);
        for least in [100, 200, 400, 800, 800, 800] {
            let pause = backoff.next_pause().as_millis();
            assert!((least..=2 * least).contains(&pause), "{pause} for {least}");
        }

        let mut hasty = Backoff::new(Duration::ZERO, Duration::ZERO);
        assert!((0..10).all(|_| hasty.next_pause() >= Duration::from_millis(1)));
    }

    #[test]
    fn the_budget_lets_a_tenth_of_the_calls_be_retried() {
        let budget = RetryBudget::new();
        let mut retries = 0;
        for _ in 0..1_000 {
            budget.deposit();
            while budget.withdraw() {
                retries += 1;
            }
        }
        // The ten that were saved up, and one for each ten calls.
        assert!((100..=110).contains(&retries), "{retries}");
    }
}
