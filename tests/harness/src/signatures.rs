//! Which posts to a webhook are taken for the platform's: those that are signed with the secret, whole, once, and now.
//!
//! A platform's suite implements [`Posts`] and says `test_harness::signature_tests!(ItsPosts);`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use proptest::collection::vec;
use proptest::prelude::*;
use sha2::Sha256;

use crate::property::holds_for_each;

/// Headers by their names.
pub type Headers = Vec<(String, Vec<u8>)>;

/// An adapter: what a platform posts to webhooks, and how its facade judges posts.
pub trait Posts {
    /// The headers of a post that is signed with the secret at this time, in seconds since 1970.
    fn sign(secret: &[u8], seconds: u64, body: &[u8]) -> Headers;

    /// Whether the facade takes a post; its error's name if not.
    fn judge(with: &With<'_>, headers: &Headers, body: &[u8]) -> Result<(), String>;
}

/// What a post is judged with.
#[derive(Clone, Copy, Debug)]
pub struct With<'s> {
    /// The secrets, one of which it is to be signed with.
    pub secrets: &'s [&'s str],
    /// How far from now its time may lie; absent where the facade is not told.
    pub window: Option<Duration>,
    /// When it is judged.
    pub now: SystemTime,
}

/// HMAC-SHA256 of the parts, one behind the other, in lower-case hexadecimal digits.
pub fn hmac_sha256(secret: &[u8], parts: &[&[u8]]) -> String {
    digest(secret, parts).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(secret: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// Lists the tests, so that platforms run them. A function that is left out is dead code, which is denied.
macro_rules! suite {
    ($d:tt $($test:ident)*) => {
        #[doc(hidden)]
        pub mod run {
            $(pub fn $test<P: super::Posts>() {
                super::$test::<P>();
            })*
        }

        /// The tests of which posts are taken, as tests of this platform's facade.
        #[macro_export]
        macro_rules! signature_tests {
            ($d posts:ty) => {
                $(#[test]
                fn $test() {
                    $crate::signatures::run::$test::<$d posts>();
                })*
            };
        }
    };
}

suite! { $
    whatever_the_secret_what_is_signed_with_it_is_taken
    no_bit_of_a_post_or_of_the_secret_can_be_another
    the_window_is_open_up_to_both_of_its_edges
    the_signature_has_one_spelling
    no_header_may_be_there_twice
    no_part_may_be_missing_or_empty
    what_anybody_could_post_is_not_taken
}

const SECRET: &str = "whsec_live_7f";
const NOW: u64 = 1_790_000_000;
const BODY: &[u8] = br#"{"id":"req_1","type":"run.failed","status":"completed","n":42}"#;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn judged<P: Posts>(secrets: &[&str], headers: &Headers, body: &[u8]) -> Result<(), String> {
    P::judge(&With { secrets, window: None, now: at(NOW) }, headers, body)
}

/// Expects that a post is not taken, whatever is wrong with it.
#[track_caller]
fn refused<P: Posts>(headers: &Headers, body: &[u8]) {
    assert!(judged::<P>(&[SECRET], headers, body).is_err(), "{headers:?} {body:?}");
}

fn whatever_the_secret_what_is_signed_with_it_is_taken<P: Posts>() {
    // The block of SHA-256 has 64 bytes; a key that is longer is hashed first.
    let long = ["k".repeat(63), "k".repeat(64), "k".repeat(65), "k".repeat(10_000)];
    let odd = ["s", " ", "whsec_ä🔑", "\0", "a\nb", "whsec_dGVzdA==", "YWJj-_", "%41"].map(str::to_owned);
    let bodies = [BODY.to_vec(), b"{}".to_vec(), format!(r#"{{"a":"{}ä🔑"}}"#, "x".repeat(1 << 14)).into_bytes()];
    for secret in long.iter().chain(&odd) {
        for body in &bodies {
            let headers = P::sign(secret.as_bytes(), NOW, body);
            for secrets in [&[secret.as_str()][..], &["other", secret], &[secret, "other"]] {
                assert_eq!(judged::<P>(secrets, &headers, body), Ok(()), "{secret:?}");
            }
            assert!(judged::<P>(&["other"], &headers, body).is_err(), "{secret:?}");
            // A blank behind it, or what a form or an encoding would make of it, is another secret.
            for other in [format!("{secret}x"), format!("x{secret}"), secret.to_uppercase() + "X"] {
                assert!(judged::<P>(&[&other], &headers, body).is_err(), "{secret:?} {other:?}");
            }
        }
    }
}

/// Each of the texts that differ from these bytes in one bit.
fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(|bit| {
        let mut other = bytes.to_vec();
        other[bit / 8] ^= 1 << (bit % 8);
        other
    })
}

fn no_bit_of_a_post_or_of_the_secret_can_be_another<P: Posts>() {
    let headers = P::sign(SECRET.as_bytes(), NOW, BODY);
    assert_eq!(judged::<P>(&[SECRET], &headers, BODY), Ok(()));
    flipped(BODY).for_each(|body| refused::<P>(&headers, &body));
    for (index, (_, value)) in headers.iter().enumerate() {
        for value in flipped(value) {
            let mut headers = headers.clone();
            headers[index].1 = value;
            refused::<P>(&headers, BODY);
        }
    }
    for secret in flipped(SECRET.as_bytes()).filter_map(|secret| String::from_utf8(secret).ok()) {
        assert!(judged::<P>(&[&secret], &headers, BODY).is_err(), "{secret:?}");
    }
    for cut in 0..BODY.len() {
        refused::<P>(&headers, &BODY[..cut]);
        refused::<P>(&headers, &BODY[cut + 1..]);
    }
}

fn the_window_is_open_up_to_both_of_its_edges<P: Posts>() {
    let headers = P::sign(SECRET.as_bytes(), NOW, BODY);
    let is_taken = |window: Option<u64>, now| {
        let window = window.map(Duration::from_secs);
        P::judge(&With { secrets: &[SECRET], window, now }, &headers, BODY).is_ok()
    };
    for (window, seconds) in [(None, 300), (Some(0), 0), (Some(1), 1), (Some(86_400), 86_400)] {
        for (now, is_in) in [
            (NOW - seconds - 1, false),
            (NOW - seconds, true),
            (NOW, true),
            (NOW + seconds, true),
            (NOW + seconds + 1, false),
            (0, false),
            (u64::from(u32::MAX) * 2, false),
        ] {
            assert_eq!(is_taken(window, at(now)), is_in, "{window:?} {now}");
        }
    }
    // Parts of a second don't count.
    assert!(is_taken(None, at(NOW + 300) + Duration::from_millis(999)));
    // A clock that stands before 1970 is wrong, and nothing is told by it.
    assert!(!is_taken(None, UNIX_EPOCH - Duration::from_secs(NOW)));
}

/// The post with another text in the place of the signature's digits.
fn respelled(headers: &Headers, spell: impl Fn(&str) -> String) -> Headers {
    let mut headers = headers.clone();
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    for (_, value) in &mut headers {
        if let Some(at) = value.windows(64).position(|digits| digits.iter().all(is_digit)) {
            let spelled = spell(std::str::from_utf8(&value[at..at + 64]).unwrap());
            value.splice(at..at + 64, spelled.into_bytes());
        }
    }
    headers
}

fn the_signature_has_one_spelling<P: Posts>() {
    let headers = P::sign(SECRET.as_bytes(), NOW, BODY);
    let bytes = |digits: &str| -> Vec<u8> {
        digits.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    };
    assert_eq!(judged::<P>(&[SECRET], &respelled(&headers, str::to_owned), BODY), Ok(()));
    let spellings: [&dyn Fn(&str) -> String; 18] = [
        &str::to_uppercase,
        // One letter alone; where there is none there is one at the other end.
        &|digits| digits.replacen(['a', 'b', 'c', 'd', 'e', 'f'], "A", 1),
        &|digits| BASE64_STANDARD.encode(bytes(digits)),
        &|digits| BASE64_URL_SAFE_NO_PAD.encode(bytes(digits)),
        &|digits| BASE64_STANDARD.encode(digits),
        &|digits| format!("0x{digits}"),
        &|digits| format!("sha256={digits}"),
        &|digits| format!("\"{digits}\""),
        &|digits| digits[..63].to_owned(),
        &|digits| digits[..62].to_owned(),
        &|digits| digits[..2].to_owned(),
        &|digits| digits[2..].to_owned(),
        &|digits| format!("{digits}00"),
        &|digits| format!("{digits}{digits}"),
        &|digits| digits.chars().flat_map(|digit| [digit, ' ']).collect(),
        &|digits| digits.bytes().map(|byte| format!("%{byte:02x}")).collect(),
        // Digits of full width.
        &|digits| digits.chars().map(|digit| char::from_u32(u32::from(digit) + 0xfee0).unwrap()).collect(),
        &|_| String::new(),
    ];
    for (number, spell) in spellings.iter().enumerate() {
        let respelled = respelled(&headers, spell);
        assert_ne!(respelled, headers, "{number}");
        refused::<P>(&respelled, BODY);
    }
}

fn no_header_may_be_there_twice<P: Posts>() {
    let headers = P::sign(SECRET.as_bytes(), NOW, BODY);
    for (name, value) in &headers {
        for second in [value.clone(), b"x".to_vec(), Vec::new()] {
            for name in [name.clone(), name.to_lowercase(), name.to_uppercase()] {
                let second = (name, second.clone());
                refused::<P>(&headers.iter().cloned().chain([second.clone()]).collect(), BODY);
                refused::<P>(&[second].into_iter().chain(headers.clone()).collect(), BODY);
            }
        }
    }
    // Any others may.
    let others = [("host", "a"), ("Host", "b"), ("x-webhook-id", "c"), ("", "")];
    let others = others.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    assert_eq!(judged::<P>(&[SECRET], &headers.into_iter().chain(others).collect(), BODY), Ok(()));
}

fn no_part_may_be_missing_or_empty<P: Posts>() {
    let headers = P::sign(SECRET.as_bytes(), NOW, BODY);
    for index in 0..headers.len() {
        for value in ["", " ", "\t"] {
            let mut empty = headers.clone();
            empty[index].1 = value.as_bytes().to_vec();
            refused::<P>(&empty, BODY);
        }
        let mut fewer = headers.clone();
        fewer.remove(index);
        refused::<P>(&fewer, BODY);
    }
    refused::<P>(&Vec::new(), BODY);
    refused::<P>(&headers, b"");
    refused::<P>(&P::sign(SECRET.as_bytes(), NOW, b""), BODY);
    // With no secret anybody could sign; beside another it is a mistake all the same.
    let unsigned = P::sign(b"", NOW, BODY);
    for secrets in [&[""][..], &["", SECRET], &[SECRET, ""]] {
        assert!(judged::<P>(secrets, &unsigned, BODY).is_err(), "{secrets:?}");
    }
    refused::<P>(&unsigned, BODY);
}

fn what_anybody_could_post_is_not_taken<P: Posts>() {
    let value = || {
        prop_oneof![
            2 => vec(any::<u8>(), 0..80),
            1 => "[ -~]{0,80}".prop_map(String::into_bytes),
            2 => "(t=|v1=|,| |1790000000|[0-9a-f]{64}|\\.){0,6}".prop_map(String::into_bytes),
        ]
    };
    let names: Vec<_> = P::sign(b"s", NOW, b"").into_iter().map(|(name, _)| name).collect();
    let values = (vec(value(), names.len()), vec(any::<u8>(), 0..60), "\\PC{1,20}", any::<u64>());
    holds_for_each(300, values, |(values, body, secret, seconds)| {
        let headers = names.iter().cloned().zip(values).collect();
        let secrets = [secret.as_str()];
        for (body, now) in [(body.as_slice(), at(NOW)), (BODY, at(seconds % (1 << 34)))] {
            let with = With { secrets: &secrets, window: None, now };
            assert!(P::judge(&with, &headers, body).is_err(), "{headers:?} {body:?}");
        }
    });
}
