//! What the error of every facade holds: what went wrong with a call, sorted, and told in one line.

mod body;

use std::fmt;
use std::time::Duration;

use crate::failure::{Cause, ErrorResponse, Failure, Limit, PartialAnswer};
use crate::operation::Operation;
use crate::request::Platform;
use crate::session::Context;
pub use body::{ErrorBody, FieldError};

/// What the error of a facade holds. `K` is the facade's kinds of failure.
pub struct Report<K> {
    /// What a program decides on.
    pub kind: K,
    /// The operation, where there was one.
    pub operation: Option<&'static Operation>,
    /// How many attempts were made; 0 where nothing was sent.
    pub attempts: u32,
    /// Whether the backend may have acted all the same.
    pub may_have_been_sent: bool,
    /// What the backend, or a proxy before it, calls the last request.
    pub request_id: Option<String>,
    /// How long the backend asks to wait.
    pub retry_after: Option<Duration>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// What the backend says about it.
    pub body: ErrorBody,
    /// Whether what was asked for is not there, and nothing more is known about that: not that the path leads to nothing.
    pub is_gone: bool,
    /// What came of an answer that broke off, or was not of the promised shape.
    pub partial: Option<Box<PartialAnswer>>,
    /// What happened, and what to do.
    pub line: String,
    /// What it comes from.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A response with a status other than the promised one, as [`Platform::refine`] is asked about it.
pub struct Refusal<'r> {
    /// What the status says.
    pub kind: CommonKind,
    /// The status.
    pub status: u16,
    /// What the body says.
    pub body: &'r ErrorBody,
    /// Status and body in a few words.
    pub said: &'r str,
    /// The call.
    pub context: &'r Context<'r>,
}

/// An error that can tell of a call that was made in the wrong place, so that nothing was sent.
#[doc(hidden)]
pub trait Misuse {
    /// The error of that line.
    fn misuse(line: String) -> Self;
}

/// The kinds of failure that all platforms have. What each means, [`error_kinds!`](crate::error_kinds) tells once for
/// all facades.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommonKind {
    InvalidInput,
    Connect,
    ProxyCredentials,
    TimedOut,
    Interrupted,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    Rejected,
    RequestTooLarge,
    TooManyRequests,
    Redirected,
    BackendFailed,
    Unavailable,
    UnexpectedStatus,
    MalformedResponse,
    ResponseTooLarge,
}

impl CommonKind {
    /// What kind of failure it is, before a platform has looked closer.
    pub(crate) fn of(cause: &Cause) -> Self {
        match cause {
            Cause::Unsendable(_) | Cause::HoldsNul { .. } => Self::InvalidInput,
            Cause::Connect(_) => Self::Connect,
            Cause::ProxyCredentials => Self::ProxyCredentials,
            Cause::Interrupted(_) | Cause::RuntimeEnded => Self::Interrupted,
            Cause::TimedOut { .. } => Self::TimedOut,
            Cause::TooLarge { .. } => Self::ResponseTooLarge,
            Cause::Status(response) => Self::of_status(response.status.as_u16()),
            Cause::Failed(_) => Self::Rejected,
            Cause::Malformed { .. } => Self::MalformedResponse,
        }
    }

    fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            407 => Self::ProxyCredentials,
            409 => Self::Conflict,
            400 | 422 => Self::Rejected,
            413 | 414 | 431 => Self::RequestTooLarge,
            429 => Self::TooManyRequests,
            300..=399 => Self::Redirected,
            502..=504 => Self::Unavailable,
            500..=599 => Self::BackendFailed,
            _ => Self::UnexpectedStatus,
        }
    }
}

