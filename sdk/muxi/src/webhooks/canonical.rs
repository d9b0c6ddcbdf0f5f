//! The form of JSON that MUXI signs where it posts another.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;

/// How many lists and objects may be open at once. serde_json reads no deeper.
const DEEPEST: usize = 127;

/// Writes JSON as MUXI signs it: the members of objects in the order of their names' bytes, no blanks, and no escapes but
/// those that are needed. Of two members with the same name the last counts. Numbers keep their digits, and get the exponents
/// that MUXI signs in place of those that it posts.
///
/// `None` where it is no JSON, or nested too deep.
pub(crate) fn canonical(json: &[u8]) -> Option<String> {
    let json = std::str::from_utf8(json).ok()?;
    let mut reader = Reader { rest: json };
    let value = reader.value(DEEPEST)?;
    reader.skip_blanks();
    let mut written = String::with_capacity(json.len());
    value.write(&mut written)?;
    reader.rest.is_empty().then_some(written)
}

enum Value<'j> {
    Object(BTreeMap<String, Value<'j>>),
    List(Vec<Value<'j>>),
    Text(String),
    /// A number, or one of the words.
    Other(Cow<'j, str>),
}

/// What of a text is not read yet.
struct Reader<'j> {
    rest: &'j str,
}

impl<'j> Reader<'j> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes this sign, if it comes next, blanks aside.
    fn takes(&mut self, sign: char) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes so many bytes.
    fn take(&mut self, length: usize) -> Option<&'j str> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn value(&mut self, room: usize) -> Option<Value<'j>> {
        self.skip_blanks();
        match self.rest.as_bytes().first()? {
            b'{' => self.object(room.checked_sub(1)?),
            b'[' => self.list(room.checked_sub(1)?),
            b'"' => self.text().map(Value::Text),
            _ => self.other(),
        }
    }

    fn object(&mut self, room: usize) -> Option<Value<'j>> {
        let mut members = BTreeMap::new();
        self.items('{', '}', |reader| {
            reader.skip_blanks();
            let name = reader.text()?;
            let value = if reader.takes(':') { reader.value(room)? } else { return None };
            members.insert(name, value);
            Some(())
        })?;
        Some(Value::Object(members))
    }

    fn list(&mut self, room: usize) -> Option<Value<'j>> {
        let mut values = Vec::new();
        self.items('[', ']', |reader| {
            values.push(reader.value(room)?);
            Some(())
        })?;
        Some(Value::List(values))
    }

    /// Takes what stands between two brackets, with commas in between.
    fn items(&mut self, open: char, close: char, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if !self.takes(open) {
            return None;
        }
        if self.takes(close) {
            return Some(());
        }
        loop {
            item(self)?;
            if !self.takes(',') {
                return self.takes(close).then_some(());
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        let inner = self.rest.strip_prefix('"')?.as_bytes();
        let mut is_escaped = false;
        let end = inner.iter().position(|byte| match byte {
            _ if is_escaped => {
                is_escaped = false;
                false
            }
            b'\\' => {
                is_escaped = true;
                false
            }
            byte => *byte == b'"',
        })?;
        serde_json::from_str(self.take(end + 2)?).ok()
    }

    fn other(&mut self) -> Option<Value<'j>> {
        let is_of_it = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = self.rest.bytes().take_while(|byte| is_of_it(*byte)).count();
        let token = self.take(length)?;
        serde_json::from_str::<IgnoredAny>(token).ok()?;
        Some(Value::Other(number(token)))
    }
}

impl Value<'_> {
    fn write(&self, to: &mut String) -> Option<()> {
        match self {
            Self::Object(members) => {
                to.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    if place > 0 {
                        to.push(',');
                    }
                    write_text(name, to)?;
                    to.push(':');
                    value.write(to)?;
                }
                to.push('}');
            }
            Self::List(values) => {
                to.push('[');
                for (place, value) in values.iter().enumerate() {
                    if place > 0 {
                        to.push(',');
                    }
                    value.write(to)?;
                }
                to.push(']');
            }
            Self::Text(text) => write_text(text, to)?,
            Self::Other(token) => to.push_str(token),
        }
        Some(())
    }
}

/// serde_json escapes as MUXI does: quotes, backslashes, and control characters in their shortest form.
fn write_text(text: &str, to: &mut String) -> Option<()> {
    to.push_str(&serde_json::to_string(text).ok()?);
    Some(())
}

