//! What has been told already.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::Instant;

use crate::id::ChatId;
use crate::model::{Notification, NotificationEvent};

/// How close together the two copies of a notification come. The backend sends the second some 30 ms after the
/// first. The same thing that really happens twice has to be told twice, so this is not long.
const ECHO: Duration = Duration::from_secs(1);

/// How many notifications are remembered: twice what the backend holds to be sent again.
const REMEMBERED: usize = 512;

/// Tells what is new from echoes and repeats.
#[derive(Debug, Default)]
pub(super) struct Dedup {
    /// The latest message of each chat that was told.
    chats: HashMap<ChatId, Mark>,
    /// Number, content and time of all else that was told.
    others: VecDeque<(u64, u64, Instant)>,
}

/// What makes a notification of a chat a new one.
#[derive(Debug, PartialEq)]
enum Mark {
    Message(String),
    /// Older backends do not name the message.
    Content(u64),
}

impl Dedup {
    /// Whether it has not been told yet; remembers it.
    pub(super) fn is_new(&mut self, notification: &Notification, now: Instant) -> bool {
        match &notification.event {
            NotificationEvent::ChatMessage { chat_id, message_id, .. } => {
                let mark = match (self.chats.get_mut(chat_id), message_id) {
                    (Some(Mark::Message(known)), Some(id)) => {
                        let is_new = known != id.as_str();
                        if is_new {
                            id.as_str().clone_into(known);
                        }
                        return is_new;
                    }
                    (_, Some(id)) => Mark::Message(id.as_str().to_owned()),
                    (_, None) => Mark::Content(content(notification)),
                };
                match self.chats.get_mut(chat_id) {
                    Some(known) if *known == mark => false,
                    Some(known) => {
                        *known = mark;
                        true
                    }
                    None => {
                        self.chats.insert(chat_id.clone(), mark);
                        true
                    }
                }
            }
            _ => {
                let (seq, content) = (notification.seq, content(notification));
                let is_known = self.others.iter().any(|(known_seq, known_content, told)| {
                    // 0 is no number, and the same for all that have none.
                    let is_same = *known_seq == seq && seq != 0;
                    *known_content == content && (is_same || now.duration_since(*told) < ECHO)
                });
                if !is_known {
                    self.others.push_back((seq, content, now));
                    if self.others.len() > REMEMBERED {
                        self.others.pop_front();
                    }
                }
                !is_known
            }
        }
    }

    /// Forgets the chats, so that those with unread messages are told again.
    pub(super) fn forget_chats(&mut self) {
        self.chats.clear();
    }

    /// Forgets the numbers, which begin anew.
    pub(super) fn forget_numbers(&mut self) {
        self.others.clear();
    }
}

/// A number for what a notification says, its own number aside.
fn content(notification: &Notification) -> u64 {
    let mut hasher = DefaultHasher::new();
    // The keys of the map are sorted, so equal contents are equal texts.
    serde_json::Value::Object(notification.metadata.clone()).to_string().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn notification(seq: u64, metadata: Value) -> Notification {
        let Value::Object(metadata) = metadata else { panic!("no object") };
        let event = NotificationEvent::read(&metadata);
        Notification { seq, event, metadata, malformed: crate::Malformed::default() }
    }

    fn chat(seq: u64, message: &str, unread: u64) -> Notification {
        notification(
            seq,
            json!({"event_type": "chat.message", "chat_id": "c", "message_id": message, "unread_count": unread}),
        )
    }

    fn request(seq: u64) -> Notification {
        notification(
            seq,
            json!({"event_type": "relationship.requested", "relationship_id": "r", "sender_id": "s", "sender_name": "S"}),
        )
    }

    #[test]
    fn a_chat_is_told_once_for_each_latest_message() {
        let (mut dedup, now) = (Dedup::default(), Instant::now());
        assert!(dedup.is_new(&chat(1, "m1", 1), now));
        assert!(!dedup.is_new(&chat(2, "m1", 1), now));
        // Partly read since, but nothing new.
        assert!(!dedup.is_new(&chat(3, "m1", 0), now));
        assert!(dedup.is_new(&chat(4, "m2", 1), now));
        assert!(!dedup.is_new(&chat(4, "m2", 1), now + ECHO * 100));
        dedup.forget_chats();
        assert!(dedup.is_new(&chat(5, "m2", 1), now));
    }

    #[test]
    fn where_the_message_is_not_named_it_is_told_by_what_is_said_of_it() {
        let unnamed = |seq: u64, unread: u64| {
            notification(seq, json!({"event_type": "chat.message", "chat_id": "c", "unread_count": unread}))
        };
        let (mut dedup, now) = (Dedup::default(), Instant::now());
        assert!(dedup.is_new(&unnamed(1, 1), now));
        assert!(!dedup.is_new(&unnamed(2, 1), now));
        assert!(dedup.is_new(&unnamed(3, 2), now));
        assert!(dedup.is_new(&chat(4, "m1", 2), now));
    }

    #[test]
    fn all_else_is_told_again_when_it_happens_again() {
        let (mut dedup, now) = (Dedup::default(), Instant::now());
        assert!(dedup.is_new(&request(1), now));
        assert!(!dedup.is_new(&request(2), now + ECHO / 2), "an echo");
        assert!(dedup.is_new(&request(3), now + ECHO), "the same thing happened again");
        assert!(!dedup.is_new(&request(1), now + ECHO * 100), "sent again after a break");
        assert!(
            dedup.is_new(&request(0), now + ECHO * 200) && dedup.is_new(&request(0), now + ECHO * 300),
            "no numbers"
        );
        dedup.forget_numbers();
        assert!(dedup.is_new(&request(1), now + ECHO * 100), "the first number of a restarted backend");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (mut dedup, now) = (Dedup::default(), Instant::now());
        for seq in 0..10_000 {
            assert!(dedup.is_new(&notification(seq, json!({"event_type": "x", "n": seq})), now));
        }
        assert_eq!(dedup.others.len(), REMEMBERED);
    }
}
