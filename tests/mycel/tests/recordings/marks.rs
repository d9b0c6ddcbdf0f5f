//! Whether a value of an answer comes through: another is put in its place, which then has to be seen.

use serde_json::{Value, json};

/// An answer with one of its values changed.
pub struct Marked {
    /// Where the value is, as a JSON pointer.
    pub pointer: String,
    /// The answer with the other value.
    pub answer: Value,
    /// The forms in which the other value may be seen; of a boolean, only the difference can be.
    forms: &'static [&'static str],
}

const TEXT: &str = "another text";
const TIME: &str = "2031-02-03T04:05:06.5Z";

/// The answer once for each of its values, with that one changed. What is null holds no value.
pub fn marked(answer: &Value) -> Vec<Marked> {
    let mut pointers = Vec::new();
    values(answer, String::new(), &mut pointers);
    let marked = pointers.into_iter().map(|pointer| {
        let mut answer = answer.clone();
        let value = answer.pointer_mut(&pointer).unwrap();
        let (other, forms): (Value, &[&str]) = match &*value {
            Value::Bool(value) => (json!(!value), &[]),
            Value::Number(number) if number.is_f64() => (json!(1_927_857_906.5), &[TIME, "1927857906.5"]),
            // A whole number may be a time too: agents have 0 there.
            Value::Number(_) => (json!(7_654_321), &["7654321", "1970-03-30T14:12:01Z"]),
            Value::String(text) if is_time(text) => (json!("2031-02-03T04:05:06.500000+00:00"), &[TIME]),
            _ => (json!(TEXT), &[TEXT]),
        };
        *value = other;
        Marked { pointer, answer, forms }
    });
    marked.collect()
}

fn values(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| values(item, format!("{pointer}/{index}"), pointers));
        }
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            values(field, format!("{pointer}/{name}"), pointers);
        }),
        _ => pointers.push(pointer),
    }
}

/// Whether it is a time as relationships have it.
fn is_time(text: &str) -> bool {
    text.ends_with("+00:00") && text.parse::<mycel_sdk::Timestamp>().is_ok()
}

impl Marked {
    /// Whether the other value is seen in what was made of the answer.
    pub fn is_seen(&self, unchanged: &str, changed: &str) -> bool {
        match self.forms {
            [] => changed != unchanged,
            forms => forms.iter().any(|form| changed.contains(form) && !unchanged.contains(form)),
        }
    }

    /// The pointer, with a star for each index.
    pub fn place(&self) -> String {
        let star = |part: &str| if part.parse::<usize>().is_ok() { "*".to_owned() } else { part.to_owned() };
        self.pointer.split('/').map(star).collect::<Vec<_>>().join("/")
    }
}