/// A number as MUXI signs it. Python, which writes what is posted, writes the exponents -05 to -09 with two digits; what
/// signs writes them with one, and 0.0000… in place of -05, where there is one digit before the point. Python writes no more
/// than that; with more, which it does not write, that would be another number.
fn number(token: &str) -> Cow<'_, str> {
    let Some((digits, exponent)) = token.split_once("e-0").filter(|(_, exponent)| exponent.len() == 1) else {
        return token.into();
    };
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let is_of_python = digits.split('.').next().is_some_and(|whole| whole.len() == 1);
    match exponent {
        "5" if is_of_python => format!("{sign}0.0000{}", digits.replace('.', "")).into(),
        _ => format!("{sign}{digits}e-{exponent}").into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn it_is_written_as_it_is_signed() {
        let posted = r#" {"b": [1, 2.0, {} , [ ]], "a": "Gr\u00fc\u00dfe \ud83e\udd80 \/ \u2028 \u001f\u0008\"", "b2": null, "": true} "#;
        let signed = "{\"\":true,\"a\":\"Grüße 🦀 / \u{2028} \\u001f\\b\\\"\",\"b\":[1,2.0,{},[]],\"b2\":null}";
        assert_eq!(canonical(posted.as_bytes()).as_deref(), Some(signed));
        assert_eq!(canonical(signed.as_bytes()).as_deref(), Some(signed));
        assert_eq!(canonical(br#"{"a":1,"b":2,"a":3}"#).as_deref(), Some(r#"{"a":3,"b":2}"#));
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (posted, signed) in [
            ("1e-05", "0.00001"),
            ("-1.5e-05", "-0.000015"),
            ("1.25e-06", "1.25e-6"),
            ("1e-07", "1e-7"),
            ("-9.9e-09", "-9.9e-9"),
        ] {
            assert_eq!(canonical(posted.as_bytes()).as_deref(), Some(signed));
        }
        for same in [
            "0",
            "-0.0",
            "3.0",
            "0.30000000000000004",
            "1795906607.3890345",
            "1e-10",
            "5e-324",
            "1e+16",
            "1.2345678901234568e+17",
            "1e+22",
            "0.0001",
            "12345678901234567890123",
        ] {
            assert_eq!(canonical(same.as_bytes()).as_deref(), Some(same));
        }
    }

    #[test]
    fn a_number_that_python_would_not_write_so_stays_the_same_number() {
        for odd in ["15e-05", "-15.5e-05", "0.5e-05", "00e-05", "1.e-05", "1E-05", "1e-005"] {
            let number = |json: &[u8]| serde_json::from_slice::<f64>(json).ok();
            let written = canonical(odd.as_bytes());
            assert_eq!(written.and_then(|written| number(written.as_bytes())), number(odd.as_bytes()), "{odd}");
        }
    }

    #[test]
    fn what_is_no_json_has_no_such_form() {
        for odd in [
            "",
            " ",
            "{",
            "}",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{1:1}",
            "[1 2]",
            "1 2",
            "\"",
            "\"\\",
            "\"\\ud83e\"",
            "\"\n\"",
            "nul",
            "NaN",
            "01",
            "1.",
            "e-05",
            "-",
            "+1",
            "\u{a0}1",
            "[1]]",
        ] {
            assert_eq!(canonical(odd.as_bytes()), None, "{odd:?}");
        }
        assert_eq!(canonical(b"\"\xff\""), None);
    }

    #[test]
    fn it_is_read_as_deep_as_serde_json_reads() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(canonical(nested(DEEPEST).as_bytes()).is_some());
        assert!(canonical(nested(DEEPEST + 1).as_bytes()).is_none());
        assert!(canonical("[{\"a\":".repeat(1_000_000).as_bytes()).is_none());
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaves = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (1e-4..1e15_f64).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaves.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// As Python writes it: in any order, with blanks, and with escapes for all that is not ASCII.
    fn as_posted(value: &Value) -> String {
        let ascii = |text: &str| {
            let escape = |unit: u16| match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\') => char::from(byte).to_string(),
                _ => format!("\\u{unit:04x}"),
            };
            format!("\"{}\"", text.encode_utf16().map(escape).collect::<String>())
        };
        match value {
            Value::Array(values) => format!("[{}]", values.iter().map(as_posted).collect::<Vec<_>>().join(", ")),
            Value::Object(members) => {
                let members = members.iter().rev();
                let members = members.map(|(name, value)| format!("{}: {}", ascii(name), as_posted(value)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            Value::String(text) => ascii(text),
            other => other.to_string(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_posted_is_written_as_it_is_signed(value in values()) {
            let signed = value.to_string();
            prop_assert_eq!(canonical(as_posted(&value).as_bytes()), Some(signed.clone()));
            prop_assert_eq!(canonical(signed.as_bytes()), Some(signed));
        }

        #[test]
        fn any_number_is_written_as_the_same_number(number in r"-?[0-9]{1,3}(\.[0-9]{1,3})?(e-0[0-9]|[eE][+-]?0?[0-9]{1,2})?") {
            let read = |json: &str| serde_json::from_str::<f64>(json).ok();
            prop_assert_eq!(canonical(number.as_bytes()).and_then(|written| read(&written)), read(&number));
        }

        #[test]
        fn any_bytes_are_written_or_not(bytes: Vec<u8>) {
            canonical(&bytes);
        }

        #[test]
        fn what_is_written_is_the_same_value(text in r#"[\[\]{},:" \\a0-9eE.+\-tnulrf/]{0,24}"#) {
            if let Some(written) = canonical(text.as_bytes()) {
                let read = |json: &str| serde_json::from_str::<Value>(json).ok();
                prop_assert_eq!(read(&written), read(&text));
            } else {
                prop_assert!(serde_json::from_str::<Value>(&text).is_err());
            }
        }
    }

    #[test]
    fn a_value_of_another_order_is_the_same() {
        let value = json!({"z": {"y": 1, "x": [null]}, "a": "b"});
        assert_eq!(canonical(as_posted(&value).as_bytes()).unwrap(), r#"{"a":"b","z":{"x":[null],"y":1}}"#);
    }
}
