//! Notifications: hints that something happened.

use agent_platform_core::{Decode, Malformed, rows_in};
use mycel_web_backend_client::types;
use serde::de::Error as _;
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::id::{ChatId, JoinRequestId, MessageId, RelationshipId, UserId, WorkflowEventId};
use crate::model::RelationshipState;
use crate::platform::Mycel;

/// A hint that something happened. It holds no content: look with the resource's own methods.
///
/// Its JSON is a row of the inbox: `seq` beside the metadata. Where the event says something else than the metadata, it
/// goes over that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Notification {
    /// Its number. The backend counts for each user, and from 1 again when it restarts; 0 where it gave none.
    pub seq: u64,
    /// What happened.
    pub event: NotificationEvent,
    /// All that the backend tells, `event` included, in its own form. Where a frame of the stream has no object
    /// for it, the rest of that frame.
    pub metadata: Map<String, Value>,
    /// What of it could not be read, and has a stand-in.
    pub malformed: Malformed,
}

/// What a notification is about. Its JSON is that of the metadata which tells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "event_type")]
#[non_exhaustive]
pub enum NotificationEvent {
    /// A chat has unread messages. There is one notification for a chat, not one for a message, and it comes
    /// with every drain until the messages are read.
    #[serde(rename = "chat.message")]
    ChatMessage {
        /// The chat.
        chat_id: ChatId,
        /// The chat's latest message, which may be the user's own.
        message_id: Option<MessageId>,
        /// That message's number.
        message_seq: Option<u64>,
        /// Who sent it, by name.
        sender_name: String,
        /// How many messages are unread.
        unread_count: u64,
    },
    /// Somebody asks for a relationship.
    #[serde(rename = "relationship.requested")]
    RelationshipRequested(RelationshipNotice),
    /// A relationship that the user asked for was approved.
    #[serde(rename = "relationship.approved")]
    RelationshipApproved(RelationshipNotice),
    /// A relationship that the user asked for was rejected.
    #[serde(rename = "relationship.rejected")]
    RelationshipRejected(RelationshipNotice),
    /// The user's request to join a group was rejected. (An approval is told as a chat message.)
    #[serde(rename = "chat.join.rejected")]
    JoinRejected {
        /// The group.
        chat_id: ChatId,
        /// The request.
        #[serde(rename = "chat_join_request_id")]
        join_request_id: JoinRequestId,
    },
    /// An event of a chat's workflow was made or changed.
    #[serde(rename = "chat.workflow.event")]
    WorkflowEvent {
        /// The chat.
        chat_id: ChatId,
        /// The event.
        event_id: WorkflowEventId,
        /// The event's kind.
        kind: String,
        /// `created` or `updated`.
        operation: String,
        /// Who did it.
        #[serde(rename = "actor_user_id")]
        actor_id: Option<UserId>,
        /// The event's state after it.
        state: String,
    },
    /// What this version of the SDK does not know; its name is here, and all of it in the metadata.
    #[serde(untagged)]
    Other(#[serde(serialize_with = "as_event_type")] String),
}

/// What is told about a relationship.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct RelationshipNotice {
    /// The relationship.
    pub relationship_id: RelationshipId,
    /// The other user.
    pub sender_id: UserId,
    /// The other user's name.
    pub sender_name: String,
    /// A sentence about it.
    pub summary: String,
    /// How the two stand now, where that is told.
    pub state: Option<RelationshipState>,
}

impl NotificationEvent {
    /// Reads the metadata. What is not known, or not of the known form, is `Other`: a notification is
    /// handed over once, and an error would lose it.
    pub(crate) fn read(metadata: &Map<String, Value>) -> Self {
        let name = metadata.get("event_type").and_then(Value::as_str).unwrap_or_default();
        let known = match name {
            "chat.message" => Self::chat_message(metadata),
            "relationship.requested" => RelationshipNotice::read(metadata).map(Self::RelationshipRequested),
            "relationship.approved" => RelationshipNotice::read(metadata).map(Self::RelationshipApproved),
            "relationship.rejected" => RelationshipNotice::read(metadata).map(Self::RelationshipRejected),
            "chat.join.rejected" => Self::join_rejected(metadata),
            "chat.workflow.event" => Self::workflow_event(metadata),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other(name.to_owned()))
    }

