//! Up to where everything has been told, which is where a stream goes on from.

use std::time::Duration;

use tokio::time::Instant;

/// How long a notification may be on its way while others, with higher numbers, overtake it: live ones those that a
/// stream brings from before its opening, and the response to a drain what the stream is just sending.
const SETTLING: Duration = Duration::from_secs(5);

/// Where a listener is in the backend's numbers.
#[derive(Debug)]
pub(super) struct Position {
    /// Up to where everything has been told. `None` until the first stream is open: nothing came before that the
    /// inbox does not hold.
    cursor: Option<u64>,
    /// Where the present stream has gone on from: all numbers that the backend gives since are greater.
    opened_at: Option<u64>,
    /// When the present stream has brought all that came before it.
    settled_at: Instant,
    /// The last number of a drain, and from when on nothing with a lower one is on its way any more.
    drained: Option<(u64, Instant)>,
    /// Where a stream has ended by something that no stream gets past.
    stuck_at: Option<u64>,
}

impl Position {
    pub(super) fn new(now: Instant) -> Self {
        Self { cursor: None, opened_at: None, settled_at: now, drained: None, stuck_at: None }
    }

    /// Where a stream is to go on from.
    pub(super) fn since(&self) -> Option<u64> {
        self.cursor
    }

    /// The first drain, before there is a stream. Nothing is on its way, so its numbers can be gone on from.
    pub(super) fn begin(&mut self, last: Option<u64>) {
        self.cursor = last;
    }

    /// A drain failed: what its response carried may be gone from the inbox, and is sent again by the stream.
    pub(super) fn drain_failed(&mut self) {
        self.cursor.get_or_insert(0);
    }

    /// A stream is open that goes on from here.
    pub(super) fn opened(&mut self, now: Instant) {
        self.opened_at = self.cursor;
        self.settled_at = now + SETTLING;
        // Should this stream break off before it has told anything: 0 asks for all that the backend holds.
        self.cursor.get_or_insert(0);
    }

    /// The stream has told this number. `is_draining`: numbers may have gone to a drain whose response is not there
    /// yet. Returns whether the backend has been restarted.
    pub(super) fn streamed(&mut self, seq: u64, is_draining: bool, now: Instant) -> bool {
        // 0 stands for none.
        if seq == 0 {
            return false;
        }
        let is_restarted = self.look_for_restart(seq);
        self.settle(now);
        if self.follows(seq) || (now >= self.settled_at && !is_draining) {
            self.cursor = Some(seq);
        }
        is_restarted
    }

    /// A drain has brought these numbers, which are new ones for all that it brings. Returns whether the backend has
    /// been restarted.
    pub(super) fn drained(&mut self, first: u64, last: u64, now: Instant) -> bool {
        let is_restarted = self.look_for_restart(first);
        self.settle(now);
        if self.follows(first) {
            self.cursor = Some(last);
        } else {
            // Where one waits already, it is not put off by this one.
            self.drained.get_or_insert((last, now + SETTLING));
        }
        is_restarted
    }

    /// Takes over the last number of a drain once nothing with a lower one is on its way.
    fn settle(&mut self, now: Instant) {
        if let Some((last, _)) = self.drained.take_if(|(_, settled_at)| now >= *settled_at) {
            self.cursor = self.cursor.map(|cursor| cursor.max(last));
        }
    }

    fn follows(&self, seq: u64) -> bool {
        self.cursor.is_some_and(|cursor| seq == cursor.saturating_add(1))
    }

    /// Numbers that went back are those of a backend that was restarted and counts anew.
    fn look_for_restart(&mut self, seq: u64) -> bool {
        let is_restarted = self.opened_at.is_some_and(|opened_at| seq <= opened_at);
        if is_restarted {
            *self = Self { cursor: Some(0), opened_at: None, drained: None, stuck_at: None, ..*self };
        }
        is_restarted
    }

    /// The backend holds nothing from before this number. What is still held is sent when it is asked for from there.
    pub(super) fn overflown(&mut self, oldest: u64) {
        self.cursor = Some(oldest.saturating_sub(1));
        self.drained = None;
    }

