//! What differs between two requests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::request::Request;

/// What stands for something that isn't there.
pub const ABSENT: &str = "absent";

/// A difference, whichever operation it is seen in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Where it is, such as `header accept`.
    pub what: String,
    /// What the first of the two sends.
    pub first: String,
    /// What the second of the two sends.
    pub second: String,
}

impl Difference {
    pub fn new(what: impl Into<String>, first: impl Into<String>, second: impl Into<String>) -> Self {
        Self { what: what.into(), first: first.into(), second: second.into() }
    }
}

/// All differences between two requests, and between the statuses that they were answered with.
pub fn compare(first: &Request, second: &Request) -> Vec<Difference> {
    let mut found = vec![
        Difference::new("method", &first.method, &second.method),
        Difference::new("path", first.path.join("/"), second.path.join("/")),
        Difference::new("status", first.status.to_string(), second.status.to_string()),
    ];
    for name in first.query.keys().chain(second.query.keys()).collect::<BTreeSet<_>>() {
        let (one, other) = (first.query.get(name), second.query.get(name));
        found.push(Difference::new(format!("query {name}"), shown(one), shown(other)));
    }
    found.retain(|difference| difference.first != difference.second);
    found.extend(headers(&first.headers, &second.headers));
    bodies("body", Some(&first.body), Some(&second.body), &mut found);
    if first.path == second.path {
        found.extend(encodings(first, second));
    }
    found
}

/// The headers that differ.
pub fn headers(first: &BTreeMap<String, String>, second: &BTreeMap<String, String>) -> Vec<Difference> {
    let names: BTreeSet<_> = first.keys().chain(second.keys()).collect();
    let pairs = names.into_iter().map(|name| (name, first.get(name), second.get(name)));
    let differing = pairs.filter(|(_, one, other)| one != other);
    differing
        .map(|(name, one, other)| Difference::new(format!("header {name}"), header(name, one), header(name, other)))
        .collect()
}

/// No token is shown.
fn header(name: &str, value: Option<&String>) -> String {
    match value {
        None => ABSENT.to_owned(),
        Some(value) if name == "authorization" => {
            let scheme = value.split(' ').next().unwrap_or_default();
            format!("{scheme} and a token")
        }
        Some(value) => value.clone(),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| ABSENT.to_owned(), Value::to_string)
}

fn bodies(place: &str, first: Option<&Value>, second: Option<&Value>, found: &mut Vec<Difference>) {
    if first == second {
        return;
    }
    if let (Some(Value::Object(one)), Some(Value::Object(other))) = (first, second) {
        for name in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
            bodies(&format!("{place} .{name}"), one.get(name), other.get(name), found);
        }
        return;
    }
    found.push(Difference::new(place, shown(first), shown(second)));
}

/// The characters that only one of them leaves as they are, in segments that mean the same.
fn encodings(first: &Request, second: &Request) -> Vec<Difference> {
    let mut found = Vec::new();
    for (one, other) in first.raw_path.iter().zip(&second.raw_path) {
        let (mut one, mut other) = (one.as_str(), other.as_str());
        while !one.is_empty() && !other.is_empty() {
            let (left, right) = (token(one), token(other));
            if !left.eq_ignore_ascii_case(right) {
                found.push(Difference::new("path, the writing of a character", left, right));
            }
            one = one.strip_prefix(left).unwrap_or_default();
            other = other.strip_prefix(right).unwrap_or_default();
        }
    }
    found
}

/// The first character, or the first byte's three characters where it is percent-encoded.
fn token(text: &str) -> &str {
    let length = if text.starts_with('%') { 3 } else { text.chars().next().map_or(0, char::len_utf8) };
    text.get(..length).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(raw: &str, body: Value) -> Request {
        Request {
            operation: "get_chat".to_owned(),
            method: "GET".to_owned(),
            raw_path: raw.split('/').map(str::to_owned).collect(),
            path: raw.replace("%3A", ":").split('/').map(str::to_owned).collect(),
            query: BTreeMap::new(),
            headers: BTreeMap::new(),
            body,
            given: Vec::new(),
            status: 200,
        }
    }

    #[test]
    fn each_difference_is_named() {
        let same = request("/a/b", json!({"x": 1}));
        assert_eq!(compare(&same, &same), []);

        let mut other = request("/a/c", json!({"y": 1}));
        other.method = "POST".to_owned();
        other.status = 404;
        other.headers.insert("authorization".to_owned(), "Bearer secret".to_owned());
        other.query.insert("limit".to_owned(), json!(50));
        let found = compare(&same, &other);
        let what: Vec<&str> = found.iter().map(|difference| difference.what.as_str()).collect();
        assert_eq!(what, ["method", "path", "status", "query limit", "header authorization", "body .x", "body .y"]);
        assert!(!format!("{found:?}").contains("secret"));
    }

    #[test]
    fn another_token_is_a_difference_that_shows_no_token() {
        let [mut first, mut second] = [request("/a", Value::Null), request("/a", Value::Null)];
        first.headers.insert("authorization".to_owned(), "Bearer one".to_owned());
        second.headers.insert("authorization".to_owned(), "Bearer two".to_owned());
        assert_eq!(compare(&first, &second).len(), 1);
    }

    #[test]
    fn a_character_that_one_encodes_is_named() {
        let found = compare(&request("/a:b", Value::Null), &request("/a%3Ab", Value::Null));
        assert_eq!(found, [Difference::new("path, the writing of a character", ":", "%3A")]);
    }
}
