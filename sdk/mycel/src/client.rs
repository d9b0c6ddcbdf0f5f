//! The client: one backend, one identity.

use std::env::{self, VarError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use agent_platform_core::{
    BaseUrl, BaseUrlError, Credentials, ProxyUrl, ProxyUrlError, RetryPolicy, Secret, TimeLimits, Transport,
    TransportBuilder,
};

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
        ClientBuilder {
            base_url: base_url.into(),
            token: None,
            limits: TimeLimits::default(),
            proxy: ProxyChoice::Direct,
            transport: Transport::builder().user_agent(user_agent),
        }
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
    base_url: String,
    token: Option<Secret>,
    limits: TimeLimits,
    proxy: ProxyChoice,
    transport: TransportBuilder,
}

/// Which proxy was asked for.
#[derive(Clone)]
enum ProxyChoice {
    Direct,
    Url(Secret),
    Environment,
}

impl ProxyChoice {
    fn resolve(&self, base_url: &BaseUrl) -> Result<Option<ProxyUrl>, String> {
        match self {
            Self::Direct => Ok(None),
            Self::Url(url) => url.expose_secret().parse().map(Some).map_err(|error: ProxyUrlError| error.to_string()),
            Self::Environment => {
                let lookup = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
                ProxyUrl::from_environment(base_url, lookup).map_err(|error| error.to_string())
            }
        }
    }
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

    /// The proxy that all connections go through, streams too: `http://`, `https://`, `socks5://` (which looks
    /// the backend's name up here) or `socks5h://` (which has the proxy look it up), with the user name and the
    /// password that the proxy wants, if any. Without a port it is 80, 443 or 1080.
    ///
    /// ```
    /// use mycel_sdk::Client;
    ///
    /// let client = Client::builder("https://mycel.example")
    ///     .proxy("http://ada:correct-horse@proxy.example:3128")
    ///     .build()?;
    /// # Ok::<(), mycel_sdk::Error>(())
    /// ```
    ///
    /// No proxy is used unless this or [`proxy_from_env`](Self::proxy_from_env) asks for one; of both the
    /// latter call counts. The proxy's credentials are a secret as the auth token is, and go to the proxy alone.
    ///
    /// | backend | proxy | what happens |
    /// |---|---|---|
    /// | `https://` | `http`, `https` | a tunnel (`CONNECT`): the proxy sees the backend's name and port |
    /// | any | `socks5`, `socks5h` | a tunnel |
    /// | `http://` | `http`, `https` | the proxy is handed each request, token and all, and passes it on |
    ///
    /// In the last case a [stream](crate::Notifications::stream) is open only if the proxy passes on the
    /// upgrade to WebSocket, which many don't: the backend then answers that there is no such route, and the
    /// error says that it may be for the proxy. Use `https://`, a SOCKS proxy, or no proxy.
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// The proxy that the environment names when the client is built, if it names one for this backend.
    ///
    /// That is `http_proxy` for a backend at `http://…`, `https_proxy` for one at `https://…`, and `all_proxy`
    /// for either where that is not set; each in small letters, or else in capitals. `HTTP_PROXY` is left alone
    /// in a CGI program (`REQUEST_METHOD` is set), where it comes from a request's header.
    ///
    /// `no_proxy`, or else `NO_PROXY`, lists the hosts that are reached directly, separated by commas or space:
    /// names, which stand for their subdomains too, IP addresses, networks such as `10.0.0.0/8`, each with a
    /// port or without one, and `*` for all.
    pub fn proxy_from_env(mut self) -> Self {
        self.proxy = ProxyChoice::Environment;
        self
    }

    /// Certificates in PEM form that are trusted as roots, beside those of the platform: for a backend, or a
    /// proxy that looks into TLS, whose certificate a private authority has signed. It may be called several
    /// times.
    pub fn add_root_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.transport = self.transport.add_root_certificates(pem.as_ref());
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
        let refused = |problem: String| Error::invalid_input(None, problem);
        let base_url: BaseUrl = self.base_url.parse().map_err(|error: BaseUrlError| refused(error.to_string()))?;
        let proxy = self.proxy.resolve(&base_url).map_err(refused)?;
        let transport = self.transport.limits(self.limits).proxy(proxy);
        let transport = transport.build(&base_url).map_err(|error| refused(error.to_string()))?;
        let session = Session::new(transport, self.token.map(Credentials::bearer));
        Ok(Client { session, claims: Arc::default() })
    }
}

/// Shows neither the token nor the URLs, which are unchecked as yet and may hold a password.
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
