//! One call on its way through the generated client, and the way back from its types to the facade's.

use agent_platform_core::{Call, Operation, Secret};
use mycel_web_backend_client as transport;

use crate::client::Client;
use crate::error::{Context, Error};
use crate::id::{PathId, path_problem};

/// A call of one operation.
pub(crate) struct Request<'c> {
    /// The generated client, bound to this one call.
    pub(crate) api: transport::Client,
    client: &'c Client,
    operation: &'static Operation,
    call: Call,
}

impl<'c> Request<'c> {
    pub(crate) fn new(client: &'c Client, operation: &'static Operation, call: Call) -> Self {
        let http = client.transport().request_builder().clone();
        let api = transport::Client::new_with_client(client.base_url(), http, call.clone());
        Self { api, client, operation, call }
    }

    /// An error about an argument, before anything is sent.
    pub(crate) fn refuse(&self, problem: impl Into<String>) -> Error {
        Error::invalid_input(Some(self.operation), problem)
    }

    /// The id as a segment of the path; refused where it would reach another route.
    pub(crate) fn segment<'i, I: PathId>(&self, id: &'i I) -> Result<&'i str, Error> {
        match path_problem(id.as_str()) {
            None => Ok(id.as_str()),
            Some(problem) => Err(self.refuse(format!("the {} id {problem}, so it can't be addressed", I::KIND))),
        }
    }

    /// The text of a secret that the body is to hold. No error of this call repeats it.
    pub(crate) fn carry(&mut self, secret: Secret) -> String {
        self.call.carry(&secret)
    }

    /// The outcome, in the facade's types.
    pub(crate) fn finish<G, T: Decode<G>>(
        self,
        outcome: Result<transport::ResponseValue<G>, transport::Error<()>>,
    ) -> Result<T, Error> {
        let context = Context::new(self.client, self.operation);
        self.call.finish(outcome, T::decode).map_err(|failure| Error::from_failure(failure, &context))
    }
}

/// A facade type that is made from a generated one.
///
/// Each implementation takes the generated struct apart field by field, so that a field which comes, goes or
/// changes is a compile error here. The error says what is wrong with a value, without quoting it.
pub(crate) trait Decode<G>: Sized {
    fn decode(generated: G) -> Result<Self, String>;
}

impl<G, T: Decode<G>> Decode<Vec<G>> for Vec<T> {
    fn decode(generated: Vec<G>) -> Result<Self, String> {
        // Where the facade's type is no larger than the generated one, this takes no memory of its own.
        generated.into_iter().map(T::decode).collect()
    }
}

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
            client: &'c crate::client::Client,
        }

        impl<'c> $name<'c> {
            pub(crate) fn new(client: &'c crate::client::Client) -> Self {
                Self { client }
            }
        }
    };
}
pub(crate) use resource;
