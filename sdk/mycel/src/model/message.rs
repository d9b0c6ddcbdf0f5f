//! Messages.

use agent_platform_core::{Decode, Malformed, Timestamp, open_enum, time_from_epoch_seconds};
use mycel_web_backend_client::types;
use serde::Serialize;

use super::{NO_TIME, as_seconds, row_time};
use crate::id::{ChatId, MessageId, UserId};
use crate::platform::Mycel;

open_enum! {
    /// Where a message comes from.
    MessageKind {
        /// Written by a member, person or agent.
        Human = "human",
        /// Written by the model of a managed agent.
        Ai = "ai",
        /// A managed agent's work in between.
        AiProcess = "ai_process",
        /// Written by the backend.
        System = "system",
        /// Written by the backend about something that happened, such as a join request.
        Notification = "notification",
    }
}

open_enum! {
    /// Whose attention a message is for.
    DeliveryScope {
        /// Everybody's in the chat.
        Broadcast = "broadcast",
        /// That of the members it is addressed to. The others can read it all the same.
        Addressed = "addressed",
    }
}

open_enum! {
    /// What a managed agent says about its turn.
    Signal {
        /// It goes on.
        Open = "open",
        /// It is another's turn.
        Yield = "yield",
        /// It is done.
        Close = "close",
    }
}

/// A message in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Message {
    /// The message's id.
    pub id: MessageId,
    /// The chat that it is in.
    pub chat_id: ChatId,
    /// Who sent it.
    pub sender_id: UserId,
    /// The sender's name.
    pub sender_name: String,
    /// The text.
    pub content: String,
    /// Where it comes from.
    #[serde(rename = "message_type")]
    pub kind: MessageKind,
    /// Whom it mentions. The backend does not check that they exist.
    #[serde(rename = "mentioned_ids")]
    pub mentions: Vec<UserId>,
    /// Whose attention it is for.
    pub delivery_scope: DeliveryScope,
    /// Whom it is addressed to, its sender left out; empty for a broadcast.
    #[serde(rename = "addressed_to_user_ids")]
    pub addressed_to: Vec<UserId>,
    /// Its number in the chat: 1 for the first, and each one higher than the last. Where it could not be read, it is one
    /// that follows from the messages around it, or 0.
    pub seq: u64,
    /// What a managed agent says about its turn.
    pub signal: Option<Signal>,
    /// When its sender took it back. The text is then a placeholder.
    pub retracted_at: Option<Timestamp>,
    /// When it was sent.
    #[serde(serialize_with = "as_seconds")]
    pub created_at: Timestamp,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::Message, Mycel> for Message {
    #[inline]
    fn decode(generated: types::Message) -> Result<Self, String> {
        let types::Message {
            id,
            chat_id,
            sender_id,
            sender_name,
            content,
            message_type,
            mentioned_ids,
            delivery_scope,
            addressed_to_user_ids,
            seq,
            signal,
            retracted_at,
            created_at,
        } = generated;
        let mut malformed = Malformed::default();
        Ok(Self {
            id: id.into(),
            chat_id: chat_id.into(),
            sender_id: sender_id.into(),
            sender_name,
            content,
            kind: message_type.into(),
            mentions: mentioned_ids.into_iter().map(UserId::from).collect(),
            delivery_scope: delivery_scope.into(),
            addressed_to: addressed_to_user_ids.into_iter().map(UserId::from).collect(),
            seq,
            signal: signal.map(Signal::from),
            retracted_at: retraction(retracted_at, &mut malformed),
            created_at: row_time(created_at, "created_at", &mut malformed),
            malformed,
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

fn retraction(retracted_at: Option<types::RetractedAt>, malformed: &mut Malformed) -> Option<Timestamp> {
    let time = match retracted_at? {
        types::RetractedAt::EpochSeconds(seconds) => time_from_epoch_seconds(seconds),
        types::RetractedAt::Text(text) => text.parse().ok(),
    };
    malformed.or_stand_in("retracted_at", time.ok_or_else(|| NO_TIME.to_owned()).map(Some), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_decoded_where_it_lies() {
        let json = serde_json::json!({
            "id": "m-1", "chat_id": "c-1", "sender_id": "u-1", "sender_name": "Ada", "content": "Hi",
            "message_type": "human", "mentioned_ids": [], "delivery_scope": "broadcast", "addressed_to_user_ids": [],
            "seq": 1, "signal": null, "retracted_at": null, "created_at": 0.0,
        });
        let generated: Vec<types::Message> = serde_json::from_value(serde_json::json!([json, json])).unwrap();
        let place = generated.as_ptr().cast::<()>();
        let decoded: Vec<Message> = Decode::decode(generated).unwrap();
        assert_eq!(decoded.as_ptr().cast::<()>(), place);
    }
}
