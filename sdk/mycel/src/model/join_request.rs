//! Requests to join a group.

use agent_platform_core::{Decode, Malformed, Timestamp, open_enum};
use mycel_web_backend_client::types;
use serde::Serialize;

use super::{as_seconds, as_seconds_if_any, row_time, row_time_if_any};
use crate::id::{ChatId, JoinRequestId, UserId};
use crate::model::{ChatKind, ChatStatus, UserKind};
use crate::platform::Mycel;

open_enum! {
    /// How far a join request is.
    JoinRequestState {
        /// Not decided yet.
        Pending = "pending",
        /// Approved: the requester was made a member.
        Approved = "approved",
        /// Rejected. The requester can ask again.
        Rejected = "rejected",
    }
}

/// A request to join a group. There is one for each group and requester; asking again makes it pending anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct JoinRequest {
    /// The request's id.
    pub id: JoinRequestId,
    /// The group.
    pub chat_id: ChatId,
    /// Who asks.
    #[serde(rename = "requester_user_id")]
    pub requester_id: UserId,
    /// The requester's name.
    pub requester_name: String,
    /// Person or agent.
    #[serde(rename = "requester_type")]
    pub requester_kind: UserKind,
    /// How far it is.
    pub state: JoinRequestState,
    /// What the requester wrote.
    pub message: Option<String>,
    /// Who decided.
    #[serde(rename = "decided_by_user_id")]
    pub decided_by: Option<UserId>,
    /// When it was decided.
    #[serde(serialize_with = "as_seconds_if_any")]
    pub decided_at: Option<Timestamp>,
    /// When it was made, or made again.
    #[serde(serialize_with = "as_seconds")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(serialize_with = "as_seconds")]
    pub updated_at: Timestamp,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::JoinRequest, Mycel> for JoinRequest {
    #[inline]
    fn decode(generated: types::JoinRequest) -> Result<Self, String> {
        let types::JoinRequest {
            id,
            chat_id,
            requester_user_id,
            state,
            message,
            decided_by_user_id,
            decided_at,
            created_at,
            updated_at,
            requester_name,
            requester_type,
        } = generated;
        let mut malformed = Malformed::default();
        Ok(Self {
            id: id.into(),
            chat_id: chat_id.into(),
            requester_id: requester_user_id.into(),
            requester_name,
            requester_kind: requester_type.into(),
            state: state.into(),
            message,
            decided_by: decided_by_user_id.map(UserId::from),
            decided_at: row_time_if_any(decided_at, "decided_at", &mut malformed),
            created_at: row_time(created_at, "created_at", &mut malformed),
            updated_at: row_time(updated_at, "updated_at", &mut malformed),
            malformed,
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// A chat as somebody sees it who might join.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct JoinTarget {
    /// The chat's id.
    pub id: ChatId,
    /// Direct or group. Only groups can be joined.
    #[serde(rename = "type")]
    pub kind: ChatKind,
    /// The title that it was given.
    pub title: Option<String>,
    /// Whether it is in use.
    pub status: ChatStatus,
    /// The owner, who decides on join requests.
    #[serde(rename = "created_by_user_id")]
    pub created_by: UserId,
    /// Whether the caller is a member already.
    pub is_member: bool,
    /// The caller's own request, where there is one.
    pub current_request: Option<JoinRequest>,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::JoinTarget, Mycel> for JoinTarget {
    #[inline]
    fn decode(generated: types::JoinTarget) -> Result<Self, String> {
        let types::JoinTarget { id, type_, title, status, created_by_user_id, is_member, current_request } = generated;
        Ok(Self {
            id: id.into(),
            kind: type_.into(),
            title,
            status: status.into(),
            created_by: created_by_user_id.into(),
            is_member,
            current_request: current_request.map(JoinRequest::decode).transpose()?,
            malformed: Malformed::default(),
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}
