//! When two clients have seen the same.

use m8tes_sdk::Timestamp;
use serde_json::{Map, Value};

/// Fields that are another in each run: how long something took, and what is made up for one run.
const PASSING: [&str; 4] = ["event_id", "execution_time_ms", "hook", "share_token"];

/// The place at which they differ, if there is one. Absent and null are the same, where ours is empty too, and so are two
/// writings of one time or number. Fields that the official client's classes do not have are ours alone.
pub fn difference(ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => theirs.iter().find_map(|(name, theirs)| {
            let difference = difference(ours.get(name).unwrap_or(&Value::Null), theirs)?;
            Some(format!("{name}: {difference}"))
        }),
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let pairs = ours.iter().zip(theirs).enumerate();
            pairs
                .into_iter()
                .find_map(|(place, (ours, theirs))| Some(format!("{place}: {}", difference(ours, theirs)?)))
        }
        _ if ours == theirs
            || (is_empty(ours) && theirs.is_null())
            || is_same_time(ours, theirs)
            || is_same_number(ours, theirs) =>
        {
            None
        }
        _ => Some(format!("{ours} and {theirs}")),
    }
}

fn is_same_time(ours: &Value, theirs: &Value) -> bool {
    time(ours).is_some_and(|ours| Some(ours) == time(theirs))
}

fn is_same_number(ours: &Value, theirs: &Value) -> bool {
    ours.is_number() && ours.as_f64() == theirs.as_f64()
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// What of a value is the same in each run.
pub fn lasting(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let lasting = object.iter().filter(|(name, value)| !PASSING.contains(&name.as_str()) && !is_empty(value));
            Value::Object(lasting.map(|(name, value)| (name.clone(), self::lasting(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(lasting).collect(),
        value if time(value).is_some() => "<time>".into(),
        Value::String(text) => without_ports_and_tokens(text).into(),
        other => other.clone(),
    }
}

/// Whether a value says as little as none.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(object) => object.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A text, but for the ports and the long random texts in it.
fn without_ports_and_tokens(text: &str) -> String {
    let is_made_up = |word: &str| {
        let is_long = word.len() >= 16 && word.chars().any(|character| character.is_ascii_digit());
        is_long || (word.len() >= 4 && word.chars().all(|character| character.is_ascii_digit()))
    };
    let words = text.split_inclusive(|character: char| !character.is_ascii_alphanumeric() && !"-_".contains(character));
    let shown = words.map(|word| {
        let bare =
            word.trim_end_matches(|character: char| !character.is_ascii_alphanumeric() && !"-_".contains(character));
        if is_made_up(bare) { format!("<…>{}", word.strip_prefix(bare).unwrap_or_default()) } else { word.to_owned() }
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_the_same_is_no_difference() {
        let ours = json!({"a": "2026-11-01T09:00:00Z", "b": 1, "more": true, "d": {}, "e": []});
        let theirs = json!({"a": "2026-11-01T09:00:00.000+00:00", "b": 1.0, "c": null, "d": null, "e": null});
        assert_eq!(difference(&ours, &theirs), None);
    }

    #[test]
    fn what_differs_is_told_with_its_place() {
        let different = |ours: Value, theirs: Value| difference(&ours, &theirs).unwrap_or_default();
        assert_eq!(different(json!({"a": [1, {"b": "x"}]}), json!({"a": [1, {"b": "y"}]})), "a: 1: b: \"x\" and \"y\"");
        assert_eq!(different(json!([1]), json!([1, 2])), "[1] and [1,2]");
        assert_eq!(different(json!({}), json!({"a": 0})), "a: null and 0");
        assert_eq!(different(json!(true), json!("true")), "true and \"true\"");
    }

    #[test]
    fn what_is_another_in_each_run_is_not_kept() {
        let seen = json!({"at": "2026-11-01T09:00:00Z", "event_id": "e", "url": "http://127.0.0.1:39211/h/a8f0c1d2e3b4a5f6", "id": 1234567});
        assert_eq!(lasting(&seen), json!({"at": "<time>", "url": "http://127.0.0.1:<…>/h/<…>", "id": 1234567}));
    }
}
