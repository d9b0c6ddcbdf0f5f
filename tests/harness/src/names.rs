//! Hostile ids and names: a text in a path reaches its own route as it is, one in a query is its own parameter, or nothing is
//! sent.
//!
//! A platform's suite implements [`Names`] and calls what is here.

use std::collections::BTreeSet;
use std::fmt::Debug;

use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{Peer, PublicOperation, Reply, holds_for_all, soon};

/// An adapter: calls of a facade that have a text in their paths, or in their queries.
pub trait Names {
    /// What fails.
    type Error: Debug;

    /// What no id may hold, beside that it is not empty, not `.` or `..`, and no longer than 8 KiB.
    const FORBIDDEN: &[char];

    /// The folders of the contracts, each with what is before its paths.
    const DOCUMENTS: &[(&str, &str)];

    /// The operations whose paths take texts, and that are not tried, each with the reason.
    const LEFT_OUT: &[(&str, &str)] = &[];

    /// The parameters of queries that take texts of which only some are any, each with the reason.
    const NO_TEXTS: &[(&str, &str)] = &[];

    /// Makes the call of this operation of this contract, with the text wherever its path takes one, and 7 where it takes a
    /// number. It fails: a backend that has nothing is asked. Where there is no such operation it panics, and says where one is
    /// to be added.
    fn call(url: &str, document: &str, operation: &str, text: &str) -> impl Future<Output = Self::Error>;

    /// Makes a call whose query has this parameter, with the text.
    fn ask(url: &str, parameter: &str, text: &str) -> impl Future<Output = Self::Error>;

    /// Whether nothing was sent, for what is wrong with the text.
    fn is_refused(error: &Self::Error) -> bool;
}

/// The longest id, and the longest text in a query, in bytes.
const LONGEST: usize = 8 * 1024;

/// An operation whose path takes texts: its contract, its name, and its path with `*` where they are.
struct Place {
    document: &'static str,
    operation: String,
    path: String,
}

/// The operations of the contracts whose paths take texts.
fn places<N: Names>() -> Vec<Place> {
    let mut places = Vec::new();
    for (document, prefix) in N::DOCUMENTS.iter().copied() {
        for operation in PublicOperation::all(document) {
            let texts = operation.parameters("path");
            let segment = |segment: &str| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if texts.iter().any(|text| text == name) => "*".to_owned(),
                Some(_) => "7".to_owned(),
                None => segment.to_owned(),
            };
            let path: Vec<_> = operation.path.split('/').map(segment).collect();
            if !texts.is_empty() && N::LEFT_OUT.iter().all(|(name, _)| *name != operation.name) {
                places.push(Place { document, operation: operation.name, path: format!("{prefix}{}", path.join("/")) });
            }
        }
    }
    assert!(!places.is_empty());
    places
}

/// Expects that each of so many texts is one segment of each path of the contracts and nothing else, or is refused before it is
/// sent.
pub fn every_text_reaches_its_own_route_or_none<N: Names>(cases: u32) {
    let places = places::<N>();
    holds_for_all(cases, hostile_texts(), async |text| {
        let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
        let is_addressable =
            !["", ".", ".."].contains(&&*text) && !text.contains(N::FORBIDDEN) && text.len() <= LONGEST;
        for Place { document, operation, path } in &places {
            let before = peer.requests().len();
            let error = soon(N::call(peer.url(), document, operation, &text)).await;
            let sent = peer.requests().split_off(before);
            assert_eq!(N::is_refused(&error), !is_addressable, "{text:?} in {operation}: {error:?}");
            if !is_addressable {
                assert!(sent.is_empty(), "{text:?} in {operation}: {sent:?}");
                continue;
            }
            assert!(!sent.is_empty(), "{text:?} in {operation}: {error:?}");
            let target = sent[0].split(' ').nth(1).unwrap().split('?').next().unwrap();
            assert_eq!(target, path.replace('*', &segment(&text)), "{text:?} in {operation}");
        }
    });
}

