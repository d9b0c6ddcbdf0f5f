//! Media types, by which a body or an answer says what it is.

use serde_json::{Map, Value};

/// What a JSON body or answer is called.
pub(crate) const JSON: &str = "application/json";

/// What a stream of server-sent events is called.
pub(crate) const EVENTS: &str = "text/event-stream";

/// A body of several parts, such as a form with files.
pub(crate) const MULTIPART: &str = "multipart/form-data";

/// A text that two names of media types share if they mean the same: neither case nor spaces count, nor the
/// order of parameters, nor a charset of UTF-8, which JSON has whatever is said and which texts are read as.
pub(crate) fn canonical(name: &str) -> String {
    let mut parts = name.split(';').map(str::trim);
    let mut text = parts.next().unwrap_or_default().to_ascii_lowercase();
    let mut parameters: Vec<_> = parts.filter(|part| !part.is_empty()).map(parameter).collect();
    parameters.retain(|parameter| !matches!(parameter.as_str(), "charset=utf-8" | "charset=utf8"));
    parameters.sort();
    for parameter in parameters {
        text.push(';');
        text.push_str(&parameter);
    }
    text
}

/// One parameter, without the quotes that its value may have.
fn parameter(text: &str) -> String {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    format!("{}={}", name.trim(), value.trim().trim_matches('"')).to_ascii_lowercase()
}

/// What a map of content has for JSON.
pub(crate) fn json(content: &Map<String, Value>) -> Option<&Value> {
    content.iter().find(|(name, _)| canonical(name) == JSON).map(|(_, media)| media)
}

/// What a client sends of the kinds of body that a map of content has: JSON, else parts, else bytes of the one kind that
/// there is; and what the map has for it.
pub(crate) fn sent(content: &Map<String, Value>) -> Option<(&str, &Value)> {
    if let Some(media) = json(content) {
        return Some((JSON, media));
    }
    if let Some((_, media)) = content.iter().find(|(name, _)| canonical(name) == MULTIPART) {
        return Some((MULTIPART, media));
    }
    let mut kinds = content.iter();
    let (name, media) = kinds.next().filter(|_| kinds.next().is_none())?;
    let is_plain = |character: char| character.is_ascii_graphic() && character != '*';
    let is_one = name.contains('/') && name.chars().all(|character| is_plain(character) || character == ' ');
    let is_form = canonical(name).starts_with("application/x-www-form-urlencoded") || name.starts_with("multipart/");
    match name.as_str() {
        "*/*" => Some(("application/octet-stream", media)),
        name => Some((name, media)).filter(|_| is_one && !is_form),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_that_mean_the_same_have_one_canonical_form() {
        for name in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            " application/json ; Charset = utf8 ;",
        ] {
            assert_eq!(canonical(name), JSON, "{name}");
        }
        assert_eq!(canonical("text/html; b=2; a=1"), canonical("text/html;a=1;b=2"));
        for name in ["application/json; charset=latin1", "application/problem+json", "text/json", "json", "", ";"] {
            assert_ne!(canonical(name), JSON, "{name}");
        }
    }

    #[test]
    fn a_body_is_of_the_kind_that_can_be_sent() {
        let kinds = |names: &[&str]| -> Map<String, Value> {
            names.iter().map(|name| ((*name).to_owned(), json!({}))).collect()
        };
        for (names, expected) in [
            (&["image/png", "application/json"][..], Some(JSON)),
            (&["multipart/form-data", "application/x-www-form-urlencoded"], Some(MULTIPART)),
            (&["application/octet-stream"], Some("application/octet-stream")),
            (&["text/csv; charset=utf-8"], Some("text/csv; charset=utf-8")),
            (&["*/*"], Some("application/octet-stream")),
            (&["application/x-www-form-urlencoded"], None),
            (&["multipart/mixed"], None),
            (&["image/*"], None),
            (&["image/png", "image/gif"], None),
            (&["text"], None),
            (&["a/b\n"], None),
            (&[], None),
        ] {
            assert_eq!(sent(&kinds(names)).map(|(name, _)| name), expected, "{names:?}");
        }
    }

    #[test]
    fn finds_json_among_others() {
        let content = json!({"text/html": 1, "application/json; charset=utf-8": 2});
        assert_eq!(json(content.as_object().unwrap()), Some(&json!(2)));
        assert_eq!(json(json!({"application/xml": 1}).as_object().unwrap()), None);
    }
}
