//! U+0000 in a request, for backends that can't store it. PostgreSQL takes it in no text, so such a backend fails, and a
//! program whose own text holds it would try again for ever.

use http::{HeaderValue, header};
use reqwest::Request;
use serde_json::Value;

/// As a URL has it.
const ENCODED: &str = "%00";

/// The name of an argument that holds U+0000 anywhere in it: a parameter of the path or the query, or a member of a body
/// that is JSON. `template` is the path as the contract has it.
pub(crate) fn argument_with_nul(request: &Request, template: &str) -> Option<String> {
    let url = request.url();
    if url.path().contains(ENCODED) {
        return Some(parameter_with_nul(url.path(), template));
    }
    if url.query().is_some_and(|query| query.contains(ENCODED)) {
        let (name, _) = url.query_pairs().find(|(name, value)| name.contains('\0') || value.contains('\0'))?;
        return Some(name.replace('\0', ""));
    }
    let is_json = |value: &HeaderValue| value.as_bytes().starts_with(b"application/json");
    if !request.headers().get(header::CONTENT_TYPE).is_some_and(is_json) {
        return None;
    }
    let body = request.body()?.as_bytes().filter(|body| escapes_nul(body))?;
    Some(member_with_nul(body))
}

/// What the template calls the segment that holds it. There may be a base URL's own path before those of the template.
fn parameter_with_nul(path: &str, template: &str) -> String {
    let both = path.rsplit('/').zip(template.rsplit('/'));
    let found = both.filter(|(segment, _)| segment.contains(ENCODED)).find_map(|(_, part)| part.strip_prefix('{'));
    found.map_or("the base URL", |part| part.trim_end_matches('}')).to_owned()
}

/// Whether JSON has it in a string, where it is always escaped.
fn escapes_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(place) = rest.iter().position(|byte| *byte == b'\\') {
        // What is behind a backslash begins no escape of its own.
        let (_, escape) = rest.split_at(place + 1);
        if escape.starts_with(b"u0000") {
            return true;
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}

fn member_with_nul(json: &[u8]) -> String {
    let body: Value = serde_json::from_slice(json).unwrap_or_default();
    let mut members = body.as_object().into_iter().flatten();
    let found = members.find(|(name, value)| name.contains('\0') || holds_nul(value));
    found.map_or("the body".to_owned(), |(name, _)| name.replace('\0', ""))
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const TEMPLATE: &str = "/api/chats/{chat_id}/tasks/{task_id}";

    fn request(url: &str, body: Option<String>) -> Request {
        let mut request = Request::new(Method::POST, url.parse().unwrap());
        if let Some(body) = body {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(body.into());
        }
        request
    }

    #[test]
    fn a_parameter_of_the_url_is_named() {
        for (url, named) in [
            ("http://h/api/chats/c/tasks/1", None),
            ("http://h/api/chats/%2500/tasks/1?before=%2500", None),
            ("http://h/api/chats/%00/tasks/1", Some("chat_id")),
            ("http://h/api/chats/c/tasks/a%00b", Some("task_id")),
            ("http://h/base/path/api/chats/c%00/tasks/1", Some("chat_id")),
            ("http://h/base%00/api/chats/c/tasks/1", Some("the base URL")),
            ("http://h/api/chats/c/tasks/1?limit=5&before=%00", Some("before")),
            ("http://h/api/chats/c/tasks/1?be%00fore=5", Some("before")),
        ] {
            assert_eq!(argument_with_nul(&request(url, None), TEMPLATE).as_deref(), named, "{url}");
        }
    }

    #[test]
    fn what_looks_like_it_in_a_body_is_none() {
        for body in
            ["", "{}", r#"{"a":"\\u0000"}"#, r#"{"a":"\\\\u0000\u0001"}"#, r#"{"a":"u0000\\"}"#, r#"{"\\u0000":0}"#]
        {
            assert_eq!(
                argument_with_nul(&request("http://h/api/chats/c/tasks/1", Some(body.to_owned())), TEMPLATE),
                None
            );
        }
        let mut bytes = request("http://h/api/chats/c/tasks/1", Some(r#"{"a":"\u0000"}"#.to_owned()));
        assert_eq!(argument_with_nul(&bytes, TEMPLATE).as_deref(), Some("a"));
        for body in [r#"{"x":"y","a":[1,{"b":"\u0000"}]}"#, r#"{"x":{"y":[]},"a":{"b":{"\u0000":1}}}"#] {
            let request = request("http://h/api/chats/c/tasks/1", Some(body.to_owned()));
            assert_eq!(argument_with_nul(&request, TEMPLATE).as_deref(), Some("a"), "{body}");
        }
        bytes.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        assert_eq!(argument_with_nul(&bytes, TEMPLATE), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_is_found_in_a_body_where_it_is_and_nowhere_else(
            before in "[\\\\u0\u{0}\u{1}a\"]{0,6}",
            at in 0..6_usize,
            after in "[\\\\u0a\"]{0,6}",
        ) {
            let text = format!("{before}{after}");
            let value = match at {
                0 => json!(text),
                1 => json!([1, "x", text]),
                2 => json!({ "deep": [{ "in": text }] }),
                3 => json!({ "deep": [{ text.clone(): null }] }),
                4 => json!({ text.clone(): text }),
                _ => json!([[[text]]]),
            };
            let body = json!({ "first": "x", "second": value, "third": 5 }).to_string();
            let found = argument_with_nul(&request("http://h/api/chats/c/tasks/1", Some(body.clone())), TEMPLATE);
            prop_assert_eq!(found.as_deref(), text.contains('\0').then_some("second"), "{}", body);
        }
    }
}
