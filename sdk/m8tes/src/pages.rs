//! Lists that come page by page.

use agent_platform_core::{Fetched, Operation, items};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};

use crate::error::Error;
use crate::model::Page;
use crate::platform::Session;

/// How many there are to be on a page, as it was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limit(Option<u32>);

impl Limit {
    pub(crate) fn of(limit: u32) -> Self {
        Self(Some(limit))
    }

    /// The number, or what is wrong with it.
    pub(crate) fn get(self) -> Result<Option<i64>, String> {
        match self.0 {
            Some(limit) if !(1..=100).contains(&limit) => Err(format!("a page holds 1 to 100, not {limit}")),
            limit => Ok(limit.map(i64::from)),
        }
    }
}

/// All items of a list, one by one.
pub(crate) fn all<'c, T: Send + 'c, F: Future<Output = Result<Page<T>, Error>> + Send + 'c>(
    session: &'c Session,
    operation: &'static Operation,
    first: Option<String>,
    fetch: impl Fn(Option<String>) -> F + Send + 'c,
) -> BoxStream<'c, Result<T, Error>> {
    let fetch = move |cursor| {
        fetch(cursor).map(|page| page.map(|page| Fetched { next: page.next_starting_after, items: page.data }))
    };
    let came_twice =
        move || session.malformed(operation, 200, "it names a page as the next one that it has named before");
    items(first, fetch, came_twice).boxed()
}

/// Adds what every request of a list has, and what makes a page or all of them of it. The request has the fields `session`,
/// `limit` and `starting_after`, and sends itself with `send`.
macro_rules! list_request {
    ($request:ident of $item:ident, $operation:ident) => {
        impl<'c> $request<'c> {
            /// How many there are on a page: 1 to 100, 20 unless set.
            pub fn limit(mut self, limit: u32) -> Self {
                self.limit = crate::pages::Limit::of(limit);
                self
            }

            /// Begins behind this one: the [`next_starting_after`](crate::Page::next_starting_after) of the page before.
            pub fn starting_after(mut self, cursor: impl Into<String>) -> Self {
                self.starting_after = Some(cursor.into());
                self
            }

            /// All of them, one by one: a stream for `TryStreamExt::try_next` and the like. A page is asked for when the one
            /// before is used up.
            ///
            /// An error ends it, such as [`MalformedResponse`](crate::ErrorKind::MalformedResponse) where m8tes names a page
            /// as the next one that it has named before.
            #[inline]
            pub fn into_stream(self) -> futures::stream::BoxStream<'c, Result<$item, crate::Error>> {
                let (session, first) = (self.session, self.starting_after.clone());
                let fetch = move |cursor| Self { starting_after: cursor, ..self.clone() }.send();
                crate::pages::all(session, &operations::$operation, first, fetch)
            }
        }

        ::agent_platform_core::send_on_await!($request, crate::model::Page<$item>);
    };
}
pub(crate) use list_request;

/// Defines the request of a list, with its filters. The closure at the end asks for a page: it is given the call, the
/// request, how many there are to be, the cursor, and the user, unless it is of none.
macro_rules! list {
    (
        $(#[$doc:meta])*
        $name:ident($of:ty) of $item:ident, $operation:ident {
            $($(#[$filter_doc:meta])* $filter:ident: $type:ty;)*
        }
        |$call:ident, $this:ident, $limit:ident, $cursor:ident $(, $user:ident)?| $send:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is not sent until it is awaited"]
        pub struct $name<'c> {
            session: &'c crate::platform::Session,
            #[allow(dead_code, reason = "most lists are lists of nothing")]
            of: $of,
            #[allow(dead_code, reason = "some lists are of no user")]
            user: Option<crate::id::UserId>,
            $($filter: Option<$type>,)*
            limit: crate::pages::Limit,
            starting_after: Option<String>,
        }

        impl<'c> $name<'c> {
            pub(crate) fn new(session: &'c crate::platform::Session, of: $of) -> Self {
                Self { session, of, user: None, $($filter: None,)* limit: Default::default(), starting_after: None }
            }

            $($(#[$filter_doc])*
            pub fn $filter(mut self, $filter: impl Into<$type>) -> Self {
                self.$filter = Some($filter.into());
                self
            })*

            async fn send(self) -> Result<crate::model::Page<$item>, crate::Error> {
                let $call = self.session.request(&operations::$operation);
                let $limit = self.limit.get().map_err(|problem| $call.refuse(problem))?;
                $(
                    let $user = $call.user(self.user.as_ref().map(crate::id::UserId::as_str))?;
                    let $user = $user.as_deref();
                )?
                let ($cursor, $this) = (self.starting_after.as_deref(), &self);
                let outcome = $send;
                $call.finish(outcome)
            }
        }

        crate::pages::list_request!($name of $item, $operation);
    };
}
pub(crate) use list;
