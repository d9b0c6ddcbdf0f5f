//! Requests of which much can be said: their fields, and how they are sent.

/// Defines a request that is sent when it is awaited.
///
/// Each line in braces is something that can be said: its kind, the method, and the field of the body, which is a generated
/// type, or what a query is made of. Kinds are `text`, `texts`, `flag`, `number`, `time`, `id` and `name` (of what has a number
/// or a text for an id), `choice` of an open enum, `object` and `objects`; `nullable_…` where null means something else than
/// absence; and `scope`, the user that the call is for. The closure at the end sends it: it is given the call, what the
/// request is of (an id, or nothing), the body, and the user, unless it is for none. Where the platform has a header for the
/// user, the call carries it already.
///
/// It takes the facade to have `crate::Error`, `crate::platform::Session` and `crate::id::UserId`, and the file to have
/// `operations`.
#[doc(hidden)]
#[expect(clippy::crate_in_macro_def, reason = "the facade's, so that no use of it has to name it")]
#[macro_export]
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

            $($crate::says! { [] $kind $method $field [$($choice)?] $(#[$method_doc])* })*

            #[allow(unused_mut, reason = "some bodies take the user in, and some calls carry a secret")]
            async fn send(self) -> Result<$output, crate::Error> {
                let Self { session, of: $id, body: mut $sent, problem, .. } = self;
                let mut $call = session.request(&operations::$operation);
                if let Some(problem) = problem {
                    return Err($call.refuse(problem));
                }
                $(
                    let named = self.user.as_ref().map(crate::id::UserId::as_str);
                    let $user = $call.user(named)?;
                    $call = $call.for_user(named)?;
                )?
                let outcome = $send;
                $call.finish(outcome)
            }
        }

        $crate::send_on_await!($name, $output);
    };
}
/// One thing that can be said: see [`request!`](crate::request). What comes first is where the request holds what is said, such as `[order.]`.
#[doc(hidden)]
#[expect(clippy::crate_in_macro_def, reason = "the facade's, so that no use of it has to name it")]
#[macro_export]
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
    ([$($at:ident.)*] name $method:ident $field:ident [$id:ty] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl Into<$id>) -> Self {
            self.$($at.)*body.$field = Some($method.into().into());
            self
        }
    };
    ([$($at:ident.)*] time $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: $crate::Timestamp) -> Self {
            self.$($at.)*body.$field = Some($method.to_string());
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
            match $crate::json_object($method) {
                Ok(object) => self.$($at.)*body.$field = Some(object),
                Err(problem) => self.$($at.)*problem = Some(format!("`{}` {problem}", stringify!($method))),
            }
            self
        }
    };
    ([$($at:ident.)*] objects $method:ident $field:ident [] $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $method(mut self, $method: impl IntoIterator<Item = impl ::serde::Serialize>) -> Self {
            match $method.into_iter().map($crate::json_object).collect() {
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

/// Gives requests, which have the field `user`, the user that they are made for.
///
/// It takes the facade to have `crate::id::UserId`.
#[doc(hidden)]
#[expect(clippy::crate_in_macro_def, reason = "the facade's, so that no use of it has to name it")]
#[macro_export]
macro_rules! for_user {
    ($($name:ident),*) => {$(
        impl $name<'_> {
            /// The user of yours that it is for, instead of the client's.
            pub fn user(mut self, user: impl Into<crate::id::UserId>) -> Self {
                self.user = Some(user.into());
                self
            }
        }
    )*};
}
