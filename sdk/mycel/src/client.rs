//! The client: one backend, one identity.

use std::env::{self, VarError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use agent_sdk_core::{
    BaseUrl, BaseUrlError, BearerToken, Operation, RetryPolicy, Secret, TimeLimits, Transport, TransportBuilder,
    WebSocket, WebSocketLimits,
};

use crate::agents::Agents;
use crate::auth::Auth;
use crate::backend_info::{BACKEND_INFO, BackendInfo};
use crate::chats::Chats;
use crate::error::{Context, Error};
use crate::join_requests::JoinRequests;
use crate::me::Me;
use crate::messages::Messages;
use crate::notifications::{Claims, Notifications};
use crate::relationships::Relationships;
use crate::request::{Decode, Request};
use crate::tasks::Tasks;
use crate::threads::Threads;
use crate::users::Users;
use crate::workflow_events::WorkflowEvents;
use crate::workflows::Workflows;

/// A Mycel backend, seen by one user, or by nobody yet.
///
/// Who the user is comes from the auth token alone: no method takes the id of the user who calls it.
///
/// Cloning is cheap. Clones, and the clients made by [`with_auth_token`](Self::with_auth_token), share one
/// connection pool and one retry budget, so a program that acts for many users needs one client built, not
/// many.
///
/// ```
/// # async fn example() -> Result<(), mycel_sdk::Error> {
/// use mycel_sdk::Client;
///
/// let client = Client::builder("http://127.0.0.1:8042").build()?;
/// let guest = client.auth().create_guest_owner().display_name("Ada").await?;
///
/// let owner = client.with_auth_token(guest.token);
/// println!("signed in as {}", owner.me().whoami().await?.name);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    backend: Arc<Backend>,
    token: Option<BearerToken>,
}

/// What all clients of one backend share.
struct Backend {
    base_url: BaseUrl,
    transport: Transport,
    listeners: Claims,
}

