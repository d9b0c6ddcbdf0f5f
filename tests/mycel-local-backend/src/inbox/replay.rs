//! What a stream that comes back can be given again.

use std::collections::VecDeque;

use super::Notification;

/// How many notifications are kept for a user.
const KEPT: usize = 256;

/// The last notifications of one user, whichever way they went.
#[derive(Debug, Default)]
pub(super) struct Buffer(VecDeque<Notification>);

/// What came after a number.
#[derive(Debug, PartialEq)]
pub(crate) enum Replay {
    /// All of it, the oldest first.
    All(Vec<Notification>),
    /// Some of it is gone. This is the oldest that is left.
    Overflow { oldest_seq: u64 },
}

impl Buffer {
    pub(super) fn push(&mut self, notification: Notification) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(notification);
    }

    /// What came after `since_seq`. A number that was not given yet, as one from before a restart may be, has nothing
    /// after it.
    pub(super) fn after(&self, since_seq: i64) -> Replay {
        let is_after = |seq: u64| i128::from(seq) > i128::from(since_seq);
        match self.0.front() {
            // The one before the oldest is missing, and was wanted.
            Some(oldest) if is_after(oldest.seq.saturating_sub(1)) => Replay::Overflow { oldest_seq: oldest.seq },
            _ => Replay::All(self.0.iter().filter(|notification| is_after(notification.seq)).cloned().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(last_seq: u64) -> Buffer {
        let mut buffer = Buffer::default();
        for seq in 1..=last_seq {
            buffer.push(Notification { seq, ts: 0.0, metadata: json!({}) });
        }
        buffer
    }

    fn after(last_seq: u64, since_seq: i64) -> Result<Vec<u64>, u64> {
        match filled(last_seq).after(since_seq) {
            Replay::All(notifications) => Ok(notifications.iter().map(|notification| notification.seq).collect()),
            Replay::Overflow { oldest_seq } => Err(oldest_seq),
        }
    }

    #[test]
    fn what_came_after_is_in_order() {
        assert_eq!(after(3, 0), Ok(vec![1, 2, 3]));
        assert_eq!(after(3, 2), Ok(vec![3]));
    }

    #[test]
    fn nothing_comes_after_the_last() {
        for since_seq in [3, 4, i64::MAX] {
            assert_eq!(after(3, since_seq), Ok(vec![]), "{since_seq}");
        }
        assert_eq!(after(0, 0), Ok(vec![]));
        assert_eq!(after(0, -7), Ok(vec![]));
    }

    #[test]
    fn what_is_gone_is_told() {
        assert_eq!(after(300, 43), Err(45));
        assert_eq!(after(300, 44), Ok((45..=300).collect()));
        assert_eq!(after(256, 0), Ok((1..=256).collect()));
        assert_eq!(after(257, 0), Err(2));
        assert_eq!(after(3, -1), Err(1));
        assert_eq!(after(3, i64::MIN), Err(1));
    }
}
