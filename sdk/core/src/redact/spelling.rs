//! How a text can be read where each of its characters may be as it is, escaped as in JSON (in JSON in JSON, too), or
//! percent-encoded.

/// What a character is compared as. Its case plays no role, as the name of a host is in lower case wherever it is shown;
/// a form has `+` for a space; and behind a backslash, some letters stand for controls.
pub(super) fn folded(character: char) -> char {
    match character {
        '+' => ' ',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        other => other.to_ascii_lowercase(),
    }
}

/// Whether words of ids and of English are made of it.
pub(super) fn is_of_words(character: char) -> bool {
    character.is_ascii_alphanumeric()
}

/// A text that can be read from any place on in constant time.
pub(super) struct Spelled<'t> {
    text: &'t str,
    /// Where the backslashes end that begin at a byte; empty where there are none in the whole text.
    after_backslashes: Vec<usize>,
}

impl<'t> Spelled<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut after_backslashes = if text.contains('\\') { vec![0; text.len()] } else { Vec::new() };
        let mut after = text.len();
        for ((place, byte), entry) in text.bytes().enumerate().zip(&mut after_backslashes).rev() {
            if byte != b'\\' {
                after = place;
            }
            *entry = after;
        }
        Self { text, after_backslashes }
    }

    /// Where its characters begin.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.text.char_indices().map(|(place, _)| place)
    }

    /// The characters that can be read at a place, folded, each with where it ends.
    ///
    /// Before a character there may be any number of backslashes. So where one of them is read as itself, it is the
    /// first: what can be read after another one can be read after that, too.
    pub(super) fn readings(&self, place: usize) -> impl Iterator<Item = (char, usize)> {
        let start = self.after_backslashes(place);
        let is_escaped = start > place;
        let itself = self.rest(start).chars().next().map(|character| (character, start + character.len_utf8()));
        let encoded = match itself {
            Some(('u', _)) if is_escaped => self.unicode_escape(start),
            Some(('%', _)) => self.percent_encoded(start),
            _ => None,
        };
        let backslash = is_escaped.then_some(('\\', place + 1));
        [backslash, itself, encoded].into_iter().flatten().map(|(character, end)| (folded(character), end))
    }

    /// Where what ends here ends at last: one backslash may be spelled by several.
    pub(super) fn after_all_of_it(&self, end: usize) -> usize {
        let is_backslash = end.checked_sub(1).is_some_and(|last| self.rest(last).starts_with('\\'));
        if is_backslash { self.after_backslashes(end) } else { end }
    }

    /// Whether a letter or digit is before this place that is no part of an escape.
    pub(super) fn is_word_before(&self, place: usize) -> bool {
        let before = self.text.get(..place).unwrap_or_default();
        let ends_with_escape = |start: &str, digits: usize| {
            let found = before.len().checked_sub(digits).and_then(|at| before.split_at_checked(at));
            found.is_some_and(|(rest, digits)| {
                rest.ends_with(start) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
        };
        let is_escape = ends_with_escape(r"\u", UNIT - 1) || ends_with_escape("%", BYTE - 1);
        let mut last = before.chars().rev();
        last.next().is_some_and(is_of_words) && last.next() != Some('\\') && !is_escape
    }

    /// Whether a letter or digit is at this place.
    pub(super) fn is_word_at(&self, place: usize) -> bool {
        self.rest(place).starts_with(is_of_words)
    }

    /// Whether there are nothing but backslashes between two places.
    pub(super) fn is_same_row(&self, one: usize, other: usize) -> bool {
        self.after_backslashes(one) == self.after_backslashes(other)
    }

    fn after_backslashes(&self, place: usize) -> usize {
        self.after_backslashes.get(place).copied().unwrap_or(place)
    }

    fn rest(&self, place: usize) -> &'t str {
        self.text.get(place..).unwrap_or_default()
    }

    /// The character that an escape stands for whose `u` is here: one of two halves, maybe.
    fn unicode_escape(&self, start: usize) -> Option<(char, usize)> {
        let first = self.utf16_unit(start)?;
        let after_first = start + UNIT;
        if let Some(Ok(character)) = char::decode_utf16([first]).next() {
            return Some((character, after_first));
        }
        let second_start = self.after_backslashes(after_first);
        let second = self.utf16_unit(second_start).filter(|_| second_start > after_first)?;
        let character = char::decode_utf16([first, second]).next()?.ok()?;
        Some((character, second_start + UNIT))
    }

    fn utf16_unit(&self, start: usize) -> Option<u16> {
        u16::from_str_radix(self.rest(start).get(..UNIT)?.strip_prefix('u')?, 16).ok()
    }

    fn percent_encoded(&self, start: usize) -> Option<(char, usize)> {
        let byte = |index: usize| {
            let digits = self.rest(start + index * BYTE).get(..BYTE)?.strip_prefix('%')?;
            u8::from_str_radix(digits, 16).ok()
        };
        let first = byte(0)?;
        // As it says itself, in UTF-8.
        let count = match first.leading_ones() {
            0 => 1,
            count @ 2..=4 => count as usize,
            _ => return None,
        };
        let mut bytes = [first, 0, 0, 0];
        let encoded = bytes.get_mut(..count)?;
        for (index, further) in encoded.iter_mut().enumerate().skip(1) {
            *further = byte(index)?;
        }
        let character = std::str::from_utf8(encoded).ok()?.chars().next()?;
        Some((character, start + count * BYTE))
    }
}

/// How long one unit of UTF-16 is behind its backslash: `u0041`.
const UNIT: usize = 5;

/// How long a byte is that is percent-encoded: `%41`.
const BYTE: usize = 3;
