//! Relationships between users.

use agent_platform_core::{Decode, Malformed, Timestamp, open_enum};
use mycel_web_backend_client::types;
use serde::Serialize;

use super::NO_TIME;
use crate::id::{RelationshipId, UserId};
use crate::platform::Mycel;

open_enum! {
    /// How two users stand to each other.
    RelationshipState {
        /// They have no relationship, or it was just ended.
        None = "none",
        /// One has asked the other.
        Pending = "pending",
        /// They know each other: either can put the other into a group.
        Visit = "visit",
        /// The closer one.
        Hire = "hire",
    }
}

/// A relationship, as one of its two users sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Relationship {
    /// The relationship's id, the same for both.
    pub id: RelationshipId,
    /// The other user.
    pub other_user_id: UserId,
    /// How they stand.
    pub state: RelationshipState,
    /// Whether the caller asked for it; `true` only while it is pending.
    pub is_requester: bool,
    /// What was written when it was asked for.
    pub message: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::Relationship, Mycel> for Relationship {
    #[inline]
    fn decode(generated: types::Relationship) -> Result<Self, String> {
        let types::Relationship { id, other_user_id, state, is_requester, message, created_at, updated_at } = generated;
        let mut malformed = Malformed::default();
        let mut time = |text: String, field: &str| {
            malformed.or_stand_in(field, text.parse().map_err(|_| NO_TIME.to_owned()), Timestamp::EPOCH)
        };
        Ok(Self {
            id: id.into(),
            other_user_id: other_user_id.into(),
            state: state.into(),
            is_requester,
            message,
            created_at: time(created_at, "created_at"),
            updated_at: time(updated_at, "updated_at"),
            malformed,
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}