/// Defines a facade's kinds of failure: those that all platforms have, and its own. `$platform` is its name.
#[doc(hidden)]
#[macro_export]
macro_rules! error_kinds {
    (
        $(#[$doc:meta])*
        $name:ident of $platform:literal {
            $($(#[$own_doc:meta])* $own:ident $({ $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })?,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            /// An argument or a setting is wrong; nothing was sent.
            InvalidInput,
            /// No connection to the backend was made; nothing was sent.
            Connect,
            /// A proxy does not accept its credentials, or wants some (407); the backend was not reached. See `proxy` of the
            /// client's builder.
            ProxyCredentials,
            /// A limit on time ran out.
            TimedOut,
            /// The connection broke off before the whole response was there.
            Interrupted,
            /// The backend does not accept the token or the login, or no token was set (401).
            Unauthorized,
            /// The token's user may not do this (403).
            Forbidden,
            /// What was asked for, or the operation itself, does not exist there (404).
            NotFound,
            /// The state of things does not allow it (409).
            Conflict,
            /// The backend found something wrong with the request (400, 422); see [`Error::field_errors`].
            Rejected,
            /// The request is larger than the backend, or something before it, takes: its body (413), its URL (414) or its
            /// headers (431).
            RequestTooLarge,
            /// Too many requests in too short a time (429); see [`Error::retry_after`].
            TooManyRequests,
            /// The backend, or something before it, points elsewhere (3xx). Redirects are not followed.
            Redirected,
            /// The backend failed (500 and what is not named here of 5xx).
            BackendFailed,
            /// The backend can't be reached by the gateway before it, or does not take requests now (502, 503, 504).
            Unavailable,
            /// Any other status.
            UnexpectedStatus,
            #[doc = concat!(
                "The response is not of the promised shape: perhaps this is no ",
                $platform,
                " backend, or one of another version."
            )]
            MalformedResponse,
            /// The response is larger than the bound that the client was built with.
            ResponseTooLarge,
            $($(#[$own_doc])* $own $({ $($(#[$field_doc])* $field: $type,)* })?,)*
        }

        impl $name {
            pub(crate) fn from_common(kind: $crate::CommonKind) -> Self {
                match kind {
                    $crate::CommonKind::InvalidInput => Self::InvalidInput,
                    $crate::CommonKind::Connect => Self::Connect,
                    $crate::CommonKind::ProxyCredentials => Self::ProxyCredentials,
                    $crate::CommonKind::TimedOut => Self::TimedOut,
                    $crate::CommonKind::Interrupted => Self::Interrupted,
                    $crate::CommonKind::Unauthorized => Self::Unauthorized,
                    $crate::CommonKind::Forbidden => Self::Forbidden,
                    $crate::CommonKind::NotFound => Self::NotFound,
                    $crate::CommonKind::Conflict => Self::Conflict,
                    $crate::CommonKind::Rejected => Self::Rejected,
                    $crate::CommonKind::RequestTooLarge => Self::RequestTooLarge,
                    $crate::CommonKind::TooManyRequests => Self::TooManyRequests,
                    $crate::CommonKind::Redirected => Self::Redirected,
                    $crate::CommonKind::BackendFailed => Self::BackendFailed,
                    $crate::CommonKind::Unavailable => Self::Unavailable,
                    $crate::CommonKind::UnexpectedStatus => Self::UnexpectedStatus,
                    $crate::CommonKind::MalformedResponse => Self::MalformedResponse,
                    $crate::CommonKind::ResponseTooLarge => Self::ResponseTooLarge,
                }
            }
        }
    };
}

/// Gives a facade's error, which holds a [`Report`] in a box, what the errors of all facades have.
#[doc(hidden)]
#[macro_export]
macro_rules! error_accessors {
    ($error:ident, $kind:ident) => {
        impl $error {
            /// The kind of failure.
            pub fn kind(&self) -> $kind {
                self.0.kind
            }

            /// The operation's name in the platform's contract; `None` where a client could not be built.
            pub fn operation(&self) -> Option<&'static str> {
                self.0.operation.map(|operation| operation.id)
            }

            /// The HTTP status, where there was a response.
            pub fn status(&self) -> Option<u16> {
                self.0.status
            }

            /// What the backend says about it, where that is a text.
            pub fn detail(&self) -> Option<&str> {
                self.0.body.text()
            }

            /// The platform's own code for it, such as `sandbox_quota_exceeded`, where the backend tells one.
            pub fn code(&self) -> Option<&str> {
                self.0.body.code()
            }

            /// What the backend says about it, where that is an object. It is the backend's own account of its state. The
            /// secrets that the call carried are taken out of it, and nothing else is.
            pub fn detail_object(&self) -> Option<&$crate::serde_json::Map<String, $crate::serde_json::Value>> {
                self.0.body.object()
            }

            /// What the backend found wrong field by field, where the status is 422. Values are left out.
            pub fn field_errors(&self) -> &[$crate::FieldError] {
                self.0.body.field_errors()
            }

            /// What the backend, or a proxy before it, calls the last request (`X-Request-Id`).
            pub fn request_id(&self) -> Option<&str> {
                self.0.request_id.as_deref()
            }

            /// How many attempts were made; 0 where nothing was sent.
            pub fn attempts(&self) -> u32 {
                self.0.attempts
            }

            /// How long the backend asks to wait before the next attempt.
            pub fn retry_after(&self) -> Option<::std::time::Duration> {
                self.0.retry_after
            }

            /// Whether the backend may have carried out the operation all the same.
            ///
            /// `false` is certain: nothing was sent, or the backend refused. `true` means that the request was sent
            /// and no response says that it was refused, so what it asks for may have been done. Look before you repeat
            /// what must not happen twice.
            pub fn may_have_been_sent(&self) -> bool {
                self.0.may_have_been_sent
            }

            /// Whether no connection was made, so that nothing was sent.
            ///
            /// See whether the backend, and a proxy before it, runs and can be reached from here. Where it was only away for
            /// a moment, the same call can be made again.
            pub fn is_connect(&self) -> bool {
                self.0.kind == $kind::Connect
            }

            /// Whether a limit on time ran out.
            ///
            /// Ask [`may_have_been_sent`](Self::may_have_been_sent) before the call is made again. Where it is slow as a
            /// rule, raise the limit: for all calls when the client is built, or for some with the client's
            /// `with_attempt_timeout` and `with_overall_timeout`.
            pub fn is_timeout(&self) -> bool {
                self.0.kind == $kind::TimedOut
            }

            /// Whether the connection broke off before the whole response was there.
            ///
            /// Ask [`may_have_been_sent`](Self::may_have_been_sent) before the call is made again.
            pub fn is_interrupted(&self) -> bool {
                self.0.kind == $kind::Interrupted
            }

            /// Whether the backend does not accept who calls, or does not let them do this (401, 403).
            ///
            /// The same call fails again until it is made with other credentials, or until the caller is given the right.
            pub fn is_auth(&self) -> bool {
                matches!(self.0.kind, $kind::Unauthorized | $kind::Forbidden)
            }

            /// Whether there is no such thing (404), or none that the caller can see.
            ///
            /// Check the id; where it was right once, what it stood for may be gone.
            pub fn is_not_found(&self) -> bool {
                self.0.kind == $kind::NotFound
            }

            /// Whether the backend takes no more requests for the moment (429).
            ///
            /// Wait as long as [`retry_after`](Self::retry_after) says, or a few seconds where it says nothing, and send
            /// fewer at once.
            pub fn is_rate_limited(&self) -> bool {
                self.0.kind == $kind::TooManyRequests
            }

            /// Whether the same call, made again later, may well succeed, and does no harm: the failure is one that passes,
            /// and the operation either was certainly not carried out, or may be carried out twice.
            ///
            /// The client has made all its attempts by then, so wait first: as long as
            /// [`retry_after`](Self::retry_after) says, or for some seconds that become more with each time. Where it is
            /// `false` and [`may_have_been_sent`](Self::may_have_been_sent) is `true`, look before the call is made again.
            pub fn is_retryable(&self) -> bool {
                let passes = matches!(
                    self.0.kind,
                    $kind::Connect | $kind::TimedOut | $kind::Interrupted | $kind::TooManyRequests | $kind::Unavailable
                );
                passes && self.0.may_be_repeated()
            }
        }

        impl $crate::Misuse for $error {
            fn misuse(line: String) -> Self {
                Self::new($crate::Report::new($kind::InvalidInput, None, line))
            }
        }

        impl ::std::fmt::Display for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&*self.0, f)
            }
        }

        impl ::std::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl ::std::error::Error for $error {
            fn source(&self) -> Option<&(dyn ::std::error::Error + 'static)> {
                self.0.source.as_deref().map(|source| source as _)
            }
        }
    };
}

