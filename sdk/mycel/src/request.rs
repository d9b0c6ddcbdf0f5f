//! What the resources and their requests are made with.

/// Implements `IntoFuture` for a request builder by its `async fn send(self)`, so that `.await` sends it.
macro_rules! send_on_await {
    ($builder:ident, $output:ty) => {
        impl<'c> std::future::IntoFuture for $builder<'c> {
            type Output = Result<$output, crate::error::Error>;
            type IntoFuture = futures::future::BoxFuture<'c, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}
pub(crate) use send_on_await;

/// Defines the handle of a resource: what a method of the client returns, and the operations are methods of.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'c> {
            session: &'c crate::platform::Session,
        }

        impl<'c> $name<'c> {
            pub(crate) fn new(session: &'c crate::platform::Session) -> Self {
                Self { session }
            }
        }
    };
}
pub(crate) use resource;
