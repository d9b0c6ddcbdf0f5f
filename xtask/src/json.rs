//! Reading JSON with one-line errors, and writing it in one canonical form.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};
use crate::place::Place;

/// Parses a document. serde_json bounds its nesting (127 levels), which bounds every recursion over it. An
/// object that has a key twice is refused: which of both counts, every reader decides for itself.
pub(crate) fn parse(bytes: &[u8], document: &str) -> Result<Value> {
    let repeated = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let root = Place::new("");
    let part = Part { place: &root, repeated: &repeated };
    let parsed = part.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    let error = match parsed {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    if let Some((place, key)) = repeated.into_inner() {
        let problem = format!("has the key {key:?} twice in the object at \"{place}\" (line {})", error.line());
        return Err(Error::new(Kind::NotJson, document, problem, "give each key of an object once"));
    }
    let problem = if error.to_string().starts_with("recursion limit exceeded") {
        "is nested more than 127 levels deep".to_owned()
    } else {
        format!("is not JSON ({error})")
    };
    Err(Error::new(Kind::NotJson, document, problem, "give a JSON document, such as a backend serves at /openapi.json"))
}

/// A part of a document that is being parsed.
struct Part<'p> {
    place: &'p Place<'p>,
    /// Where an object has a key twice, and which.
    repeated: &'p RefCell<Option<(String, String)>>,
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        loop {
            let index = array.len().to_string();
            let place = self.place.child(&index);
            match items.next_element_seed(Part { place: &place, repeated: self.repeated })? {
                Some(item) => array.push(item),
                None => return Ok(Value::Array(array)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                self.repeated.replace(Some((self.place.to_string(), key)));
                return Err(serde::de::Error::custom("an object has a key twice"));
            }
            let place = self.place.child(&key);
            let value = entries.next_value_seed(Part { place: &place, repeated: self.repeated })?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
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
    fn reads_what_serde_json_reads() {
        let texts = [
            r#"{"a": [null, true, 1, -1, 1.0, 18446744073709551615, -9223372036854775808, 1e300, -0.0, "b\u00e9\n"]}"#,
            r#"{"": {"": {}}, "$ref": [], "a\u0062": [[[]]]}"#,
            " 3 ",
        ];
        for text in texts {
            assert_eq!(parse(text.as_bytes(), "here").unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
        for text in ["", "3 4", "{} {}", "[1,]", "{\"a\": }", "1e999", "\"\\ud800\"", "nul", "[", "\u{feff}{}"] {
            assert_eq!(parse(text.as_bytes(), "here").unwrap_err().kind(), Kind::NotJson, "{text}");
        }
    }

    #[test]
    fn refuses_a_key_that_an_object_has_twice() {
        for (text, part) in [
            (r#"{"a": 1, "a": 1}"#, r#"here: has the key "a" twice in the object at "" (line 1)"#),
            (
                "{\"a\": [0,\n {\"b/c\": {\"d\": 1,\n \"\\u0064\": 2}}]}",
                r#"the key "d" twice in the object at "/a/1/b~1c" (line 3)"#,
            ),
        ] {
            let error = parse(text.as_bytes(), "here").unwrap_err();
            assert_eq!(error.kind(), Kind::NotJson);
            assert!(error.to_string().contains(part), "{error}");
        }
        parse(br#"[{"a": 1}, {"a": {"a": 1}}]"#, "here").unwrap();
    }

    #[test]
    fn refuses_bottomless_nesting() {
        let error = parse("[".repeat(1_000_000).as_bytes(), "here").unwrap_err();
        assert!(error.to_string().contains("127 levels"));
    }
}
