//! A list that is larger than the bound on an answer: as much of it as may be kept.

use super::{Lost, Tracker};

/// What is done about an answer that is larger than the bound. Only lists can be kept in part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Oversize {
    /// It is a failure.
    #[default]
    Refuse,
    /// The first rows are kept, as many as there is room for; the rest is not even read. Of a first row that is too
    /// large by itself the long texts are cut off.
    FirstRows,
    /// All rows are kept. Once half of the room is taken, texts are cut off that are longer than 1 KiB.
    CutTexts,
}

/// How long a text may be that is never cut off. Ids and names are shorter.
const SHORT: usize = 1024;

/// What a row may hold besides a text that is cut off, at the most.
const LARGEST_RESERVE: usize = 64 * 1024;

/// What is told of a text that is cut off.
const CUT_OFF: &str = "is cut off, since the whole answer is larger than max_response_bytes; raise that to read it";

/// Keeps what may be kept of an answer that comes in pieces.
pub(crate) struct Skim {
    keeps: Oversize,
    bound: usize,
    kept: Vec<u8>,
    lost: Vec<Lost>,
    place: Tracker,
    /// The string that is under way.
    string: Option<Text>,
    /// Where the last whole row ends, where rows are kept.
    rows_end: Option<usize>,
}

/// A string of which the end has not come yet.
struct Text {
    /// Where it begins, with its quote.
    start: usize,
    /// Within an escape: how many digits are still to come, or 0 before its letter.
    escape: Option<u8>,
    /// Whether the rest is left out.
    is_cut: bool,
}

/// Whether more is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It is.
    Wanted,
    /// There is no room for it.
    Full,
    /// There is no room, and what is kept is of no use without it.
    TooLarge,
}

impl Skim {
    pub(crate) fn new(keeps: Oversize, bound: usize) -> Self {
        Self {
            keeps,
            bound,
            kept: Vec::new(),
            lost: Vec::new(),
            place: Tracker::default(),
            string: None,
            rows_end: None,
        }
    }

    /// Takes the next piece.
    pub(crate) fn take(&mut self, piece: &[u8]) -> Progress {
        for byte in piece {
            let is_kept = match self.string.take() {
                Some(text) => self.take_of_text(*byte, text),
                None => self.take_between(*byte),
            };
            if !is_kept {
                return if self.rows_end.is_some() { Progress::Full } else { Progress::TooLarge };
            }
        }
        Progress::Wanted
    }

