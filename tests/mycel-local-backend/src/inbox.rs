//! The part of the runtime inbox that lives in memory and dies with the process: who is listening, and the numbers that
//! notifications are given.
//!
//! What is *in* an inbox is in the database (`store::inbox`). Everything that hands notifications out gets their
//! numbers from [`Inbox::number`], whichever way they then take; a stream that comes back gets the last of them again.

mod replay;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use local_backend_kit::clock;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, channel};

pub(crate) use self::replay::Replay;

/// How many wakes a listener that is busy is told of later. It looks for everything at each, so that more are no use.
const WAKES: usize = 64;

/// One notification with its number, as drain and wait answer it. The metadata is an object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Notification {
    /// Counts up per user, and starts at 1 again with the process.
    pub(crate) seq: u64,
    /// When it got its number. Streams alone tell.
    #[serde(skip)]
    pub(crate) ts: f64,
    #[serde(flatten)]
    pub(crate) metadata: Value,
}

/// Every user's numbers and listener.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    users: Mutex<HashMap<String, PerUser>>,
}

#[derive(Debug, Default)]
struct PerUser {
    last_seq: u64,
    recent: replay::Buffer,
    listener: Option<Sender<()>>,
}

impl Inbox {
    fn users(&self) -> MutexGuard<'_, HashMap<String, PerUser>> {
        // Nothing that holds the lock can leave the map half-changed.
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives what `user_id` is about to receive its numbers.
    pub(crate) fn number(&self, user_id: &str, pending: Vec<Value>) -> Vec<Notification> {
        if pending.is_empty() {
            return Vec::new();
        }
        let ts = clock::now();
        let mut users = self.users();
        let user = users.entry(user_id.to_owned()).or_default();
        let numbered = pending.into_iter().map(|metadata| {
            user.last_seq += 1;
            let notification = Notification { seq: user.last_seq, ts, metadata };
            user.recent.push(notification.clone());
            notification
        });
        numbered.collect()
    }

    /// What `user_id` was given after `since_seq`.
    pub(crate) fn replay(&self, user_id: &str, since_seq: i64) -> Replay {
        match self.users().get(user_id) {
            Some(user) => user.recent.after(since_seq),
            None => Replay::All(Vec::new()),
        }
    }

    /// Tells `user_id`'s listener, if there is one, that there is something in the inbox.
    pub(crate) fn wake(&self, user_id: &str) {
        if let Some(listener) = self.users().get(user_id).and_then(|user| user.listener.as_ref()) {
            // One that is gone, or has enough to do, is told in vain. That is no loss: the inbox still holds everything.
            let _ = listener.try_send(());
        }
    }

    /// Listens for `user_id`. There is one listener per user: an earlier one hears nothing any more, also when this one
    /// is gone.
    pub(crate) fn listen(&self, user_id: &str) -> Listener {
        let (sender, wakes) = channel(WAKES);
        self.users().entry(user_id.to_owned()).or_default().listener = Some(sender);
        Listener { wakes }
    }

    /// Takes `user_id`'s listener away, whoever that is: nobody is told of anything until somebody listens anew.
    pub(crate) fn silence(&self, user_id: &str) {
        if let Some(user) = self.users().get_mut(user_id) {
            user.listener = None;
        }
    }
}

/// Hears the wakes of one user.
#[derive(Debug)]
pub(crate) struct Listener {
    wakes: Receiver<()>,
}

impl Listener {
    /// Waits for the next wake. Never ends once another listener has taken over.
    pub(crate) async fn woken(&mut self) {
        if self.wakes.recv().await.is_none() {
            std::future::pending().await
        }
    }

    /// Whether another listener has taken over.
    pub(crate) fn is_superseded(&self) -> bool {
        self.wakes.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use tokio::time::timeout;

    use super::*;

    async fn hears(listener: &mut Listener) -> bool {
        timeout(Duration::from_millis(10), listener.woken()).await.is_ok()
    }

    #[test]
    fn numbers_are_counted_per_user() {
        let inbox = Inbox::default();
        let seqs = |user: &str, count: usize| -> Vec<u64> {
            inbox.number(user, vec![json!({}); count]).into_iter().map(|notification| notification.seq).collect()
        };
        assert_eq!(seqs("a", 2), [1, 2]);
        assert_eq!(seqs("a", 0), [0; 0]);
        assert_eq!(seqs("b", 1), [1]);
        assert_eq!(seqs("a", 1), [3]);
    }

    #[tokio::test]
    async fn a_wake_before_the_wait_is_not_lost() {
        let inbox = Inbox::default();
        let mut listener = inbox.listen("a");
        inbox.wake("b");
        assert!(!hears(&mut listener).await);
        inbox.wake("a");
        assert!(hears(&mut listener).await);
        assert!(!hears(&mut listener).await);
    }

    #[tokio::test]
    async fn a_second_listener_takes_over_for_good() {
        let inbox = Inbox::default();
        let mut first = inbox.listen("a");
        let mut second = inbox.listen("a");
        inbox.wake("a");
        assert!(!hears(&mut first).await);
        assert!(hears(&mut second).await);
        assert_eq!((first.is_superseded(), second.is_superseded()), (true, false));
        drop(second);
        inbox.wake("a");
        assert!(!hears(&mut first).await);
    }

    #[tokio::test]
    async fn an_earlier_listener_leaves_a_later_one_alone() {
        let inbox = Inbox::default();
        let first = inbox.listen("a");
        let mut second = inbox.listen("a");
        drop(first);
        inbox.wake("a");
        assert!(hears(&mut second).await);
    }

    #[tokio::test]
    async fn who_is_silenced_hears_nothing_and_the_next_one_does() {
        let inbox = Inbox::default();
        let mut first = inbox.listen("a");
        inbox.silence("nobody");
        inbox.silence("a");
        inbox.wake("a");
        assert!(!hears(&mut first).await);
        let mut second = inbox.listen("a");
        inbox.wake("a");
        assert!(hears(&mut second).await);
    }

    #[tokio::test]
    async fn a_busy_listener_is_told_of_so_many_wakes_and_of_later_ones_again() {
        let inbox = Inbox::default();
        let mut listener = inbox.listen("a");
        for _ in 0..1000 {
            inbox.wake("a");
        }
        let mut heard = 0;
        while hears(&mut listener).await {
            heard += 1;
        }
        assert_eq!(heard, WAKES);
        inbox.wake("a");
        assert!(hears(&mut listener).await);
    }

    #[test]
    fn whatever_got_a_number_is_given_again_to_its_user() {
        let inbox = Inbox::default();
        let given = inbox.number("a", vec![json!({ "x": 1 }), json!({ "x": 2 })]);
        inbox.number("b", vec![json!({})]);
        assert_eq!(inbox.replay("a", 1), Replay::All(given[1..].to_vec()));
        assert_eq!(inbox.replay("nobody", 0), Replay::All(Vec::new()));
    }
}
