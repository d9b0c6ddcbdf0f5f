//! A backend, seen by one caller: what every facade's client is made of.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::call::Call;
use crate::credentials::Credentials;
use crate::error::Report;
use crate::failure::Failure;
use crate::json::Oversize;
use crate::limits::TimeLimits;
use crate::operation::{AnswerKind, Operation};
use crate::proxy::ProxyUrl;
use crate::request::{Decode, Platform, Request};
use crate::retry::RetryPolicy;
use crate::transport::Transport;
#[cfg(feature = "websocket")]
use crate::websocket::{WebSocket, WebSocketLimits};

/// A backend over one transport, seen by one caller, or by nobody yet. Resources hold it, and begin calls with it.
///
/// Cloning is cheap, and clones are the same session.
pub struct Session<P> {
    caller: Arc<Caller>,
    platform: PhantomData<fn() -> P>,
}

#[derive(Clone)]
struct Caller {
    transport: Transport,
    credentials: Option<Credentials>,
    /// Shared by all callers that have the same: there may be thousands of them, one for each listener.
    manner: Arc<Manner>,
}

/// How a caller's calls are made.
#[derive(Clone)]
struct Manner {
    /// How long one may take.
    limits: TimeLimits,
    /// How often it is attempted.
    retry: RetryPolicy,
    /// The user of the caller's that it is made for.
    user: Option<Arc<str>>,
}

impl<P: Platform> Session<P> {
    /// A session with the backend that the transport goes to, with these credentials or none.
    pub fn new(transport: Transport, credentials: Option<Credentials>) -> Self {
        let manner = Arc::new(Manner { limits: transport.limits(), retry: transport.retry(), user: None });
        Self::of(Caller { transport, credentials, manner })
    }

    fn of(caller: Caller) -> Self {
        Self { caller: Arc::new(caller), platform: PhantomData }
    }

