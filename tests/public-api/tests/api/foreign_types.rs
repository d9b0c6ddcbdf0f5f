//! Of other crates, applications see only what is named here: a new version of any other is no breaking change.

use std::collections::BTreeSet;
use std::fs;

use public_api_tests::{facades, snapshot_of};

/// What may be seen, and why.
const ALLOWED: [(&str, &str); 12] = [
    (
        "agent_platform_core::webhook::WebhookError",
        "each facade that has webhooks exports it: why a post is not taken is the same for all platforms",
    ),
    (
        "futures_core::stream::BoxStream",
        "the items of all pages, one by one; the same of another crate is that type, too",
    ),
    ("futures_core::stream::Stream", "the trait of streams, until the standard library has one"),
    ("serde_core::de::Deserialize", "models, ids and timestamps are kept in files"),
    ("serde_core::de::DeserializeOwned", "what a call that has no method answers is a program's own type"),
    ("serde_core::de::Deserializer", "as `Deserialize`"),
    (
        "serde_core::ser::Serialize",
        "models, ids and timestamps are kept in files, and a program's own types are JSON objects",
    ),
    ("serde_core::ser::Serializer", "as above"),
    ("serde_json::map::Map", "JSON objects of a program's own, such as a workflow's config"),
    ("serde_json::value::Value", "what is in them"),
    ("tokio::io::async_read::AsyncRead", "a connection that the program opens is one of its runtime, which is tokio"),
    ("tokio::io::async_write::AsyncWrite", "as above, and so is a writer that a file which is downloaded goes to"),
];

/// The crates whose items need no reason.
const OWN: [&str; 3] = ["alloc", "core", "std"];

#[test]
fn only_what_is_allowed_is_seen_of_other_crates() {
    let allowed = BTreeSet::from(ALLOWED.map(|(path, _)| path.to_owned()));
    let mut seen = BTreeSet::new();
    for facade in facades() {
        // Where it is not there yet, `snapshot.rs` tells, and writes it.
        let items = fs::read_to_string(snapshot_of(&facade)).unwrap_or_default();
        let of_it: BTreeSet<_> = foreign_paths(&items, &facade).into_iter().map(str::to_owned).collect();
        let unwanted: Vec<_> = of_it.difference(&allowed).collect();
        assert!(unwanted.is_empty(), "in the public API of {facade}, but not allowed: {unwanted:?}");
        seen.extend(of_it);
    }
    let unused: Vec<_> = allowed.difference(&seen).collect();
    assert!(unused.is_empty(), "allowed, but not in a public API any more: {unused:?}");
}

/// The paths in the list of a facade's items that begin with the name of another crate.
fn foreign_paths<'a>(items: &'a str, facade: &str) -> BTreeSet<&'a str> {
    let facade = facade.replace('-', "_");
    let paths =
        items.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':'))).map(|path| path.trim_end_matches(':'));
    let foreign = paths.filter(|path| {
        let of = path.split_once("::").map(|(of, _)| of);
        // A type parameter, as in `S::Ok`, begins with a capital.
        of.is_some_and(|of| of.starts_with(|c: char| c.is_ascii_lowercase()) && of != facade && !OWN.contains(&of))
    });
    foreign.collect()
}

#[test]
fn a_foreign_path_is_found_wherever_it_stands() {
    let items = "pub fn mycel_sdk::Client::http(&self) -> &reqwest::async_impl::client::Client\n\
                 impl core::convert::From<http::status::StatusCode> for mycel_sdk::Error\n\
                 pub mycel_sdk::Task::of: core::option::Option<<jiff::Timestamp as S::Ok>::Out>";
    let expected = ["http::status::StatusCode", "jiff::Timestamp", "reqwest::async_impl::client::Client"];
    assert_eq!(foreign_paths(items, "mycel-sdk"), BTreeSet::from(expected));
}
