//! The URL that stands before each path.

use std::fmt;
use std::str::FromStr;

/// A backend's URL in the form that it is put before paths in: `http` or `https`, no credentials, no query,
/// no fragment, no slash at the end.
///
/// Space around it, capitals in its scheme and host, a default port and dots in its path are put right. What
/// could be read in two ways is refused: space or control characters inside, backslashes, an `@` before the
/// path, slashes too many or too few.
///
/// ```
/// use agent_platform_core::BaseUrl;
///
/// let url: BaseUrl = "https://Agents.example/gateway/".parse()?;
/// assert_eq!(url.as_str(), "https://agents.example/gateway");
/// # Ok::<(), agent_platform_core::BaseUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no base URL. The text itself is not repeated: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// It is no URL at all.
    #[error("the base URL can't be read ({0}); write one like http://127.0.0.1:8042")]
    Unreadable(String),
    /// It has a port that nothing can listen on.
    #[error("the base URL has port 0; write the port that the backend listens on")]
    Port,
    /// It is not for HTTP.
    #[error("the base URL has to begin with http:// or https://")]
    Scheme,
    /// It holds a user name or a password.
    #[error("the base URL holds credentials; leave them out and set an auth token")]
    Credentials,
    /// It has a query or a fragment.
    #[error("the base URL has a query or a fragment; leave it out")]
    QueryOrFragment,
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let unreadable = |problem: &str| Err(BaseUrlError::Unreadable(problem.to_owned()));
        // What the URL parser would pass over, or read as something else.
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return unreadable("space, a control character or a backslash is in it");
        }
        let mut url = reqwest::Url::parse(text).map_err(|error| BaseUrlError::Unreadable(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BaseUrlError::Scheme);
        }
        let Some((_, rest)) = text.split_once("://").filter(|(_, rest)| !rest.starts_with('/')) else {
            return unreadable("two slashes have to be before the host");
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(BaseUrlError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::QueryOrFragment);
        }
        if url.port() == Some(0) {
            return Err(BaseUrlError::Port);
        }
        // The client takes fewer hosts than the parser does.
        if url.as_str().parse::<http::Uri>().is_err() {
            return unreadable("its host or path can't be sent");
        }
        encode_path(&mut url);
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

