//! What differs from run to run, in a form that does not.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Value, json};

/// Numbers ids, times and fingerprints in the order in which they appear, and takes tokens out.
#[derive(Default)]
pub struct Normal {
    known: HashMap<String, String>,
    /// How many times there were. Each is another one, so that none is taken for another.
    times: u32,
}

static VARYING: LazyLock<Regex> = LazyLock::new(|| {
    let forms = [
        r"(?P<uuid>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})",
        r"(?P<fingerprint>\b[0-9a-f]{64}\b)",
        r"(?P<agent>\bm_[0-9A-Za-z]{12}\b)",
        r"(?P<jwt>\beyJ[\w-]+\.[\w-]+\.[\w-]+)",
        r"(?P<time>\d{4}-\d\d-\d\dT[\d:.]+\+00:00)",
    ];
    Regex::new(&format!("(?-u){}", forms.join("|"))).unwrap()
});

/// What is kept for itself in a request.
const SECRETS: [&str; 3] = ["password", "invite_code", "token"];

impl Normal {
    /// The same text, normalised.
    pub fn text(&mut self, text: &str) -> String {
        VARYING.replace_all(text, |found: &Captures<'_>| self.one(found)).into_owned()
    }

    fn one(&mut self, found: &Captures<'_>) -> String {
        let is = |form: &str| found.name(form).is_some();
        if is("time") {
            let seconds = self.next_time();
            return format!(
                "2026-01-01T{:02}:{:02}:{:02}.500000+00:00",
                seconds / 3600,
                seconds / 60 % 60,
                seconds % 60
            );
        }
        if is("jwt") {
            // Two of them are the same where they were made in the same second.
            return "<jwt>".to_owned();
        }
        let number = self.known.len() + 1;
        let name = match () {
            () if is("uuid") => format!("00000000-0000-4000-8000-{number:012}"),
            () if is("agent") => format!("m_{number:012}"),
            () => format!("{number:064x}"),
        };
        self.known.entry(found[0].to_owned()).or_insert(name).clone()
    }

    fn next_time(&mut self) -> u32 {
        self.times += 1;
        self.times
    }

    /// The same value, normalised.
    pub fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Number(number) if number.as_f64().is_some_and(|seconds| number.is_f64() && seconds > 1e9) => {
                json!(1_767_225_600.5 + f64::from(self.next_time()))
            }
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), self.value(field))).collect(),
            _ => value.clone(),
        }
    }

    /// The same body of a request, normalised.
    pub fn request(&mut self, body: &Value) -> Value {
        let mut body = self.value(body);
        for (name, field) in body.as_object_mut().into_iter().flatten() {
            if SECRETS.contains(&name.as_str()) {
                *field = json!(format!("<{name}>"));
            }
        }
        body
    }
}
