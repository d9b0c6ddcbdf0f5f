//! Relationships between users.

use agent_platform_core::{Oversize, path_problem, resource, send_on_await};
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::{RelationshipId, UserId};
use crate::model::Relationship;
use crate::platform::{Mycel, Session};

resource! {
    /// Relationships between users; from [`Client::relationships`](crate::Client::relationships).
    ///
    /// | from | step | by whom | to |
    /// |---|---|---|---|
    /// | none | [`request`](Self::request) | anybody | pending |
    /// | pending | [`approve`](Self::approve) | the one who was asked | visit |
    /// | pending | [`reject`](Self::reject) | the one who was asked | none |
    /// | pending | [`revoke`](Self::revoke) | the one who asked | none |
    /// | visit | [`upgrade`](Self::upgrade) | either | hire |
    /// | hire | [`downgrade`](Self::downgrade) | either | visit |
    /// | visit, hire | [`revoke`](Self::revoke) | either | none |
    ///
    /// Any other step is a [`Conflict`](crate::ErrorKind::Conflict). No step is repeated once it may have
    /// reached the backend: the second time it would be a conflict that hides the success of the first.
    Relationships
}

impl<'c> Relationships<'c> {
    /// The caller's relationships, pending ones included.
    ///
    /// Where the whole answer is larger than [`max_response_bytes`](crate::ClientBuilder::max_response_bytes), long texts
    /// are cut off, and `malformed` says which.
    ///
    /// # Errors
    ///
    /// What can befall any call.
    pub async fn list(self) -> Result<Vec<Relationship>, Error> {
        let request = self.session.request_with(&operations::LIST_RELATIONSHIPS, Oversize::CutTexts);
        let outcome = request.api.list_relationships().await;
        request.finish(outcome)
    }

    /// Asks another user for a relationship.
    ///
    /// The user has to exist: for an unknown id the backend fails, and keeps a pending relationship with
    /// nobody all the same, which [`revoke`](Self::revoke) removes.
    ///
    /// ```
    /// # async fn example(ada: mycel_sdk::Client, codex: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// let pending = ada.relationships().request("codex-1").message("Shall we work together?").await?;
    /// let accepted = codex.relationships().approve(&pending.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the user's id could not be addressed later.
    /// - [`Conflict`](crate::ErrorKind::Conflict) if the two have a relationship already, or one has asked
    ///   the other. (A request in the other direction does not accept the first.)
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the user is the caller.
    /// - [`BackendFailed`](crate::ErrorKind::BackendFailed) if there is no such user.
    /// - What can befall any call.
    pub fn request(self, user: impl Into<UserId>) -> RequestRelationship<'c> {
        RequestRelationship { session: self.session, user: user.into(), message: None }
    }
}

macro_rules! steps {
    ($($(#[$doc:meta])* $step:ident, $operation:ident, $method:ident;)*) => {
        impl Relationships<'_> {$(
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id can't be addressed.
            /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such relationship (any more).
            /// - [`Forbidden`](crate::ErrorKind::Forbidden) if it is one between others.
            /// - [`Conflict`](crate::ErrorKind::Conflict) if it is not in the state for this step, or the step
            ///   is the other user's to take.
            /// - What can befall any call.
            pub async fn $step(self, relationship: impl Into<RelationshipId>) -> Result<Relationship, Error> {
                let request = self.session.request(&operations::$operation);
                let relationship = relationship.into();
                let body = types::RelationshipActionBody::default();
                let outcome = request.api.$method(request.segment(&relationship)?, &body).await;
                request.finish(outcome)
            }
        )*}
    };
}

steps! {
    /// Accepts a request: pending becomes visit. The one who was asked does that.
    approve, APPROVE_RELATIONSHIP, approve_relationship;
    /// Rejects a request. The one who was asked does that. The result shows the state none, and the
    /// relationship is gone.
    reject, REJECT_RELATIONSHIP, reject_relationship;
    /// Makes a visit a hire. Either does that; the other is not told.
    upgrade, UPGRADE_RELATIONSHIP, upgrade_relationship;
    /// Ends a relationship, or takes back the caller's own request. The other is not told. The result shows
    /// the state none, and the relationship is gone.
    revoke, REVOKE_RELATIONSHIP, revoke_relationship;
    /// Makes a hire a visit. Either does that; the other is not told.
    downgrade, DOWNGRADE_RELATIONSHIP, downgrade_relationship;
}

/// The request of [`Relationships::request`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct RequestRelationship<'c> {
    session: &'c Session,
    user: UserId,
    message: Option<String>,
}

impl RequestRelationship<'_> {
    /// A word to the other user.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    async fn send(self) -> Result<Relationship, Error> {
        let request = self.session.request(&operations::REQUEST_RELATIONSHIP);
        if let Some(problem) = path_problem::<Mycel>(self.user.as_str()) {
            return Err(request.refuse(format!("the user id {problem}, so the relationship could not be addressed")));
        }
        let body = types::RelationshipRequestBody { target_user_id: self.user.into(), message: self.message };
        let outcome = request.api.request_relationship(&body).await;
        request.finish(outcome)
    }
}

send_on_await!(RequestRelationship, Relationship);