    /// The stream has ended by something that can't be taken, such as a message that is too large. A second time at
    /// the same place it is left out. Returns whether it is.
    pub(super) fn stuck(&mut self) -> bool {
        let is_second = self.stuck_at.is_some() && self.stuck_at == self.cursor;
        if is_second {
            self.cursor = self.cursor.map(|cursor| cursor.saturating_add(1));
        }
        self.stuck_at = self.cursor.filter(|_| !is_second);
        is_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A position on a stream that has brought what came before.
    fn settled(cursor: u64) -> (Position, Instant) {
        let now = Instant::now();
        let mut position = Position::new(now);
        position.begin(Some(cursor));
        position.opened(now);
        (position, now + SETTLING)
    }

    #[test]
    fn the_first_stream_goes_on_from_the_first_drain() {
        let now = Instant::now();
        let mut position = Position::new(now);
        position.begin(None);
        assert_eq!(position.since(), None, "nothing came before");
        position.opened(now);
        assert_eq!(position.since(), Some(0));

        let mut position = Position::new(now);
        position.drain_failed();
        assert_eq!(position.since(), Some(0));
    }

    #[test]
    fn what_is_overtaken_is_not_skipped_until_the_stream_has_settled() {
        let (mut position, later) = settled(7);
        let early = later - SETTLING;
        assert!(!position.streamed(12, false, early));
        assert_eq!(position.since(), Some(7));
        assert!(!position.streamed(8, false, early));
        assert_eq!(position.since(), Some(8));
        assert!(!position.streamed(13, false, later));
        assert_eq!(position.since(), Some(13));
    }

    #[test]
    fn what_a_drain_may_have_been_given_is_not_skipped_until_it_is_there() {
        let (mut position, now) = settled(7);
        position.streamed(8, true, now);
        position.streamed(11, true, now);
        assert_eq!(position.since(), Some(8), "9 and 10 may be in the response");
        assert!(!position.drained(9, 10, now));
        assert_eq!(position.since(), Some(10));
        position.streamed(12, false, now);
        assert_eq!(position.since(), Some(12));
    }

    #[test]
    fn what_the_stream_is_sending_is_not_skipped_by_a_drain() {
        let (mut position, now) = settled(7);
        assert!(!position.drained(10, 12, now));
        assert_eq!(position.since(), Some(7), "8 and 9 may be on their way");
        // Drains that come often do not put it off.
        assert!(!position.drained(13, 15, now + SETTLING / 2));
        position.streamed(8, false, now + SETTLING / 2);
        assert_eq!(position.since(), Some(8));
        assert!(!position.drained(16, 18, now + SETTLING));
        assert_eq!(position.since(), Some(12));
    }

    #[test]
    fn numbers_that_begin_anew_are_a_restart_and_none_at_all_is_not() {
        let (mut position, now) = settled(7);
        assert!(!position.streamed(0, false, now));
        assert!(!position.streamed(8, false, now));
        assert!(!position.streamed(8, false, now), "the same frame once more");
        assert!(position.streamed(1, false, now));
        assert!(!position.streamed(2, false, now), "it is told once");
        assert_eq!(position.since(), Some(2));

        let (mut position, now) = settled(7);
        assert!(position.drained(1, 3, now));
        assert_eq!(position.since(), Some(3));
    }

    #[test]
    fn an_overflow_goes_on_from_what_is_still_held() {
        let (mut position, _) = settled(7);
        for (oldest, since) in [(45, 44), (0, 0), (u64::MAX, u64::MAX - 1)] {
            position.overflown(oldest);
            assert_eq!(position.since(), Some(since));
        }
    }

    #[test]
    fn what_no_stream_gets_past_is_left_out_the_second_time() {
        let (mut position, now) = settled(7);
        assert!(!position.stuck());
        assert_eq!(position.since(), Some(7));
        // Others come first when it is asked for once more.
        position.streamed(8, false, now);
        assert!(!position.stuck());
        assert!(position.stuck());
        assert_eq!(position.since(), Some(9));
        assert!(!position.stuck());
        assert!(position.stuck());
        assert_eq!(position.since(), Some(10));
    }
}
