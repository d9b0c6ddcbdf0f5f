//! The separators of a runtime's events.

/// What this runtime writes behind an event's data: a backslash and an n, twice.
const WRITTEN: &[u8; 4] = br"\n\n";

/// What it means.
const MEANT: &[u8; 2] = b"\n\n";

/// What begins the line of an event's data.
const DATA: &[u8; 5] = b"data:";

/// Puts line feeds where the runtime writes the letters that stand for them: behind the JSON object in a line of data, where
/// none can mean anything else. Whatever is written rightly stays as it is. Nothing of a line is kept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Separators(At);

/// Where the next byte is.
#[derive(Clone, Copy, Debug)]
enum At {
    /// In the name of a line's field, of which so many bytes are those of `data:`.
    Name(usize),
    /// Before the value of `data:`.
    Value,
    /// Within so many lists and objects of the value.
    Object(usize),
    /// In a text within them, behind a backslash or not.
    Text(usize, bool),
    /// Behind the value, and behind so many bytes of the separator.
    End(usize),
    /// In a line that is none of this.
    Other,
}

impl Default for At {
    fn default() -> Self {
        Self::Name(0)
    }
}

impl Separators {
    /// The next piece of the stream, as it is meant.
    pub(crate) fn rewrite(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut meant = Vec::with_capacity(bytes.len());
        bytes.iter().for_each(|byte| self.take(*byte, &mut meant));
        meant
    }

    fn take(&mut self, byte: u8, meant: &mut Vec<u8>) {
        if let At::End(seen) = self.0 {
            if WRITTEN.get(seen) == Some(&byte) {
                self.0 = At::End(seen + 1);
                if seen + 1 == WRITTEN.len() {
                    meant.extend_from_slice(MEANT);
                    self.0 = At::default();
                }
                return;
            }
            meant.extend_from_slice(WRITTEN.get(..seen).unwrap_or_default());
        }
        meant.push(byte);
        self.0 = match (self.0, byte) {
            (_, b'\n' | b'\r') => At::default(),
            (At::Name(seen), byte) if DATA.get(seen) == Some(&byte) => {
                if seen + 1 == DATA.len() {
                    At::Value
                } else {
                    At::Name(seen + 1)
                }
            }
            (At::Value, b' ') => At::Value,
            (At::Value, b'{') => At::Object(1),
            (At::Object(depth), b'{' | b'[') => At::Object(depth + 1),
            (At::Object(1), b'}' | b']') => At::End(0),
            (At::Object(depth), b'}' | b']') => At::Object(depth - 1),
            (At::Object(depth), b'"') => At::Text(depth, false),
            (At::Text(depth, false), b'"') => At::Object(depth),
            (At::Text(depth, is_escaped), byte) => At::Text(depth, !is_escaped && byte == b'\\'),
            (At::Object(depth), _) => At::Object(depth),
            (At::End(0), b' ') => At::End(0),
            _ => At::Other,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rewritten(text: &str) -> String {
        String::from_utf8(Separators::default().rewrite(text.as_bytes())).unwrap()
    }

    #[test]
    fn letters_that_stand_for_line_feeds_are_line_feeds() {
        let written = r#"data: {"a":"x"}\n\ndata:{"b":[{"c":"}\\n\\n\"{"}]}\n\ndata: {} \n\n"#;
        let meant = "data: {\"a\":\"x\"}\n\ndata:{\"b\":[{\"c\":\"}\\\\n\\\\n\\\"{\"}]}\n\ndata: {} \n\n";
        assert_eq!(rewritten(written), meant);
    }

    #[test]
    fn what_is_written_rightly_stays() {
        for right in [
            "data: {\"a\":1}\n\nevent: b\ndata: {\"c\":\"\\\\n\\\\n\"}\r\n\r\n: keepalive\n\n",
            r"data: x\n\ndata: {}",
            r": {}\n\n",
            r"event: {}\n\n",
            r"datum: {}\n\n",
            r"date: {}\n\n",
            r"data: [1]\n\n",
            r"data: {} x\n\n",
            r"data: {}\n x\n\n",
            "data: {}\\n\ndata: {}\\\n\n",
            "data: {\"a\n\":1}\\n\\n",
        ] {
            assert_eq!(rewritten(right), right);
        }
    }

    proptest! {
        #[test]
        fn it_is_the_same_however_it_is_cut(
            pieces in prop::collection::vec(r#"(data: ?|event: |[{}\[\]"]|\\n\\n|\\|n|\n|\r|x| )"#, 0..40),
            cuts in prop::collection::vec(0..200_usize, 0..6),
        ) {
            let text = pieces.concat();
            let mut separators = Separators::default();
            let (mut meant, mut from) = (Vec::new(), 0);
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            for to in cuts.into_iter().chain([text.len()]) {
                meant.extend(separators.rewrite(&text.as_bytes()[from..to]));
                from = to;
            }
            prop_assert_eq!(meant, rewritten(&text).into_bytes());
        }

        #[test]
        fn events_of_either_form_are_the_same(texts in prop::collection::vec(any::<String>(), 0..8)) {
            let event = |text: &String| format!("data: {}", serde_json::json!({"message": text, "more": [{"a": {}}]}));
            let events: Vec<_> = texts.iter().map(event).collect();
            let right: String = events.iter().map(|event| format!("{event}\n\n")).collect();
            let written: String = events.iter().map(|event| format!("{event}\\n\\n")).collect();
            prop_assert_eq!(rewritten(&written), right.clone());
            prop_assert_eq!(rewritten(&right), right);
        }
    }
}