/// Expects that each of so many texts is the value of its own parameter of the query and nothing else, or is refused before it
/// is sent: for each parameter of the contracts that takes any text.
pub fn every_text_is_one_value_of_its_query_or_none<N: Names>(cases: u32) {
    let mut parameters = BTreeSet::new();
    for (document, _) in N::DOCUMENTS {
        for operation in PublicOperation::all(document) {
            parameters.extend(operation.parameters("query"));
        }
    }
    for (parameter, reason) in N::NO_TEXTS {
        assert!(parameters.remove(*parameter), "{parameter} is taken by none, and left out since {reason}");
    }
    assert!(!parameters.is_empty());
    let all_of_ascii: String = ('\u{1}'..='\u{7f}').collect();
    let long = ["x".repeat(LONGEST), "\u{10ffff}".repeat(LONGEST / 4)];
    let texts = prop_oneof![6 => hostile_texts(), 1 => Just(all_of_ascii.clone()), 1 => select(long.to_vec())];
    // The last is longer than any URL.
    let of_each = [all_of_ascii].into_iter().chain(long).chain(["x".repeat(70_000)]);
    let check = async |text: &str| {
        let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
        for parameter in &parameters {
            let before = peer.requests().len();
            let error = soon(N::ask(peer.url(), parameter, text)).await;
            let sent = peer.requests().split_off(before);
            let may_be_refused = text.trim().is_empty() || text.contains('\0') || text.len() > LONGEST;
            if N::is_refused(&error) {
                assert!(may_be_refused && sent.is_empty(), "{text:?} in {parameter}: {error:?} {sent:?}");
                continue;
            }
            assert!(!text.contains('\0') && !sent.is_empty(), "{text:?} in {parameter}: {error:?}");
            let target = sent[0].split(' ').nth(1).unwrap();
            assert!(target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{target}");
            let query = target.split_once('?').map_or("", |(_, query)| query);
            let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
            let values: Vec<_> = pairs.iter().filter(|(name, _)| name == parameter).map(|(_, value)| value).collect();
            // What is blank may be nothing.
            assert!(values.len() == 1 || (values.is_empty() && may_be_refused), "{text:?} in {parameter}: {target}");
            for value in values {
                let value = value.replace('+', "%20");
                assert_eq!(percent_decode_str(&value).decode_utf8().unwrap(), text, "{parameter}: {target}");
            }
        }
    };
    for text in of_each {
        holds_for_all(1, Just(text), async |text| check(&text).await);
    }
    holds_for_all(cases, texts, async |text| check(&text).await);
}

/// The text as a segment of a path, as RFC 3986 has it: all but what is unreserved is encoded.
fn segment(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// What means something in a URL, in a header or to a file system, or looks as if it did.
const PIECES: &[&str] = &[
    ".",
    "..",
    "/",
    "\\",
    "%2e",
    "%2E%2e",
    "%2f",
    "%5C",
    "%252f",
    "%",
    "%0",
    "%00",
    "?",
    "#",
    ";",
    "&",
    "=",
    "+",
    "@",
    ":",
    "//",
    "\0",
    "\t",
    "\n",
    "\r",
    "\r\nx-forged: 1",
    " ",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{2024}",
    "\u{2028}",
    "\u{202e}",
    "\u{2044}",
    "\u{2215}",
    "\u{29f8}",
    "\u{3002}",
    "\u{fe52}",
    "\u{ff0e}",
    "\u{ff0f}",
    "\u{ff3c}",
    "\u{feff}",
    "\u{fffd}",
    "\u{10ffff}",
    "ä",
    "é",
    "e\u{301}",
    "日本",
    "Ω",
    "ש",
    "👋",
    "a",
    "api",
    "{chat_id}",
    "\"",
    "'",
    "<",
    "|",
    "^",
    "`",
    "[",
    "]",
    "*",
    "~",
    "!",
    "$",
    "(",
    ",",
    "CON",
    "NUL",
    "aux.txt",
    "C:",
    "/etc/passwd",
    "~root",
    "-rf",
    "\u{1b}[2J",
];

/// Texts of every shape, most of them made of what means something in a URL, in a header, or to a file system.
pub fn hostile_texts() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => vec(select(PIECES), 0..5).prop_map(|pieces| pieces.concat()),
        2 => any::<String>(),
        1 => (select(PIECES), 7_000_usize..70_000).prop_map(|(piece, length)| piece.repeat(length / piece.len())),
    ]
}
