//! Of other crates, applications see only what is named here: a new version of any other is no breaking change.

use std::collections::BTreeSet;

/// What may be seen, and why.
const ALLOWED: [(&str, &str); 7] = [
    ("futures_core::stream::Stream", "the trait of streams, until the standard library has one"),
    ("serde_core::de::Deserialize", "models, ids and timestamps are kept in files"),
    ("serde_core::de::Deserializer", "as above"),
    (
        "serde_core::ser::Serialize",
        "models, ids and timestamps are kept in files, and a program's own types are JSON objects",
    ),
    ("serde_core::ser::Serializer", "as above"),
    ("serde_json::map::Map", "JSON objects of a program's own, such as a workflow's config"),
    ("serde_json::value::Value", "what is in them"),
];

/// The crates whose items need no reason.
const OWN: [&str; 4] = ["alloc", "core", "mycel_sdk", "std"];

#[test]
fn only_what_is_allowed_is_seen_of_other_crates() {
    let seen = foreign_paths(include_str!("../mycel-sdk.txt"));
    let allowed = BTreeSet::from(ALLOWED.map(|(path, _)| path));
    let unwanted: Vec<_> = seen.difference(&allowed).collect();
    assert!(unwanted.is_empty(), "in the public API, but not allowed: {unwanted:?}");
    let unused: Vec<_> = allowed.difference(&seen).collect();
    assert!(unused.is_empty(), "allowed, but not in the public API any more: {unused:?}");
}

/// The paths in a list of items that begin with the name of another crate.
fn foreign_paths(items: &str) -> BTreeSet<&str> {
    let paths =
        items.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':'))).map(|path| path.trim_end_matches(':'));
    let foreign = paths.filter(|path| {
        let of = path.split_once("::").map(|(of, _)| of);
        // A type parameter, as in `S::Ok`, begins with a capital.
        of.is_some_and(|of| of.starts_with(|c: char| c.is_ascii_lowercase()) && !OWN.contains(&of))
    });
    foreign.collect()
}

#[test]
fn a_foreign_path_is_found_wherever_it_stands() {
    let items = "pub fn mycel_sdk::Client::http(&self) -> &reqwest::async_impl::client::Client\n\
                 impl core::convert::From<http::status::StatusCode> for mycel_sdk::Error\n\
                 pub mycel_sdk::Task::of: core::option::Option<<jiff::Timestamp as S::Ok>::Out>";
    let expected = ["http::status::StatusCode", "jiff::Timestamp", "reqwest::async_impl::client::Client"];
    assert_eq!(foreign_paths(items), BTreeSet::from(expected));
}
