//! The proxy between a program and its backend.

use std::fmt;
use std::str::FromStr;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use percent_encoding::percent_decode_str;

use crate::base_url::BaseUrl;
use crate::secret::Secret;

/// The URL of a proxy: `http`, `https`, `socks5` or `socks5h`, a host, a port, and a user name with a password
/// where the proxy wants them. `http` where no scheme is given, as is the convention.
///
/// Its credentials are shown by nothing.
///
/// ```
/// use agent_platform_core::ProxyUrl;
///
/// let proxy: ProxyUrl = "http://ada:hunter2@proxy.example:3128".parse()?;
/// assert_eq!(proxy.to_string(), "http://proxy.example:3128");
/// # Ok::<(), agent_platform_core::ProxyUrlError>(())
/// ```
#[derive(Clone)]
pub struct ProxyUrl {
    whole: Secret,
    secret: Option<Secret>,
    shown: String,
    has_credentials: bool,
    kind: ProxyKind,
    /// Where it is, without credentials.
    address: Uri,
}

/// What is spoken with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    Http,
    Socks {
        /// Whether names are left to it.
        resolves_names: bool,
    },
}

/// Why a text is no URL of a proxy. The text itself is not repeated: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyUrlError {
    /// It can't be read.
    #[error("the proxy's URL can't be read ({0}); write one like http://proxy.example:3128")]
    Unreadable(String),
    /// It is of a kind that is not supported.
    #[error("a proxy has to be one of http, https, socks5 and socks5h")]
    Scheme,
    /// It has a path, a query or a fragment.
    #[error("the proxy's URL has a path, a query or a fragment; leave it out")]
    MoreThanAnAddress,
}

/// A variable of the environment that names no proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ProxyVariableError {
    variable: &'static str,
    problem: ProxyUrlError,
}