impl<K> Report<K> {
    /// One of this kind about a call, or about none, of which nothing was sent.
    pub fn new(kind: K, operation: Option<&'static Operation>, line: impl Into<String>) -> Self {
        Self {
            kind,
            operation,
            attempts: 0,
            may_have_been_sent: false,
            request_id: None,
            retry_after: None,
            status: None,
            body: ErrorBody::default(),
            is_gone: false,
            partial: None,
            line: line.into(),
            source: None,
        }
    }

    /// Whether the call can be made again without doing twice what must not happen twice.
    pub fn may_be_repeated(&self) -> bool {
        !self.may_have_been_sent || self.operation.is_some_and(|operation| operation.repeatable)
    }

    /// An argument or setting that is refused before anything is sent.
    pub(crate) fn of_argument<P: Platform<Kind = K>>(
        operation: Option<&'static Operation>,
        line: impl Into<String>,
    ) -> Self {
        Self::new(P::kind(CommonKind::InvalidInput), operation, line)
    }

    /// A response that makes no sense, although its status is the promised one.
    pub(crate) fn of_response<P: Platform<Kind = K>>(context: &Context<'_>, status: u16, problem: &str) -> Self {
        let mut report = Self::of_argument::<P>(Some(context.operation), String::new());
        report.attempts = 1;
        report.may_have_been_sent = true;
        report.take_malformed::<P>(Some(status), problem, context);
        report
    }

