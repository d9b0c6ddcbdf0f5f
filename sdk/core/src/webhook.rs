//! What every webhook's post is checked with; each platform has its own form of headers, and its own event.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use subtle::ConstantTimeEq;

use crate::secret::Secret;
use crate::signature::hmac_sha256;

/// How far from now a signed message's time may lie unless a program says otherwise.
const REPLAY_WINDOW: Duration = Duration::from_secs(300);

/// Why what was posted to a webhook is not taken for the platform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// It lacks this header, or it is empty.
    #[error("the webhook's post has no {0}")]
    HeaderMissing(&'static str),
    /// It has this header twice.
    #[error("the webhook's post has {0} twice")]
    HeaderTwice(&'static str),
    /// It is signed with another secret, or was changed on its way. Is the body the very bytes that came?
    #[error("the webhook's post is not signed with this secret, or was changed")]
    WrongSignature,
    /// It is signed, and its time lies too far from now: it was made again, or one of the clocks is wrong.
    #[error("the webhook's post is too old, or of the future")]
    OutsideWindow,
    /// It is signed, and holds no event.
    #[error("the webhook's post is signed, but its body is no JSON object")]
    NoEvent,
    /// A secret is empty, with which anybody could sign. Nothing was looked at.
    #[error("a webhook's secret is empty; give the one that its posts are signed with")]
    SecretEmpty,
}

/// What posts are checked with.
#[derive(Clone, Debug)]
pub struct Check {
    secrets: Vec<Secret>,
    window: Option<Duration>,
}

impl Check {
    /// With this secret, and the usual window.
    pub fn new(secret: Secret) -> Self {
        Self { secrets: vec![secret], window: Some(REPLAY_WINDOW) }
    }

    /// Takes what is signed with this one, too.
    pub fn add(&mut self, secret: Secret) {
        self.secrets.push(secret);
    }

    /// How far from now a post's time may lie; `None` for no such limit.
    pub fn set_window(&mut self, window: Option<Duration>) {
        self.window = window;
    }

    /// The values of the headers of these names, each of which has to be there once.
    ///
    /// # Errors
    ///
    /// If one is not, or if a secret is empty.
    pub fn headers<const N: usize>(
        &self,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        names: [&'static str; N],
    ) -> Result<[Vec<u8>; N], WebhookError> {
        if self.secrets.iter().any(|secret| secret.expose_secret().is_empty()) {
            return Err(WebhookError::SecretEmpty);
        }
        let mut found = names.map(|_| None);
        for (name, value) in headers {
            let wanted = found.iter_mut().zip(names).find(|(_, wanted)| wanted.eq_ignore_ascii_case(name.as_ref()));
            let Some((found, wanted)) = wanted else { continue };
            if found.replace(value.as_ref().to_vec()).is_some() {
                return Err(WebhookError::HeaderTwice(wanted));
            }
        }
        let found = found.map(Option::unwrap_or_default);
        match found.iter().zip(names).find(|(found, _)| found.is_empty()) {
            Some((_, missing)) => Err(WebhookError::HeaderMissing(missing)),
            None => Ok(found),
        }
    }

    /// Whether one of these is the HMAC-SHA256 of the parts, one behind the other, with one of the secrets, in lower-case
    /// hexadecimal digits. It takes the same time however much of them is right.
    pub fn is_signed(&self, parts: &[&[u8]], signatures: &[&[u8]]) -> bool {
        let signatures: Vec<_> = signatures.iter().filter_map(|digits| bytes_of(digits)).collect();
        self.secrets.iter().any(|secret| {
            let expected = hmac_sha256(secret.expose_secret().as_bytes(), parts);
            signatures.iter().any(|signature| expected.as_ref().ct_eq(signature).into())
        })
    }

    /// Whether a time in seconds since 1970 lies in the window around now. One that is not known lies in none.
    pub fn is_in_window(&self, seconds: Option<i64>, now: SystemTime) -> bool {
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let distance = seconds.zip(i64::try_from(now).ok()).map(|(seconds, now)| now.abs_diff(seconds));
        self.window.is_none_or(|window| distance.is_some_and(|distance| distance <= window.as_secs()))
    }
}

/// The bytes that these digits stand for: all that SHA-256 has.
fn bytes_of(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pair = |pair: &[u8]| match *pair {
        [high, low] => Some(digit(high)? * 16 + digit(low)?),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

/// Defines the verifier of a platform's posts: its name, what it makes of them, and how. `read` is given the [`Check`], the
/// values of the headers, the body, and now.
#[doc(hidden)]
#[macro_export]
macro_rules! webhook_verifier {
    (
        $(#[$doc:meta])*
        $name:ident -> $event:ty, $read:path, $headers:expr;
        $(#[$new_doc:meta])*
        new
    ) => {
        $(#[$doc])*
        ///
        /// While a secret is changed, posts that are signed with either are on their way:
        #[doc = concat!("`", stringify!($name), "::new(new).or_secret(old)` takes both.")]
        #[derive(Clone, Debug)]
        pub struct $name($crate::webhook::Check);

        impl $name {
            $(#[$new_doc])*
            pub fn new(secret: impl Into<$crate::Secret>) -> Self {
                Self($crate::webhook::Check::new(secret.into()))
            }

            /// Takes what is signed with this secret, too.
            #[must_use]
            pub fn or_secret(mut self, secret: impl Into<$crate::Secret>) -> Self {
                self.0.add(secret.into());
                self
            }

            /// How far from now the time of the post may lie, in whole seconds, before or behind it. 300 s unless set; `None`
            /// for no such limit, with which whoever has seen a post can make it again.
            #[must_use]
            pub fn window(mut self, window: impl Into<Option<std::time::Duration>>) -> Self {
                self.0.set_window(window.into());
                self
            }

            /// Checks a post: its headers, those of `http` or any pairs of names and values, and its body, the very bytes that
            /// came.
            ///
            /// # Errors
            ///
            /// What speaks against it.
            pub fn verify(
                &self,
                headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
                body: &[u8],
            ) -> Result<$event, $crate::webhook::WebhookError> {
                self.verify_at(headers, body, std::time::SystemTime::now())
            }

            /// The same at another time than now: for posts that were kept, and for tests.
            ///
            /// # Errors
            ///
            /// What speaks against it.
            pub fn verify_at(
                &self,
                headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
                body: &[u8],
                now: std::time::SystemTime,
            ) -> Result<$event, $crate::webhook::WebhookError> {
                $read(&self.0, self.0.headers(headers, $headers)?, body, now)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4231, test case 2.
    const DIGITS: &[u8] = b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    /// Those of RFC 4231 whose keys are texts, as secrets are.
    #[test]
    fn what_the_rfc_has_signed_is_known() {
        let counted: String = ('\u{1}'..='\u{19}').collect();
        for (secret, text, digits) in [
            ("\u{b}".repeat(20), &b"Hi There"[..], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            ("Jefe".to_owned(), b"what do ya want for nothing?", std::str::from_utf8(DIGITS).unwrap()),
            (counted, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        ] {
            let check = Check::new(secret.into());
            assert!(check.is_signed(&[text], &[digits.as_bytes()]), "{digits}");
            // Of the fifth case no more than the half is told, which is no signature.
            assert!(!check.is_signed(&[text], &[&digits.as_bytes()[..32]]), "{digits}");
        }
    }

    #[test]
    fn what_is_signed_with_a_secret_is_known() {
        let check = Check::new("Jefe".into());
        assert!(check.is_signed(&[b"what do ya want ", b"for nothing?"], &[DIGITS]));
        assert!(check.is_signed(&[b"what do ya want for nothing?"], &[b"", &[b'0'; 64], DIGITS]));
        assert!(!check.is_signed(&[b"what do ya want for nothing!"], &[DIGITS]));
        assert!(!check.is_signed(&[b"what do ya want for nothing?"], &[]));
        let text = std::str::from_utf8(DIGITS).unwrap();
        for other in
            [&text[1..], &text[2..], "", &text.to_uppercase(), &format!("{text}00"), &format!(" {}", &text[1..])]
        {
            assert!(!check.is_signed(&[b"what do ya want for nothing?"], &[other.as_bytes()]), "{other}");
        }
    }

    /// What is secret is compared in constant time by construction: signatures are computed at one place, and compared at
    /// another, by the function that subtle has for it. No other code of an SDK does either.
    #[test]
    fn signatures_are_compared_at_one_place_alone() {
        let sdk = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let (mut folders, mut found, mut files) = (vec![sdk.clone()], Vec::new(), 0);
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.components().any(|part| part.as_os_str() == "src") {
                    files += 1;
                    let source = std::fs::read_to_string(&path).unwrap_or_default();
                    let code = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
                    for function in ["hmac::", "HMAC_SHA256", "Context::with_key(", ".sign()", "ct_eq"] {
                        let path = path.strip_prefix(&sdk).unwrap().to_str().unwrap().replace('\\', "/");
                        found.extend(code.matches(function).map(|_| (path.clone(), function)));
                    }
                }
            }
        }
        assert!(files > 100);
        found.sort_unstable();
        let expected = [
            ("core/src/signature.rs", ".sign()"),
            ("core/src/signature.rs", "Context::with_key("),
            ("core/src/signature.rs", "HMAC_SHA256"),
            ("core/src/signature.rs", "HMAC_SHA256"),
            ("core/src/signature.rs", "hmac::"),
            ("core/src/webhook.rs", "ct_eq"),
        ];
        assert_eq!(found, expected.map(|(path, function)| (path.to_owned(), function)));
    }

    #[test]
    fn any_of_several_secrets_will_do() {
        let is_signed = |check: Check| check.is_signed(&[b"what do ya want for nothing?"], &[DIGITS]);
        let mut check = Check::new("jefe".into());
        assert!(!is_signed(check.clone()));
        check.add("Jefe".into());
        assert!(is_signed(check.clone()));
        assert!(!format!("{check:?}").contains("efe"));
    }

    #[test]
    fn a_time_is_near_enough_up_to_the_edge_of_the_window() {
        let now = UNIX_EPOCH + Duration::from_millis(1_000_900);
        let mut check = Check::new("s".into());
        for (seconds, is_near) in
            [(1000, true), (700, true), (699, false), (1300, true), (1301, false), (i64::MIN, false), (i64::MAX, false)]
        {
            assert_eq!(check.is_in_window(Some(seconds), now), is_near, "{seconds}");
        }
        assert!(!check.is_in_window(None, now));
        check.set_window(Some(Duration::ZERO));
        assert!(check.is_in_window(Some(1000), now) && !check.is_in_window(Some(1001), now));
        check.set_window(None);
        assert!(check.is_in_window(Some(i64::MIN), now) && check.is_in_window(None, now));
    }

    #[test]
    fn each_header_has_to_be_there_once() {
        let check = Check::new("s".into());
        let one = |headers: &[(&str, &str)]| check.headers(headers.iter().copied(), ["A"]);
        assert_eq!(one(&[("b", "x"), ("a", "1")]), Ok([b"1".to_vec()]));
        for twice in [[("a", "1"), ("A", "1")], [("a", ""), ("a", "1")], [("a", "1"), ("a", "")]] {
            assert_eq!(one(&twice), Err(WebhookError::HeaderTwice("A")));
        }
        for missing in [&[][..], &[("a", "")], &[("b", "x")]] {
            assert_eq!(one(missing), Err(WebhookError::HeaderMissing("A")));
        }
    }

    #[test]
    fn an_empty_secret_checks_nothing() {
        let mut check = Check::new("s".into());
        check.add("".into());
        for check in [Check::new("".into()), check] {
            assert_eq!(check.headers([("a", "1")], ["A"]), Err(WebhookError::SecretEmpty));
        }
    }
}
