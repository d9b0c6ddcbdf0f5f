//! What waits to be taken from a listener.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;
use tokio::sync::Notify;

use super::ListenEvent;
use super::claim::Claim;
use crate::error::Error;
use crate::id::ChatId;
use crate::model::{Notification, NotificationEvent};

/// A queue between the listener's task and its user. Of each chat, and of the changes of the connection, only
/// the newest waits, in the place of the first.
pub(super) struct Buffer {
    state: Mutex<State>,
    capacity: usize,
    /// Wakes the user.
    filled: AtomicWaker,
    /// Wakes the task.
    room: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<ListenEvent>,
    /// How many have waited at once, at most, since the room for them was made smaller.
    most: usize,
    /// How many have been taken: the number of the first that waits, where they are counted from 0.
    taken: u64,
    /// The number of the one that waits of a chat.
    chats: HashMap<ChatId, u64>,
    /// The number of the one that waits of the connection's changes.
    connection: Option<u64>,
    end: Option<Error>,
    is_over: bool,
    claim: Option<Claim>,
}

impl State {
    /// The place of the event of this number, as long as it waits.
    fn waiting(&mut self, number: u64) -> Option<&mut ListenEvent> {
        let place = usize::try_from(number.checked_sub(self.taken)?).ok()?;
        self.waiting.get_mut(place)
    }

    /// Adds an event at the end.
    fn append(&mut self, event: ListenEvent) {
        self.waiting.push_back(event);
        self.most = self.most.max(self.waiting.len());
    }

    fn push(&mut self, event: ListenEvent) {
        match &event {
            ListenEvent::Notification(Notification {
                event: NotificationEvent::ChatMessage { chat_id, .. }, ..
            }) => {
                let next = self.taken + self.waiting.len() as u64;
                let number = *self.chats.entry(chat_id.clone()).or_insert(next);
                match self.waiting(number) {
                    Some(place) => *place = event,
                    None => self.append(event),
                }
            }
            ListenEvent::Connected | ListenEvent::Disconnected { .. } | ListenEvent::Renewing { .. } => {
                if let Some(place) = self.connection.and_then(|number| self.waiting(number)) {
                    *place = event;
                    return;
                }
                self.connection = Some(self.taken + self.waiting.len() as u64);
                self.append(event);
            }
            ListenEvent::Notification(_) | ListenEvent::Gap(_) => self.append(event),
        }
    }

    fn pop(&mut self) -> Option<ListenEvent> {
        let event = self.waiting.pop_front();
        if let Some(ListenEvent::Notification(Notification {
            event: NotificationEvent::ChatMessage { chat_id, .. },
            ..
        })) = &event
        {
            self.chats.remove(chat_id);
        }
        self.taken += u64::from(event.is_some());
        event
    }

    /// Gives back the room that has not been needed since this was called the last time.
    fn shrink(&mut self) {
        let most = std::mem::replace(&mut self.most, self.waiting.len());
        self.waiting.shrink_to(most);
        self.chats.shrink_to(most);
    }
}