impl ProxyUrl {
    /// The proxy that the environment names for a backend, if any. `lookup` finds a variable.
    ///
    /// For a backend at `http://…` that is `http_proxy`, for one at `https://…` it is `https_proxy`, and for
    /// both `all_proxy` where that is not set; each in small letters or else in capitals. What is empty is not
    /// set. `HTTP_PROXY` is left alone in a CGI program, which has `REQUEST_METHOD` set: there it comes from a
    /// request's header.
    ///
    /// `no_proxy` or `NO_PROXY` lists the hosts that are reached directly, with commas or space between them:
    /// names, which stand for their subdomains too, IP addresses, networks such as `10.0.0.0/8`, each with a
    /// port or without one, and `*` for all.
    ///
    /// # Errors
    ///
    /// If the variable that is used is no URL of a proxy.
    pub fn from_environment(
        base_url: &BaseUrl,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ProxyVariableError> {
        let set =
            |name: &&'static str| lookup(name).filter(|value| !value.trim().is_empty()).map(|value| (*name, value));
        let own: &[&'static str] = match () {
            () if base_url.is_https() => &["https_proxy", "HTTPS_PROXY"],
            () if lookup("REQUEST_METHOD").is_some() => &["http_proxy"],
            () => &["http_proxy", "HTTP_PROXY"],
        };
        let Some((variable, value)) = own.iter().chain(&["all_proxy", "ALL_PROXY"]).find_map(set) else {
            return Ok(None);
        };
        let exceptions = ["no_proxy", "NO_PROXY"].iter().find_map(set).map(|(_, value)| value).unwrap_or_default();
        if is_excepted(base_url, &exceptions) {
            return Ok(None);
        }
        value.parse().map(Some).map_err(|problem| ProxyVariableError { variable, problem })
    }

    /// Whether it has a user name or a password.
    pub fn has_credentials(&self) -> bool {
        self.has_credentials
    }

    /// Whether requests to that backend are handed to the proxy, to be passed on by it, all but those for a WebSocket.
    /// If not, it makes a tunnel, and sees no more of what is encrypted than to where it goes.
    pub fn forwards(&self, base_url: &BaseUrl) -> bool {
        self.kind == ProxyKind::Http && !base_url.is_https()
    }

    /// Whether what is sent to the proxy itself is encrypted.
    pub(crate) fn is_https(&self) -> bool {
        self.address.scheme() == Some(&Scheme::HTTPS)
    }

    pub(crate) fn kind(&self) -> ProxyKind {
        self.kind
    }

    /// Where it is, without credentials.
    pub(crate) fn address(&self) -> Uri {
        self.address.clone()
    }

    /// The credentials as an HTTP proxy wants them: the value of `Proxy-Authorization`.
    pub(crate) fn basic_credentials(&self) -> Option<HeaderValue> {
        intercept(self.whole.expose_secret())?.basic_auth().cloned()
    }

    /// The credentials as a SOCKS proxy wants them: user name and password.
    pub(crate) fn raw_credentials(&self) -> Option<(String, String)> {
        let intercept = intercept(self.whole.expose_secret())?;
        intercept.raw_auth().map(|(user, password)| (user.to_owned(), password.to_owned()))
    }

    /// What no error may show: the password or, where there is none, the user name, which is a key then.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }
}

/// How hyper-util takes the URL of a proxy apart; `None` where it finds no use for it.
fn intercept(proxy: &str) -> Option<Intercept> {
    Matcher::builder().all(proxy).build().intercept(&Uri::from_static("http://backend.invalid"))
}

fn is_excepted(base_url: &BaseUrl, exceptions: &str) -> bool {
    let Ok(url) = base_url.as_str().parse::<Uri>() else { return false };
    let port = url.port_u16().unwrap_or(if url.scheme_str() == Some("https") { 443 } else { 80 });
    let mut hosts = Vec::new();
    for entry in exceptions.split(|c: char| c == ',' || c.is_whitespace()) {
        // The colons of an IPv6 address without brackets are no port's.
        let (host, of_port) = match entry.rsplit_once(':') {
            Some((host, digits)) if host.ends_with(']') || !host.contains(':') => (host, digits.parse().ok()),
            _ => (entry, Some(port)),
        };
        if of_port != Some(port) {
            continue;
        }
        if host == "*" {
            return true;
        }
        let host = host.trim_start_matches('[').trim_end_matches(']');
        hosts.push(host.strip_prefix('*').unwrap_or(host).to_owned());
    }
    Matcher::builder().all("http://proxy.invalid").no(hosts.join(",")).build().intercept(&url).is_none()
}

impl FromStr for ProxyUrl {
    type Err = ProxyUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let unreadable = |problem: &str| ProxyUrlError::Unreadable(problem.to_owned());
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(unreadable("space, a control character or a backslash is in it"));
        }
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = reqwest::Url::parse(&with_scheme).map_err(|error| unreadable(&error.to_string()))?;
        let default_port = match url.scheme() {
            "http" => 80,
            "https" => 443,
            "socks5" | "socks5h" => 1080,
            _ => return Err(ProxyUrlError::Scheme),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| unreadable("it has no host"))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyUrlError::MoreThanAnAddress);
        }
        let port = url.port().unwrap_or(default_port);
        if port == 0 {
            return Err(unreadable("it has port 0"));
        }
        let shown = format!("{}://{host}:{port}", url.scheme());
        let no_address = || unreadable("its host can't be connected to");
        let address: Uri = shown.parse().map_err(|_| no_address())?;
        intercept(url.as_str()).ok_or_else(no_address)?;
        let kind = match url.scheme() {
            "http" | "https" => ProxyKind::Http,
            scheme => ProxyKind::Socks { resolves_names: scheme == "socks5h" },
        };
        let secret = url.password().unwrap_or(url.username());
        let secret = percent_decode_str(secret).decode_utf8_lossy();
        Ok(Self {
            secret: (!secret.is_empty()).then(|| Secret::from(&*secret)),
            shown,
            has_credentials: !url.username().is_empty() || url.password().is_some(),
            kind,
            address,
            whole: Secret::from(String::from(url)),
        })
    }
}