    fn chat_message(metadata: &Map<String, Value>) -> Option<Self> {
        Some(Self::ChatMessage {
            chat_id: text(metadata, "chat_id")?.into(),
            message_id: text(metadata, "message_id").map(MessageId::from),
            message_seq: metadata.get("message_seq").and_then(Value::as_u64),
            sender_name: text(metadata, "sender_name").unwrap_or_default(),
            unread_count: metadata.get("unread_count").and_then(Value::as_u64).unwrap_or_default(),
        })
    }

    fn join_rejected(metadata: &Map<String, Value>) -> Option<Self> {
        Some(Self::JoinRejected {
            chat_id: text(metadata, "chat_id")?.into(),
            join_request_id: text(metadata, "chat_join_request_id")?.into(),
        })
    }

    fn workflow_event(metadata: &Map<String, Value>) -> Option<Self> {
        Some(Self::WorkflowEvent {
            chat_id: text(metadata, "chat_id")?.into(),
            event_id: text(metadata, "event_id")?.into(),
            kind: text(metadata, "kind").unwrap_or_default(),
            operation: text(metadata, "operation").unwrap_or_default(),
            actor_id: text(metadata, "actor_user_id").map(UserId::from),
            state: text(metadata, "state").unwrap_or_default(),
        })
    }
}

impl RelationshipNotice {
    fn read(metadata: &Map<String, Value>) -> Option<Self> {
        Some(Self {
            relationship_id: text(metadata, "relationship_id")?.into(),
            sender_id: text(metadata, "sender_id")?.into(),
            sender_name: text(metadata, "sender_name").unwrap_or_default(),
            summary: text(metadata, "summary").unwrap_or_default(),
            state: text(metadata, "state").map(RelationshipState::from),
        })
    }
}

impl Serialize for Notification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut told = self.metadata.clone();
        if NotificationEvent::read(&told) != self.event {
            let event = serde_json::to_value(&self.event).map_err(S::Error::custom)?;
            told.extend(event.as_object().cloned().unwrap_or_default());
        }
        told.insert("seq".to_owned(), self.seq.into());
        told.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for NotificationEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(|metadata| Self::read(&metadata))
    }
}

impl<'de> Deserialize<'de> for RelationshipNotice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let metadata = Map::deserialize(deserializer)?;
        Self::read(&metadata).ok_or_else(|| D::Error::custom("relationship_id or sender_id is missing, or no text"))
    }
}

fn as_event_type<S: Serializer>(name: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let mut metadata = serializer.serialize_map(Some(1))?;
    metadata.serialize_entry("event_type", name)?;
    metadata.end()
}

fn text(metadata: &Map<String, Value>, name: &str) -> Option<String> {
    metadata.get(name).and_then(Value::as_str).map(str::to_owned)
}

