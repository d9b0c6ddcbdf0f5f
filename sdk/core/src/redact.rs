//! Takes the secrets that a call carried out of what is told about the call.
//!
//! A backend, or a proxy before it, may repeat what it was sent: in the body of a failure, in a header, in the
//! reason that it closes a stream with. So whatever a peer says is put through here before it is part of an
//! error, in one place for all calls.

mod search;
mod spelling;

use std::cell::LazyCell;
use std::ops::Range;

use http::HeaderValue;
use serde_json::{Map, Value};

use crate::failure::{Cause, Failure};
use crate::secret::Secret;
use search::Sought;
use spelling::Spelled;

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";

/// Takes secrets out of what is told: those that a call carried, and for the command m8tes those that it was given.
#[derive(Clone, Debug, Default)]
pub struct Redactor(Vec<Secret>);

impl<'s> FromIterator<&'s Secret> for Redactor {
    fn from_iter<I: IntoIterator<Item = &'s Secret>>(secrets: I) -> Self {
        let readings = secrets.into_iter().flat_map(|secret| [Some(secret.clone()), misread(secret)]).flatten();
        Self(readings.filter(|secret| !secret.expose_secret().is_empty()).collect())
    }
}

/// What a secret with backslashes is read as where a peer puts it into JSON without escaping it.
fn misread(secret: &Secret) -> Option<Secret> {
    let text = Some(secret.expose_secret()).filter(|text| text.contains('\\'))?;
    serde_json::from_str::<String>(&format!("\"{text}\"")).ok().map(Secret::from)
}

impl Redactor {
    /// The failure, without the secrets in what the peer said.
    pub(crate) fn failure(&self, mut failure: Failure) -> Failure {
        let search = LazyCell::new(|| self.search());
        failure.request_id = failure.request_id.map(|id| search.text(id));
        if let Some(partial) = &mut failure.partial {
            partial.start = search.text(std::mem::take(&mut partial.start));
            partial.headers =
                partial.headers.drain().filter_map(|(name, value)| Some((name?, search.header(value)?))).collect();
        }
        match &mut failure.cause {
            Cause::Status(response) | Cause::Failed(response) => {
                response.location = response.location.take().map(|location| search.text(location.into()).into());
                response.body = response.body.take().map(|body| search.json(body));
            }
            Cause::Malformed { problem, .. } => *problem = search.text(std::mem::take(problem)),
            // What these say is not the peer's.
            Cause::Unsendable(_)
            | Cause::HoldsNul { .. }
            | Cause::ProxyCredentials
            | Cause::Connect(_)
            | Cause::Interrupted(_)
            | Cause::RuntimeEnded
            | Cause::TimedOut { .. }
            | Cause::TooLarge { .. } => {}
        }
        failure
    }

    /// The text, without the secrets.
    pub fn text(&self, text: String) -> String {
        self.search().text(text)
    }

    /// The value, without the secrets in its texts, names and numbers.
    pub(crate) fn json(&self, value: Value) -> Value {
        self.search().json(value)
    }

    fn search(&self) -> Search {
        Search(self.0.iter().map(Sought::new).collect())
    }
}

/// Looks for the secrets, as long as there is something to look for them in.
struct Search(Vec<Sought>);

impl Search {
    /// The text, without the secrets.
    fn text(&self, text: String) -> String {
        match self.places(&text) {
            None => REDACTED.to_owned(),
            Some(places) => without(&text, places),
        }
    }

    /// The value of a header, unless it is no text or holds a secret.
    fn header(&self, value: HeaderValue) -> Option<HeaderValue> {
        let is_silent = self.places(value.to_str().ok()?).is_some_and(|places| places.is_empty());
        is_silent.then_some(value)
    }

    /// Where the secrets are in the text; `None` where they are so that it tells them without those places, too.
    fn places(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let text = Spelled::new(text);
        let mut places = Vec::new();
        for secret in &self.0 {
            let found = secret.places(&text, || ());
            if !found.is_empty() && secret.is_short() {
                return None;
            }
            places.extend(found);
        }
        Some(places)
    }

