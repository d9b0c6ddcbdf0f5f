//! Which route a request means.
//!
//! As Starlette does, the path is decoded before its route is looked for, so `%2F` separates segments like `/` does, and
//! a parameter holds whatever is not a slash.

use axum::http::{Method, Uri};
use percent_encoding::percent_decode_str;

use crate::document::{Document, Route};

/// Where a request leads.
#[derive(Debug)]
pub(crate) enum Found<'a, H> {
    Route(&'a Route<H>, PathValues),
    /// The path exists, but not with this method. These do.
    OtherMethods(String),
    /// The path would exist with its trailing slash gone, or with one added.
    OtherSlash,
    Nothing,
}

/// The values of a path's parameters, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PathValues(Vec<(String, String)>);

impl PathValues {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }
}

/// The path as the routes see it. What is not UTF-8 becomes U+FFFD.
pub fn decoded_path(uri: &Uri) -> String {
    percent_decode_str(uri.path()).decode_utf8_lossy().into_owned()
}

/// A path's template, as `/api/chats/{chat_id}`, cut at its slashes.
#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Segment>);

#[derive(Clone, Debug)]
enum Segment {
    Fixed(String),
    Parameter(String),
}

impl Template {
    pub(crate) fn read(text: &str) -> Self {
        let segments =
            text.split('/').map(|segment| match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => Segment::Parameter(name.to_owned()),
                None => Segment::Fixed(segment.to_owned()),
            });
        Self(segments.collect())
    }

    fn matches(&self, path: &[&str]) -> bool {
        self.0.len() == path.len()
            && self.0.iter().zip(path).all(|(segment, given)| match segment {
                Segment::Fixed(expected) => given == expected,
                Segment::Parameter(_) => !given.is_empty(),
            })
    }

    /// The values of the parameters in a path that matches.
    fn values(&self, path: &[&str]) -> PathValues {
        let values = self.0.iter().zip(path).filter_map(|(segment, given)| match segment {
            Segment::Fixed(_) => None,
            Segment::Parameter(name) => Some((name.clone(), (*given).to_owned())),
        });
        PathValues(values.collect())
    }
}

/// Looks up `method` and the decoded `path`.
pub(crate) fn find<'a, H>(document: &'a Document<H>, method: &Method, path: &str) -> Found<'a, H> {
    let segments: Vec<_> = path.split('/').collect();
    let with_path = |segments| document.routes.iter().filter(move |each: &&Route<H>| each.segments.matches(segments));
    if let Some(route) = with_path(&segments).find(|route| route.method == *method) {
        return Found::Route(route, route.segments.values(&segments));
    }
    let mut others: Vec<_> = with_path(&segments).map(|route| route.method.as_str()).collect();
    if !others.is_empty() {
        others.dedup();
        return Found::OtherMethods(others.join(", "));
    }

    let other = with_other_slash(path);
    let segments: Vec<_> = other.split('/').collect();
    if with_path(&segments).next().is_some() { Found::OtherSlash } else { Found::Nothing }
}

/// The path without the slashes at its end, or with one where it has none.
pub(crate) fn with_other_slash(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    if trimmed.len() < path.len() { trimmed.to_owned() } else { format!("{path}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{
        "paths": {
            "/chats": { "get": {}, "post": {} },
            "/chats/latest": { "get": {} },
            "/chats/{chat_id}": { "get": {} },
            "/chats/{chat_id}/messages": { "get": {} },
            "/agents/": { "get": {} },
            "/relationships/{relationship_id}/approve": { "post": {} }
        },
        "components": { "schemas": {} }
    }"#;

    fn found(method: Method, target: &str) -> String {
        let mut document = Document::read(DOCUMENT, |_, _| None::<()>).unwrap();
        document.alias("/agents", "/teammates");
        let document = document.under("/api");
        match find(&document, &method, &decoded_path(&target.parse().unwrap())) {
            Found::Route(route, values) => format!("{} {:?}", route.template, values.0),
            Found::OtherMethods(methods) => format!("only {methods}"),
            Found::OtherSlash => "other slash".to_owned(),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn a_parameter_is_decoded() {
        assert_eq!(
            found(Method::GET, "/api/chats/a%20b%3A%E2%9C%93"),
            r#"/api/chats/{chat_id} [("chat_id", "a b:✓")]"#
        );
        assert_eq!(found(Method::GET, "/api/ch%61ts"), "/api/chats []");
        assert_eq!(found(Method::GET, "/api/chats/%ff%zz"), "/api/chats/{chat_id} [(\"chat_id\", \"\u{fffd}%zz\")]");
    }

    #[test]
    fn a_fixed_segment_is_meant_rather_than_a_parameter() {
        assert_eq!(found(Method::GET, "/api/chats/latest"), "/api/chats/latest []");
    }

    #[test]
    fn an_encoded_slash_separates() {
        assert_eq!(found(Method::POST, "/api/relationships/hire_visit:a%2Fb:c/approve"), "nothing");
    }

    #[test]
    fn a_parameter_is_not_empty() {
        assert_eq!(found(Method::GET, "/api/chats//messages"), "nothing");
    }

    #[test]
    fn a_slash_at_the_end_may_be_too_much_or_missing() {
        assert_eq!(found(Method::GET, "/api/chats/"), "other slash");
        assert_eq!(found(Method::PUT, "/api/chats//"), "other slash");
        assert_eq!(found(Method::POST, "/api/agents"), "other slash");
        assert_eq!(found(Method::GET, "/api/agents//"), "nothing");
        assert_eq!(found(Method::GET, "/api/nope/"), "nothing");
        assert_eq!(found(Method::GET, "/"), "nothing");
    }

    #[test]
    fn a_path_may_have_another_name() {
        assert_eq!(found(Method::GET, "/api/teammates/"), "/api/teammates/ []");
        assert_eq!(found(Method::GET, "/teammates/"), "nothing");
    }

    #[test]
    fn a_known_path_tells_its_methods() {
        assert_eq!(found(Method::PATCH, "/api/chats"), "only GET, POST");
    }
}
