//! Users: whom a formation knows, and by which identifiers.

use agent_platform_core::{request, resource};
use muxi_formation_client::{operations, types};
use serde_json::{Value, json};

use crate::error::Error;
use crate::id::{Identifier, MuxiUserId};
use crate::model::{ResolvedUser, UserIdentifier};
use crate::platform::request_for;

resource! {
    /// Whom the formation knows, and by which identifiers; from [`FormationClient::users`](crate::FormationClient::users). They
    /// take the client key.
    Users
}

impl<'c> Users<'c> {
    /// Whom this identifier names, such as an e-mail address. Where it names nobody, MUXI makes a user of it; to look without
    /// that, use [`get`](Self::get). It is sent once.
    ///
    /// ```no_run
    /// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
    /// let ada = formation.users().resolve("ada@example.com").kind("email").await?;
    /// formation.users().link(&ada.id, ["U024BE7LH"]).await?;
    /// for identifier in formation.users().identifiers(&ada.id).await? {
    ///     println!("{}", identifier.identifier);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolve(self, identifier: impl Into<Identifier>) -> ResolveUser<'c> {
        let body = types::IdentifierToResolve { identifier: String::from(identifier.into()), identifier_type: None };
        ResolveUser::new(self.session, (), body)
    }

    /// Whom this identifier names. Nobody is made.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if it names nobody.
    pub async fn get(self, identifier: impl Into<Identifier>) -> Result<ResolvedUser, Error> {
        let identifier = identifier.into();
        let request = request_for(self.session, &operations::GET_USER, None)?;
        let outcome = request.api.get_user(request.segment(&identifier)?).await;
        request.finish(outcome)
    }

    /// All identifiers of a user.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such user.
    pub async fn identifiers(self, user: impl Into<MuxiUserId>) -> Result<Vec<UserIdentifier>, Error> {
        let user = user.into();
        let request = request_for(self.session, &operations::LIST_USER_IDENTIFIERS, None)?;
        let outcome = request.api.list_user_identifiers(request.segment(&user)?).await;
        request.finish(outcome)
    }

    /// Has these identifiers name a user, too; those that were given. It is sent once.
    pub async fn link(
        self,
        user: impl Into<MuxiUserId>,
        identifiers: impl IntoIterator<Item = impl Into<NewIdentifier>>,
    ) -> Result<Vec<UserIdentifier>, Error> {
        let identifiers = identifiers.into_iter().map(|identifier| identifier.into().into_json()).collect();
        let body = types::AssociateIdentifiersRequest { identifiers, muxi_user_id: Some(user.into().into()) };
        let request = request_for(self.session, &operations::ADD_USER_IDENTIFIERS, None)?;
        let outcome = request.api.add_user_identifiers(&body).await;
        request.finish(outcome)
    }

    /// Has this identifier name nobody any more.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if it names nobody.
    pub async fn remove(self, identifier: impl Into<Identifier>) -> Result<(), Error> {
        let identifier = identifier.into();
        let request = request_for(self.session, &operations::REMOVE_USER_IDENTIFIER, None)?;
        let outcome = request.api.remove_user_identifier(request.segment(&identifier)?).await;
        request.finish_deletion(outcome)
    }
}

request! {
    /// The request of [`Users::resolve`].
    ResolveUser((), types::IdentifierToResolve) -> ResolvedUser, RESOLVE_USER {
        /// What kind of identifier it is, such as `email`.
        text kind: identifier_type;
    }
    |request, _none, body| {
        if body.identifier.trim().is_empty() {
            return Err(request.refuse("the identifier is blank, so it names nobody"));
        }
        request.api.resolve_user(&body).await
    }
}

/// An identifier that is to name a user, made from its text, or from its text and kind: `("ada@example.com", "email")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIdentifier {
    identifier: Identifier,
    kind: Option<String>,
}

impl NewIdentifier {
    fn into_json(self) -> Value {
        let identifier = String::from(self.identifier);
        match self.kind {
            Some(kind) => json!({ "identifier": identifier, "type": kind }),
            None => identifier.into(),
        }
    }
}

impl From<Identifier> for NewIdentifier {
    fn from(identifier: Identifier) -> Self {
        Self { identifier, kind: None }
    }
}

impl From<&str> for NewIdentifier {
    fn from(identifier: &str) -> Self {
        Identifier::from(identifier).into()
    }
}

impl From<String> for NewIdentifier {
    fn from(identifier: String) -> Self {
        Identifier::from(identifier).into()
    }
}

impl<I: Into<Identifier>, K: Into<String>> From<(I, K)> for NewIdentifier {
    fn from((identifier, kind): (I, K)) -> Self {
        Self { identifier: identifier.into(), kind: Some(kind.into()) }
    }
}
