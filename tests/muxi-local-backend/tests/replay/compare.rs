//! What of an answer differs from the recorded one.

use serde_json::Value;

use crate::{
    events::{frames, is_literal},
    ids::Ids,
};

/// What is measured or made on the spot: only its kind is compared.
const MEASURED: [&str; 11] = [
    "uptime_seconds",
    "seconds",
    "since",
    "memory_usage_mb",
    "cpu_percent",
    "processing_time_ms",
    "buffer_size_kb",
    "embedding",
    "internal_user_id",
    "scope_id",
    "credential_preview",
];

/// The same, which may be absent as well.
const OPTIONAL: [&str; 5] = ["scope_id", "ip", "embedding", "cpu_percent", "memory_usage_mb"];

/// What is counted over all requests.
const COUNTED: [&str; 2] = ["requests.total", "requests.active"];

/// What is said to people.
const SAID: [&str; 3] = ["message", "msg", "expected"];

/// Numbers beyond are moments of the recording, in seconds.
const RECORDED_SINCE: f64 = 1.76e9;

pub(crate) struct Comparison<'a> {
    ids: &'a mut Ids,
    pub(crate) found: Vec<String>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(ids: &'a mut Ids) -> Self {
        Self { ids, found: Vec::new() }
    }

    pub(crate) fn tell(&mut self, what: String) {
        self.found.push(what);
    }

    /// Compares values; `name` is the field that they are in, or that their list is in.
    pub(crate) fn value(&mut self, at: &str, name: &str, recorded: &Value, given: &Value) {
        if MEASURED.contains(&name) || OPTIONAL.contains(&name) || COUNTED.iter().any(|end| at.ends_with(end)) {
            let may_be_absent = OPTIONAL.contains(&name) && (recorded.is_null() || given.is_null());
            if !may_be_absent && kind(recorded) != kind(given) {
                self.tell(format!("{at}: {recorded} got {given}"));
            }
            return;
        }
        match (recorded, given) {
            (Value::Object(recorded), Value::Object(given)) => {
                let only = |one: &serde_json::Map<String, Value>, other: &serde_json::Map<String, Value>| {
                    one.keys().filter(|key| !other.contains_key(*key)).cloned().collect::<Vec<_>>()
                };
                let (missing, more) = (only(recorded, given), only(given, recorded));
                if !missing.is_empty() || !more.is_empty() {
                    self.tell(format!("{at}: without {missing:?}, with {more:?}"));
                    return;
                }
                for (name, recorded) in recorded {
                    self.value(&format!("{at}.{name}"), name, recorded, &given[name]);
                }
            }
            (Value::Array(recorded), Value::Array(given)) => {
                if recorded.len() != given.len() {
                    self.tell(format!("{at}: {} items got {}", recorded.len(), given.len()));
                    return;
                }
                for (index, (recorded, given)) in recorded.iter().zip(given).enumerate() {
                    self.value(&format!("{at}[{index}]"), name, recorded, given);
                }
            }
            (Value::String(recorded), Value::String(given)) => self.text(at, name, recorded, given),
            (Value::Number(recorded), Value::Number(given)) => {
                let (recorded, given) = (recorded.as_f64().unwrap(), given.as_f64().unwrap());
                let are_moments = [recorded, given].iter().all(|number| *number > RECORDED_SINCE);
                // In seconds or in milliseconds, but both in the same.
                let are_alike = are_moments && (recorded > 1e12) == (given > 1e12);
                if !are_alike && (recorded - given).abs() > f64::EPSILON {
                    self.tell(format!("{at}: {recorded} got {given}"));
                }
            }
            _ if recorded == given => {}
            _ => self.tell(format!("{at}: {recorded:.100} got {given:.100}")),
        }
    }

    pub(crate) fn text(&mut self, at: &str, name: &str, recorded: &str, given: &str) {
        if let (Some(recorded), Some(given)) = (moment(recorded), moment(given)) {
            if recorded != given {
                self.tell(format!("{at}: zone {recorded:?} got {given:?}"));
            }
            return;
        }
        // A parser's own words are its own.
        if SAID.contains(&name) || at == "$.error.data.error" {
            return;
        }
        self.ids.learn(recorded, given);
        let recorded = self.ids.swapped(recorded);
        if recorded != given {
            self.tell(format!("{at}: {recorded:?} got {given:?}"));
        }
    }

    /// Compares streams: each frame, and of keep-alives whether one comes first.
    pub(crate) fn events(&mut self, recorded: &str, given: &str) {
        if recorded.starts_with(':') != given.starts_with(':') {
            self.tell("the first comment is missing, or is there".to_owned());
        }
        if is_literal(recorded) != is_literal(given) {
            self.tell("the separators".to_owned());
        }
        let (recorded, given) = (frames(recorded), frames(given));
        if recorded.len() != given.len() {
            self.tell(format!("{} frames got {}", recorded.len(), given.len()));
        }
        for (index, ((name, data), (given_name, given))) in recorded.iter().zip(&given).enumerate() {
            if name != given_name {
                self.tell(format!("event {index}: {name:?} got {given_name:?}"));
            }
            self.value(&format!("event {index}"), "", data, given);
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Whether a moment of the recording or of today has a zone, if the text is one.
fn moment(text: &str) -> Option<bool> {
    let (date, time) = text.split_once('T')?;
    let is_of_today = ("2025-10-10".."2035").contains(&date);
    let end = time.find(['Z', '+', '-']);
    let (clock, zone) = time.split_at(end.unwrap_or(time.len()));
    let is_clock = clock.len() >= 8 && clock.chars().all(|letter| letter.is_ascii_digit() || ":.".contains(letter));
    let is_zone = zone.is_empty() || zone == "Z" || zone.len() == 6;
    (is_of_today && is_clock && is_zone).then_some(!zone.is_empty())
}
