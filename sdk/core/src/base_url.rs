//! The URL that stands before each path.

use std::fmt;
use std::str::FromStr;

/// A backend's URL in the form that it is put before paths in: `http` or `https`, no credentials, no query,
/// no fragment, no slash at the end.
///
/// ```
/// use agent_sdk_core::BaseUrl;
///
/// let url: BaseUrl = "https://Agents.example/gateway/".parse()?;
/// assert_eq!(url.as_str(), "https://agents.example/gateway");
/// # Ok::<(), agent_sdk_core::BaseUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
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
        let url = reqwest::Url::parse(text.trim()).map_err(|error| BaseUrlError::Unreadable(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BaseUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::QueryOrFragment);
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_brought_into_one_form() {
        for (text, one_form) in [
            ("http://127.0.0.1:8042", "http://127.0.0.1:8042"),
            ("http://127.0.0.1:8042/", "http://127.0.0.1:8042"),
            (" https://Mycel.Example/a/b// ", "https://mycel.example/a/b"),
            ("http://[::1]:8042", "http://[::1]:8042"),
            ("https://mycel.example:443", "https://mycel.example"),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().as_str(), one_form);
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_without_repeating_it() {
        for (text, problem) in [
            ("", "can't be read"),
            ("127.0.0.1:8042", "can't be read"),
            ("localhost:8042", "http://"),
            ("ftp://mycel.example", "http://"),
            ("file:///etc", "http://"),
            ("http://", "can't be read"),
            ("http://ada:hunter2@mycel.example", "credentials"),
            ("https://mycel.example?token=hunter2", "query"),
            ("https://mycel.example#hunter2", "fragment"),
        ] {
            let error = text.parse::<BaseUrl>().unwrap_err().to_string();
            assert!(error.contains(problem) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}
