//! One listener for each user: the backend wakes only the latest, so a second would silence the first.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::id::UserId;

/// The users that somebody listens for, over one connection pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims(Arc<Mutex<HashSet<UserId>>>);

impl Claims {
    /// Takes the user; `None` if it is taken.
    pub(super) fn take(&self, user: UserId) -> Option<Claim> {
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(user.clone());
        is_new.then(|| Claim { claims: self.clone(), user })
    }
}

/// A user that is taken until this is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    claims: Claims,
    user: UserId,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_taken_until_it_is_given_back() {
        let claims = Claims::default();
        let first = claims.take("codex".into()).unwrap();
        assert!(claims.take("codex".into()).is_none());
        assert!(claims.take("claude".into()).is_some());
        drop(first);
        assert!(claims.take("codex".into()).is_some());
    }
}
