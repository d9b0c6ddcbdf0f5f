//! JSON that other programs write and serde_json does not read: one odd value must not cost all the others.

mod place;
mod salvage;
mod skim;

use std::ops::ControlFlow;

use serde::de::DeserializeOwned;

pub use place::Step;
use place::Tracker;
pub(crate) use salvage::salvage;
pub use skim::Oversize;
pub(crate) use skim::{Progress, Skim};

/// How many lists and objects may be open at once. serde_json reads no deeper.
const DEEPEST: usize = 127;

/// The first that is left out.
const TOO_DEEP: usize = DEEPEST + 1;

/// What stands in the place of half a character.
const REPLACEMENT: &[u8] = br"\ufffd";

/// How many replacements are told of one text.
const MOST_TOLD: usize = 10_000;

/// Reads JSON. What spoils a text for serde_json, although it spoils only its own place, is replaced there:
///
/// - half of a surrogate pair (`"\ud83d"`), and bytes that are no UTF-8, by U+FFFD;
/// - a number that is beyond a float (`1e999`), and the `NaN` and `Infinity` that Python writes, by `null`;
/// - a list or an object within 127 others by `null`.
///
/// # Errors
///
/// If it is no JSON all the same, or not of the type that is asked for.
pub fn read_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(json).or_else(|_| mend_json(json, |_, _| {}))
}

/// Reads JSON that may be odd, as [`read_json`] does, and tells the way to each value that was replaced by `null`, and
/// what was wrong with it.
///
/// # Errors
///
/// As for [`read_json`].
pub fn mend_json<T: DeserializeOwned>(
    json: &[u8],
    mut lose: impl FnMut(&[Step], &'static str),
) -> Result<T, serde_json::Error> {
    let mended = mended(json);
    mended.lost.iter().for_each(|lost| lose(&lost.way, lost.problem));
    serde_json::from_slice(&mended.text)
}

/// A text with replacements in the odd places.
pub(crate) struct Mended {
    /// The text, which is JSON wherever it was nearly so.
    pub(crate) text: Vec<u8>,
    /// Where a value was replaced by `null`. U+FFFD tells itself.
    pub(crate) lost: Vec<Lost>,
}

/// A value that could not be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// The outermost steps of the way to it.
    pub(crate) way: Vec<Step>,
    /// What was wrong with it.
    pub(crate) problem: &'static str,
}

/// The same text with replacements in the odd places. Takes one pass over it.
pub(crate) fn mended(json: &[u8]) -> Mended {
    let text = String::from_utf8_lossy(json);
    let mut rest = text.as_bytes();
    let mut mended = Mended { text: Vec::with_capacity(rest.len()), lost: Vec::new() };
    let mut place = Tracker::default();
    while let Some((token, after)) = rest.split_at_checked(token_length(rest)) {
        rest = after;
        let outside = place.depth();
        place.pass(token);
        match token {
            // It opens what is too deep, stands within that, or closes it.
            _ if outside.max(place.depth()) >= TOO_DEEP => {
                if outside == DEEPEST {
                    mended.replace(place.steps(), "holds a value that is nested too deep");
                }
            }
            [b'"', ..] => mend_string(token, &mut mended.text),
            _ if is_no_number(token) => mended.replace(place.steps(), "holds a number that is out of range"),
            _ => mended.text.extend_from_slice(token),
        }
    }
    mended
}

impl Mended {
    fn replace(&mut self, way: &[Step], problem: &'static str) {
        self.text.extend_from_slice(b"null");
        let is_told = self.lost.last().is_some_and(|last| last.way == way && last.problem == problem);
        if !is_told && self.lost.len() < MOST_TOLD {
            self.lost.push(Lost { way: way.to_vec(), problem });
        }
    }
}

