//! What the resources of a facade and their requests are made with.

/// Implements `IntoFuture` for a request builder by its `async fn send(self)`, so that `.await` sends it.
///
/// It takes the facade to have its error as `crate::Error`.
#[doc(hidden)]
#[expect(clippy::crate_in_macro_def, reason = "the facade's, so that no use of it has to name it")]
#[macro_export]
macro_rules! send_on_await {
    ($builder:ident, $output:ty) => {
        impl<'c> std::future::IntoFuture for $builder<'c> {
            type Output = Result<$output, crate::Error>;
            type IntoFuture = $crate::BoxFuture<'c, Self::Output>;

            // So that a program compiles the requests that it sends alone: a facade has most others made for nobody.
            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}

/// Defines the handle of a resource: what a method of the client returns, and the operations are methods of.
///
/// It takes the facade to have its session as `crate::platform::Session`.
#[doc(hidden)]
#[expect(clippy::crate_in_macro_def, reason = "the facade's, so that no use of it has to name it")]
#[macro_export]
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