/// Encodes what a path may not hold as it is (RFC 3986, section 3.3), but what the URL standard of browsers leaves alone.
fn encode_path(url: &mut reqwest::Url) {
    if !url.path().contains(['[', ']', '^', '|']) {
        return;
    }
    let mut path = url.path().to_owned();
    for (character, encoded) in [("[", "%5B"), ("]", "%5D"), ("^", "%5E"), ("|", "%7C")] {
        path = path.replace(character, encoded);
    }
    url.set_path(&path);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each text with what it is made of, or with what the refusal says.
    const DECISIONS: &[(&str, Result<&str, &str>)] = &[
        ("http://127.0.0.1:8042", Ok("http://127.0.0.1:8042")),
        ("http://127.0.0.1:8042/", Ok("http://127.0.0.1:8042")),
        ("http://127.0.0.1:8042//", Ok("http://127.0.0.1:8042")),
        (" https://mycel.example\n", Ok("https://mycel.example")),
        ("HTTPS://Mycel.Example/A", Ok("https://mycel.example/A")),
        ("https://mycel.example:443", Ok("https://mycel.example")),
        ("http://mycel.example:", Ok("http://mycel.example")),
        ("http://mycel.example:65535", Ok("http://mycel.example:65535")),
        ("http://mycel.example.", Ok("http://mycel.example.")),
        ("http://[::1]:8042", Ok("http://[::1]:8042")),
        ("http://[2001:DB8:0:0::1]/a", Ok("http://[2001:db8::1]/a")),
        ("http://[::ffff:127.0.0.1]", Ok("http://[::ffff:7f00:1]")),
        ("http://2130706433", Ok("http://127.0.0.1")),
        ("http://0x7f.1", Ok("http://127.0.0.1")),
        ("https://b\u{fc}cher.example", Ok("https://xn--bcher-kva.example")),
        ("https://myc\u{435}l.example", Ok("https://xn--mycl-x4d.example")),
        ("https://mycel\u{3002}example", Ok("https://mycel.example")),
        ("http://mycel%2Eexample", Ok("http://mycel.example")),
        // A path.
        ("http://mycel.example/mycel", Ok("http://mycel.example/mycel")),
        ("http://mycel.example/a/b//", Ok("http://mycel.example/a/b")),
        ("http://mycel.example/a/../b", Ok("http://mycel.example/b")),
        ("http://mycel.example/a/%2e%2e/b", Ok("http://mycel.example/b")),
        ("http://mycel.example/../..", Ok("http://mycel.example")),
        ("http://mycel.example/a%2Fb", Ok("http://mycel.example/a%2Fb")),
        ("http://mycel.example/@good.example", Ok("http://mycel.example/@good.example")),
        ("http://mycel.example/[a]|b^", Ok("http://mycel.example/%5Ba%5D%7Cb%5E")),
        ("http://mycel.example/\u{fc}", Ok("http://mycel.example/%C3%BC")),
        // No URL.
        ("", Err("can't be read")),
        (" ", Err("can't be read")),
        ("mycel.example", Err("can't be read")),
        ("127.0.0.1:8042", Err("can't be read")),
        ("//mycel.example", Err("can't be read")),
        ("http://", Err("can't be read")),
        ("http://:8042", Err("can't be read")),
        ("http:mycel.example", Err("two slashes")),
        ("http:/mycel.example", Err("two slashes")),
        ("http:///mycel.example", Err("two slashes")),
        ("http://mycel.example:65536", Err("can't be read")),
        ("http://mycel.example:-1", Err("can't be read")),
        ("http://mycel.example:80a", Err("can't be read")),
        ("http://mycel.example:0", Err("port 0")),
        ("http://[::1", Err("can't be read")),
        ("http://[fe80::1%eth0]", Err("can't be read")),
        ("http://256.0.0.1", Err("can't be read")),
        ("http://xn--\u{fc}.example", Err("can't be read")),
        ("http://myc el.example", Err("space")),
        ("http://mycel.example/a b", Err("space")),
        ("ht\ttp://mycel.example", Err("control character")),
        ("http://mycel.\nexample", Err("control character")),
        ("http://mycel.example/\u{0}", Err("control character")),
        ("http://mycel.example\\a", Err("backslash")),
        ("http://{host}", Err("can't be read")),
        // Another scheme.
        ("localhost:8042", Err("http://")),
        ("ftp://mycel.example", Err("http://")),
        ("file:///etc", Err("http://")),
        ("ws://mycel.example", Err("http://")),
        ("wss://mycel.example", Err("http://")),
        ("javascript:alert(1)", Err("http://")),
        // Credentials, and what only looks like a host.
        ("http://ada:hunter2@mycel.example", Err("credentials")),
        ("http://hunter2@mycel.example", Err("credentials")),
        ("http://:hunter2@mycel.example", Err("credentials")),
        ("http://good.example@hunter2.example", Err("credentials")),
        ("http://@mycel.example", Err("credentials")),
        ("http://:@mycel.example", Err("credentials")),
        ("http://good.example:80@hunter2.example", Err("credentials")),
        ("http://good.example%40hunter2.example", Err("can't be read")),
        ("http://good.example%2Fhunter2.example", Err("can't be read")),
        ("http://good.example%00.hunter2.example", Err("can't be read")),
        ("http://good.example\\@hunter2.example", Err("backslash")),
        // More than a base.
        ("https://mycel.example?token=hunter2", Err("query")),
        ("https://mycel.example/?", Err("query")),
        ("https://mycel.example#hunter2", Err("fragment")),
        ("https://mycel.example/a#", Err("fragment")),
    ];

    #[test]
    fn each_text_is_decided_on() {
        for (text, decision) in DECISIONS {
            match (text.parse::<BaseUrl>(), decision) {
                (Ok(url), Ok(expected)) => assert_eq!(url.as_str(), *expected, "{text:?}"),
                (Err(error), Err(problem)) => {
                    let said = format!("{error} {error:?}");
                    assert!(said.contains(problem), "{text:?}: {said}");
                    assert!(!said.contains("hunter2"), "{text:?}: {said}");
                }
                (outcome, _) => panic!("{text:?}: {outcome:?}"),
            }
        }
    }

    #[test]
    fn the_one_form_is_its_own() {
        for expected in DECISIONS.iter().filter_map(|(_, decision)| decision.ok()) {
            assert_eq!(expected.parse::<BaseUrl>().unwrap().as_str(), expected);
        }
    }

    #[test]
    fn it_is_shown_as_it_stands_before_paths() {
        assert_eq!("http://Mycel.example/a/".parse::<BaseUrl>().unwrap().to_string(), "http://mycel.example/a");
    }
}
