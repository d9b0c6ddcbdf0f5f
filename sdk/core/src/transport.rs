//! One backend's connections, and the rules that hold for every call over them.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http::header::{ACCEPT, InvalidHeaderValue, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::base_url::BaseUrl;
use crate::call::Call;
use crate::connections::{Connections, Routes};
use crate::connector::Connector;
use crate::credentials::Credentials;
use crate::dial::Ways;
use crate::envelope::Unwrap;
use crate::limits::TimeLimits;
use crate::proxy::ProxyUrl;
use crate::retry::{RetryBudget, RetryPolicy, RetryRules};
use crate::secret::Secret;
use crate::tls::TlsSettings;

/// What requests are built with, and nothing is sent with. It is the same for all transports: where the program turns
/// on the TLS of reqwest for itself, this one loads certificates, too.
static BUILDING: LazyLock<reqwest::Result<reqwest::Client>> =
    LazyLock::new(|| reqwest::Client::builder().no_proxy().build());

/// One backend's connection pool, limits, retry policy and retry budget.
///
/// Cloning is cheap, and clones share all of it.
#[derive(Clone, Debug)]
pub struct Transport {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    base_url: BaseUrl,
    pub(crate) building: &'static reqwest::Client,
    /// The connections to the backend.
    pub(crate) connections: Connections,
    /// What every request says.
    pub(crate) headers: HeaderMap,
    /// What every request says, besides, that the proxy is handed.
    pub(crate) proxy_authorization: Option<HeaderValue>,
    pub(crate) limits: TimeLimits,
    pub(crate) max_response_bytes: usize,
    pub(crate) refuses_nul: bool,
    pub(crate) retry: RetryPolicy,
    pub(crate) rules: Rules,
    pub(crate) budget: RetryBudget,
    pub(crate) proxy: Option<ProxyUrl>,
}

impl Transport {
    /// Starts with the defaults.
    pub fn builder() -> TransportBuilder {
        TransportBuilder {
            limits: TimeLimits::default(),
            max_response_bytes: 32 * 1024 * 1024,
            refuses_nul: false,
            retry: RetryPolicy::default(),
            user_agent: concat!("agent-platform-core/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
            tls: TlsSettings::default(),
            ways: Ways::default(),
            idle_connection: Duration::from_secs(30),
            rules: Rules::default(),
        }
    }

    /// What the generated client builds its requests with. It sends none: [`Call::execute`] does.
    pub fn request_builder(&self) -> &'static reqwest::Client {
        self.shared.building
    }

    /// The bound on a response's body, in bytes.
    pub fn max_response_bytes(&self) -> usize {
        self.shared.max_response_bytes
    }

    /// The proxy that all connections go through, if any.
    pub fn proxy(&self) -> Option<&ProxyUrl> {
        self.shared.proxy.as_ref()
    }

    /// The backend's URL.
    pub fn base_url(&self) -> &BaseUrl {
        &self.shared.base_url
    }

    /// The limits on time that hold unless a session has others.
    pub fn limits(&self) -> TimeLimits {
        self.shared.limits
    }

    /// The retry policy that holds unless a session has another.
    pub fn retry(&self) -> RetryPolicy {
        self.shared.retry
    }

    /// A call that is about to be made, with these credentials or none.
    pub fn call(&self, credentials: Option<&Credentials>) -> Call {
        Call::new(Arc::clone(&self.shared), credentials.cloned())
    }
}

/// Sets up a [`Transport`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct TransportBuilder {
    limits: TimeLimits,
    max_response_bytes: usize,
    refuses_nul: bool,
    retry: RetryPolicy,
    user_agent: String,
    proxy: Option<ProxyUrl>,
    tls: TlsSettings,
    ways: Ways,
    idle_connection: Duration,
    rules: Rules,
}

/// What a platform's HTTP is like, beyond what its contract says.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) retries: RetryRules,
    pub(crate) idempotency_header: HeaderName,
    pub(crate) user_header: Option<HeaderName>,
    pub(crate) follows_redirects: bool,
    pub(crate) envelope: Option<Unwrap>,
    pub(crate) silence: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            retries: RetryRules::default(),
            idempotency_header: HeaderName::from_static("idempotency-key"),
            user_header: None,
            follows_redirects: false,
            envelope: None,
            silence: Duration::from_secs(60),
        }
    }
}

