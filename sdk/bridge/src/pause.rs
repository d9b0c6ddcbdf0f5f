//! How long the bridge waits for what.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);

/// How long a message gets to arrive, before it is looked for the first time.
const FIRST_LOOK: Duration = Duration::from_secs(1);

/// How long the bridge waits for what. All of it has defaults that serve.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub(crate) longest_pause: Duration,
    pub(crate) settles_after: Duration,
    pub(crate) silence: Option<Duration>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { longest_pause: Duration::from_secs(30), settles_after: Duration::from_secs(10), silence: None }
    }
}

impl Pace {
    /// How long it pauses at most before it tries again what did not work: 30 seconds unless set. It begins with shorter ones.
    #[must_use]
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// How long something that may have been sent is looked for before it is sent again: 10 seconds unless set. What takes
    /// longer than that to arrive behind a connection that has broken off comes twice.
    #[must_use]
    pub fn settles_after(mut self, time: Duration) -> Self {
        self.settles_after = time;
        self
    }

    /// How long nothing at all may come of a run or a chat before its stream counts as broken off. As long as the SDK of the
    /// platform has it unless set.
    #[must_use]
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = Some(limit);
        self
    }

    pub(crate) fn pauses(self) -> Pauses {
        Pauses { next: FIRST.min(self.longest_pause), longest: self.longest_pause }
    }

    /// The pauses before each look for something that may still arrive. At first it is looked for soon.
    pub(crate) fn looks(self) -> impl Iterator<Item = Duration> + Send {
        let (mut left, mut next) = (self.settles_after, FIRST_LOOK);
        std::iter::from_fn(move || {
            // A short rest is added to the look before it.
            let pause = if left < next * 2 { left } else { next };
            left -= pause;
            next *= 2;
            (!pause.is_zero()).then_some(pause)
        })
    }
}

/// Pauses that become longer, up to a bound.
pub(crate) struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    /// Waits, and says why: `what` could not be done because of `error`.
    pub(crate) async fn after(&mut self, what: &str, error: &(dyn std::fmt::Display + Sync)) {
        eprintln!("{what}: {error}; trying again in {:?}", self.next);
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(self.longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_looked_for_at_once_and_then_less_and_less() {
        let looks = |time| -> Vec<_> {
            let pace = Pace::default().settles_after(Duration::from_millis(time));
            pace.looks().map(|pause| pause.as_millis()).collect()
        };
        assert_eq!(looks(10_000), [1_000, 2_000, 7_000]);
        assert_eq!(looks(300), [300]);
        assert!(looks(0).is_empty());
    }
}