impl Client {
    /// Starts to set up a client of the backend at `base_url`, such as `http://127.0.0.1:8042`.
    ///
    /// All requests go under it: with `https://mycel.example/gateway` they go to
    /// `https://mycel.example/gateway/api/…`. [`Client::base_url`] is the one form that it is brought into:
    ///
    /// | in the base URL | |
    /// |---|---|
    /// | `http`, `https` in any case | taken; any other scheme, or none, is refused |
    /// | host name, IPv4, `[IPv6]` | taken; capitals become small, other scripts Punycode (`bücher.example` is `xn--bcher-kva.example`) |
    /// | port 1 to 65535, or none | taken; the scheme's own is left out |
    /// | path | kept, without `.` and `..` and without slashes at its end |
    /// | space around it | left out |
    /// | user name, password, or `@` before the path | refused; set an [auth token](ClientBuilder::auth_token) |
    /// | query, fragment | refused |
    /// | space or control characters inside, backslashes, `http:/host`, `http:///host` | refused |
    ///
    /// It is checked by [`build`](ClientBuilder::build), whose error does not repeat it.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        let user_agent = concat!("mycel-sdk-rust/", env!("CARGO_PKG_VERSION"));
        ClientBuilder {
            base_url: base_url.into(),
            token: None,
            limits: TimeLimits::default(),
            transport: Transport::builder().user_agent(user_agent),
        }
    }

    /// A client from the environment: `MYCEL_BASE_URL` is the backend's URL, and `MYCEL_AUTH_TOKEN`, where
    /// it is set and not empty, the auth token.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if `MYCEL_BASE_URL` is not set or is no URL that
    /// [`ClientBuilder::build`] takes, or if one of the two is not valid UTF-8.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| env::var(name))
    }

    fn from_variables(lookup: impl Fn(&str) -> Result<String, VarError>) -> Result<Self, Error> {
        let variable = |name: &str| match lookup(name) {
            Ok(value) if value.is_empty() => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(Error::invalid_input(None, format!("{name} is not valid UTF-8"))),
        };
        let base_url = variable("MYCEL_BASE_URL")?.ok_or_else(|| {
            Error::invalid_input(
                None,
                "MYCEL_BASE_URL is not set; set it to the backend's URL, such as http://127.0.0.1:8042",
            )
        })?;
        let mut builder = Self::builder(base_url);
        if let Some(token) = variable("MYCEL_AUTH_TOKEN")? {
            builder = builder.auth_token(token);
        }
        builder.build()
    }

    /// The same backend over the same connections, as the user whom the token belongs to.
    ///
    /// A token that no header can carry (empty, or with characters outside of printable ASCII) is refused
    /// by the first call that would send it.
    #[must_use = "the client that it is called on stays as it is"]
    pub fn with_auth_token(&self, token: impl Into<Secret>) -> Self {
        Self { backend: Arc::clone(&self.backend), token: Some(BearerToken::new(token.into())) }
    }

    /// The backend's URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.backend.base_url.as_str()
    }

    /// Logging in and registering.
    pub fn auth(&self) -> Auth<'_> {
        Auth::new(self)
    }

    /// The user whom the auth token belongs to.
    pub fn me(&self) -> Me<'_> {
        Me::new(self)
    }

    /// Users, external agents among them.
    pub fn users(&self) -> Users<'_> {
        Users::new(self)
    }

    /// Chats and their members.
    pub fn chats(&self) -> Chats<'_> {
        Chats::new(self)
    }

    /// Messages and how far they are read.
    pub fn messages(&self) -> Messages<'_> {
        Messages::new(self)
    }

    /// Requests to join a group.
    pub fn join_requests(&self) -> JoinRequests<'_> {
        JoinRequests::new(self)
    }

    /// Relationships between users.
    pub fn relationships(&self) -> Relationships<'_> {
        Relationships::new(self)
    }

    /// Managed agents.
    pub fn agents(&self) -> Agents<'_> {
        Agents::new(self)
    }

    /// The threads of managed agents.
    pub fn threads(&self) -> Threads<'_> {
        Threads::new(self)
    }

    /// Workflows of chats.
    pub fn workflows(&self) -> Workflows<'_> {
        Workflows::new(self)
    }

    /// Events of chats' workflows.
    pub fn workflow_events(&self) -> WorkflowEvents<'_> {
        WorkflowEvents::new(self)
    }

    /// Tasks of chats.
    pub fn tasks(&self) -> Tasks<'_> {
        Tasks::new(self)
    }

    /// The runtime inbox.
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications::new(self)
    }

    /// Which backend it is and what it offers, so that a program can ask before it tries. No token is needed.
    ///
    /// ```
    /// # async fn example(client: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// let backend = client.backend_info().await?;
    /// if !backend.capabilities.guest_login {
    ///     println!("{} {} takes registered users only", backend.title, backend.version);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`MalformedResponse`](crate::ErrorKind::MalformedResponse) or
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is another server than a Mycel backend at the base
    /// URL, and what can befall any call.
    pub async fn backend_info(&self) -> Result<BackendInfo, Error> {
        let call = self.backend.transport.call(None);
        let url = format!("{}{}", self.base_url(), BACKEND_INFO.path);
        let context = Context::new(self, &BACKEND_INFO);
        let outcome = call.get_json(&url, &BACKEND_INFO, BackendInfo::decode).await;
        outcome.map_err(|failure| Error::from_failure(failure, &context))
    }

    /// Opens a WebSocket connection.
    pub(crate) async fn open_websocket(
        &self,
        operation: &'static Operation,
        limits: WebSocketLimits,
    ) -> Result<WebSocket, Error> {
        let call = self.backend.transport.call(self.token.as_ref());
        let url = format!("{}{}", self.base_url(), operation.path);
        let outcome = call.open_websocket(&url, operation, limits).await;
        outcome.map_err(|failure| Error::from_failure(failure, &Context::new(self, operation)))
    }

    /// Begins a call of an operation.
    pub(crate) fn request(&self, operation: &'static Operation) -> Request<'_> {
        self.request_lasting(operation, Duration::ZERO)
    }

    /// Begins a call of an operation that is asked to wait for so long.
    pub(crate) fn request_lasting(&self, operation: &'static Operation, wait: Duration) -> Request<'_> {
        let call = self.backend.transport.call(self.token.as_ref()).with_extra_time(wait);
        Request::new(self, operation, call)
    }

    /// The users that somebody listens for.
    pub(crate) fn listeners(&self) -> &Claims {
        &self.backend.listeners
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.backend.transport
    }

    pub(crate) fn token(&self) -> Option<&Secret> {
        self.token.as_ref().map(BearerToken::secret)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("has_auth_token", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use mycel_sdk::{Client, RetryPolicy};
///
/// let client = Client::builder("https://mycel.example/api-gateway")
///     .auth_token("eyJhbGciOi")
///     .attempt_timeout(Duration::from_secs(5))
///     .retry(RetryPolicy::never())
///     .build()?;
/// # Ok::<(), mycel_sdk::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct ClientBuilder {
    base_url: String,
    token: Option<Secret>,
    limits: TimeLimits,
    transport: TransportBuilder,
}

impl ClientBuilder {
    /// The auth token: a guest's, an external user's, or one from logging in.
    pub fn auth_token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// How long a connection may take to be made, the TLS handshake included. 10 s unless set.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.limits.connect = limit;
        self
    }

    /// How long one attempt may take, until the last byte of the response is read. 15 s unless set.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.limits.attempt = limit;
        self
    }

    /// How long a call may take with all its attempts and the pauses between them. 60 s unless set.
    pub fn overall_timeout(mut self, limit: Duration) -> Self {
        self.limits.overall = limit;
        self
    }

    /// How often calls are attempted. Three times, as [`RetryPolicy`] says, unless set.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.transport = self.transport.retry(policy);
        self
    }

    /// The largest response that is read, in bytes. 32 MiB unless set.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.transport = self.transport.max_response_bytes(bytes);
        self
    }

    /// Makes the client. Nothing is sent yet, so this needs no backend.
    ///
    /// Redirects are not followed, and proxies that the environment names are not used.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the base URL is not an `http` or `https` URL with
    /// a host, or if it holds credentials, a query or a fragment; or if the platform's TLS certificates
    /// can't be loaded.
    pub fn build(self) -> Result<Client, Error> {
        let base_url =
            self.base_url.parse().map_err(|error: BaseUrlError| Error::invalid_input(None, error.to_string()))?;
        let transport = self
            .transport
            .limits(self.limits)
            .build()
            .map_err(|error| Error::invalid_input(None, error.to_string()))?;
        let backend = Arc::new(Backend { base_url, transport, listeners: Claims::default() });
        Ok(Client { backend, token: self.token.map(BearerToken::new) })
    }
}

