//! How a client is to be: what every facade's builder sets.

use std::env::{self, VarError};
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::base_url::{BaseUrl, BaseUrlError};
use crate::limits::TimeLimits;
use crate::proxy::{ProxyUrl, ProxyUrlError};
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::transport::{Transport, TransportBuilder};

/// The settings that the clients of all platforms have. [`client_settings!`](crate::client_settings) gives a facade's
/// builder the methods that set them.
#[derive(Clone)]
#[must_use = "settings do nothing until a transport is made of them"]
pub struct Settings {
    base_url: String,
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

impl Settings {
    /// The defaults, for a backend at this URL, which is checked when a transport is made.
    pub fn new(base_url: impl Into<String>, transport: TransportBuilder) -> Self {
        Self { base_url: base_url.into(), limits: TimeLimits::default(), proxy: ProxyChoice::Direct, transport }
    }

    /// The backend's URL, in place of that which it was made with.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// As the builders' `connect_timeout`.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.limits.connect = limit;
        self
    }

    /// As the builders' `attempt_timeout`.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.limits.attempt = limit;
        self
    }

    /// As the builders' `overall_timeout`.
    pub fn overall_timeout(mut self, limit: Duration) -> Self {
        self.limits.overall = limit;
        self
    }

    /// As the builders' `retry`.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.transport = self.transport.retry(policy);
        self
    }

    /// As the builders' `max_response_bytes`.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.transport = self.transport.max_response_bytes(bytes);
        self
    }

    /// As the builders' `proxy`.
    pub fn proxy(mut self, url: Secret) -> Self {
        self.proxy = ProxyChoice::Url(url);
        self
    }

    /// As the builders' `proxy_from_env`.
    pub fn proxy_from_env(mut self) -> Self {
        self.proxy = ProxyChoice::Environment;
        self
    }

    /// As the builders' `add_root_certificates`.
    pub fn add_root_certificates(mut self, pem: &[u8]) -> Self {
        self.transport = self.transport.add_root_certificates(pem);
        self
    }

    /// As the builders' `trust_added_roots_alone`.
    pub fn trust_added_roots_alone(mut self) -> Self {
        self.transport = self.transport.trust_added_roots_alone();
        self
    }

    /// As the builders' `client_certificate`.
    pub fn client_certificate(mut self, chain: &[u8], private_key: Secret) -> Self {
        self.transport = self.transport.client_certificate(chain, private_key);
        self
    }

    /// As the builders' `require_tls_1_3`.
    pub fn require_tls_1_3(mut self) -> Self {
        self.transport = self.transport.require_tls_1_3();
        self
    }

    /// As the builders' `resolver`.
    pub fn resolver<F>(mut self, resolver: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        self.transport = self.transport.resolver(resolver);
        self
    }

    /// As the builders' `connector`.
    pub fn connector<F, S>(mut self, connector: impl Fn(String, u16) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.transport = self.transport.connector(connector);
        self
    }

    /// Makes the transport. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// What is wrong with a setting, without the URLs.
    pub fn build(self) -> Result<Transport, String> {
        let base_url: BaseUrl = self.base_url.parse().map_err(|error: BaseUrlError| error.to_string())?;
        let proxy = self.proxy.resolve(&base_url)?;
        let transport = self.transport.limits(self.limits).proxy(proxy);
        transport.build(&base_url).map_err(|error| error.to_string())
    }
}

/// The value of an environment variable, as `lookup` finds it; `None` where it is not set, or empty.
///
/// # Errors
///
/// If it is not valid UTF-8, in words that name it.
pub fn variable(lookup: impl Fn(&str) -> Result<String, VarError>, name: &str) -> Result<Option<String>, String> {
    match lookup(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not valid UTF-8")),
    }
}

