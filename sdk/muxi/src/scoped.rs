//! Requests that are made for a user.

/// Defines a request that is of something, or of nothing, and is made for a user. The closure at the end sends it: it is given
/// the call, and what it is of.
macro_rules! scoped_request {
    (
        $(#[$doc:meta])*
        $name:ident($of:ty) -> $output:ty, $operation:ident, |$request:ident, $given:ident| $send:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is not sent until it is awaited"]
        pub struct $name<'c> {
            session: &'c crate::platform::Session,
            of: $of,
            user: Option<crate::id::UserId>,
        }

        impl<'c> $name<'c> {
            pub(crate) fn new(session: &'c crate::platform::Session, of: $of) -> Self {
                Self { session, of, user: None }
            }

            async fn send(self) -> Result<$output, crate::error::Error> {
                let user = self.user.as_ref();
                let $request = crate::platform::request_for(
                    self.session,
                    &::muxi_formation_client::operations::$operation,
                    user,
                )?;
                let $given = self.of;
                let outcome = $send;
                $request.finish(outcome)
            }
        }

        crate::scoped::user!($name);

        ::agent_platform_core::send_on_await!($name, $output);
    };
}
pub(crate) use scoped_request;

/// Gives requests, which have the field `user`, the user that they are made for.
macro_rules! user {
    ($($name:ident),*) => {$(
        impl $name<'_> {
            /// The user of yours that the call is made for, instead of the client's.
            pub fn user(mut self, user: impl Into<crate::id::UserId>) -> Self {
                self.user = Some(user.into());
                self
            }
        }
    )*};
}
pub(crate) use user;