impl TransportBuilder {
    /// The limits on time.
    pub fn limits(mut self, limits: TimeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The bound on a response's body, in bytes. 32 MiB unless set.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// Refuses a call before it is sent whose arguments hold U+0000 in a text, a name or an id. For a backend that
    /// can't store it, as none can on PostgreSQL.
    pub fn refuse_nul(mut self) -> Self {
        self.refuses_nul = true;
        self
    }

    /// The retry policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The `User-Agent` header.
    pub fn user_agent(mut self, value: impl Into<String>) -> Self {
        self.user_agent = value.into();
        self
    }

    /// The proxy that all connections go through. None unless set: what the environment names is not used.
    pub fn proxy(mut self, proxy: Option<ProxyUrl>) -> Self {
        self.proxy = proxy;
        self
    }

    /// Certificates in PEM form that are trusted as roots, beside those of the platform.
    pub fn add_root_certificates(mut self, pem: &[u8]) -> Self {
        self.tls.add_roots(pem);
        self
    }

    /// Trusts the root certificates that were added, and not those of the platform.
    pub fn trust_added_roots_alone(mut self) -> Self {
        self.tls.trust_added_roots_alone();
        self
    }

    /// The certificate that is shown to who asks for one, with those that vouch for it behind it, and its private key;
    /// in PEM form.
    pub fn client_certificate(mut self, chain: &[u8], private_key: Secret) -> Self {
        self.tls.set_client_certificate(chain, private_key);
        self
    }

    /// Takes no TLS before 1.3.
    pub fn require_tls_1_3(mut self) -> Self {
        self.tls.require_tls_1_3();
        self
    }

    /// What finds the addresses of hosts, in place of the system's resolver.
    pub fn resolver<F>(mut self, resolver: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        self.ways.set_resolver(resolver);
        self
    }

    /// What opens connections to a host and a port, in place of TCP.
    pub fn connector<F, S>(mut self, connector: impl Fn(String, u16) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.ways.set_connector(connector);
        self
    }

    /// How long a connection is kept that nothing is sent over. 30 s unless set. It has to be shorter than the backend
    /// keeps it: a request that is sent just when the other side closes is lost, and one that may not be repeated then
    /// fails for no good reason.
    pub fn idle_connection(mut self, time: Duration) -> Self {
        self.idle_connection = time;
        self
    }

    /// What is worth another attempt.
    pub fn retry_rules(mut self, rules: RetryRules) -> Self {
        self.rules.retries = rules;
        self
    }

    /// The header that says which of the caller's users a call is for, as [`Request::for_user`](crate::Request::for_user)
    /// names one. None unless set: most platforms have parameters for that.
    pub fn user_header(mut self, name: HeaderName) -> Self {
        self.rules.user_header = Some(name);
        self
    }

    /// The header that carries the idempotency keys of the operations that take one. `Idempotency-Key` unless set.
    pub fn idempotency_header(mut self, name: HeaderName) -> Self {
        self.rules.idempotency_header = name;
        self
    }

    /// Follows redirects that keep method and body (307, 308) within the backend's origin. They are refused unless set,
    /// and all others always are.
    pub fn follow_redirects(mut self) -> Self {
        self.rules.follows_redirects = true;
        self
    }

    /// What takes the JSON of an answer out of its envelope, where the operation is one that the backend answers in one
    /// ([`Operation::enveloped`](crate::Operation::enveloped)). None unless set.
    pub fn envelope(mut self, unwrap: Unwrap) -> Self {
        self.rules.envelope = Some(unwrap);
        self
    }

    /// How long nothing may come of a body that is read as it comes. 60 s unless set.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.rules.silence = limit;
        self
    }

