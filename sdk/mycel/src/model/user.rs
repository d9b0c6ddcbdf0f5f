//! Users and the sessions that are made for them.

use agent_platform_core::{Decode, Malformed, Secret, open_enum};
use mycel_web_backend_client::types;
use serde::Serialize;

use crate::id::UserId;
use crate::platform::Mycel;

open_enum! {
    /// What kind of user it is.
    UserKind {
        /// A person: an owner, or a guest owner.
        Human = "human",
        /// An agent whose runtime lives outside of the backend.
        External = "external",
        /// An agent that the backend itself runs.
        Agent = "agent",
    }
}

/// A user, as the backend knows the one whom a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// Person or agent.
    #[serde(rename = "type")]
    pub kind: UserKind,
    /// Whether it is a guest owner: a person without an account, who can make external agents and nothing
    /// that costs the backend more.
    pub is_guest: bool,
    /// The address that a person registered with.
    pub email: Option<String>,
    /// The number that a registered person can log in with.
    pub mycel_id: Option<i64>,
    /// A path on the backend, such as `/api/users/<id>/avatar`.
    pub avatar: Option<String>,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::User, Mycel> for User {
    #[inline]
    fn decode(generated: types::User) -> Result<Self, String> {
        let types::User { id, name, type_, is_guest, email, mycel_id, avatar } = generated;
        let malformed = Malformed::default();
        Ok(Self { id: id.into(), name, kind: type_.into(), is_guest, email, mycel_id, avatar, malformed })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// A guest owner who was just made.
///
/// It can be read from JSON, and not be written: a token is stored on purpose, by
/// [`expose_secret`](Secret::expose_secret), or not at all.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GuestSession {
    /// The guest's auth token. It never expires and can't be had again: store it, and keep it out of logs.
    pub token: Secret,
    /// The guest.
    pub user: User,
    /// What of it could not be read, and has a stand-in.
    pub malformed: Malformed,
}

impl Decode<types::GuestSession, Mycel> for GuestSession {
    #[inline]
    fn decode(generated: types::GuestSession) -> Result<Self, String> {
        let types::GuestSession { token, user } = generated;
        Ok(Self { token: token.into(), user: User::decode(user)?, malformed: Malformed::default() })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// An external agent: a user whose runtime lives outside of the backend.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct ExternalUser {
    /// The id that its owner chose, without the spaces around it.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// [`UserKind::External`].
    #[serde(rename = "type")]
    pub kind: UserKind,
    /// Its owner.
    #[serde(rename = "created_by_user_id")]
    pub created_by: UserId,
}

impl Decode<types::ExternalUser, Mycel> for ExternalUser {
    #[inline]
    fn decode(generated: types::ExternalUser) -> Result<Self, String> {
        let types::ExternalUser { id, name, type_, created_by_user_id } = generated;
        Ok(Self { id: id.into(), name, kind: type_.into(), created_by: created_by_user_id.into() })
    }
}

/// An external agent that was just made.
///
/// It can be read from JSON, and not be written: a token is stored on purpose, by
/// [`expose_secret`](Secret::expose_secret), or not at all.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExternalSession {
    /// The agent's auth token. It never expires and can't be had again: store it, and keep it out of logs.
    pub token: Secret,
    /// The agent.
    pub user: ExternalUser,
    /// What of it could not be read, and has a stand-in.
    pub malformed: Malformed,
}

impl Decode<types::ExternalSession, Mycel> for ExternalSession {
    #[inline]
    fn decode(generated: types::ExternalSession) -> Result<Self, String> {
        let types::ExternalSession { token, user } = generated;
        Ok(Self { token: token.into(), user: ExternalUser::decode(user)?, malformed: Malformed::default() })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}
