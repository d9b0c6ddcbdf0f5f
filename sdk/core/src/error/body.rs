//! What the bodies of failures say.

use serde_json::{Map, Value};

/// How much of a text from the backend goes into an error, in characters.
const LONGEST_TEXT: usize = 300;

/// What the backend found wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// Where: the parts of the request from the outside in, such as `body.up_to_seq` or `query.limit`.
    pub location: String,
    /// What is wrong, in the backend's words.
    pub message: String,
    /// The validator's name for it, such as `missing` or `less_than_equal`.
    pub code: String,
}

impl FieldError {
    /// Takes what the backend says. For facades.
    #[doc(hidden)]
    pub fn new(location: &str, message: &str, code: &str) -> Self {
        Self { location: presentable(location), message: presentable(message), code: presentable(code) }
    }
}

/// What the body of a failure says, as far as it is readable. Its texts are one line each, and not long.
#[derive(Default)]
pub struct ErrorBody {
    text: Option<String>,
    code: Option<String>,
    object: Option<Map<String, Value>>,
    fields: Vec<FieldError>,
    request_id: Option<String>,
}

impl ErrorBody {
    /// Reads a body as FastAPI writes it: a `detail` that is a text, an object, or a list of field errors; or an object
    /// without one. What an object calls its `error` is its code, and its text.
    pub fn of_detail(body: Value) -> Self {
        let Value::Object(mut whole) = body else {
            return Self::default();
        };
        match whole.remove("detail") {
            Some(Value::String(detail)) => Self::of_text(&detail),
            Some(Value::Object(detail)) => Self::named(detail),
            Some(Value::Array(items)) => Self::default().with_fields(items.iter().filter_map(field_error).collect()),
            _ => Self::named(whole),
        }
    }

    /// A text that the backend gives as a reason.
    pub fn of_text(text: &str) -> Self {
        Self::default().with_text(text)
    }

    fn named(object: Map<String, Value>) -> Self {
        let name = object.get("error").and_then(Value::as_str).map(str::to_owned);
        let named = name.map_or_else(Self::default, |name| Self::of_text(&name).with_code(&name));
        named.with_object(object)
    }

    /// The same with this text; an empty one is none.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        self.text = Some(presentable(text)).filter(|text| !text.is_empty());
        self
    }

    /// The same with the platform's own code for it.
    #[must_use]
    pub fn with_code(mut self, code: &str) -> Self {
        self.code = Some(presentable(code)).filter(|code| !code.is_empty());
        self
    }

    /// The same with an object that says more.
    #[must_use]
    pub fn with_object(mut self, object: Map<String, Value>) -> Self {
        self.object = Some(object);
        self
    }

    /// The same with what is wrong field by field.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldError>) -> Self {
        self.fields = fields;
        self
    }

    /// The same with what the backend calls the request.
    #[must_use]
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.request_id = Some(presentable(id)).filter(|id| !id.is_empty());
        self
    }

    /// What the backend says, in words.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The platform's own code for it.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The object that says more.
    pub fn object(&self) -> Option<&Map<String, Value>> {
        self.object.as_ref()
    }

    /// What is wrong field by field.
    pub fn field_errors(&self) -> &[FieldError] {
        &self.fields
    }

    /// What the backend calls the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// What goes into the one line of an error.
    pub(super) fn summary(&self) -> Option<String> {
        if self.text.is_some() || self.fields.is_empty() {
            return self.text.clone();
        }
        let fields = self.fields.iter();
        let parts: Vec<String> = fields.map(|error| format!("{}: {}", error.location, error.message)).collect();
        Some(presentable(&parts.join(", ")))
    }
}

/// One item of a 422. Its `input` repeats what was sent, a password perhaps, and is left out.
fn field_error(item: &Value) -> Option<FieldError> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let parts: Vec<String> = item
        .get("loc")?
        .as_array()?
        .iter()
        .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
        .collect();
    Some(FieldError::new(&parts.join("."), text("msg"), text("type")))
}

