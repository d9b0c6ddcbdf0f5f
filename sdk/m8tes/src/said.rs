//! Requests of which much can be said: their fields, and how they are sent.

/// Defines a request that is sent when it is awaited.
///
/// Each line in braces is something that can be said: its kind, the method, and the field of the generated body. Kinds are
/// `text`, `texts`, `flag`, `number`, `choice` of an open enum, `object` and `objects`; `nullable_…` where null means something else than
/// absence; and `scope`, the user that the call is for. The closure at the end sends it: it is given the call, what the
/// request is of (an id, or nothing), the body, and the user, unless it is for none.
macro_rules! request {
    (
        $(#[$doc:meta])*
        $name:ident($of:ty, $body:ty) -> $output:ty, $operation:ident {
            $($(#[$method_doc:meta])* $kind:ident $method:ident: $field:ident $(as $choice:ty)?;)*
        }
        |$call:ident, $id:ident, $sent:ident $(, $user:ident)?| $send:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is not sent until it is awaited"]
        pub struct $name<'c> {
            session: &'c crate::platform::Session,
            of: $of,
            body: $body,
            #[allow(dead_code, reason = "some requests are for no user")]
            user: Option<crate::id::UserId>,
            /// What is wrong with what was said.
            problem: Option<String>,
        }

        impl<'c> $name<'c> {
            pub(crate) fn new(session: &'c crate::platform::Session, of: $of, body: $body) -> Self {
                Self { session, of, body, user: None, problem: None }
            }

            $(crate::said::says! { [] $kind $method $field [$($choice)?] $(#[$method_doc])* })*

            #[allow(unused_mut, reason = "some bodies take the user in, and some calls carry a secret")]
            async fn send(self) -> Result<$output, crate::error::Error> {
                let Self { session, of: $id, body: mut $sent, problem, .. } = self;
                let mut $call = session.request(&operations::$operation);
                if let Some(problem) = problem {
                    return Err($call.refuse(problem));
                }
                $(let $user = $call.user(self.user.as_ref().map(crate::id::UserId::as_str))?;)?
                let outcome = $send;
                $call.finish(outcome)
            }
        }

        ::agent_platform_core::send_on_await!($name, $output);
    };
}
pub(crate) use request;

/// One thing that can be said. What comes first is where the request holds what is said, such as `[order.]`.
macro_rules! says {
    ([$($at:ident.)*] text $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl Into<String>) -> Self {
            self.$($at.)*body.$field = Some($method.into());
            self
        }
    };
    ([$($at:ident.)*] texts $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl IntoIterator<Item = impl Into<String>>) -> Self {
            self.$($at.)*body.$field = Some($method.into_iter().map(Into::into).collect());
            self
        }
    };
    ([$($at:ident.)*] flag $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: bool) -> Self {
            self.$($at.)*body.$field = Some($method);
            self
        }
    };
    ([$($at:ident.)*] number $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: u32) -> Self {
            self.$($at.)*body.$field = Some($method.into());
            self
        }
    };
    ([$($at:ident.)*] id $method:ident $field:ident [$id:ty] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl Into<$id>) -> Self {
            self.$($at.)*body.$field = Some($method.into().get());
            self
        }
    };
    ([$($at:ident.)*] nullable_text $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method<'a>(mut self, $method: impl Into<Option<&'a str>>) -> Self {
            self.$($at.)*body.$field = Some($method.into().map(str::to_owned));
            self
        }
    };
    ([$($at:ident.)*] nullable_flag $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl Into<Option<bool>>) -> Self {
            self.$($at.)*body.$field = Some($method.into());
            self
        }
    };
    ([$($at:ident.)*] nullable_number $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl Into<Option<u32>>) -> Self {
            self.$($at.)*body.$field = Some($method.into().map(i64::from));
            self
        }
    };
    ([$($at:ident.)*] choice $method:ident $field:ident [$choice:ty] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: $choice) -> Self {
            match $method.as_str().parse() {
                Ok(known) => self.$($at.)*body.$field = Some(known),
                Err(_) => self.$($at.)*problem = Some(format!("{:?} can't be asked for", $method.as_str())),
            }
            self
        }
    };
    ([$($at:ident.)*] object $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl ::serde::Serialize) -> Self {
            match ::agent_platform_core::json_object($method) {
                Ok(object) => self.$($at.)*body.$field = Some(object),
                Err(problem) => self.$($at.)*problem = Some(format!("`{}` {problem}", stringify!($method))),
            }
            self
        }
    };
    ([$($at:ident.)*] objects $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl IntoIterator<Item = impl ::serde::Serialize>) -> Self {
            match $method.into_iter().map(::agent_platform_core::json_object).collect() {
                Ok(objects) => self.$($at.)*body.$field = Some(objects),
                Err(problem) => self.$($at.)*problem = Some(format!("one of `{}` {problem}", stringify!($method))),
            }
            self
        }
    };
    ([$($at:ident.)*] scope $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl Into<crate::id::UserId>) -> Self {
            self.$($at.)*$field = Some($method.into());
            self
        }
    };
}
pub(crate) use says;

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

            async fn send(self) -> Result<crate::model::Page<$item>, crate::error::Error> {
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

/// Gives the request of a list the filter by one of the account's users.
macro_rules! list_of_user {
    ($name:ident) => {
        impl $name<'_> {
            /// Those of this user of yours alone, instead of the client's.
            pub fn user(mut self, user: impl Into<crate::id::UserId>) -> Self {
                self.user = Some(user.into());
                self
            }
        }
    };
}
pub(crate) use list_of_user;
