//! Hostile ids, names and keys: a text in a path reaches its own route as it is, one in a query is its own parameter, an
//! idempotency key is its own header, or nothing is sent.
//!
//! A platform's suite implements [`Names`] and calls what is here.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::engine::Told;
use crate::{Peer, PublicOperation, Reply, holds_for_all, soon};

/// An adapter: calls of a facade that have a text in their paths, in their queries, or as their idempotency keys. Each fails:
/// a backend that has nothing is asked. Where there is no such call it panics, and says where one is to be added.
pub trait Names {
    /// What no id may hold, beside that it is not empty, not `.` or `..`, and no longer than 8 KiB.
    const FORBIDDEN: &[char];

    /// The folders of the contracts, each with what is before its paths.
    const DOCUMENTS: &[(&str, &str)];

    /// The operations whose paths take texts, and that are not tried, each with the reason.
    const LEFT_OUT: &[(&str, &str)] = &[];

    /// The parameters of queries that take texts of which only some are any, each with the reason.
    const NO_TEXTS: &[(&str, &str)] = &[];

    /// The header that carries idempotency keys, where operations take them.
    const IDEMPOTENCY_HEADER: Option<&str> = None;

    /// Makes the call of this operation of this contract, with the text wherever its path takes one, and 7 where it takes a
    /// number.
    fn call(url: &str, document: &str, operation: &str, text: &str) -> impl Future<Output = Box<Told>>;

    /// Makes a call whose query has this parameter, with the text.
    fn ask(_url: &str, parameter: &str, _text: &str) -> impl Future<Output = Box<Told>> {
        async move { panic!("no call has the parameter {parameter}") }
    }

    /// Makes the call of this operation, with this idempotency key.
    fn call_with_key(_url: &str, operation: &str, _key: &str) -> impl Future<Output = Box<Told>> {
        async move { panic!("no call of {operation} has an idempotency key") }
    }
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
    for (name, reason) in N::LEFT_OUT {
        let is_one = operations::<N>().iter().any(|one| one.name == *name && !one.parameters("path").is_empty());
        assert!(is_one, "{name} is no operation whose path takes texts, and left out since {reason}");
    }
    places
}

/// Expects that each of so many texts is one segment of each path of the contracts and nothing else, or is refused before it is
/// sent.
pub fn every_text_reaches_its_own_route_or_none<N: Names>(cases: u32) {
    let places = places::<N>();
    holds_for_all(cases, hostile_texts(), async |text| {
        let peer = without_anything().await;
        let is_addressable =
            !["", ".", ".."].contains(&&*text) && !text.contains(N::FORBIDDEN) && text.len() <= LONGEST;
        for Place { document, operation, path } in &places {
            let (told, request) = outcome(&peer, N::call(peer.url(), document, operation, &text)).await;
            assert_eq!(request.is_some(), is_addressable, "{text:?} in {operation}: {told:?}");
            let Some(request) = request else { continue };
            assert_eq!(told.operation, Some(&**operation));
            let path_sent = target(&request).split('?').next().unwrap();
            assert_eq!(path_sent, path.replace('*', &segment(&text)), "{text:?} in {operation}");
        }
    });
}

/// Expects that each of so many texts is the value of its own parameter of the query and nothing else, or is refused before it
/// is sent: for each parameter of the contracts that takes any text.
pub fn every_text_is_one_value_of_its_query_or_none<N: Names>(cases: u32) {
    let operations = operations::<N>();
    let mut parameters: BTreeSet<_> = operations.iter().flat_map(|operation| operation.parameters("query")).collect();
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
        let peer = without_anything().await;
        for parameter in &parameters {
            let (told, request) = outcome(&peer, N::ask(peer.url(), parameter, text)).await;
            let may_be_refused = text.trim().is_empty() || text.contains('\0') || text.len() > LONGEST;
            let Some(request) = request else {
                assert!(may_be_refused, "{text:?} in {parameter}: {told:?}");
                continue;
            };
            assert!(!text.contains('\0'), "{text:?} in {parameter}: {told:?}");
            let target = target(&request);
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

/// Expects that each of so many idempotency keys, by which attempts are known as one, is its own header byte for byte, or is
/// refused before it is sent: what a header changes on its way would be another key, or none. For each operation of the
/// contracts that takes one; where the platform has no header for them, none does.
pub fn every_idempotency_key_is_in_its_own_header_or_none<N: Names>(cases: u32) {
    let operations: Vec<_> = operations::<N>().into_iter().filter(|operation| operation.idempotency_key).collect();
    let Some(header) = N::IDEMPOTENCY_HEADER else {
        assert!(operations.is_empty(), "{operations:?}");
        return;
    };
    assert!(!operations.is_empty());
    holds_for_all(cases, hostile_texts(), async |key| {
        let peer = without_anything().await;
        for PublicOperation { name, .. } in &operations {
            let (told, request) = outcome(&peer, N::call_with_key(peer.url(), name, &key)).await;
            assert_eq!(request.is_some(), is_carried_by_a_header(&key), "{key:?} of {name}: {told:?}");
            let Some(request) = request else { continue };
            assert_eq!(told.operation, Some(&**name));
            let (head, _) = request.split_once("\r\n\r\n").unwrap();
            let fields = head.lines().filter_map(|line| line.split_once(": "));
            let keys: Vec<_> = fields.filter(|(name, _)| *name == header).map(|(_, key)| key).collect();
            // An empty one is none: there is a fresh one.
            let is_its_own = |sent: &str| if key.is_empty() { !sent.is_empty() } else { sent == key };
            assert!(keys.len() == 1 && is_its_own(keys[0]), "{key:?} of {name}: {keys:?}");
        }
    });
}

/// The public operations of the platform.
fn operations<N: Names>() -> Vec<PublicOperation> {
    N::DOCUMENTS.iter().flat_map(|(document, _)| PublicOperation::all(document)).collect()
}

/// A backend that has nothing.
async fn without_anything() -> Peer {
    Peer::start([Reply::json("404 Not Found", "{}")]).await
}

/// What a call tells that fails, and its one request, unless it is refused: then it sends none.
async fn outcome(peer: &Peer, call: impl Future<Output = Box<Told>>) -> (Box<Told>, Option<String>) {
    let before = peer.requests().len();
    let told = soon(call).await;
    let mut sent = peer.requests().split_off(before);
    assert_eq!(sent.len(), usize::from(!told.is_refused()), "{told:?}: {sent:?}");
    (told, sent.pop())
}

/// The target of a request.
fn target(request: &str) -> &str {
    request.split(' ').nth(1).unwrap()
}

/// Whether a header carries the text as it is.
pub fn is_carried_by_a_header(text: &str) -> bool {
    text.trim() == text && !text.chars().any(char::is_control)
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
