//! Chats.

use agent_platform_core::{Decode, Malformed, Timestamp, open_enum};
use mycel_web_backend_client::types;
use serde::Serialize;

use super::{as_seconds, row_time, time};
use crate::id::{ChatId, MessageId, UserId};
use crate::model::UserKind;
use crate::platform::Mycel;

open_enum! {
    /// What kind of chat it is.
    ChatKind {
        /// Between two users; there is one for each pair.
        Direct = "direct",
        /// A group, which has an owner and takes join requests.
        Group = "group",
    }
}

open_enum! {
    /// Whether a chat is in use.
    ChatStatus {
        /// In use.
        Active = "active",
    }
}

/// A member of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Member {
    /// The user's id.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// Person or agent.
    #[serde(rename = "type")]
    pub kind: UserKind,
    /// A path on the backend, such as `/api/users/<id>/avatar`.
    pub avatar_url: Option<String>,
}

impl Decode<types::Member, Mycel> for Member {
    #[inline]
    fn decode(generated: types::Member) -> Result<Self, String> {
        let types::Member { id, name, type_, avatar_url } = generated;
        Ok(Self { id: id.into(), name, kind: type_.into(), avatar_url })
    }
}

/// A chat with its members.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Chat {
    /// The chat's id.
    pub id: ChatId,
    /// Direct or group.
    #[serde(rename = "type")]
    pub kind: ChatKind,
    /// The title that it was given. Direct chats mostly have none.
    pub title: Option<String>,
    /// Whether it is in use.
    pub status: ChatStatus,
    /// Who made it. In a group that is the owner, who decides on members.
    #[serde(rename = "created_by_user_id")]
    pub created_by: UserId,
    /// When it was made.
    #[serde(serialize_with = "as_seconds")]
    pub created_at: Timestamp,
    /// All members, the caller among them.
    pub members: Vec<Member>,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::Chat, Mycel> for Chat {
    #[inline]
    fn decode(generated: types::Chat) -> Result<Self, String> {
        let types::Chat { id, type_, title, status, created_by_user_id, created_at, members } = generated;
        Ok(Self {
            id: id.into(),
            kind: type_.into(),
            title,
            status: status.into(),
            created_by: created_by_user_id.into(),
            created_at: time(created_at, "created_at")?,
            members: Vec::decode(members)?,
            malformed: Malformed::default(),
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// A chat that was just made, or found. [`Chats::get`](crate::Chats::get) tells its kind and members.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct CreatedChat {
    /// The chat's id.
    pub id: ChatId,
    /// Its title. A direct chat that was there already keeps the one it had.
    pub title: Option<String>,
    /// Whether it is in use.
    pub status: ChatStatus,
    /// When it was made.
    #[serde(serialize_with = "as_seconds")]
    pub created_at: Timestamp,
}

impl Decode<types::CreatedChat, Mycel> for CreatedChat {
    #[inline]
    fn decode(generated: types::CreatedChat) -> Result<Self, String> {
        let types::CreatedChat { id, title, status, created_at } = generated;
        Ok(Self { id: id.into(), title, status: status.into(), created_at: time(created_at, "created_at")? })
    }
}

/// A chat in the list of the caller's chats.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct ChatSummary {
    /// The chat's id.
    pub id: ChatId,
    /// Its title or, where it was given none, the names of the other members.
    pub title: String,
    /// Whether it is in use. Only active chats are listed.
    pub status: ChatStatus,
    /// When it was made.
    #[serde(serialize_with = "as_seconds")]
    pub created_at: Timestamp,
    /// When something last happened in it.
    #[serde(serialize_with = "as_seconds")]
    pub updated_at: Timestamp,
    /// A path on the backend.
    pub avatar_url: Option<String>,
    /// All members, the caller among them.
    pub members: Vec<Member>,
    /// The latest message.
    pub last_message: Option<LastMessage>,
    /// How many messages the caller has not read.
    pub unread_count: u64,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::ChatSummary, Mycel> for ChatSummary {
    #[inline]
    fn decode(generated: types::ChatSummary) -> Result<Self, String> {
        let types::ChatSummary {
            id,
            title,
            status,
            created_at,
            updated_at,
            avatar_url,
            members,
            last_message,
            unread_count,
        } = generated;
        let mut malformed = Malformed::default();
        let last_message = last_message.map(LastMessage::decode).transpose();
        Ok(Self {
            id: id.into(),
            title,
            status: status.into(),
            created_at: row_time(created_at, "created_at", &mut malformed),
            updated_at: row_time(updated_at, "updated_at", &mut malformed),
            avatar_url,
            members: Vec::decode(members)?,
            last_message: malformed.or_stand_in("last_message", last_message, None),
            unread_count,
            malformed,
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// The latest message of a chat, in the list of chats.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct LastMessage {
    /// The message's id.
    pub id: MessageId,
    /// Its text.
    pub content: String,
    /// Its sender's name.
    pub sender_name: String,
    /// Its number in the chat, from 1.
    pub seq: u64,
    /// When it was sent.
    #[serde(serialize_with = "as_seconds")]
    pub created_at: Timestamp,
}

impl Decode<types::LastMessage, Mycel> for LastMessage {
    #[inline]
    fn decode(generated: types::LastMessage) -> Result<Self, String> {
        let types::LastMessage { id, content, sender_name, seq, created_at } = generated;
        Ok(Self { id: id.into(), content, sender_name, seq, created_at: time(created_at, "created_at")? })
    }
}

open_enum! {
    /// How a user stands to a chat.
    MembershipState {
        /// A member.
        Member = "member",
    }
}

/// A user in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Membership {
    /// The chat.
    pub chat_id: ChatId,
    /// The user.
    pub user_id: UserId,
    /// How the user stands to it.
    pub state: MembershipState,
}

impl Decode<types::Membership, Mycel> for Membership {
    #[inline]
    fn decode(generated: types::Membership) -> Result<Self, String> {
        let types::Membership { chat_id, user_id, state } = generated;
        Ok(Self { chat_id: chat_id.into(), user_id: user_id.into(), state: state.into() })
    }
}

/// The response repeats what was asked for.
impl Decode<types::MuteState, Mycel> for () {
    #[inline]
    fn decode(generated: types::MuteState) -> Result<Self, String> {
        let types::MuteState { status: _, muted: _ } = generated;
        Ok(())
    }
}
