//! One form for what both clients saw, and what is the same in every run of it.

use std::collections::BTreeMap;

use mycel_sdk::Timestamp;
use serde_json::{Map, Value, json};

use super::look;
use crate::{clients::Outcome, problem::Problem};

/// The fields that are points in time: seconds since 1970 or a text in the official client, nanoseconds in ours.
const TIMES: [&str; 5] = ["created_at", "updated_at", "decided_at", "settled_at", "retracted_at"];

/// What a call showed, in one form: without nulls, which mean the same as absence; with points in time as nanoseconds; lists
/// without an order of their own in one.
pub fn canonical(call: &str, outcome: &Outcome) -> Result<Value, Problem> {
    Ok(match outcome {
        Outcome::Failed(problem) => return Err(Problem::new(format!("{call}: {problem}"))),
        Outcome::Refused { status, detail } => json!({"status": status, "detail": tidy(detail)?}),
        Outcome::Done(_) if look::only_done(call) => Value::Null,
        Outcome::Done(result) => {
            let unwrapped = look::unwrapped(result).map(|list| Value::Array(list.clone()));
            let mut result = tidy(unwrapped.as_ref().unwrap_or(result))?;
            if let (Some(field), Value::Array(items)) = (look::order(call), &mut result) {
                items.sort_by_key(|item| item.get(field).map(Value::to_string));
            }
            result
        }
    })
}

fn tidy(value: &Value) -> Result<Value, Problem> {
    Ok(match value {
        Value::Object(object) => {
            let mut tidied = Map::new();
            for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
                let value = if TIMES.contains(&name.as_str()) { nanoseconds(value)? } else { tidy(value)? };
                tidied.insert(name.clone(), value);
            }
            Value::Object(tidied)
        }
        Value::Array(items) => Value::Array(items.iter().map(tidy).collect::<Result<_, _>>()?),
        other => other.clone(),
    })
}

fn nanoseconds(value: &Value) -> Result<Value, Problem> {
    let problem = || Problem::new(format!("{value} is no point in time"));
    match value {
        Value::Number(seconds) => {
            let seconds = seconds.as_f64().ok_or_else(problem)?;
            // In two parts, since the product of the whole is not exact.
            let (whole, rest) = (seconds.floor(), (seconds - seconds.floor()) * 1e9);
            #[expect(clippy::cast_possible_truncation, reason = "a float of seconds is far from the end of an i128")]
            let nanoseconds = whole as i128 * 1_000_000_000 + rest.round() as i128;
            Ok(nanoseconds.to_string().into())
        }
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(value.clone()),
        Value::String(text) => {
            let time: Timestamp = text.parse().map_err(|_| problem())?;
            Ok(time.as_nanosecond().to_string().into())
        }
        _ => Err(problem()),
    }
}

/// Names for what is another in each run: the UUIDs, in the order in which they came up.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<String, usize>);

impl Names {
    /// The value with names, and without the times.
    pub fn replace(&mut self, value: Value) -> Value {
        match value {
            Value::Object(object) => {
                // By name, whichever order the object keeps them in.
                let fields: BTreeMap<String, Value> = object.into_iter().collect();
                let replaced = fields.into_iter().map(|(name, value)| {
                    let value = if TIMES.contains(&name.as_str()) { "<time>".into() } else { self.replace(value) };
                    (name, value)
                });
                Value::Object(replaced.collect())
            }
            Value::Array(items) => items.into_iter().map(|item| self.replace(item)).collect(),
            Value::String(text) => self.replace_in(&text).into(),
            other => other,
        }
    }

    fn replace_in(&mut self, text: &str) -> String {
        let mut replaced = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match rest.get(..UUID).filter(|head| is_uuid(head)) {
                Some(uuid) => {
                    let next = self.0.len() + 1;
                    let number = self.0.entry(uuid.to_owned()).or_insert(next);
                    replaced.push_str(&format!("<uuid {number}>"));
                    UUID
                }
                None => {
                    replaced.push(first);
                    first.len_utf8()
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        replaced
    }
}

/// The length of a UUID as a text.
const UUID: usize = 36;

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_clients_return_comes_to_one_form() {
        let theirs =
            json!({"id": "a", "title": null, "created_at": 1795302955.25, "updated_at": "2026-11-21T23:15:55.25Z"});
        let seen = canonical("chats.get", &Outcome::Done(theirs)).unwrap();
        assert_eq!(seen["created_at"], "1795302955250000000");
        assert!(seen["updated_at"].as_str().unwrap().ends_with("250000000"), "{seen}");
        assert_eq!(canonical("chats.get", &Outcome::Done(seen.clone())).unwrap(), seen);
        assert!(seen.get("title").is_none());
    }

    #[test]
    fn a_count_that_is_wrong_is_not_overlooked() {
        let drained = |count: u64| {
            canonical("notifications.drain", &Outcome::Done(json!({"count": count, "notifications": [{}]})))
        };
        assert_eq!(drained(1).unwrap(), json!([{}]));
        assert_ne!(drained(2).unwrap(), json!([{}]));
    }

    #[test]
    fn lists_without_an_order_get_one() {
        let tasks = Outcome::Done(json!([{"id": "2"}, {"id": "10"}]));
        assert_eq!(canonical("chats.list_tasks", &tasks).unwrap(), json!([{"id": "10"}, {"id": "2"}]));
        assert_eq!(canonical("messages.list", &tasks).unwrap(), json!([{"id": "2"}, {"id": "10"}]));
    }

    #[test]
    fn uuids_are_named_in_the_order_in_which_they_come_up() {
        let [one, two] = ["6f9619ff-8b86-4011-b42d-00c04fc964ff", "0f9619ff-8b86-4011-b42d-00c04fc964ff"];
        let mut names = Names::default();
        let replaced = names.replace(json!({"a": format!("é guest-{one}:{two}"), "b": [two], "created_at": "5"}));
        let expected = json!({"a": "é guest-<uuid 1>:<uuid 2>", "b": ["<uuid 2>"], "created_at": "<time>"});
        assert_eq!(replaced, expected);
        assert_eq!(names.replace(json!(one)), "<uuid 1>");
    }
}