impl Decode<types::Notification, Mycel> for Notification {
    #[inline]
    fn decode(generated: types::Notification) -> Result<Self, String> {
        let types::Notification { seq, extra: metadata } = generated;
        let event = NotificationEvent::read(&metadata);
        Ok(Self { seq, event, metadata, malformed: Malformed::default() })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// The notifications, out of their wrapping.
impl Decode<types::Inbox, Mycel> for Vec<Notification> {
    #[inline]
    fn decode(generated: types::Inbox) -> Result<Self, String> {
        let types::Inbox { count: _, notifications } = generated;
        Vec::decode(notifications)
    }

    rows_in!("notifications" of types::Notification, Mycel);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(json: Value) -> NotificationEvent {
        let notification: types::Notification = serde_json::from_value(json).unwrap();
        Notification::decode(notification).unwrap().event
    }

    #[test]
    fn a_known_event_is_typed_and_an_unknown_one_is_kept() {
        let chat = event(json!({
            "seq": 4, "event_type": "chat.message", "notification_type": "chat", "chat_id": "c", "message_id": null,
            "message_seq": null, "sender_name": "Codex", "unread_count": 2,
        }));
        let NotificationEvent::ChatMessage { chat_id, message_id: None, unread_count: 2, .. } = chat else {
            panic!("{chat:?}")
        };
        assert_eq!(chat_id, "c");

        let rejected = event(json!({
            "seq": 2, "event_type": "relationship.rejected", "sender_id": "d", "sender_name": "D", "summary": "no",
            "relationship_id": "hire_visit:a:d", "event": "reject", "state": "none",
        }));
        let NotificationEvent::RelationshipRejected(notice) = rejected else { panic!("{rejected:?}") };
        assert_eq!(notice.state, Some(RelationshipState::None));

        assert_eq!(
            event(json!({"seq": 1, "event_type": "moon.rose", "phase": "full"})),
            NotificationEvent::Other("moon.rose".to_owned())
        );
        // Known by name, but not of the known form: kept rather than lost.
        assert_eq!(
            event(json!({"seq": 1, "event_type": "chat.message"})),
            NotificationEvent::Other("chat.message".to_owned())
        );
        assert_eq!(event(json!({"seq": 1})), NotificationEvent::Other(String::new()));
    }

    #[test]
    fn an_event_is_written_as_the_metadata_that_tells_it() {
        let notice = json!({"relationship_id": "hire_visit:a:d", "sender_id": "d", "sender_name": "D", "summary": "x", "state": null});
        let read: RelationshipNotice = serde_json::from_value(notice.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), notice);
        assert!(serde_json::from_value::<RelationshipNotice>(json!({"sender_id": "d"})).is_err());
        for told in [
            json!({"event_type": "chat.message", "chat_id": "c", "message_id": "m", "message_seq": 6, "sender_name": "B", "unread_count": 1}),
            json!({"event_type": "relationship.requested", "relationship_id": "r", "sender_id": "d", "sender_name": "D", "summary": "", "state": "pending"}),
            json!({"event_type": "relationship.approved", "relationship_id": "r", "sender_id": "d", "sender_name": "D", "summary": "", "state": "visit"}),
            json!({"event_type": "relationship.rejected", "relationship_id": "r", "sender_id": "d", "sender_name": "D", "summary": "", "state": null}),
            json!({"event_type": "chat.join.rejected", "chat_id": "c", "chat_join_request_id": "j"}),
            json!({"event_type": "chat.workflow.event", "chat_id": "c", "event_id": "1", "kind": "k", "operation": "created", "actor_user_id": null, "state": "open"}),
            json!({"event_type": "moon.rose"}),
        ] {
            let event: NotificationEvent = serde_json::from_value(told.clone()).unwrap();
            assert_eq!(matches!(event, NotificationEvent::Other(_)), told["event_type"] == "moon.rose", "{told}");
            assert_eq!(serde_json::to_value(&event).unwrap(), told);
        }
    }

    #[test]
    fn an_event_that_the_metadata_does_not_tell_is_written_too() {
        let row = json!({"seq": 3, "event_type": "moon.rose", "phase": "full"});
        let mut notification: Notification = serde_json::from_value(row.clone()).unwrap();
        assert_eq!(serde_json::to_value(&notification).unwrap(), row);
        notification.event = NotificationEvent::Other("moon.set".to_owned());
        let written = serde_json::to_value(&notification).unwrap();
        assert_eq!(written, json!({"seq": 3, "event_type": "moon.set", "phase": "full"}));
        assert_eq!(serde_json::from_value::<Notification>(written).unwrap().event, notification.event);
    }
}