    /// A call that failed.
    pub(crate) fn of_failure<P: Platform<Kind = K>>(failure: Failure, context: &Context<'_>) -> Self {
        let kind = CommonKind::of(&failure.cause);
        let mut report = Self::new(P::kind(kind), Some(context.operation), String::new());
        report.attempts = failure.attempts;
        report.may_have_been_sent = failure.may_have_acted;
        report.request_id = failure.request_id;
        report.partial = failure.partial;
        let base_url = context.base_url;
        match failure.cause {
            Cause::Connect(error) => {
                let reason = innermost(&*error);
                report.line = match context.proxy {
                    None => format!("no connection to {base_url} ({reason}); is the backend running there?"),
                    Some((proxy, is_handed_over)) => {
                        let wish = if is_handed_over { "let this through" } else { "make a tunnel (CONNECT) to it" };
                        format!(
                            "no connection to {base_url} through the proxy {proxy} ({reason}); \
                             are both running there, and does the proxy {wish}?"
                        )
                    }
                };
                report.source = Some(error);
            }
            Cause::ProxyCredentials => {
                report.status = Some(407);
                report.line = credentials_wanted(context);
            }
            Cause::Interrupted(error) => {
                let reason = innermost(&*error);
                report.line =
                    format!("the connection to {base_url} broke off before the whole response was there ({reason})");
                report.source = Some(error);
            }
            Cause::RuntimeEnded => {
                report.line = format!(
                    "the tokio runtime that the connection to {base_url} was made in ended before the whole response \
                     was there"
                );
            }
            Cause::TimedOut { limit, after } => {
                report.line = if limit == Limit::Silence {
                    format!("nothing came on the stream from {base_url} for {after:?}, so it is dead")
                } else {
                    format!(
                        "no whole response within {after:?} (the {limit} limit); raise the limit, or see why {base_url} is slow"
                    )
                };
            }
            Cause::TooLarge { bound } => {
                report.line =
                    format!("the response is larger than {bound} bytes; ask for less, or raise max_response_bytes");
            }
            Cause::Malformed { status, problem } => {
                report.take_malformed::<P>(status.map(|status| status.as_u16()), &problem, context);
            }
            Cause::Status(response) | Cause::Failed(response) => report.take_response::<P>(kind, response, context),
            Cause::Unsendable(problem) => report.line = problem.to_owned(),
            Cause::HoldsNul { argument } => {
                report.line = format!("`{argument}` holds U+0000, which the backend can't store; leave it out");
            }
        }
        if report.may_have_been_sent && !context.operation.repeatable {
            report.line.push_str("; the backend may have carried it out, so look before you repeat it");
        }
        report
    }

    fn take_malformed<P: Platform<Kind = K>>(&mut self, status: Option<u16>, problem: &str, context: &Context<'_>) {
        self.kind = P::kind(CommonKind::MalformedResponse);
        self.status = status;
        self.line = format!(
            "the response is not what the contract promises: {problem}; \
             is {} a {} backend of a version that this SDK knows?",
            context.base_url,
            P::NAME
        );
    }

