//! Ids: one type per kind of thing, so that one can't stand where another belongs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::request::Platform;

/// An id that can be a segment of a path.
///
/// `P` is the platform that it is an id of. Since that is a private type, this is no part of a facade's public API.
pub trait PathId<P> {
    /// What it is the id of, in words.
    const KIND: &'static str;

    /// The id.
    fn as_text(&self) -> &str;
}

/// The longest id that is put into a path, in bytes. It may become three times as long there, a path may hold two,
/// and a URL has room for less than 64 KiB.
pub(crate) const LONGEST_ID: usize = 8 * 1024;

/// Says why an id can't be a segment of a path: as one it would reach another route than its own, or none.
/// A URL drops `.` and `..`, and a backend takes an encoded `/` for a real one.
pub fn path_problem<P: Platform>(id: &str) -> Option<String> {
    let problem = match id {
        "" => "is empty",
        "." | ".." => "is `.` or `..`",
        _ if id.contains(P::NOT_IN_IDS) => {
            let named: Vec<_> = P::NOT_IN_IDS.iter().map(|character| format!("`{character}`")).collect();
            return Some(format!("holds a {}", named.join(" or ")));
        }
        _ if id.len() > LONGEST_ID => "is longer than 8 KiB",
        _ => return None,
    };
    Some(problem.to_owned())
}

/// What a segment of a path may hold as it is whatever reads it: RFC 3986 calls the rest reserved, or has it encoded. A URL
/// parser takes a `\` for a `/`, for one.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The text as a segment of a path. It is one segment whatever it holds; but see [`path_problem`].
pub fn encode_path(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Defines the ids of a platform. `$forbidden` are the characters that none may have which is put into a path, in words.
#[doc(hidden)]
#[macro_export]
macro_rules! ids {
    ($platform:ident, without $forbidden:literal; $($(#[$doc:meta])* $name:ident, $kind:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// It is made from any text without a check. One that could not be addressed (empty, `.`, `..`, with a
        #[doc = concat!($forbidden, ", or longer than 8 KiB) is refused by the call that would put it into a path, before")]
        /// anything is sent.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $crate::PathId<$platform> for $name {
            const KIND: &'static str = $kind;

            fn as_text(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<&String> for $name {
            fn from(id: &String) -> Self {
                Self(id.clone())
            }
        }

        /// Takes any text, as the conversions do.
        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(id: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self(id.to_owned()))
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Smallest;

    #[test]
    fn a_segment_keeps_what_is_unreserved_and_nothing_else() {
        let kept = "azAZ09-._~";
        assert_eq!(encode_path(kept), kept);
        for character in (0..0x100).filter_map(char::from_u32).filter(|character| !kept.contains(*character)) {
            if character.is_ascii_alphanumeric() {
                continue;
            }
            let bytes = character.to_string();
            let expected: String = bytes.bytes().map(|byte| format!("%{byte:02X}")).collect();
            assert_eq!(encode_path(&bytes), expected);
        }
    }

    #[test]
    fn an_id_that_would_lead_elsewhere_is_told_why() {
        let longest = "x".repeat(8_192);
        for (id, problem) in [
            ("", Some("is empty")),
            (".", Some("is `.` or `..`")),
            ("..", Some("is `.` or `..`")),
            ("a/b", Some("holds a `/` or `\\`")),
            ("a\\b", Some("holds a `/` or `\\`")),
            (&format!("{longest}x"), Some("is longer than 8 KiB")),
            (&longest, None),
            ("...", None),
            ("a b?#%", None),
        ] {
            assert_eq!(path_problem::<Smallest>(id).as_deref(), problem, "{:.20}", id);
        }
    }
}
