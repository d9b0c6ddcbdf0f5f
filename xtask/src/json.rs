//! Reading JSON with one-line errors, and writing it in one canonical form.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::{Error, Kind, Result};

/// Parses a document. serde_json bounds its nesting (127 levels), which bounds every recursion over it.
pub(crate) fn parse(bytes: &[u8], place: &str) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(|error| {
        let problem = if error.to_string().starts_with("recursion limit exceeded") {
            "is nested more than 127 levels deep".to_owned()
        } else {
            format!("is not JSON ({error})")
        };
        Error::new(Kind::NotJson, place, problem, "give a JSON document, such as a backend serves at /openapi.json")
    })
}

/// The canonical form: keys sorted, two spaces of indentation, a final newline.
pub(crate) fn pretty(value: Value) -> String {
    format!("{:#}\n", sorted(value))
}

/// The value with the keys of its objects sorted. The order is made here because that of
/// `serde_json::Map` depends on a Cargo feature which any dependency may turn on.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let ordered: BTreeMap<_, _> = object.into_iter().collect();
            Value::Object(ordered.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(array) => array.into_iter().map(sorted).collect(),
        scalar => scalar,
    }
}

/// How many values a value is made of, itself among them.
pub(crate) fn weight(value: &Value) -> usize {
    let mut weight = 0;
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        weight += 1;
        match value {
            Value::Object(object) => open.extend(object.values()),
            Value::Array(array) => open.extend(array),
            _ => {}
        }
    }
    weight
}

/// A value's JSON type, for messages.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_sorted_and_ends_with_a_newline() {
        let value = json!({"b": [{"d": 1, "c": 0.0}], "a": null});
        assert_eq!(
            pretty(value),
            "{\n  \"a\": null,\n  \"b\": [\n    {\n      \"c\": 0.0,\n      \"d\": 1\n    }\n  ]\n}\n"
        );
    }

    #[test]
    fn refuses_what_is_not_json_in_one_line() {
        let error = parse(b"<html>\n</html>", "here").unwrap_err();
        assert_eq!(error.kind(), Kind::NotJson);
        assert!(error.to_string().starts_with("here: is not JSON ("));
        assert_eq!(error.to_string().lines().count(), 1);
    }

    #[test]
    fn refuses_bottomless_nesting() {
        let error = parse("[".repeat(1_000_000).as_bytes(), "here").unwrap_err();
        assert!(error.to_string().contains("127 levels"));
    }
}