    fn take_response<P: Platform<Kind = K>>(
        &mut self,
        kind: CommonKind,
        response: ErrorResponse,
        context: &Context<'_>,
    ) {
        let status = response.status.as_u16();
        self.status = Some(status);
        self.retry_after = response.retry_after;
        self.body = response.body.map(P::read_error).unwrap_or_default();
        if self.request_id.is_none() {
            self.request_id = self.body.request_id().map(str::to_owned);
        }
        let said = match self.body.summary() {
            Some(said) => format!("{status}: {said}"),
            None if response.is_page => format!("{status}, with a web page (text/html)"),
            None => status.to_string(),
        };
        let refusal = Refusal { kind, status, body: &self.body, said: &said, context };
        let common = || (P::kind(kind), self.common_line::<P>(&refusal, response.location.as_deref()));
        let refined = P::refine(&refusal);
        let is_gone = kind == CommonKind::NotFound && refined.is_none() && !response.is_page;
        (self.kind, self.line) = refined.unwrap_or_else(common);
        self.is_gone = is_gone;
        if response.is_page && matches!(kind, CommonKind::NotFound | CommonKind::UnexpectedStatus) {
            self.line.push_str("; the base URL is probably wrong");
        }
        if let Some((proxy, true)) = context.proxy
            && kind != CommonKind::ProxyCredentials
            && self.body.summary().is_none()
        {
            self.line.push_str(&format!("; perhaps it is the proxy {proxy} that says so"));
        }
    }

    /// What a refusal of a common kind is told as.
    fn common_line<P: Platform<Kind = K>>(&self, refusal: &Refusal<'_>, location: Option<&str>) -> String {
        let Refusal { status, said, context, .. } = refusal;
        let Context { base_url, has_credentials, .. } = context;
        match refusal.kind {
            CommonKind::Unauthorized if !has_credentials => {
                format!("no {} was set ({said}); {}", P::CREDENTIALS, P::HOW_TO_SET_CREDENTIALS)
            }
            CommonKind::Unauthorized => {
                format!("the backend does not accept the {} ({said}); get a new one", P::CREDENTIALS)
            }
            CommonKind::ProxyCredentials => credentials_wanted(context),
            CommonKind::Forbidden => format!("the {}'s user may not do this ({said})", P::CREDENTIALS),
            CommonKind::NotFound => format!("not found ({said}); check the id"),
            CommonKind::Conflict => format!("the present state does not allow it ({said}); look at it again"),
            CommonKind::Rejected => format!("the backend found the request wrong ({said})"),
            CommonKind::RequestTooLarge => {
                let shorter = format!("of them the {} may be long, so get a shorter one", P::CREDENTIALS);
                let (part, advice) = match status {
                    413 => ("body is larger", "send less at once"),
                    414 => ("URL is longer", "use shorter ids"),
                    _ => ("headers are larger", &*shorter),
                };
                format!("the request's {part} than {base_url} takes ({said}); {advice}, or raise the limit there")
            }
            CommonKind::TooManyRequests => match self.retry_after {
                Some(pause) => format!("too many requests ({said}); wait {} s", pause.as_secs()),
                None => format!("too many requests ({said}); send fewer"),
            },
            CommonKind::Redirected => {
                let location = location.unwrap_or("elsewhere");
                format!(
                    "{base_url} points to {location} ({said}), which is not followed; \
                     set the base URL that the backend answers at without a redirect"
                )
            }
            CommonKind::BackendFailed => format!("the backend failed ({said}); its log says why"),
            CommonKind::Unavailable => {
                format!("the backend behind {base_url} is not available ({said}); try again later")
            }
            _ => format!("unexpected status ({said}); is {base_url} a {} backend?", P::NAME),
        }
    }
}

/// What to do where a proxy answers 407.
fn credentials_wanted(context: &Context<'_>) -> String {
    match context.proxy {
        Some((proxy, _)) if proxy.has_credentials() => {
            format!("the proxy {proxy} does not accept its user name and password (407); check them")
        }
        Some((proxy, _)) => {
            format!("the proxy {proxy} wants a user name and a password (407); write them into its URL")
        }
        None => {
            format!("a proxy before {} wants credentials (407); set it with ClientBuilder::proxy", context.base_url)
        }
    }
}

/// The innermost of a chain of errors: the one that says what really happened, such as the operating
/// system's.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// One line for a person.
impl<K> fmt::Display for Report<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation {
            write!(f, "{}: ", operation.id)?;
        }
        f.write_str(&self.line)?;
        if self.attempts > 1 {
            write!(f, " [after {} attempts]", self.attempts)?;
        }
        Ok(())
    }
}

/// Without what the backend says.
impl<K: fmt::Debug> fmt::Debug for Report<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("operation", &self.operation.map(|operation| operation.id))
            .field("status", &self.status)
            .field("attempts", &self.attempts)
            .field("may_have_been_sent", &self.may_have_been_sent)
            .field("request_id", &self.request_id)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
