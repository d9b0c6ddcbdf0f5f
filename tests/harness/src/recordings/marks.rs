//! Whether a value of an answer comes through: another is put in its place, which then has to be seen.

use serde_json::{Value, json};

/// An answer with one of its values changed.
pub struct Marked {
    /// Where the value is, as a JSON pointer.
    pub pointer: String,
    /// The answer with the other value.
    pub answer: Value,
    forms: &'static [&'static str],
}

/// Another value in the place of one.
pub struct Other {
    /// The value.
    pub value: Value,
    /// The forms in which it may be seen; of a boolean, only the difference can be.
    pub forms: &'static [&'static str],
}

impl Other {
    /// One for a value that is not a time.
    pub fn of(value: &Value) -> Self {
        let (value, forms): (Value, &[&str]) = match value {
            Value::Bool(value) => (json!(!value), &[]),
            Value::Number(number) if number.is_f64() => (json!(1_927_857_906.5), &["1927857906.5"]),
            Value::Number(_) => (json!(7_654_321), &["7654321"]),
            _ => (json!("another text"), &["another text"]),
        };
        Self { value, forms }
    }
}

/// The answer once for each of its values from a place on, with that one changed. What is null holds no value.
pub fn marked(answer: &Value, from: &str, other: impl Fn(&Value) -> Other) -> Vec<Marked> {
    let mut pointers = Vec::new();
    if let Some(payload) = answer.pointer(from) {
        values(payload, from.to_owned(), &mut pointers);
    }
    let marked = pointers.into_iter().map(|pointer| {
        let mut answer = answer.clone();
        let value = answer.pointer_mut(&pointer).unwrap();
        let Other { value: other, forms } = other(value);
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