    /// Makes the transport to the backend at this URL. Nothing is connected yet.
    ///
    /// The platform's TLS certificates are loaded where the URL or that of the proxy begins with `https`; they are
    /// not needed elsewhere, and loading them takes longer than all the rest.
    ///
    /// Redirects are not followed, unless [`follow_redirects`](Self::follow_redirects) is set: a redirected request would
    /// take its body, or lose it, to where nobody has decided to send it.
    ///
    /// # Errors
    ///
    /// If the user agent can't be a header's value, if what was added as root certificates holds none or one
    /// that can't be read, if added ones alone are trusted and there are none, if the client's certificate or its private
    /// key can't be read or do not belong together, or if the platform's TLS certificates can't be loaded.
    pub fn build(self, base_url: &BaseUrl) -> Result<Transport, BuildError> {
        let is_encrypted = base_url.is_https() || self.proxy.as_ref().is_some_and(ProxyUrl::is_https);
        let tls = if is_encrypted { self.tls.config()? } else { self.tls.unused()? };
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::try_from(self.user_agent).map_err(BuildError::UserAgent)?);
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let forwards = self.proxy.as_ref().is_some_and(|proxy| proxy.forwards(base_url));
        let proxy_authorization = self.proxy.as_ref().filter(|_| forwards).and_then(ProxyUrl::basic_credentials);
        let connector =
            |forwards| Connector::new(&self.ways, self.proxy.as_ref(), forwards, Arc::clone(&tls), self.limits.connect);
        let connections = Connections::new(Routes {
            calls: connector(forwards),
            // A proxy that passes requests on may take the wish for another protocol for one of its own connection, and
            // leave it out.
            #[cfg(feature = "websocket")]
            streams: forwards.then(|| connector(false)),
            idle_connection: self.idle_connection,
        });
        let shared = Shared {
            base_url: base_url.clone(),
            building: BUILDING.as_ref().map_err(BuildError::Client)?,
            connections,
            headers,
            proxy_authorization,
            limits: self.limits,
            max_response_bytes: self.max_response_bytes,
            refuses_nul: self.refuses_nul,
            retry: self.retry,
            rules: self.rules,
            budget: RetryBudget::new(),
            proxy: self.proxy,
        };
        Ok(Transport { shared: Arc::new(shared) })
    }
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// reqwest, which requests are built with, can't be set up.
    #[error("reqwest could not be set up ({0})")]
    Client(#[source] &'static reqwest::Error),
    /// The user agent can't be a header's value.
    #[error("the HTTP client could not be set up ({0})")]
    UserAgent(#[source] InvalidHeaderValue),
    /// A root certificate is none, the platform has no root certificates, a private key is not that of its certificate, or the installed cryptography can't do TLS.
    #[error("TLS could not be set up ({0})")]
    Tls(#[source] rustls::Error),
    /// What was added as root certificates holds none, or one that can't be read.
    #[error("the root certificates can't be read; write certificates in PEM form")]
    RootCertificates,
    /// Added root certificates alone are trusted, and none was added.
    #[error("no root certificate was added, and no other is trusted")]
    NoRoots,
    /// The client's certificate or its private key can't be read.
    #[error(
        "the client's certificate or its private key can't be read; write both in PEM form, the key without a passphrase"
    )]
    ClientCertificate,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::URL;

    #[test]
    fn what_is_set_nowhere_has_defaults() {
        let build = || Transport::builder().build(&URL.parse().unwrap()).unwrap();
        let transport = build();
        assert_eq!(transport.max_response_bytes(), 33_554_432);
        assert_eq!((transport.limits(), transport.retry()), (TimeLimits::default(), RetryPolicy::default()));
        assert!(transport.proxy().is_none());
        assert!(std::ptr::eq(transport.request_builder(), build().request_builder()), "all build with the same one");
    }

    #[test]
    fn what_tls_and_ways_are_set_is_shown_without_what_they_are() {
        let shown = |builder: &TransportBuilder| {
            let TransportBuilder { tls, ways, .. } = builder;
            format!("{tls:?} {ways:?}")
        };
        let builder = Transport::builder();
        assert_eq!(
            shown(&builder),
            "TlsSettings { has_roots: false, trusts_added_roots_alone: false, has_client_certificate: false, \
             is_tls_1_3_alone: false } Ways { resolve: false, open: false }"
        );
        let builder = builder.add_root_certificates(b"tok-123").trust_added_roots_alone().require_tls_1_3();
        let builder = builder.client_certificate(b"tok-123", Secret::from("tok-123"));
        let builder = builder.resolver(async |_| Ok(Vec::new()));
        let builder = builder.connector(async |_, _| Ok(tokio::io::empty()));
        assert_eq!(
            shown(&builder),
            "TlsSettings { has_roots: true, trusts_added_roots_alone: true, has_client_certificate: true, \
             is_tls_1_3_alone: true } Ways { resolve: true, open: true }"
        );
        let transport = Transport::builder().build(&URL.parse().unwrap()).unwrap();
        assert!(format!("{transport:?}").contains("connections: Connections { .. }"));
    }
}
