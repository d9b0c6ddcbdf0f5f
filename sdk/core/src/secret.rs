//! Values that must not reach a log.

use std::fmt;

use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};

/// A token, password or one-time code.
///
/// It has no `Display`, its `Debug` prints no part of it, it can't be serialized, and it can't be compared, which
/// would take a time that tells how much is right. The text is to be had only by
/// [`expose_secret`](Self::expose_secret), which is easy to search for.
///
/// # What is wiped
///
/// Its own memory is wiped when it is dropped, as is a `String` that it is made from. What it takes to use it is
/// not: the header or body that it is sent in, the buffers that these pass on their way, the response that it came
/// in, and whatever else a program copies it to.
///
/// # What is taken out of errors
///
/// Where a backend repeats a secret that a call carried, no text of the call's error shows it: not as it is, not in
/// another case, not escaped as in JSON, not percent-encoded, and not when at least its first 8 characters are
/// left of it. Where it is shorter than 4 characters, it is looked for as a word of its own, since most texts have
/// its letters somewhere, and the whole text that repeats it is taken out. A secret in other disguises, such as
/// Base64, is not recognized.
///
/// ```
/// use agent_platform_core::Secret;
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
    fn from(mut text: String) -> Self {
        // By way of a copy of the right length: to shrink the text itself may move it, and leave it behind.
        let secret = Self::from(text.as_str());
        text.zeroize();
        secret
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

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::zeroize::ZeroizeOnDrop;

    /// Fails to compile if the type has the trait: which of the two impls is meant is clear only without it.
    macro_rules! has_not {
        ($type:ty: $bound:path) => {{
            trait Ambiguous<A> {
                fn check() {}
            }
            struct Has;
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $bound> Ambiguous<Has> for T {}
            <$type as Ambiguous<_>>::check();
        }};
    }

    #[test]
    fn its_memory_is_wiped_when_it_is_dropped() {
        fn is_wiped<T: ZeroizeOnDrop>(_: &T) {}
        is_wiped(&Secret::from("tok-123").0);
    }

    #[test]
    fn it_can_not_be_shown_written_or_compared() {
        has_not!(Secret: fmt::Display);
        has_not!(Secret: serde::Serialize);
        has_not!(Secret: PartialEq<Secret>);
        has_not!(Secret: PartialEq<str>);
        has_not!(Secret: PartialOrd<Secret>);
        has_not!(Secret: std::hash::Hash);
        has_not!(Secret: AsRef<str>);
        has_not!(Secret: AsRef<[u8]>);
        has_not!(Secret: std::ops::Deref);
    }
}
