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

/// Looks up `method` and the decoded `path`.
pub(crate) fn find<'a>(contract: &'a Contract, method: &Method, path: &str) -> Found<'a> {
    let mut with_method = contract.operations.iter().filter(|operation| operation.method == *method);
    if let Some((operation, values)) =
        with_method.find_map(|operation| Some((operation, matches(&operation.template, path)?)))
    {
        return Found::Operation(operation, values);
    }
    let others = contract.operations.iter().filter(|operation| matches(&operation.template, path).is_some());
    let mut others: Vec<_> = others.map(|operation| operation.method.as_str()).collect();
    if !others.is_empty() {
        others.dedup();
        return Found::OtherMethods(others.join(", "));
    }

    let trimmed = path.trim_end_matches('/');
    let exists = |path: &str| contract.operations.iter().any(|operation| matches(&operation.template, path).is_some());
    if trimmed.len() < path.len() && exists(trimmed) { Found::Redirect } else { Found::Nothing }
}

/// The values of `template`'s parameters in `path`, if it is a path of that template.
fn matches(template: &str, path: &str) -> Option<PathValues> {
    // Most templates are told apart by how they begin.
    let beginning = template.split('{').next().unwrap_or(template);
    if !path.starts_with(beginning) {
        return None;
    }
    let mut values = Vec::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => values.push((name.to_owned(), segment.to_owned())),
            None if segment == expected => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(PathValues(values))
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