    /// The same backend over the same connections, seen by another.
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        Self::of(Caller { credentials: Some(credentials), ..Caller::clone(&self.caller) })
    }

    /// The same, whose calls have other limits on time. That of a connection is the transport's, and stays.
    #[must_use]
    pub fn with_limits(&self, change: impl FnOnce(&mut TimeLimits)) -> Self {
        self.with_manner(|manner| change(&mut manner.limits))
    }

    /// The same, whose calls are attempted again as this policy says.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.with_manner(|manner| manner.retry = policy)
    }

    /// The same, whose calls are made for this user of the caller's, where the platform tells users apart.
    #[must_use]
    pub fn for_user(&self, user: impl Into<Arc<str>>) -> Self {
        self.with_manner(|manner| manner.user = Some(user.into()))
    }

    fn with_manner(&self, change: impl FnOnce(&mut Manner)) -> Self {
        let mut caller = Caller::clone(&self.caller);
        change(Arc::make_mut(&mut caller.manner));
        Self::of(caller)
    }

    /// The user of the caller's that calls are made for, unless they name one themselves.
    pub fn user(&self) -> Option<&str> {
        self.caller.manner.user.as_deref()
    }

    /// The backend's URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.transport().base_url().as_str()
    }

    /// What calls go over.
    pub fn transport(&self) -> &Transport {
        &self.caller.transport
    }

    /// Whether it is said who calls.
    pub fn has_credentials(&self) -> bool {
        self.caller.credentials.is_some()
    }

    /// A call with the credentials.
    pub fn call(&self) -> Call {
        self.call_with(self.caller.credentials.as_ref())
    }

    fn call_with(&self, credentials: Option<&Credentials>) -> Call {
        let Manner { limits, retry, .. } = *self.caller.manner;
        self.transport().call(credentials).with_rules(limits, retry)
    }

    /// Begins a call of an operation.
    pub fn request(&self, operation: &'static Operation) -> Request<'_, P> {
        Request::new(self, operation, self.call())
    }

    /// Begins a call of an operation that is asked to wait for so long, and whose answer may be larger than the bound.
    pub fn request_lasting(&self, operation: &'static Operation, wait: Duration, oversize: Oversize) -> Request<'_, P> {
        Request::new(self, operation, self.call().with_extra_time(wait).with_oversize(oversize))
    }

    /// Begins a call of an operation whose answer may be larger than the bound.
    pub fn request_with(&self, operation: &'static Operation, oversize: Oversize) -> Request<'_, P> {
        Request::new(self, operation, self.call().with_oversize(oversize))
    }

    /// Begins a call that carries no credentials, whether there are any or not: logging in and registering, which
    /// credentials that have expired must not stand in the way of.
    pub fn request_without_credentials(&self, operation: &'static Operation) -> Request<'_, P> {
        Request::new(self, operation, self.call_with(None))
    }

    /// Gets a JSON document that is not an operation of the generated client. No credentials are sent.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from bringing it.
    pub async fn get_json<G: DeserializeOwned, T: Decode<G, P>>(
        &self,
        operation: &'static Operation,
    ) -> Result<T, P::Error> {
        let outcome = self.call_with(None).get_json(&self.url(operation), operation).await;
        outcome.map_err(|failure| self.error(failure, operation))
    }

    /// Opens a WebSocket connection.
    ///
    /// # Errors
    ///
    /// Whatever kept it from being open.
    #[cfg(feature = "websocket")]
    pub async fn open_websocket(
        &self,
        operation: &'static Operation,
        limits: WebSocketLimits,
    ) -> Result<WebSocket, P::Error> {
        let outcome = self.call().open_websocket(&self.url(operation), operation, limits).await;
        outcome.map_err(|failure| self.error(failure, operation))
    }

    /// The facade's error of a call that failed.
    pub fn error(&self, failure: Failure, operation: &'static Operation) -> P::Error {
        P::error(Report::of_failure::<P>(failure, &self.context(operation)))
    }

    /// The facade's error about a setting that is refused.
    pub fn refused_setting(problem: impl Into<String>) -> P::Error {
        P::error(Report::of_argument::<P>(None, problem))
    }

    /// The facade's error about a response that makes no sense, although its status is the promised one.
    pub fn malformed(&self, operation: &'static Operation, status: u16, problem: &str) -> P::Error {
        P::error(Report::of_response::<P>(&self.context(operation), status, problem))
    }

    /// What a backend has told, without the secrets that the session's calls carry: for an error that is made of it, where the
    /// answer that it came in was none.
    pub fn without_secrets(&self, told: String) -> String {
        self.call().redactor().text(told)
    }

    /// The same of JSON: of its texts, names and numbers.
    pub fn json_without_secrets(&self, told: Value) -> Value {
        self.call().redactor().json(told)
    }

    /// What an error has to know of a call of the operation.
    pub fn context(&self, operation: &'static Operation) -> Context<'_> {
        let transport = self.transport();
        // A stream always has a connection to the backend.
        let is_handed_over =
            |proxy: &ProxyUrl| proxy.forwards(transport.base_url()) && operation.answer != AnswerKind::Messages;
        let proxy = transport.proxy().map(|proxy| (proxy, is_handed_over(proxy)));
        Context { operation, base_url: self.base_url(), has_credentials: self.has_credentials(), proxy }
    }

    /// Where an operation without parameters is.
    fn url(&self, operation: &Operation) -> String {
        format!("{}{}", self.base_url(), operation.path)
    }
}

impl<P> Clone for Session<P> {
    fn clone(&self) -> Self {
        Self { caller: Arc::clone(&self.caller), platform: PhantomData }
    }
}

impl<P: Platform> fmt::Debug for Session<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("base_url", &self.base_url())
            .field("has_credentials", &self.has_credentials())
            .finish_non_exhaustive()
    }
}

/// What an error has to know of the call that it is about.
pub struct Context<'s> {
    /// The operation.
    pub operation: &'static Operation,
    /// The backend's URL.
    pub base_url: &'s str,
    /// Whether the caller has credentials.
    pub has_credentials: bool,
    /// The proxy that stands before the backend, if any, and whether requests are handed to it.
    pub proxy: Option<(&'s ProxyUrl, bool)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::testing::{Smallest, URL, session};

    static LOOK: Operation = Operation::new("look", "GET", "/look");
    static LISTEN: Operation = Operation { answer: AnswerKind::Messages, ..Operation::new("listen", "GET", "/listen") };

    #[test]
    fn it_says_whether_it_has_credentials_and_nothing_of_them() {
        let nobody = session();
        let ada = nobody.with_credentials(Credentials::bearer(Secret::from("tok-123")));
        for (session, has_credentials) in [(nobody, false), (ada, true)] {
            assert_eq!(session.has_credentials(), has_credentials);
            assert_eq!(session.context(&LOOK).has_credentials, has_credentials);
            assert_eq!(
                format!("{session:?}"),
                format!("Session {{ base_url: {URL:?}, has_credentials: {has_credentials}, .. }}")
            );
        }
    }

    #[test]
    fn a_proxy_is_handed_calls_that_are_not_encrypted_and_no_stream() {
        let handed_over = |base_url: &str, proxy: &str| {
            let proxy = Some(proxy.parse().unwrap());
            let transport = Transport::builder().proxy(proxy).build(&base_url.parse().unwrap()).unwrap();
            let session = Session::<Smallest>::new(transport, None);
            [&LOOK, &LISTEN].map(|operation| session.context(operation).proxy.unwrap().1)
        };
        assert_eq!(handed_over("http://mycel.example", "http://proxy.example"), [true, false]);
        assert_eq!(handed_over("https://mycel.example", "http://proxy.example"), [false, false]);
        assert_eq!(handed_over("http://mycel.example", "socks5://proxy.example"), [false, false]);
        assert!(session().context(&LOOK).proxy.is_none());
    }
}