    /// The value, without the secrets in its texts, names and numbers.
    fn json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.into_iter().map(|item| self.json(item)).collect(),
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| (self.text(name), self.json(value)));
                Value::Object(members.collect::<Map<_, _>>())
            }
            // A code of digits may come back as a number.
            Value::Number(number) => {
                let is_silent = self.places(&number.to_string()).is_some_and(|places| places.is_empty());
                if is_silent { Value::Number(number) } else { Value::String(REDACTED.to_owned()) }
            }
            Value::Bool(_) | Value::Null => value,
        }
    }
}

/// The text with one mark for each of the places, or of what they cover together.
fn without(text: &str, mut places: Vec<Range<usize>>) -> String {
    places.sort_unstable_by_key(|place| place.start);
    let mut shown = String::with_capacity(text.len());
    let mut covered = 0;
    for Range { start, end } in places {
        if start >= covered {
            shown.push_str(text.get(covered..start).unwrap_or_default());
            shown.push_str(REDACTED);
        }
        covered = covered.max(end);
    }
    shown.push_str(text.get(covered..).unwrap_or_default());
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::ErrorResponse;
    use proptest::prelude::*;
    use search::SHORTEST_TAKEN_OUT;

    /// One of the ways to write a character.
    fn spelled(character: char, way: u8) -> String {
        let unit = |unit: &u16| format!("\\u{unit:04x}");
        let byte = |byte: u8| format!("%{byte:02X}");
        match way {
            0 => character.encode_utf16(&mut [0; 2]).iter().map(unit).collect(),
            1 => character.encode_utf16(&mut [0; 2]).iter().map(unit).collect::<String>().replace('\\', r"\\"),
            2 => character.encode_utf8(&mut [0; 4]).bytes().map(byte).collect(),
            4 => character.to_ascii_uppercase().to_string(),
            5 => character.to_ascii_lowercase().to_string(),
            3 => {
                let quoted = serde_json::to_string(&character).unwrap();
                quoted[1..quoted.len() - 1].to_owned()
            }
            _ => character.to_string(),
        }
    }

    /// Any character but those that stand around the secret.
    fn unmarked() -> impl Strategy<Value = char> {
        any::<char>().prop_map(|character| if matches!(character, '<' | '>') { '-' } else { character })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_secret_is_taken_out_however_each_of_its_characters_is_spelled(
            spelling in proptest::collection::vec((unmarked(), 0..8_u8), SHORTEST_TAKEN_OUT..40),
        ) {
            let secret: String = spelling.iter().map(|(character, _)| character).collect();
            let is_long = |read: Secret| read.expose_secret().chars().count() >= SHORTEST_TAKEN_OUT;
            prop_assume!(misread(&Secret::from(&secret)).is_none_or(is_long));
            let text: String = spelling.iter().map(|(character, way)| spelled(*character, *way)).collect();
            prop_assert_eq!(redacted(&secret, &format!("<{text}>")), "<[redacted]>");
        }

        #[test]
        fn of_a_secret_that_is_cut_short_nothing_is_left(
            spelling in proptest::collection::vec((unmarked(), 0..8_u8), 8..60),
            rest in proptest::collection::vec(unmarked(), 0..60),
        ) {
            let part: String = spelling.iter().map(|(character, _)| character).collect();
            let secret = part + &String::from_iter(rest);
            let text: String = spelling.iter().map(|(character, way)| spelled(*character, *way)).collect();
            prop_assert_eq!(redacted(&secret, &format!("<{text}>")), "<[redacted]>");
        }

        #[test]
        fn a_text_without_the_secret_stays_as_it_is(secret in "[a-m\\\\%]{4,12}", text in "[n-zN-Z +\"/ü👋]{0,60}") {
            prop_assert_eq!(redacted(&secret, &text), text);
        }

        #[test]
        fn no_text_of_a_peer_does_any_harm(secrets in proptest::collection::vec(any::<String>(), 0..4), text: String) {
            let secrets: Vec<Secret> = secrets.into_iter().map(Secret::from).collect();
            let redactor: Redactor = secrets.iter().collect();
            let shown = redactor.text(text.clone());
            let is_long = |secret: &&str| secret.chars().count() >= SHORTEST_TAKEN_OUT;
            for secret in secrets.iter().map(Secret::expose_secret).filter(is_long) {
                prop_assert!(!shown.contains(secret) || REDACTED.contains(secret), "{secret:?} in {shown:?}");
            }
        }

        #[test]
        fn a_short_secret_takes_the_text_with_it_where_it_is_a_word_of_its_own(
            spelling in proptest::collection::vec(("[!-~]", 0..8_u8), 1..SHORTEST_TAKEN_OUT),
            before in r#"([ -~]{0,9}[ "'<=:,./_-]|([a-z]{0,9}(\\n|\\u0022|%22|%C3%BC|ü|\n)))?"#,
            after in r#"([ "'>=:,.\\%&_-][ -~]{0,9})?"#,
        ) {
            let secret: String = spelling.iter().map(|(character, _)| character.as_str()).collect();
            let text: String = spelling.iter().map(|(text, way)| spelled(text.chars().next().unwrap(), *way)).collect();
            let shown = redacted(&secret, &format!("{before}{text}{after}"));
            prop_assert_eq!(shown, REDACTED);
        }

        #[test]
        fn a_short_secret_is_no_part_of_a_longer_word(
            secret in "[a-z0-9]{1,3}", before in "[A-Z0-9]{1,4}", after in "[A-Z0-9]{1,4}", around in "[ -$&-,]{0,4}",
        ) {
            for word in [format!("{before}.{secret}{after}"), format!("{before}{secret}.{after}")] {
                let text = format!("{around}{word}{around}");
                prop_assume!(!text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case(&secret)));
                prop_assert_eq!(redacted(&secret, &text), text);
            }
        }
    }

    fn redacted(secret: &str, text: &str) -> String {
        [&Secret::from(secret)].into_iter().collect::<Redactor>().text(text.to_owned())
    }

    #[test]
    fn a_secret_is_taken_out_in_every_spelling() {
        let secret = r#"p"a s\s/ü👋%"#;
        for spelling in [
            secret.to_owned(),
            r#"p\"a s\\s\/ü👋%"#.to_owned(),
            r#"p\\\"a s\\\\s\\\/ü👋%"#.to_owned(),
            r#"\u0070\u0022\u0061\u0020\u0073\u005C\u0073\u002f\u00fc\ud83d\udC4B\u0025"#.to_owned(),
            "p%22a%20s%5Cs%2F%C3%BC%F0%9F%91%8B%25".to_owned(),
            "p%22a+s%5cs/%c3%bc%f0%9f%91%8b%25".to_owned(),
            serde_json::to_string(&serde_json::to_string(&secret).unwrap())
                .unwrap()
                .trim_matches(['\\', '"'])
                .to_owned(),
        ] {
            assert_eq!(redacted(secret, &format!("bad {spelling}.")), "bad [redacted].", "{spelling}");
        }
        assert_eq!(redacted("a\nb\tc", r"<a\nb\tc>"), "<[redacted]>");
        assert_eq!(redacted(r"pass\nword", "<pass\nword>"), "<[redacted]>");
        assert_eq!(redacted("a-user", r"<\u0061\u002d\u0075\u0073\u0065\u0072>"), "<[redacted]>");
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in ["", "tok", "tok-12", r"\", r"\u", "%", "%t", r"tok\u002", "tök-123", "ok-123", "t\\\\\\\\\\\\"] {
            assert_eq!(redacted("tok-123", text), text);
        }
        assert_eq!(redacted("", "anything"), "anything");
        // An escape has a backslash, and so has each of its halves.
        for text in ["<u0074ok-123>", r"<tok-\ud83duDC4B>"] {
            assert_eq!(
                (redacted("tok-123", text), redacted("tok-\u{1f44b}", text)),
                (text.to_owned(), text.to_owned())
            );
        }
    }

    #[test]
    fn a_secret_that_is_cut_short_is_taken_out_too() {
        let secret = "eyJhbGciOiJIUzI1NiJ9.e30.abc";
        assert_eq!(redacted(secret, "bad eyJhbGci"), "bad [redacted]");
        assert_eq!(redacted(secret, "bad eyJhbGciOi… again"), "bad [redacted]… again");
        assert_eq!(redacted(secret, "bad eyJhbGc"), "bad eyJhbGc");
        // The part that begins first does not hide the whole one from view.
        assert_eq!(redacted("aaaaaaaab", "aaaaaaaaaab!"), "[redacted]!");
    }

    #[test]
    fn secrets_that_overlap_are_taken_out_together() {
        let redactor: Redactor = [&Secret::from("abcdef"), &Secret::from("defghi")].into_iter().collect();
        assert_eq!(redactor.text("-abcdefghi-abcdefabcdef-".to_owned()), "-[redacted]-[redacted][redacted]-");
    }

    #[test]
    fn a_secret_that_is_too_short_to_be_taken_out_takes_the_text_with_it() {
        assert_eq!(redacted("abc", "the abc and the rest"), "[redacted]");
        assert_eq!(redacted("abc", "the rest"), "the rest");
        assert_eq!(redacted("abc", r"the\nabc and the rest"), "[redacted]");
        assert_eq!(redacted("ck", "X-Muxi-Client-Key: ck"), "[redacted]");
        // Its letters in another word tell nobody that they are the secret.
        for text in ["check the background", "req_4fackd92", "120"] {
            assert_eq!((redacted("ck", text), redacted("12", text)), (text.to_owned(), text.to_owned()));
        }
        assert_eq!(redacted("abcd", "the abcd and the rest"), "the [redacted] and the rest");
        // What follows a letter or digit, and what is before one, goes on as a word there alone.
        for (secret, text, is_word) in [
            ("-a", "x-a", true),
            ("-a", "x-ax", false),
            ("a-", "a-x", true),
            ("a-", "xa-x", false),
            ("ck", "%c3ck", true),
            ("ck", r"\u00fcck", true),
            ("ck", r"\u00fxck", false),
            ("ck", "%xyck", false),
        ] {
            assert_eq!(redacted(secret, text), if is_word { REDACTED } else { text }, "{secret}");
        }
    }

    #[test]
    fn a_backslash_that_ends_a_secret_goes_with_all_that_spell_it() {
        for spelled in [r"abcd\", r"abcd\\", r"abcd\\\\"] {
            assert_eq!(redacted("abcd\\", &format!("{spelled} x")), "[redacted] x", "{spelled}");
        }
    }

    #[test]
    fn a_part_of_four_characters_shows_that_a_secret_goes_on() {
        let secret = "abcdefgh-xyz-hijk-";
        assert_eq!(redacted(secret, "abcdefghijk."), "[redacted].");
        assert_eq!(redacted(secret, "abcdefghij."), "[redacted]ij.");
    }

    #[test]
    fn all_that_a_failure_tells_is_searched() {
        let secrets: Redactor = [&Secret::from("tok-123")].into_iter().collect();
        let shown = |cause| {
            let request_id = Some("of tok-123".to_owned());
            secrets.failure(Failure { cause, attempts: 1, may_have_acted: true, request_id, partial: None })
        };
        let response = ErrorResponse {
            status: http::StatusCode::FOUND,
            retry_after: None,
            location: Some("/tok-123/x".into()),
            is_page: false,
            body: Some("tok-123".into()),
        };
        let failure = shown(Cause::Status(response));
        assert_eq!(failure.request_id.as_deref(), Some("of [redacted]"));
        let Cause::Status(response) = failure.cause else { panic!("{:?}", failure.cause) };
        assert_eq!(response.location.as_deref(), Some("/[redacted]/x"));
        assert_eq!(response.body, Some(REDACTED.into()));
        let failure = shown(Cause::Malformed { status: None, problem: "it is tok-123".to_owned() });
        assert!(matches!(failure.cause, Cause::Malformed { problem, .. } if problem == "it is [redacted]"));
    }

    #[test]
    fn json_is_searched_to_its_leaves() {
        let secrets: Redactor = [&Secret::from("123456"), &Secret::from("tok-1")].into_iter().collect();
        let value =
            serde_json::json!({"a": [{"tok-1": 1, "n": 123_456}, 9_123_456.5], "b": "x tok-1", "c": [true, null, 12]});
        let expected = serde_json::json!({
            "a": [{"[redacted]": 1, "n": "[redacted]"}, "[redacted]"], "b": "x [redacted]", "c": [true, null, 12]
        });
        assert_eq!(secrets.json(value), expected);
    }
}