    /// What was kept, and the texts that were cut off.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Vec<Lost>) {
        if let Some(end) = self.rows_end.filter(|_| self.place.depth() > 0) {
            self.kept.truncate(end);
            self.kept.push(b']');
        }
        (self.kept, self.lost)
    }

    fn take_between(&mut self, byte: u8) -> bool {
        let is_of_rows = self.keeps == Oversize::FirstRows;
        let is_no_list = is_of_rows && self.place.depth() == 0 && byte == b'{';
        if is_no_list || self.kept.len() >= self.bound {
            return false;
        }
        if byte == b'"' {
            self.string = Some(Text { start: self.kept.len(), escape: None, is_cut: false });
        } else {
            self.place.pass(&[byte]);
        }
        self.kept.push(byte);
        if is_of_rows && matches!(byte, b']' | b'}') && self.place.depth() == 1 {
            self.rows_end = Some(self.kept.len());
        }
        true
    }

    fn take_of_text(&mut self, byte: u8, mut text: Text) -> bool {
        let is_end = text.escape.is_none() && byte == b'"';
        let is_within_character = text.escape.is_some() || byte & 0b1100_0000 == 0b1000_0000;
        if !text.is_cut && !is_end && !is_within_character && self.is_to_be_cut(text.start) {
            text.is_cut = true;
            self.lost.push(Lost { way: self.place.steps().to_vec(), problem: CUT_OFF });
        }
        text.escape = match (text.escape, byte) {
            (None, b'\\') => Some(0),
            (Some(0), b'u') => Some(4),
            (None | Some(0 | 1), _) => None,
            (Some(digits), _) => Some(digits - 1),
        };
        if !text.is_cut || is_end {
            if self.kept.len() >= self.bound {
                return false;
            }
            self.kept.push(byte);
        }
        if is_end {
            self.place.pass(self.kept.get(text.start..).unwrap_or_default());
        } else {
            self.string = Some(text);
        }
        true
    }

    fn is_to_be_cut(&self, start: usize) -> bool {
        let whole_up_to = match self.keeps {
            Oversize::FirstRows if self.rows_end.is_none() => self.bound - LARGEST_RESERVE.min(self.bound / 8),
            Oversize::CutTexts => self.bound / 2,
            Oversize::FirstRows | Oversize::Refuse => return false,
        };
        self.kept.len() >= whole_up_to && self.kept.len() - start > SHORT.min(self.bound / 16)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::Step;
    use super::*;

    /// What is kept of a text that comes in pieces of so many bytes; `None` if it is too large.
    fn kept(keeps: Oversize, bound: usize, text: &str, piece: usize) -> Option<(String, Vec<Vec<Step>>)> {
        let mut skim = Skim::new(keeps, bound);
        for piece in text.as_bytes().chunks(piece) {
            match skim.take(piece) {
                Progress::Wanted => {}
                Progress::Full => break,
                Progress::TooLarge => return None,
            }
        }
        let (kept, lost) = skim.finish();
        assert!(kept.len() <= bound + 1, "{} bytes of {bound}", kept.len());
        Some((String::from_utf8(kept).unwrap(), lost.into_iter().map(|lost| lost.way).collect()))
    }

    fn rows(texts: &[&str]) -> String {
        let rows = texts.iter().enumerate().map(|(seq, text)| json!({"id": "m", "content": text, "seq": seq}));
        Value::from_iter(rows).to_string()
    }

    /// What a row takes besides its text.
    const ROW: usize = r#"{"content":"","id":"m","seq":0}"#.len();

    #[test]
    fn as_many_rows_are_kept_as_there_is_room_for() {
        let texts = ["a]}", "\\\"b", "[{c", "dd"];
        let text = rows(&texts);
        for bound in 0..=text.len() {
            let kept = kept(Oversize::FirstRows, bound, &text, 7);
            let whole = (1..=4).rev().map(|count| rows(&texts[..count])).find(|rows| rows.len() <= bound + 1);
            // Where there is room for one; otherwise its text is cut, or nothing is of use.
            if bound > ROW + 8 + bound / 8 {
                assert_eq!(kept, whole.map(|rows| (rows, vec![])), "within {bound}");
            }
        }
        // What ends within the bound is all there.
        assert_eq!(kept(Oversize::FirstRows, 100, "[] ", 1), Some(("[] ".to_owned(), vec![])));
        assert_eq!(kept(Oversize::FirstRows, 100, " [[1],[2]]", 1), Some((" [[1],[2]]".to_owned(), vec![])));
    }

    #[test]
    fn a_first_row_that_is_too_large_by_itself_loses_the_end_of_its_text() {
        for (letter, piece) in [("x", 1000), ("\n", 7), ("é", 3), ("😀", 1), ("\u{1}", 11)] {
            let text = rows(&[&letter.repeat(5000), "second"]);
            for bound in 1000..1012 {
                let (kept, lost) = kept(Oversize::FirstRows, bound, &text, piece).unwrap();
                assert_eq!(lost, [[Step::Index(0), Step::Key("content".to_owned())]]);
                let read: Vec<Value> = serde_json::from_str(&kept).unwrap();
                let content = read[0]["content"].as_str().unwrap();
                assert!(letter.repeat(5000).starts_with(content) && kept.len() > bound * 3 / 4, "{kept}");
                assert_eq!((read[0]["id"].as_str(), read[0]["seq"].as_u64()), (Some("m"), Some(0)));
            }
        }
    }

    #[test]
    fn what_comes_behind_a_text_that_is_cut_off_has_room_for_64_kib() {
        let text = rows(&[&"x".repeat(2_000_000)]);
        let (kept, _) = kept(Oversize::FirstRows, 1_048_576, &text, 1000).unwrap();
        assert!((983_040..985_000).contains(&kept.len()), "{}", kept.len());
    }

    #[test]
    fn what_has_no_text_that_could_be_cut_off_is_too_large() {
        let numbers = format!("[{}1]", "1,".repeat(5000));
        for text in [&numbers, &format!("[{numbers}]"), &format!(r#"{{"a": "{}"}}"#, "x".repeat(5000))] {
            assert_eq!(kept(Oversize::FirstRows, 1000, text, 100), None);
        }
        assert_eq!(kept(Oversize::CutTexts, 1000, &numbers, 100), None);
        assert_eq!(kept(Oversize::Refuse, 1000, &rows(&[&"x".repeat(5000)]), 100), None);
    }

    #[test]
    fn of_all_rows_the_long_texts_are_cut_off_from_half_of_the_room_on() {
        let long = "x".repeat(10_000);
        let text = format!(r#"{{"count": 5, "rows": {}}}"#, rows(&[&long, "short", &long, &long, "last"]));
        let (kept, lost) = kept(Oversize::CutTexts, 30_000, &text, 100).unwrap();
        let way = |row| vec![Step::Key("rows".to_owned()), Step::Index(row), Step::Key("content".to_owned())];
        assert_eq!(lost, [way(2), way(3)]);
        let read: Value = serde_json::from_str(&kept).unwrap();
        let lengths = read["rows"].as_array().unwrap().iter().map(|row| row["content"].as_str().unwrap().len());
        assert_eq!(lengths.collect::<Vec<_>>(), [10_000, 5, 4_897, 1_024, 4]);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_kept_within_the_bound(
            bytes in prop::collection::vec(prop::sample::select(br#"[]{}:,"\ux0123e."#.to_vec()), 0..200),
            bound in 0_usize..100,
            piece in 1_usize..10,
        ) {
            let text = String::from_utf8(bytes).unwrap();
            for keeps in [Oversize::Refuse, Oversize::FirstRows, Oversize::CutTexts] {
                // That it is within the bound is looked at there.
                if let Some((kept, lost)) = kept(keeps, bound, &text, piece)
                    && lost.is_empty()
                {
                    let is_beginning = text.starts_with(&kept) || kept.strip_suffix(']').is_some_and(|rows| text.starts_with(rows));
                    prop_assert!(is_beginning, "{kept} of {text}");
                }
            }
        }
    }
}
