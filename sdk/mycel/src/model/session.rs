//! Accounts and the sessions that they log in to.

use agent_platform_core::{Decode, Malformed, Secret};
use mycel_web_backend_client::types;
use serde::Serialize;

use crate::id::UserId;
use crate::model::UserKind;
use crate::platform::Mycel;

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Account {
    /// The person's user id.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// The number that the person can log in with in place of the address.
    pub mycel_id: Option<i64>,
    /// The address that the person registered with.
    pub email: Option<String>,
    /// A path on the backend, such as `/api/users/<id>/avatar`.
    pub avatar: Option<String>,
}

impl Decode<types::Account, Mycel> for Account {
    #[inline]
    fn decode(generated: types::Account) -> Result<Self, String> {
        let types::Account { id, name, mycel_id, email, avatar } = generated;
        Ok(Self { id: id.into(), name, mycel_id, email, avatar })
    }
}

/// The managed agent that comes with an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct AccountAgent {
    /// The agent's user id.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// [`UserKind::Agent`].
    #[serde(rename = "type")]
    pub kind: UserKind,
    /// A path on the backend, such as `/api/users/<id>/avatar`.
    pub avatar: Option<String>,
}

impl Decode<types::AccountAgent, Mycel> for AccountAgent {
    #[inline]
    fn decode(generated: types::AccountAgent) -> Result<Self, String> {
        let types::AccountAgent { id, name, type_, avatar } = generated;
        Ok(Self { id: id.into(), name, kind: type_.into(), avatar })
    }
}

/// A person who has just logged in or registered.
///
/// It can be read from JSON, and not be written: a token is stored on purpose, by
/// [`expose_secret`](Secret::expose_secret), or not at all.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccountSession {
    /// The person's auth token. It expires; log in again then. Keep it out of logs.
    pub token: Secret,
    /// The person's account.
    pub user: Account,
    /// The managed agent that comes with the account, where it has one.
    pub agent: Option<AccountAgent>,
    /// What of it could not be read, and has a stand-in.
    pub malformed: Malformed,
}

impl Decode<types::AccountSession, Mycel> for AccountSession {
    #[inline]
    fn decode(generated: types::AccountSession) -> Result<Self, String> {
        let types::AccountSession { token, user, agent } = generated;
        let agent = agent.map(AccountAgent::decode).transpose()?;
        Ok(Self { token: token.into(), user: Account::decode(user)?, agent, malformed: Malformed::default() })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// The temporary token, out of its wrapping.
impl Decode<types::VerifiedOtp, Mycel> for Secret {
    #[inline]
    fn decode(generated: types::VerifiedOtp) -> Result<Self, String> {
        let types::VerifiedOtp { temp_token } = generated;
        Ok(temp_token.into())
    }
}

/// `ok` is true whenever there is a response at all: what goes wrong has a status of its own.
impl Decode<types::OtpSent, Mycel> for () {
    #[inline]
    fn decode(generated: types::OtpSent) -> Result<Self, String> {
        let types::OtpSent { ok: _ } = generated;
        Ok(())
    }
}
