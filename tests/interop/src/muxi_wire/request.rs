//! A request, and what two of them differ in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::problem::Problem;

/// What counts of a request: each part by its name.
#[derive(Debug, PartialEq)]
pub struct Request(BTreeMap<String, String>);

/// What the libraries for HTTP see to, and who calls.
const PASSED_OVER: [&str; 6] =
    ["host", "connection", "content-length", "accept-encoding", "user-agent", "transfer-encoding"];

/// What is never the same twice.
const ANY: [&str; 4] = ["authorization", "x-muxi-idempotency-key", "x-muxi-sdk", "x-muxi-client"];

impl Request {
    /// Reads the text of one.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let odd = || Problem::new(format!("it is no request: {text:?}"));
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(odd)?;
        let (line, headers) = head.split_once("\r\n").ok_or_else(odd)?;
        let mut words = line.split(' ');
        let (method, target) = words.next().zip(words.next()).ok_or_else(odd)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut parts =
            BTreeMap::from([("method".to_owned(), method.to_owned()), ("path".to_owned(), path.to_owned())]);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            parts.insert(format!("query {name}"), value.to_owned());
        }
        for (name, value) in headers.lines().filter_map(|line| line.split_once(':')) {
            let name = name.to_lowercase();
            let value = if ANY.contains(&name.as_str()) { "…" } else { value.trim() };
            if !PASSED_OVER.contains(&name.as_str()) {
                parts.insert(format!("header {name}"), value.to_owned());
            }
        }
        match serde_json::from_str(body) {
            Ok(Value::Object(fields)) => {
                // One that is null says the same as none.
                let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
                parts.extend(fields.map(|(name, value)| (format!("body {name}"), value.to_string())));
            }
            Ok(other) => drop(parts.insert("body".to_owned(), other.to_string())),
            Err(_) => {}
        }
        Ok(Self(parts))
    }
}

/// What the requests of the official client and ours differ in, each difference in words.
pub fn differences(official: &[Request], ours: &[Request]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if official.len() != ours.len() {
        found.insert(format!("{} requests, ours {}", official.len(), ours.len()));
    }
    for (official, ours) in official.iter().zip(ours) {
        let names: BTreeSet<_> = official.0.keys().chain(ours.0.keys()).collect();
        for name in names {
            match (official.0.get(name), ours.0.get(name)) {
                (Some(_), None) => found.insert(format!("{name} is not sent by ours")),
                (None, Some(value)) => found.insert(format!("{name} is sent by ours alone: {value}")),
                (Some(official), Some(ours)) if official != ours => {
                    found.insert(format!("{name} is {official}, ours {ours}"))
                }
                _ => false,
            };
        }
    }
    found
}