impl Buffer {
    pub(super) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), capacity, filled: AtomicWaker::new(), room: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event. It does not wait for room: what is in hand must not be lost.
    pub(super) fn push(&self, event: ListenEvent) {
        self.state().push(event);
        self.filled.wake();
    }

    /// Ends the queue with the reason, unless it has one.
    pub(super) fn finish(&self, reason: Error) {
        let mut state = self.state();
        if state.end.is_none() && !state.is_over {
            state.end = Some(reason);
        }
        drop(state);
        self.filled.wake();
    }

    /// Waits until fewer events wait than may.
    pub(super) async fn room(&self) {
        loop {
            if self.state().waiting.len() < self.capacity {
                return;
            }
            // What was taken since the look is kept for the one that waits.
            self.room.notified().await;
        }
    }

    /// Keeps the claim for as long as the listener lives.
    pub(super) fn keep(&self, claim: Claim) {
        self.state().claim = Some(claim);
    }

    pub(super) fn release_claim(&self) {
        let claim = self.state().claim.take();
        drop(claim);
    }

    pub(super) fn poll_pop(&self, context: &mut Context<'_>) -> Poll<Option<Result<ListenEvent, Error>>> {
        let popped = self.pop();
        if popped.is_ready() {
            return popped;
        }
        self.filled.register(context.waker());
        // What was pushed between the look and the registration has woken nobody.
        let popped = self.pop();
        if popped.is_pending() {
            // A listener is idle nearly all the time, and there may be thousands of them.
            self.state().shrink();
        }
        popped
    }

    fn pop(&self) -> Poll<Option<Result<ListenEvent, Error>>> {
        let mut state = self.state();
        if let Some(event) = state.pop() {
            drop(state);
            self.room.notify_one();
            return Poll::Ready(Some(Ok(event)));
        }
        if let Some(reason) = state.end.take() {
            state.is_over = true;
            state.claim = None;
            return Poll::Ready(Some(Err(reason)));
        }
        if state.is_over { Poll::Ready(None) } else { Poll::Pending }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use futures::FutureExt;
    use futures::future::poll_fn;
    use serde_json::json;
    use tokio::time::timeout;

    use super::*;
    use crate::notifications::listen::{Gap, worker};

    fn notification(seq: u64, chat: Option<&str>) -> ListenEvent {
        let serde_json::Value::Object(metadata) = (match chat {
            Some(chat) => json!({"event_type": "chat.message", "chat_id": chat}),
            None => json!({"event_type": "other"}),
        }) else {
            panic!("no object")
        };
        let event = NotificationEvent::read(&metadata);
        ListenEvent::Notification(Notification { seq, event, metadata, malformed: crate::Malformed::default() })
    }

    async fn popped(buffer: &Buffer) -> String {
        match poll_fn(|context| buffer.poll_pop(context)).await {
            Some(Ok(ListenEvent::Notification(notification))) => format!("notification {}", notification.seq),
            Some(Ok(other)) => format!("{other:?}"),
            Some(Err(error)) => format!("end: {error}"),
            None => "none".to_owned(),
        }
    }

    #[tokio::test]
    async fn of_a_chat_and_of_the_connection_the_newest_waits_in_the_place_of_the_first() {
        let buffer = Buffer::new(10);
        buffer.push(ListenEvent::Connected);
        buffer.push(notification(1, Some("a")));
        buffer.push(notification(2, None));
        buffer.push(notification(3, Some("b")));
        buffer.push(notification(4, Some("a")));
        buffer.push(notification(5, None));
        buffer.push(ListenEvent::Gap(Gap::Restarted));
        let reason = worker::refusal("lost");
        buffer.push(ListenEvent::Disconnected { reason, retry_in: Duration::ZERO });
        buffer.finish(worker::refusal("over"));
        assert!(popped(&buffer).await.starts_with("Disconnected"));
        for expected in ["notification 4", "notification 2", "notification 3", "notification 5", "Gap(Restarted)"] {
            assert_eq!(popped(&buffer).await, expected);
        }
        assert_eq!(popped(&buffer).await, "end: over");
        assert_eq!(popped(&buffer).await, "none");
        assert_eq!(popped(&buffer).await, "none");
    }

    #[tokio::test]
    async fn the_room_that_a_rush_took_is_given_back_when_it_was_not_needed_any_more() {
        let buffer = Buffer::new(1_000);
        for seq in 0..1_000 {
            buffer.push(notification(seq, Some(&seq.to_string())));
        }
        for seq in 0..1_000 {
            assert_eq!(popped(&buffer).await, format!("notification {seq}"));
        }
        let is_idle = || poll_fn(|context| buffer.poll_pop(context)).now_or_never().is_none();
        let room = || {
            let state = buffer.state();
            (state.waiting.capacity(), state.chats.capacity())
        };
        assert!(is_idle() && room() >= (1_000, 1_000), "the next rush may be like it: {:?}", room());
        assert!(is_idle());
        assert_eq!(room(), (0, 0));
    }

    #[tokio::test]
    async fn where_it_is_full_there_is_room_after_something_was_taken() {
        let buffer = Arc::new(Buffer::new(2));
        for seq in 0..100 {
            buffer.push(notification(seq, Some("a")));
        }
        buffer.room().await;
        buffer.push(notification(100, None));
        assert!(timeout(Duration::from_millis(10), buffer.room()).await.is_err());
        let waiting = tokio::spawn({
            let buffer = Arc::clone(&buffer);
            async move { buffer.room().await }
        });
        assert_eq!(popped(&buffer).await, "notification 99");
        waiting.await.unwrap();
    }
}