/// A text that fits into one line, and stays in its place there: no control characters, and not long.
fn presentable(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST_TEXT).map(|c| if breaks_a_line(c) { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST_TEXT).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a character does more than to be shown: controls, separators of lines and paragraphs, and what changes
/// the direction of what follows.
fn breaks_a_line(character: char) -> bool {
    let turns =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bodies that are made of what the reader looks for, at any place.
    fn bodies() -> impl Strategy<Value = Value> {
        let names = prop_oneof![
            proptest::sample::select(
                &["detail", "error", "loc", "msg", "type", "input", "message", "actual_state_version"][..]
            )
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        let leaves = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            (any::<char>(), 0..2000_usize).prop_map(|(letter, count)| Value::from(letter.to_string().repeat(count))),
        ];
        leaves.prop_recursive(6, 64, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::vec((names.clone(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_the_body_it_becomes_one_line_that_is_not_long(body in bodies()) {
            let read = ErrorBody::of_detail(body);
            let fields = read.field_errors().iter();
            let parts = fields.flat_map(|field| [&field.location, &field.message, &field.code]);
            for text in parts.map(String::as_str).chain(read.text()).chain(read.code()).chain(read.summary().as_deref()) {
                prop_assert!(text.chars().count() <= LONGEST_TEXT + 1 && !text.contains(breaks_a_line), "{text:?}");
            }
        }
    }

    fn read(body: &str) -> ErrorBody {
        serde_json::from_str(body).map(ErrorBody::of_detail).unwrap_or_default()
    }

    #[test]
    fn every_form_of_detail_is_read() {
        assert_eq!(read(r#"{"detail":"Chat not found"}"#).text(), Some("Chat not found"));

        let stale = read(r#"{"detail":{"error":"stale","actual_state_version":3}}"#);
        assert_eq!((stale.text(), stale.code()), (Some("stale"), Some("stale")));
        assert_eq!(stale.object().unwrap()["actual_state_version"], 3);

        let bare = read(r#"{"error":"sandbox_quota_exceeded","resource":"cpu"}"#);
        assert_eq!(bare.text(), Some("sandbox_quota_exceeded"));
        assert_eq!(bare.object().unwrap()["resource"], "cpu");

        let fields = read(
            r#"{"detail":[{"type":"missing","loc":["body","up_to_seq"],"msg":"Field required","input":{"password":"hunter2"}},
                          {"type":"json_invalid","loc":["body",17],"msg":"JSON decode error"}]}"#,
        );
        assert_eq!(fields.text(), None);
        assert_eq!(fields.summary().unwrap(), "body.up_to_seq: Field required, body.17: JSON decode error");
        assert_eq!(fields.field_errors()[0].code, "missing");
        assert!(!format!("{:?}", fields.field_errors()).contains("hunter2"));
    }

    #[test]
    fn what_says_nothing_is_silent() {
        for body in ["", "Internal Server Error", "<html>Bad Gateway</html>", "[]", "3", "{\"detail\":"] {
            assert!(read(body).summary().is_none(), "{body:?}");
        }
        for body in [r#"{"detail":null}"#, r#"{"detail":[]}"#, r#"{"detail":[3, {"loc": 4}]}"#, r#"{"detail":7}"#] {
            assert!(read(body).summary().is_none(), "{body:?}");
        }
    }

    #[test]
    fn a_text_is_one_line_and_not_long() {
        let read = read(&format!(r#"{{"detail":"bad\nagain{}"}}"#, "x".repeat(1000)));
        let text = read.text().unwrap();
        assert!(text.starts_with("bad againxxx"), "{text}");
        assert!(text.chars().count() == 301 && text.ends_with('…'), "{text}");
        let turned = self::read(r#"{"detail":"a\u202eb\u2028c\u0000d\u2066e"}"#);
        assert_eq!(turned.text(), Some("a b c d e"));
    }
}
