//! Who is asking.

use axum::http::{HeaderMap, header};

use crate::{
    error::Failure,
    store::{
        Database,
        users::{self, User, UserType},
    },
    token::Key,
};

/// The user id that the request's token names. Whether there is such a user is not known yet.
///
/// # Errors
///
/// 401, in the words of the real backend.
pub(crate) fn subject(key: &Key, headers: &HeaderMap) -> Result<String, Failure> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(|| Failure::unauthorized("Missing or invalid Authorization header"))?;
    key.subject(token).map_err(|rejected| Failure::unauthorized(rejected.to_string()))
}

/// The user with this id.
///
/// # Errors
///
/// 401, if there is none.
pub(crate) fn caller(db: Database<'_>, user_id: &str) -> Result<User, Failure> {
    users::find(db, user_id)?.ok_or_else(|| Failure::unauthorized("User no longer exists — please re-login"))
}

/// Something that not every user may do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Capability {
    CreateExternalUser,
    CreateManagedAgent,
    UseSandbox,
}

impl Capability {
    fn name(self) -> &'static str {
        match self {
            Self::CreateExternalUser => "create_external_user",
            Self::CreateManagedAgent => "create_managed_agent",
            Self::UseSandbox => "use_sandbox",
        }
    }
}

/// Checks that `user` may.
///
/// # Errors
///
/// 403, if not: a registered owner may everything, a guest may only make external users, and nobody else anything.
pub(crate) fn require(user: &User, capability: Capability) -> Result<(), Failure> {
    let may = match (user.kind, user.is_guest, capability) {
        (UserType::Human, false, _) | (UserType::Human, true, Capability::CreateExternalUser) => true,
        (UserType::Human, true, _) | (UserType::External | UserType::Agent, _, _) => false,
    };
    if may {
        return Ok(());
    }
    Err(Failure::forbidden(format!("Capability required: {}", capability.name())))
}
