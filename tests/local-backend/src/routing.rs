//! Which operation a request means.
//!
//! The real backend decodes a path before it looks for its route, so `%2F` separates segments there like `/` does, and
//! a parameter holds whatever is not a slash.

use axum::http::{Method, Uri};
use percent_encoding::percent_decode_str;

use crate::contract::{Contract, Operation};

/// Where a request leads.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    Operation(&'a Operation, PathValues),
    /// The path exists, but not with this method. These do.
    OtherMethods(String),
    /// The path would exist without its trailing slash, or with one.
    Redirect,
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

/// The path as the routes see it. What is not UTF-8 becomes U+FFFD, as in the real backend.
pub(crate) fn decoded_path(uri: &Uri) -> String {
    percent_decode_str(uri.path()).decode_utf8_lossy().into_owned()
}

/// A path's template, as `/api/chats/{chat_id}`, cut at its slashes.
#[derive(Debug)]
pub(crate) struct Template(Vec<Segment>);

#[derive(Debug)]
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
pub(crate) fn find<'a>(contract: &'a Contract, method: &Method, path: &str) -> Found<'a> {
    let segments: Vec<_> = path.split('/').collect();
    let with_path =
        |segments| contract.operations.iter().filter(move |each: &&Operation| each.segments.matches(segments));
    if let Some(operation) = with_path(&segments).find(|operation| operation.method == *method) {
        return Found::Operation(operation, operation.segments.values(&segments));
    }
    let mut others: Vec<_> = with_path(&segments).map(|operation| operation.method.as_str()).collect();
    if !others.is_empty() {
        others.dedup();
        return Found::OtherMethods(others.join(", "));
    }

    let trimmed = path.trim_end_matches('/');
    let segments: Vec<_> = trimmed.split('/').collect();
    let exists = with_path(&segments).next().is_some();
    if trimmed.len() < path.len() && exists { Found::Redirect } else { Found::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn found(method: Method, target: &str) -> String {
        let contract = Contract::read(Profile::Full).unwrap();
        match find(&contract, &method, &decoded_path(&target.parse().unwrap())) {
            Found::Operation(operation, values) => format!("{} {:?}", operation.template, values.0),
            Found::OtherMethods(methods) => format!("only {methods}"),
            Found::Redirect => "redirect".to_owned(),
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
    fn an_encoded_slash_separates() {
        assert_eq!(found(Method::POST, "/api/relationships/hire_visit:a%2Fb:c/approve"), "nothing");
    }

    #[test]
    fn a_parameter_is_not_empty() {
        assert_eq!(found(Method::GET, "/api/chats//messages"), "nothing");
    }

    #[test]
    fn a_trailing_slash_redirects() {
        assert_eq!(found(Method::GET, "/api/chats/"), "redirect");
        assert_eq!(found(Method::PUT, "/api/chats//"), "redirect");
        assert_eq!(found(Method::GET, "/api/nope/"), "nothing");
        assert_eq!(found(Method::GET, "/"), "nothing");
    }

    #[test]
    fn a_known_path_tells_its_methods() {
        assert_eq!(found(Method::PATCH, "/api/chats"), "only GET, POST");
    }
}