/// How long the first token is: a string, a number or word, or a single byte; 1 where nothing is left.
fn token_length(json: &[u8]) -> usize {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    match json {
        [b'"', string @ ..] => 1 + string_length(string),
        [first, ..] if is_of_word(first) => json.iter().position(|byte| !is_of_word(byte)).unwrap_or(json.len()),
        _ => 1,
    }
}

/// How long a string is with the quote at its end, or up to the end of the text.
fn string_length(string: &[u8]) -> usize {
    let end = string.iter().enumerate().try_fold(false, |is_escaped, (index, byte)| match byte {
        b'"' if !is_escaped => ControlFlow::Break(index + 1),
        byte => ControlFlow::Continue(*byte == b'\\' && !is_escaped),
    });
    end.break_value().unwrap_or(string.len())
}

/// Adds a string, with a replacement for each half of a surrogate pair that stands alone.
fn mend_string(mut string: &[u8], mended: &mut Vec<u8>) {
    while let Some(place) = string.iter().position(|byte| *byte == b'\\') {
        let (before, escape) = string.split_at_checked(place).unwrap_or_default();
        mended.extend_from_slice(before);
        let (length, is_half) = match utf16_unit(escape) {
            None => (2, false),
            Some(0xd800..=0xdbff) => {
                let low = escape.get(6..).and_then(utf16_unit);
                if matches!(low, Some(0xdc00..=0xdfff)) { (12, false) } else { (6, true) }
            }
            Some(0xdc00..=0xdfff) => (6, true),
            Some(_) => (6, false),
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, &[]));
        mended.extend_from_slice(if is_half { REPLACEMENT } else { escape });
        string = after;
    }
    mended.extend_from_slice(string);
}

/// What an escape at the beginning (`\u` and four digits) stands for.
fn utf16_unit(escape: &[u8]) -> Option<u16> {
    let digits = escape.strip_prefix(br"\u")?.first_chunk::<4>()?;
    let is_number = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
    u16::from_str_radix(digits, 16).ok()
}