/// Shows no URLs, which are unchecked as yet and may hold a password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Gives a facade's builder the methods that set what all clients have, by its field that holds the [`Settings`].
///
/// What a platform has to say of its own about proxies is added to the documentation of `proxy`.
#[doc(hidden)]
#[macro_export]
macro_rules! client_settings {
    ($builder:ident, $settings:ident $(, proxy: { $(#[$proxy_doc:meta])* })?) => {
        impl $builder {
            /// How long a connection may take to be made, the TLS handshake included. 10 s unless set.
            pub fn connect_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.$settings = self.$settings.connect_timeout(limit);
                self
            }

            /// How long one attempt may take, until the last byte of the response is read. 15 s unless set.
            pub fn attempt_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.$settings = self.$settings.attempt_timeout(limit);
                self
            }

            /// How long a call may take with all its attempts and the pauses between them. 60 s unless set.
            pub fn overall_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.$settings = self.$settings.overall_timeout(limit);
                self
            }

            /// How often calls are attempted. Three times, as [`RetryPolicy`]($crate::RetryPolicy) says, unless set.
            pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
                self.$settings = self.$settings.retry(policy);
                self
            }

            /// The largest response that is kept, in bytes. 32 MiB unless set. What is larger is an error, but for lists of
            /// which a part is of use; their methods say so.
            pub fn max_response_bytes(mut self, bytes: usize) -> Self {
                self.$settings = self.$settings.max_response_bytes(bytes);
                self
            }

            /// The proxy that all connections go through, streams too: `http://`, `https://`, `socks5://` (which looks
            /// the backend's name up here) or `socks5h://` (which has the proxy look it up), with the user name and the
            /// password that the proxy wants, if any, as in `http://ada:correct-horse@proxy.example:3128`. Without a
            /// port it is 80, 443 or 1080.
            ///
            /// No proxy is used unless this or [`proxy_from_env`](Self::proxy_from_env) asks for one; of both the
            /// latter call counts. The proxy's credentials are a secret as the client's own are, and go to the proxy
            /// alone.
            ///
            /// | backend | proxy | what happens |
            /// |---|---|---|
            /// | `https://` | `http`, `https` | a tunnel (`CONNECT`): the proxy sees the backend's name and port |
            /// | any | `socks5`, `socks5h` | a tunnel |
            /// | `http://` | `http`, `https` | the proxy is handed each request, credentials and all, and passes it on |
            $($(#[$proxy_doc])*)?
            pub fn proxy(mut self, url: impl ::std::convert::Into<$crate::Secret>) -> Self {
                self.$settings = self.$settings.proxy(url.into());
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
                self.$settings = self.$settings.proxy_from_env();
                self
            }

            /// Certificates in PEM form that are trusted as roots, beside those of the platform: for a backend, or a
            /// proxy that looks into TLS, whose certificate a private authority has signed. It may be called several
            /// times.
            pub fn add_root_certificates(mut self, pem: impl ::std::convert::AsRef<[u8]>) -> Self {
                self.$settings = self.$settings.add_root_certificates(pem.as_ref());
                self
            }

            /// Trusts what [`add_root_certificates`](Self::add_root_certificates) adds, and nothing else: no public
            /// authority can then vouch for another backend. Certificates that were revoked are not told apart. Building
            /// a client is refused where none was added.
            pub fn trust_added_roots_alone(mut self) -> Self {
                self.$settings = self.$settings.trust_added_roots_alone();
                self
            }

            /// The certificate that the client shows to a backend, or to a proxy, that asks for one (mutual TLS): in PEM
            /// form, with those of the authorities between it and a root behind it. The private key is its own, in PEM
            /// form as PKCS #8, PKCS #1 or SEC 1, without a passphrase; one file that holds both may be given twice.
            ///
            /// The key is a secret as the client's others are. It goes nowhere, and is printed by nothing. Over `http://`
            /// neither is of use. Building a client is refused where one of them can't be read, or where they do not
            /// belong together.
            ///
            /// With TLS 1.3 a backend may refuse the certificate when the connection is made already: a call then fails
            /// as one whose connection broke.
            pub fn client_certificate(
                mut self,
                chain: impl ::std::convert::AsRef<[u8]>,
                private_key: impl ::std::convert::Into<$crate::Secret>,
            ) -> Self {
                self.$settings = self.$settings.client_certificate(chain.as_ref(), private_key.into());
                self
            }

            /// Refuses TLS before version 1.3. Without it TLS 1.2 is taken, too.
            pub fn require_tls_1_3(mut self) -> Self {
                self.$settings = self.$settings.require_tls_1_3();
                self
            }

            /// What finds the addresses of a host, in place of the system's resolver: for DNS over HTTPS, a service
            /// registry, or a name that stands in no DNS. It is asked for the host of the backend, or for that of the
            /// proxy where there is one, each time that a connection is made, within its time limit; not for a host that
            /// is an address already. All that it finds are tried. TLS is for the name, whatever the address.
            ///
            /// An error of its own is told as one of the connection: nothing was sent.
            pub fn resolver<F>(
                mut self,
                resolver: impl ::std::ops::Fn(::std::string::String) -> F
                    + ::std::marker::Send
                    + ::std::marker::Sync
                    + 'static,
            ) -> Self
            where
                F: ::std::future::Future<Output = ::std::io::Result<::std::vec::Vec<::std::net::IpAddr>>>
                    + ::std::marker::Send
                    + 'static,
            {
                self.$settings = self.$settings.resolver(resolver);
                self
            }

            /// What opens connections, in place of TCP: for a Unix socket, an SSH tunnel, a socket of a certain network
            /// interface. It is given the host and the port of the backend, or those of the proxy where there is one, and
            /// has as long as a connection may take. TLS, and what a proxy is told, is spoken over what it opens.
            ///
            /// An error of its own is told as one of the connection: nothing was sent. No resolver is asked, but for a
            /// backend behind a `socks5://` proxy.
            pub fn connector<F, S>(
                mut self,
                connector: impl ::std::ops::Fn(::std::string::String, u16) -> F
                    + ::std::marker::Send
                    + ::std::marker::Sync
                    + 'static,
            ) -> Self
            where
                F: ::std::future::Future<Output = ::std::io::Result<S>> + ::std::marker::Send + 'static,
                S: $crate::AsyncRead
                    + $crate::AsyncWrite
                    + ::std::marker::Send
                    + ::std::marker::Unpin
                    + 'static,
            {
                self.$settings = self.$settings.connector(connector);
                self
            }
        }
    };
}

/// Gives a facade's client, by its field that holds the session, the methods that make a client with other limits over
/// the same connections.
#[doc(hidden)]
#[macro_export]
macro_rules! client_limits {
    ($client:ident, $session:ident) => {
        impl $client {
            /// The same client over the same connections, whose attempts may take so long, until the last byte of the
            /// response is read.
            ///
            /// It is for one call, or for all that are made with the client that it returns.
            #[must_use = "the client that it is called on stays as it is"]
            pub fn with_attempt_timeout(&self, limit: ::std::time::Duration) -> Self {
                let mut client = self.clone();
                client.$session = self.$session.with_limits(|limits| limits.attempt = limit);
                client
            }

            /// The same client over the same connections, whose calls may take so long with all their attempts and the
            /// pauses between them.
            #[must_use = "the client that it is called on stays as it is"]
            pub fn with_overall_timeout(&self, limit: ::std::time::Duration) -> Self {
                let mut client = self.clone();
                client.$session = self.$session.with_limits(|limits| limits.overall = limit);
                client
            }

            /// The same client over the same connections, whose calls are attempted again as this policy says. The budget
            /// of retries is the one of all clients that share the connections.
            #[must_use = "the client that it is called on stays as it is"]
            pub fn with_retry(&self, policy: $crate::RetryPolicy) -> Self {
                let mut client = self.clone();
                client.$session = self.$session.with_retry(policy);
                client
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_set_where_it_is_not_empty() {
        let found = |outcome: Result<&str, VarError>| variable(|_| outcome.clone().map(str::to_owned), "MYCEL_TOKEN");
        assert_eq!(found(Ok("tok-123")), Ok(Some("tok-123".to_owned())));
        assert_eq!((found(Ok("")), found(Err(VarError::NotPresent))), (Ok(None), Ok(None)));
        let odd = found(Err(VarError::NotUnicode("tok-123".into())));
        assert_eq!(odd, Err("MYCEL_TOKEN is not valid UTF-8".to_owned()));
    }

    #[test]
    fn a_proxy_is_used_where_one_was_asked_for() {
        let settings = || Settings::new("http://mycel.example", Transport::builder());
        let proxy = |settings: Settings| settings.build().map(|transport| transport.proxy().map(ToString::to_string));
        assert_eq!(proxy(settings()), Ok(None));
        let asked = settings().proxy("http://ada:hunter2@proxy.example:3128".into());
        assert_eq!(proxy(asked), Ok(Some("http://proxy.example:3128".to_owned())));
        let refused = proxy(settings().proxy("socks4://ada:hunter2@proxy.example".into()));
        assert_eq!(refused, Err("a proxy has to be one of http, https, socks5 and socks5h".to_owned()));
    }

    #[test]
    fn what_is_set_holds_for_the_transport() {
        let seconds = Duration::from_secs;
        let settings = Settings::new("http://ada:hunter2@other.example", Transport::builder());
        let settings = settings.connect_timeout(seconds(1)).attempt_timeout(seconds(2)).overall_timeout(seconds(3));
        assert_eq!(
            format!("{settings:?}"),
            "Settings { limits: TimeLimits { connect: 1s, attempt: 2s, overall: 3s }, .. }"
        );
        let settings = settings.base_url("http://mycel.example").retry(RetryPolicy::never()).max_response_bytes(4);
        let transport = settings.build().unwrap();
        let limits = TimeLimits { connect: seconds(1), attempt: seconds(2), overall: seconds(3) };
        assert_eq!((transport.limits(), transport.retry()), (limits, RetryPolicy::never()));
        assert_eq!((transport.base_url().as_str(), transport.max_response_bytes()), ("http://mycel.example", 4));
    }
}
