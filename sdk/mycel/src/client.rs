//! The client: one backend, one identity.

use std::env::{self, VarError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use agent_platform_core::{Credentials, Secret, Settings, Transport, client_limits, client_settings, variable};

use crate::agents::Agents;
use crate::auth::Auth;
use crate::backend_info::{BACKEND_INFO, BackendInfo};
use crate::chats::Chats;
use crate::error::Error;
use crate::join_requests::JoinRequests;
use crate::me::Me;
use crate::messages::Messages;
use crate::notifications::{Claims, Notifications};
use crate::platform::Session;
use crate::relationships::Relationships;
use crate::tasks::Tasks;
use crate::threads::Threads;
use crate::users::Users;
use crate::workflow_events::WorkflowEvents;
use crate::workflows::Workflows;

/// How long an idle connection is kept. Shorter than the 5 s after which uvicorn, which the backend runs on, closes one.
const IDLE_CONNECTION: Duration = Duration::from_secs(4);

/// A Mycel backend, seen by one user, or by nobody yet.
///
/// Who the user is comes from the auth token alone: no method takes the id of the user who calls it.
///
/// Cloning is cheap. Clones, and the clients made by [`with_auth_token`](Self::with_auth_token), share one
/// connection pool and one retry budget, so a program that acts for many users needs one client built, not
/// many.
///
/// A call needs a tokio runtime with timers and IO (`enable_all`) that lives until the call is over, and is
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) without. One client may serve several runtimes, at once or one after
/// the other, as tests with a client in a `static` do: each of them gets connections of its own.
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
    session: Session,
    /// The users that somebody listens for, of all clients of one backend.
    claims: Arc<Claims>,
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
        let transport = Transport::builder().user_agent(user_agent).idle_connection(IDLE_CONNECTION).refuse_nul();
        ClientBuilder { token: None, settings: Settings::new(base_url, transport) }
    }

    /// A client from the environment: `MYCEL_BASE_URL` is the backend's URL, and `MYCEL_AUTH_TOKEN`, where
    /// it is set and not empty, the auth token. No other variable is read, those that name proxies neither: see
    /// [`ClientBuilder::proxy_from_env`].
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if `MYCEL_BASE_URL` is not set or is no URL that
    /// [`ClientBuilder::build`] takes, or if one of the two is not valid UTF-8.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| env::var(name))
    }

    fn from_variables(lookup: impl Fn(&str) -> Result<String, VarError>) -> Result<Self, Error> {
        let variable = |name| variable(&lookup, name).map_err(Session::refused_setting);
        let base_url = variable("MYCEL_BASE_URL")?.ok_or_else(|| {
            Session::refused_setting(
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
        let session = self.session.with_credentials(Credentials::bearer(token.into()));
        Self { session, claims: Arc::clone(&self.claims) }
    }

    /// The backend's URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.session.base_url()
    }

    /// Logging in and registering.
    pub fn auth(&self) -> Auth<'_> {
        Auth::new(&self.session)
    }

    /// The user whom the auth token belongs to.
    pub fn me(&self) -> Me<'_> {
        Me::new(&self.session)
    }

    /// Users, external agents among them.
    pub fn users(&self) -> Users<'_> {
        Users::new(&self.session)
    }

    /// Chats and their members.
    pub fn chats(&self) -> Chats<'_> {
        Chats::new(&self.session)
    }

    /// Messages and how far they are read.
    pub fn messages(&self) -> Messages<'_> {
        Messages::new(&self.session)
    }

    /// Requests to join a group.
    pub fn join_requests(&self) -> JoinRequests<'_> {
        JoinRequests::new(&self.session)
    }

    /// Relationships between users.
    pub fn relationships(&self) -> Relationships<'_> {
        Relationships::new(&self.session)
    }

    /// Managed agents.
    pub fn agents(&self) -> Agents<'_> {
        Agents::new(&self.session)
    }

    /// The threads of managed agents.
    pub fn threads(&self) -> Threads<'_> {
        Threads::new(&self.session)
    }

    /// Workflows of chats.
    pub fn workflows(&self) -> Workflows<'_> {
        Workflows::new(&self.session)
    }

    /// Events of chats' workflows.
    pub fn workflow_events(&self) -> WorkflowEvents<'_> {
        WorkflowEvents::new(&self.session)
    }

    /// Tasks of chats.
    pub fn tasks(&self) -> Tasks<'_> {
        Tasks::new(&self.session)
    }

    /// The runtime inbox.
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications::new(&self.session, &self.claims)
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
        self.session.get_json(&BACKEND_INFO).await
    }
}

client_limits!(Client, session);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("has_auth_token", &self.session.has_credentials())
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
    token: Option<Secret>,
    settings: Settings,
}

client_settings!(ClientBuilder, settings, proxy: {
    ///
    /// A [stream](crate::Notifications::stream) gets a tunnel in each case. Some proxies make one to port 443 alone:
    /// there it fails with [`Connect`](crate::ErrorKind::Connect), though other calls to a backend at `http://` succeed.
    ///
    /// ```
    /// use mycel_sdk::Client;
    ///
    /// let client = Client::builder("https://mycel.example")
    ///     .proxy("http://ada:correct-horse@proxy.example:3128")
    ///     .build()?;
    /// # Ok::<(), mycel_sdk::Error>(())
    /// ```
});

impl ClientBuilder {
    /// The auth token: a guest's, an external user's, or one from logging in.
    pub fn auth_token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Makes the client. Nothing is sent yet, so this needs no backend.
    ///
    /// Redirects are not followed. TLS is rustls, with the `CryptoProvider` that the program has installed by now,
    /// or else with that of ring.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the base URL is none that [`Client::builder`] takes,
    /// if the proxy's URL is none that [`proxy`](Self::proxy) takes, if what was added as root certificates
    /// can't be read, if the platform's TLS certificates can't be loaded (those are not needed where the URLs of
    /// backend and proxy begin with `http:`), or if the installed provider can't do TLS.
    ///
    /// # Panics
    ///
    /// In a program that gives reqwest its feature `rustls-no-provider` and has installed no provider, as each client
    /// of reqwest does there. The SDK builds its requests with reqwest, and does not turn that feature on.
    pub fn build(self) -> Result<Client, Error> {
        let transport = self.settings.build().map_err(Session::refused_setting)?;
        let session = Session::new(transport, self.token.map(Credentials::bearer));
        Ok(Client { session, claims: Arc::default() })
    }
}

/// Shows neither the token nor the URLs, which are unchecked as yet and may hold a password.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("settings", &self.settings).finish_non_exhaustive()
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

    #[tokio::test]
    async fn the_environment_names_the_backend_and_may_hold_a_token() {
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
        assert_eq!((without.base_url(), without.session.has_credentials()), ("http://127.0.0.1:1", false));
        let with = client(&[("MYCEL_BASE_URL", "http://127.0.0.1:1"), ("MYCEL_AUTH_TOKEN", "t t")]).unwrap();
        // It is that text which is to be sent.
        let error = with.me().whoami().await.unwrap_err();
        assert!(error.to_string().contains("no header can carry") && error.attempts() == 0, "{error}");

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