/// Shows neither the token nor the base URL, which is unchecked as yet and may hold a password.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_bad_base_url_is_invalid_input() {
        let error = Client::builder("http://ada:hunter2@mycel.example").build().unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
        assert!(error.to_string().contains("credentials"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn the_environment_names_the_backend_and_may_hold_a_token() {
        let client = |variables: &[(&str, &str)]| {
            Client::from_variables(|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
            })
        };
        for variables in [&[][..], &[("MYCEL_BASE_URL", "")], &[("MYCEL_AUTH_TOKEN", "t")]] {
            let error = client(variables).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("MYCEL_BASE_URL is not set"), "{error}");
        }
        let without = client(&[("MYCEL_BASE_URL", "http://127.0.0.1:1/"), ("MYCEL_AUTH_TOKEN", "")]).unwrap();
        assert_eq!((without.base_url(), without.token().is_none()), ("http://127.0.0.1:1", true));
        let with = client(&[("MYCEL_BASE_URL", "http://127.0.0.1:1"), ("MYCEL_AUTH_TOKEN", "t")]).unwrap();
        assert_eq!(with.token().map(Secret::expose_secret), Some("t"));

        let unreadable = Client::from_variables(|_| Err(VarError::NotUnicode("x".into()))).unwrap_err();
        assert!(unreadable.to_string().contains("not valid UTF-8"), "{unreadable}");
    }

    #[test]
    fn debug_shows_no_token() {
        let builder = Client::builder("http://127.0.0.1:1").auth_token("tok-123");
        let client = builder.clone().build().unwrap();
        let other = client.with_auth_token("tok-456");
        let printed = format!("{builder:?} {client:?} {other:?} {:?}", client.chats());
        assert!(!printed.contains("tok-"), "{printed}");
    }
}