/// Whether a word stands for a number that is none, or that no float holds.
fn is_no_number(word: &[u8]) -> bool {
    let is_beyond_floats = || {
        let text = std::str::from_utf8(word).unwrap_or_default();
        word.iter().any(u8::is_ascii_digit) && text.parse::<f64>().is_ok_and(f64::is_infinite)
    };
    matches!(word, b"NaN" | b"Infinity" | b"-Infinity") || is_beyond_floats()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &str) -> Option<Value> {
        read_json(text.as_bytes()).ok()
    }

    #[test]
    fn half_a_character_is_replaced_and_a_whole_one_is_not() {
        for (text, expected) in [
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\ud83db""#, "\u{fffd}b"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\uD83D\uDE00 \ud83d""#, "😀 \u{fffd}"),
            (r#""\\ud83d \ud83d\\""#, "\\ud83d \u{fffd}\\"),
            (r#""\"\ud83d\"""#, "\"\u{fffd}\""),
        ] {
            assert_eq!(read(text), Some(json!(expected)), "{text}");
        }
        assert_eq!(read(r#"{"\udfff": "\udfff", "b": 1}"#), Some(json!({"\u{fffd}": "\u{fffd}", "b": 1})));
        assert_eq!(read_json::<Value>(b"[\"a\xff\", 1]").ok(), Some(json!(["a\u{fffd}", 1])));
    }

    #[test]
    fn a_number_that_is_none_is_null() {
        let text =
            format!(r#"[1e999, -1e999, NaN, Infinity, -Infinity, {}, 1e308, -0.5, "1e999 NaN"]"#, "9".repeat(400));
        let expected = json!([null, null, null, null, null, null, 1e308, -0.5, "1e999 NaN"]);
        assert_eq!(read(&text), Some(expected));
        assert_eq!(read(r#"{"a":1e999,"b":2}"#), Some(json!({"a": null, "b": 2})));
    }

    #[test]
    fn what_is_nested_too_deep_is_null() {
        let nested = |depth: usize| format!(r#"{}"]}}"{}"#, "[".repeat(depth), "]".repeat(depth));
        let mut deepest = json!("]}");
        for _ in 1..DEEPEST {
            deepest = json!([deepest]);
        }
        assert_eq!(read(&format!("[{}]", nested(DEEPEST - 1))), Some(json!([deepest])));
        for depth in [DEEPEST, DEEPEST + 1, 100_000] {
            let read = read(&format!(r#"{{"a": {}, "b": [1, {{"c": 2}}]}}"#, nested(depth))).unwrap();
            assert_eq!(read["b"], json!([1, {"c": 2}]), "{depth}");
            let mut innermost = &read["a"];
            while let Some(inner) = innermost.get(0) {
                innermost = inner;
            }
            assert!(innermost.is_null(), "{depth}: {innermost}");
        }
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in
            ["", "hello", "[", "{\"a\":}", r#""\ud83d"#, r#""\ux""#, "[1e999", "nan", "-inf", "]", "{}}", "\"", "\"\\"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(read_json::<u8>(b"\"\\ud83d\"").is_err());
        assert!(read_json::<Value>("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn what_is_lost_is_told_with_its_place() {
        let told = |text: &str| -> Vec<(String, &str)> {
            let lost = mended(text.as_bytes()).lost.into_iter();
            lost.map(|lost| (format!("{:?}", lost.way), lost.problem)).collect()
        };
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let text =
            format!(r#"[{{"a": 1e999, "b": "\ud83d", "c": [NaN, NaN]}}, {{"d": {deep}, "e": {deep}}}, -Infinity]"#);
        let (range, depth) = ("holds a number that is out of range", "holds a value that is nested too deep");
        let expected = [
            (r#"[Index(0), Key("a")]"#, range),
            (r#"[Index(0), Key("c"), Index(0)]"#, range),
            (r#"[Index(0), Key("c"), Index(1)]"#, range),
            (r#"[Index(1), Key("d"), Index(0)]"#, depth),
            (r#"[Index(1), Key("e"), Index(0)]"#, depth),
            ("[Index(2)]", range),
        ];
        assert_eq!(told(&text), expected.map(|(way, problem)| (way.to_owned(), problem)));
        assert_eq!(told(r#"[1, "a\ud83d", {"NaN": 2}]"#), []);
        // As far as ways are told, each problem is told once at a place.
        let (inner, at) =
            (r#"[Index(0), Key("a"), Index(0)]"#.to_owned(), |text: &str| format!("[{{\"a\": [[{text}]]}}]"));
        assert_eq!(told(&at("NaN, [NaN, NaN]")), [(inner.clone(), range)]);
        assert_eq!(told(&at(&format!("NaN, {deep}, {deep}"))), [(inner.clone(), range), (inner, depth)]);
        assert_eq!(told(&format!("[{}1]", "1e999,".repeat(20_000))).len(), 10_000);
    }

    /// Any JSON, in which texts have characters that are escaped, and none that is odd.
    fn values() -> impl Strategy<Value = Value> {
        let leaves = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
            any::<String>().prop_map(Value::from),
        ];
        leaves.prop_recursive(8, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..8).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_not_odd_is_not_changed(value in values()) {
            let text = value.to_string();
            prop_assert_eq!(mended(text.as_bytes()).text, text.as_bytes());
        }

        #[test]
        fn what_is_odd_spoils_its_own_place_alone(before in values(), after in values(), odd in 0_usize..4) {
            let deep = "[".repeat(DEEPEST + 9);
            let odd = [r#""\ud83d""#, "1e999", "NaN", &deep][odd];
            let text = format!("[{before},{odd}{},{after}]", "]".repeat(odd.matches('[').count()));
            let read: Vec<Value> = read_json(text.as_bytes()).unwrap();
            prop_assert_eq!((read.len(), &read[0], &read[2]), (3, &before, &after));
        }

        #[test]
        fn whatever_comes_is_taken(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read_json::<Value>(&bytes);
        }
    }
}
