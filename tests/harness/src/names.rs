//! Hostile ids and names: a text in a path reaches its own route as it is, or nothing is sent.
//!
//! A platform's suite implements [`Names`] and calls what is here.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{Peer, Reply, holds_for_all, soon};

/// An adapter: calls of a facade that have a text in their paths.
pub trait Names {
    /// What fails.
    type Error: Debug;

    /// What no id may hold, beside that it is not empty, not `.` or `..`, and no longer than 8 KiB.
    const FORBIDDEN: &[char];

    /// The paths, with `*` where the text is.
    const PATHS: &[&str];

    /// Makes the call of this path with the text, for this user if the platform has users in a header. It fails: a backend
    /// that has nothing is asked.
    fn call(url: &str, path: &str, text: &str) -> impl Future<Output = Self::Error>;

    /// Whether nothing was sent, for what is wrong with the text.
    fn is_refused(error: &Self::Error) -> bool;
}

/// Expects that each of so many texts is one segment of each path and nothing else, or is refused before it is sent.
pub fn every_text_reaches_its_own_route_or_none<N: Names>(cases: u32) {
    holds_for_all(cases, hostile_texts(), async |text| {
        let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
        let is_addressable =
            !["", ".", ".."].contains(&&*text) && !text.contains(N::FORBIDDEN) && text.len() <= 8 * 1024;
        for path in N::PATHS {
            let before = peer.requests().len();
            let error = soon(N::call(peer.url(), path, &text)).await;
            let sent = peer.requests().split_off(before);
            assert_eq!(N::is_refused(&error), !is_addressable, "{text:?} in {path}: {error:?}");
            if !is_addressable {
                assert!(sent.is_empty(), "{text:?} in {path}: {sent:?}");
                continue;
            }
            assert_eq!(sent.len(), 1, "{text:?} in {path}: {error:?}");
            let target = sent[0].split(' ').nth(1).unwrap().split('?').next().unwrap();
            assert_eq!(target, path.replace('*', &segment(&text)), "{text:?}");
        }
    });
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
