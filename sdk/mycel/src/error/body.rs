//! The bodies of failures: FastAPI's `detail`, which is a text, an object or a list of field errors, and the
//! bodies that have no `detail`.

use serde_json::{Map, Value};

use super::FieldError;

/// How much of a text from the backend goes into an error, in characters.
const LONGEST_TEXT: usize = 300;

/// What the body of a failure says, as far as it is readable.
#[derive(Default)]
pub(super) enum ErrorBody {
    /// Nothing: no JSON, or JSON of no known form.
    #[default]
    Silent,
    /// A text.
    Text(String),
    /// An object, and the text that names the problem in it.
    Object(Map<String, Value>, Option<String>),
    /// What is wrong field by field.
    Fields(Vec<FieldError>),
}

impl ErrorBody {
    /// Reads a body, where it is JSON.
    pub(super) fn read(body: Option<Value>) -> Self {
        let Some(Value::Object(mut whole)) = body else {
            return Self::Silent;
        };
        match whole.remove("detail") {
            Some(Value::String(detail)) => Self::Text(presentable(&detail)),
            Some(Value::Object(detail)) => Self::from_object(detail),
            Some(Value::Array(items)) => Self::Fields(items.iter().filter_map(field_error).collect()),
            _ => Self::from_object(whole),
        }
    }

    /// A text that the backend gives as a reason.
    pub(super) fn from_text(text: &str) -> Self {
        if text.is_empty() { Self::Silent } else { Self::Text(presentable(text)) }
    }

    fn from_object(object: Map<String, Value>) -> Self {
        let name = object.get("error").and_then(Value::as_str).map(presentable);
        Self::Object(object, name)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Object(_, name) => name.as_deref(),
            Self::Silent | Self::Fields(_) => None,
        }
    }

    pub(super) fn object(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Object(object, _) => Some(object),
            _ => None,
        }
    }

    /// The expected and the actual version, where the body tells of a stale one.
    pub(super) fn stale_version(&self) -> Option<(u64, Option<u64>)> {
        let object = self.object()?;
        let expected = object.get("expected_state_version")?.as_u64()?;
        // Absent and null are the same: there is no version yet.
        Some((expected, object.get("actual_state_version").and_then(Value::as_u64)))
    }

    pub(super) fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Fields(errors) => errors,
            _ => &[],
        }
    }

    /// What goes into the one line of an error.
    pub(super) fn summary(&self) -> Option<String> {
        match self {
            Self::Fields(errors) => {
                let parts: Vec<String> =
                    errors.iter().map(|error| format!("{}: {}", error.location, error.message)).collect();
                (!parts.is_empty()).then(|| presentable(&parts.join(", ")))
            }
            _ => self.text().map(str::to_owned),
        }
    }
}

/// One item of a 422. Its `input` repeats what was sent, a password perhaps, and is left out.
fn field_error(item: &Value) -> Option<FieldError> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(presentable).unwrap_or_default();
    let parts: Vec<String> = item
        .get("loc")?
        .as_array()?
        .iter()
        .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
        .collect();
    Some(FieldError { location: presentable(&parts.join(".")), message: text("msg"), code: text("type") })
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
            let read = ErrorBody::read(Some(body));
            let fields = read.field_errors().iter();
            let parts = fields.flat_map(|field| [&field.location, &field.message, &field.code]);
            for text in parts.map(String::as_str).chain(read.text()).chain(read.summary().as_deref()) {
                prop_assert!(text.chars().count() <= LONGEST_TEXT + 1 && !text.contains(breaks_a_line), "{text:?}");
            }
            let _ = read.stale_version();
        }
    }

    fn read(body: &str) -> ErrorBody {
        ErrorBody::read(serde_json::from_str(body).ok())
    }

    #[test]
    fn every_form_of_detail_is_read() {
        assert_eq!(read(r#"{"detail":"Chat not found"}"#).text(), Some("Chat not found"));

        let stale = read(r#"{"detail":{"error":"stale","actual_state_version":3}}"#);
        assert_eq!(stale.text(), Some("stale"));
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
    fn a_stale_version_may_be_one_of_nothing() {
        for (actual, expected) in
            [(r#","actual_state_version":3"#, Some(3)), (r#","actual_state_version":null"#, None), ("", None)]
        {
            let stale = read(&format!(r#"{{"detail":{{"error":"stale","expected_state_version":2{actual}}}}}"#));
            assert_eq!(stale.stale_version(), Some((2, expected)), "{actual}");
        }
        assert_eq!(read(r#"{"detail":{"error":"other"}}"#).stale_version(), None);
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
        assert_eq!(text.chars().count(), LONGEST_TEXT + 1);
        let turned = self::read(r#"{"detail":"a\u202eb\u2028c\u0000d\u2066e"}"#);
        assert_eq!(turned.text(), Some("a b c d e"));
    }
}
