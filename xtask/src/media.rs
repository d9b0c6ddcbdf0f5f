//! Media types, by which a body or an answer says what it is.

use serde_json::{Map, Value};

/// What a JSON body or answer is called.
pub(crate) const JSON: &str = "application/json";

/// What a stream of server-sent events is called.
pub(crate) const EVENTS: &str = "text/event-stream";

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
    fn finds_json_among_others() {
        let content = json!({"text/html": 1, "application/json; charset=utf-8": 2});
        assert_eq!(json(content.as_object().unwrap()), Some(&json!(2)));
        assert_eq!(json(json!({"application/xml": 1}).as_object().unwrap()), None);
    }
}
