//! Calls of which nothing can be said but for which user they are.

use std::fmt;
use std::future::IntoFuture;
use std::marker;

use agent_platform_core::{BoxFuture, Operation};

use crate::error::Error;
use crate::id::UserId;
use crate::platform::{Request, Session};

/// Sends the request, for this user or none.
type Send<'c, T> = Box<dyn FnOnce(Request<'c>, Option<String>) -> BoxFuture<'c, Result<T, Error>> + marker::Send + 'c>;

/// A request that is sent when it is awaited, for the client's user unless [`user`](Self::user) names one.
#[must_use = "a request is not sent until it is awaited"]
pub struct Scoped<'c, T> {
    session: &'c Session,
    operation: &'static Operation,
    user: Option<UserId>,
    send: Send<'c, T>,
}

impl<'c, T> Scoped<'c, T> {
    /// A call of the operation that `send` makes, with the user that it is for.
    pub(crate) fn new<F: Future<Output = Result<T, Error>> + marker::Send + 'c>(
        session: &'c Session,
        operation: &'static Operation,
        send: impl FnOnce(Request<'c>, Option<String>) -> F + marker::Send + 'c,
    ) -> Self {
        Self { session, operation, user: None, send: Box::new(|request, user| Box::pin(send(request, user))) }
    }

    /// The user of yours that it is for, instead of the [client's](crate::Client::for_user). What is another user's, or
    /// the account's own, is not found then.
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.user = Some(user.into());
        self
    }

    async fn send(self) -> Result<T, Error> {
        let request = self.session.request(self.operation);
        let user = request.user(self.user.as_ref().map(UserId::as_str))?;
        (self.send)(request, user).await
    }
}

impl<'c, T: 'c> IntoFuture for Scoped<'c, T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'c, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T> fmt::Debug for Scoped<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scoped")
            .field("operation", &self.operation.id)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Gives a resource calls that name a thing of it by its number, and say nothing else.
macro_rules! scoped {
    ($resource:ident, $id:ident: $id_type:ty; $($(#[$doc:meta])* $name:ident -> $output:ty, $operation:ident, $call:ident;)*) => {
        impl<'c> $resource<'c> {
            $($(#[$doc])*
            pub fn $name(self, $id: impl Into<$id_type>) -> crate::scoped::Scoped<'c, $output> {
                let $id = $id.into().get();
                crate::scoped::Scoped::new(self.session, &operations::$operation, async move |request, user| {
                    let outcome = request.api.$call($id, user.as_deref()).await;
                    request.finish(outcome)
                })
            })*
        }
    };
}
pub(crate) use scoped;
