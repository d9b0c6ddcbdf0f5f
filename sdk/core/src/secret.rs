//! Values that must not reach a log.

use std::fmt;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// A token, password or one-time code.
///
/// It has no `Display`, its `Debug` prints no part of it, and its memory is wiped when it is dropped. The
/// text is to be had only by [`expose_secret`](Self::expose_secret), which is easy to search for.
///
/// ```
/// use agent_sdk_core::Secret;
///
/// let token = Secret::from("eyJhbGciOi");
/// assert_eq!(format!("{token:?}"), "Secret([redacted])");
/// assert_eq!(token.expose_secret(), "eyJhbGciOi");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself. Keep it out of logs, error messages and command lines.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(SecretString::from(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(SecretString::from(text))
    }
}

impl From<&String> for Secret {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Secret> for Secret {
    fn from(secret: &Secret) -> Self {
        secret.clone()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// A bearer token with the `Authorization` header that carries it, made once for all requests.
#[derive(Clone)]
pub struct BearerToken {
    secret: Secret,
    header: Option<HeaderValue>,
}

impl BearerToken {
    /// Takes any text. A text that no header can carry (it is empty, or holds a control character or a
    /// character outside of ASCII) is refused when a call is about to be made with it.
    pub fn new(secret: Secret) -> Self {
        let text = secret.expose_secret();
        let carriable = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let header = carriable.then(|| HeaderValue::from_str(&format!("Bearer {text}")).ok());
        let header = header.flatten().map(|mut header| {
            header.set_sensitive(true);
            header
        });
        Self { secret, header }
    }

    /// The header's value, marked sensitive; `None` where no header can carry the token.
    pub(crate) fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }

    /// The token itself.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_printed_by_nothing_and_marked_sensitive() {
        let token = BearerToken::new(Secret::from("tok-123"));
        assert!(!format!("{token:?} {:?}", token.secret()).contains("tok-123"));
        let header = token.header().unwrap();
        assert!(header.is_sensitive());
        assert_eq!(header.to_str().unwrap(), "Bearer tok-123");
        assert!(!format!("{header:?}").contains("tok-123"));
    }

    #[test]
    fn what_no_header_can_carry_has_no_header() {
        for text in ["", "a\nb", "a b", "tökén", "a\u{7f}"] {
            assert!(BearerToken::new(Secret::from(text)).header().is_none(), "{text:?}");
        }
    }
}
