//! Calls of which nothing can be said but for which user they are.

use std::fmt;
use std::marker;

use futures::future::BoxFuture;

use crate::operation::Operation;
use crate::request::{Platform, Request};
use crate::session::Session;

/// Sends the request, for this user or none.
type Send<'c, P, T> = Box<dyn FnOnce(Request<'c, P>, Option<String>) -> Sent<'c, P, T> + marker::Send + 'c>;

type Sent<'c, P, T> = BoxFuture<'c, Result<T, <P as Platform>::Error>>;

/// A request that is not sent yet. What a facade shows of it is defined by [`scoped_request!`](crate::scoped_request).
pub struct ScopedRequest<'c, P: Platform, T> {
    session: &'c Session<P>,
    operation: &'static Operation,
    user: Option<String>,
    send: Send<'c, P, T>,
}

impl<'c, P: Platform, T> ScopedRequest<'c, P, T> {
    /// A call of the operation that `send` makes, with the user that it is for.
    pub fn new<F: Future<Output = Result<T, P::Error>> + marker::Send + 'c>(
        session: &'c Session<P>,
        operation: &'static Operation,
        send: impl FnOnce(Request<'c, P>, Option<String>) -> F + marker::Send + 'c,
    ) -> Self {
        Self { session, operation, user: None, send: Box::new(|request, user| Box::pin(send(request, user))) }
    }

    /// The user of the caller's that it is for, instead of the session's.
    #[must_use]
    pub fn user(mut self, user: String) -> Self {
        self.user = Some(user);
        self
    }

    /// Sends it. Where the platform has a header for the user, the call carries it.
    ///
    /// # Errors
    ///
    /// If the user's id is none, and whatever keeps the call from succeeding.
    pub async fn send(self) -> Result<T, P::Error> {
        let request = self.session.request(self.operation);
        let user = request.user(self.user.as_deref())?;
        let request = request.for_user(self.user.as_deref())?;
        (self.send)(request, user).await
    }
}

impl<P: Platform, T> fmt::Debug for ScopedRequest<'_, P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scoped")
            .field("operation", &self.operation.id)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Defines what a facade shows of a [`ScopedRequest`](crate::ScopedRequest) of its platform: the type `Scoped`.
///
/// It takes the facade to have `crate::Error` and `crate::id::UserId`.
#[doc(hidden)]
#[expect(clippy::crate_in_macro_def, reason = "the facade's, so that no use of it has to name it")]
#[macro_export]
macro_rules! scoped_request {
    ($platform:ty; $(#[$doc:meta])* Scoped { $(#[$user_doc:meta])* user }) => {
        $(#[$doc])*
        #[must_use = "a request is not sent until it is awaited"]
        pub struct Scoped<'c, T> {
            request: $crate::ScopedRequest<'c, $platform, T>,
        }

        impl<'c, T> Scoped<'c, T> {
            /// A call of the operation that `send` makes, with the user that it is for.
            pub(crate) fn new<F: Future<Output = Result<T, crate::Error>> + Send + 'c>(
                session: &'c $crate::Session<$platform>,
                operation: &'static $crate::Operation,
                send: impl FnOnce($crate::Request<'c, $platform>, Option<String>) -> F + Send + 'c,
            ) -> Self {
                Self { request: $crate::ScopedRequest::new(session, operation, send) }
            }

            $(#[$user_doc])*
            pub fn user(self, user: impl Into<crate::id::UserId>) -> Self {
                Self { request: self.request.user(user.into().into()) }
            }
        }

        impl<'c, T: 'c> std::future::IntoFuture for Scoped<'c, T> {
            type Output = Result<T, crate::Error>;
            type IntoFuture = $crate::BoxFuture<'c, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.request.send())
            }
        }

        impl<T> std::fmt::Debug for Scoped<'_, T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.request, f)
            }
        }
    };
}

/// Gives a resource calls of which nothing can be said but for which user they are. Each has in brackets what it is of, if it
/// is of something. The closure at the end sends it: it is given the call and the user. Where the platform has a header for
/// the user, the call carries it already. `, finish_deletion` behind an operation's name says that it takes something away.
///
/// It takes the facade to have its `Scoped` as `crate::scoped::Scoped`, and the file to have `operations`.
#[doc(hidden)]
#[expect(clippy::crate_in_macro_def, reason = "the facade's, so that no use of it has to name it")]
#[macro_export]
macro_rules! scoped {
    ($resource:ident; $(
        $(#[$doc:meta])*
        $name:ident($($of:ident: $of_type:ty)?) -> $output:ty, $operation:ident $(, $finish:ident)?, |$request:ident, $user:ident| $send:expr;
    )*) => {
        impl<'c> $resource<'c> {
            $($(#[$doc])*
            #[inline]
            pub fn $name(self $(, $of: impl Into<$of_type>)?) -> crate::scoped::Scoped<'c, $output> {
                $(let $of: $of_type = $of.into();)?
                let send = async move |$request: crate::platform::Request<'c>, user: Option<String>| {
                    let $user = user.as_deref();
                    let outcome = $send;
                    $crate::finished!($request, outcome $(, $finish)?)
                };
                crate::scoped::Scoped::new(self.session, &operations::$operation, send)
            })*
        }
    };
}

/// The outcome of a call, which is finished as most are unless it says otherwise.
#[doc(hidden)]
#[macro_export]
macro_rules! finished {
    ($request:ident, $outcome:ident) => {
        $request.finish($outcome)
    };
    ($request:ident, $outcome:ident, $finish:ident) => {
        $request.$finish($outcome)
    };
}