/// Without credentials.
impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Without credentials.
impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProxyUrl").field(&self.shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_shown_without_its_credentials() {
        for (text, shown) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            (" http://proxy.example:3128/ ", "http://proxy.example:3128"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("HTTP://Proxy.Example", "http://proxy.example:80"),
            ("https://proxy.example", "https://proxy.example:443"),
            ("socks5://127.0.0.1", "socks5://127.0.0.1:1080"),
            ("socks5h://[::1]:9050", "socks5h://[::1]:9050"),
            ("http://ada:hunter2@proxy.example:3128", "http://proxy.example:3128"),
            ("hunter2@proxy.example:3128", "http://proxy.example:3128"),
            ("socks5://:hunter2@proxy.example", "socks5://proxy.example:1080"),
            ("http://ada:hunter2%40%2f%3A@proxy.example:3128", "http://proxy.example:3128"),
        ] {
            let proxy: ProxyUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(proxy.to_string(), shown);
            assert_eq!(proxy.has_credentials(), text.contains('@'), "{text}");
            let connector = format!("{:?} {}", proxy.basic_credentials(), proxy.address());
            assert!(!format!("{proxy:?} {connector}").contains("hunter2"));
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_repeating_it() {
        for (text, problem) in [
            ("", "can't be read"),
            ("http://", "can't be read"),
            ("http://:3128", "can't be read"),
            ("http://ada:hunter2@", "can't be read"),
            ("http://proxy.example:0", "port 0"),
            ("http://proxy.example:65536", "can't be read"),
            ("http://proxy.example:hunter2", "can't be read"),
            ("http://proxy\u{9}.example:hunter2", "control character"),
            ("http://hunter2 @proxy.example", "space"),
            ("http://ada:hunter2\\@proxy.example", "backslash"),
            ("http://{hunter2}", "can't be read"),
            ("socks5://", "can't be read"),
            ("socks4://ada:hunter2@proxy.example", "http, https, socks5 and socks5h"),
            ("socks4a://proxy.example", "http, https, socks5 and socks5h"),
            ("socks://proxy.example", "http, https, socks5 and socks5h"),
            ("ftp://hunter2@proxy.example", "http, https, socks5 and socks5h"),
            ("file:///hunter2", "http, https, socks5 and socks5h"),
            ("http://proxy.example/hunter2", "a path"),
            ("http://proxy.example?hunter2", "a query"),
            ("http://proxy.example/#hunter2", "a fragment"),
        ] {
            let error = text.parse::<ProxyUrl>().unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(said.contains(problem) && !said.contains("hunter2"), "{text}: {said}");
        }
    }

    fn found(base_url: &str, variables: &[(&str, &str)]) -> Result<Option<String>, ProxyVariableError> {
        let lookup =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let proxy = ProxyUrl::from_environment(&base_url.parse().unwrap(), lookup)?;
        Ok(proxy.map(|proxy| proxy.to_string()))
    }

    #[test]
    fn the_environment_is_read_as_is_the_convention() {
        let (http, https, all) = (("http_proxy", "a:1"), ("HTTPS_PROXY", "b:2"), ("ALL_PROXY", "socks5://c:3"));
        for (base_url, variables, expected) in [
            ("http://mycel.example", &[][..], None),
            ("http://mycel.example", &[http, https, all], Some("http://a:1")),
            ("https://mycel.example", &[http, https, all], Some("http://b:2")),
            ("http://mycel.example", &[https, all], Some("socks5://c:3")),
            ("https://mycel.example", &[http, all], Some("socks5://c:3")),
            ("http://mycel.example", &[https], None),
            ("https://mycel.example", &[http], None),
            ("http://mycel.example", &[("HTTP_PROXY", "d:4")], Some("http://d:4")),
            ("http://mycel.example", &[("HTTP_PROXY", "d:4"), http], Some("http://a:1")),
            ("http://mycel.example", &[("http_proxy", " "), all], Some("socks5://c:3")),
            ("http://mycel.example", &[("HTTP_PROXY", "d:4"), ("REQUEST_METHOD", "GET")], None),
            ("http://mycel.example", &[http, ("REQUEST_METHOD", "GET")], Some("http://a:1")),
            ("https://mycel.example", &[https, ("REQUEST_METHOD", "GET")], Some("http://b:2")),
        ] {
            assert_eq!(found(base_url, variables), Ok(expected.map(str::to_owned)), "{base_url} {variables:?}");
        }
    }

    #[test]
    fn what_is_excepted_is_reached_directly() {
        for (base_url, exceptions, is_direct) in [
            ("http://mycel.example", "mycel.example", true),
            ("http://mycel.example", "other.example, mycel.example", true),
            ("http://mycel.example", "other.example mycel.example", true),
            ("http://mycel.example", "MYCEL.Example", true),
            ("http://eu.mycel.example", "mycel.example", true),
            ("http://eu.mycel.example", ".mycel.example", true),
            ("http://eu.mycel.example", "*.mycel.example", true),
            ("http://notmycel.example", "mycel.example", false),
            ("http://mycel.example.evil.example", "mycel.example", false),
            ("http://mycel.example", "", false),
            ("http://mycel.example", " , ,", false),
            ("http://mycel.example", "*", true),
            ("http://127.0.0.1:8042", "*", true),
            ("http://127.0.0.1:8042", "127.0.0.1", true),
            ("http://127.0.0.1:8042", "127.0.0.0/8", true),
            ("http://127.0.0.1:8042", "10.0.0.0/8", false),
            ("http://127.0.0.1:8042", "localhost", false),
            ("http://127.0.0.1:8042", "127.0.0.1:8042", true),
            ("http://127.0.0.1:8042", "127.0.0.1:8043", false),
            ("https://mycel.example", "mycel.example:443", true),
            ("http://mycel.example", "mycel.example:443", false),
            ("http://mycel.example", "mycel.example:http", false),
            ("http://[::1]:8042", "::1", true),
            ("http://[::1]:8042", "[::1]", true),
            ("http://[::1]:8042", "[::1]:8042", true),
            ("http://[::1]:8042", "[::1]:1", false),
            ("http://[::1]:8042", "fe80::/10", false),
        ] {
            let expected = if is_direct { None } else { Some("http://a:1".to_owned()) };
            for name in ["no_proxy", "NO_PROXY"] {
                let variables = [("all_proxy", "a:1"), (name, exceptions)];
                assert_eq!(found(base_url, &variables), Ok(expected.clone()), "{base_url} with {exceptions:?}");
            }
        }
    }

    #[test]
    fn of_the_environment_only_what_is_used_has_to_be_right() {
        let wrong = ("HTTPS_PROXY", "socks4://ada:hunter2@b:2");
        let error = found("https://mycel.example", &[wrong]).unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(said.starts_with("HTTPS_PROXY: a proxy has to be") && !said.contains("hunter2"), "{said}");
        assert_eq!(found("http://mycel.example", &[wrong]), Ok(None));
        assert_eq!(found("https://mycel.example", &[wrong, ("no_proxy", "*")]), Ok(None));
    }

    #[test]
    fn a_proxy_is_spoken_with_by_its_kind_and_with_its_credentials() {
        let socks = |resolves_names| ProxyKind::Socks { resolves_names };
        for (text, kind, is_https, forwards, credentials, secret) in [
            ("http://proxy.example", ProxyKind::Http, false, true, None, None),
            ("https://proxy.example", ProxyKind::Http, true, true, None, None),
            ("socks5://proxy.example", socks(false), false, false, None, None),
            ("socks5h://proxy.example", socks(true), false, false, None, None),
            ("http://ada:p%40ss@proxy.example", ProxyKind::Http, false, true, Some(("ada", "p@ss")), Some("p@ss")),
            ("http://ada@proxy.example", ProxyKind::Http, false, true, Some(("ada", "")), Some("ada")),
            ("socks5://ada:p%40ss@proxy.example", socks(false), false, false, Some(("ada", "p@ss")), Some("p@ss")),
        ] {
            let proxy: ProxyUrl = text.parse().unwrap();
            assert_eq!((proxy.kind(), proxy.is_https()), (kind, is_https), "{text}");
            assert_eq!(proxy.address().to_string().trim_end_matches('/'), proxy.to_string());
            assert_eq!(proxy.forwards(&"http://mycel.example".parse().unwrap()), forwards, "{text}");
            assert!(!proxy.forwards(&"https://mycel.example".parse().unwrap()), "{text}");
            let raw = credentials.filter(|_| kind != ProxyKind::Http);
            let raw = raw.map(|(user, password)| (user.to_owned(), password.to_owned()));
            assert_eq!(proxy.raw_credentials(), raw, "{text}");
            let basic = proxy.basic_credentials();
            assert_eq!(basic.is_some(), credentials.is_some() && kind == ProxyKind::Http, "{text}");
            assert_eq!(proxy.secret().map(Secret::expose_secret), secret, "{text}");
        }
        let proxy: ProxyUrl = "http://ada:p%40ss@proxy.example".parse().unwrap();
        assert_eq!(proxy.basic_credentials().unwrap(), "Basic YWRhOnBAc3M=");
        assert_eq!(format!("{proxy:?}"), r#"ProxyUrl("http://proxy.example:80")"#);
    }
}
