//! Where a secret stands in a text. The work grows with the text, whatever both hold: the secret is a peer's own choice,
//! and so is what it says.

use std::ops::Range;

use secrecy::zeroize::Zeroizing;

use super::spelling::{Spelled, folded, is_of_words};
use crate::secret::Secret;

/// So many characters of a secret's beginning are found, too: a peer that repeats a long token tends to cut it short,
/// and the reason of a close has room for 123 bytes only.
const SHORTEST_PART: usize = 8;

/// Below this many characters, a secret is part of so many words that taking out just those characters would tell it, and
/// taking out all that they are in would leave nothing to read: it is looked for as a word of its own, and the whole text
/// goes with it.
pub(super) const SHORTEST_TAKEN_OUT: usize = 4;

/// How many characters of the secret, wherever in it, show that it goes on.
const LINK: usize = 4;

/// A secret as it is looked for: its beginning, which is all of it where it is short, and then link by link. A link is
/// any run of a few characters in it that begins before the end of what was found so far.
///
/// So no place is looked at for longer than the beginning is, and however often the secret repeats itself, each link is
/// looked for once.
pub(super) struct Sought {
    characters: Zeroizing<Vec<char>>,
    /// Whether a word may go on before it, and behind it: it begins, and ends, with a letter or digit.
    goes_on: (bool, bool),
    /// Where each link begins, in the order of what they hold; of those that hold the same, one.
    links: Vec<usize>,
}

impl Sought {
    pub(super) fn new(secret: &Secret) -> Self {
        let characters = Zeroizing::new(secret.expose_secret().chars().map(folded).collect::<Vec<_>>());
        let mut links: Vec<usize> = Vec::new();
        if characters.len() > SHORTEST_PART {
            let link = |start: &usize| characters.get(*start..start + LINK);
            links.extend(0..=characters.len() - LINK);
            links.sort_unstable_by(|one, other| link(one).cmp(&link(other)));
            links.dedup_by(|one, other| link(one) == link(other));
        }
        let text = secret.expose_secret();
        let goes_on = (text.starts_with(is_of_words), text.ends_with(is_of_words));
        Self { characters, goes_on, links }
    }

    /// Whether it is too short to be taken out by itself.
    pub(super) fn is_short(&self) -> bool {
        self.characters.len() < SHORTEST_TAKEN_OUT
    }

    /// The places in the text where the secret, or enough of its beginning, stands. Each step of the work is told.
    pub(super) fn places(&self, text: &Spelled<'_>, mut step: impl FnMut()) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> = Vec::new();
        for start in text.places() {
            let reached = places.last_mut().filter(|place| start < place.end);
            let link = if reached.is_some() { self.end_of_link(text, start, &mut step) } else { None };
            let Some(end) = self.end_of_beginning(text, start, &mut step).max(link) else { continue };
            let end = text.after_all_of_it(end);
            if self.is_short() && self.is_in_longer_word(text, start, end) {
                continue;
            }
            match reached {
                Some(place) => place.end = place.end.max(end),
                None => places.push(start..end),
            }
        }
        places
    }

    /// Whether what stands here is no more than a part of a word.
    fn is_in_longer_word(&self, text: &Spelled<'_>, start: usize, end: usize) -> bool {
        let (before, after) = self.goes_on;
        (before && text.is_word_before(start)) || (after && text.is_word_at(end))
    }

    /// Where the beginning of the secret ends that stands here.
    fn end_of_beginning(&self, text: &Spelled<'_>, start: usize, step: &mut impl FnMut()) -> Option<usize> {
        let is_wanted = |depth, character| self.characters.get(depth) == Some(&character);
        let depth = self.characters.len().min(SHORTEST_PART);
        end_of_reading(text, start, depth, (), |(), depth, character| is_wanted(depth, character).then_some(()), step)
    }

    /// Where the longest link ends that stands here.
    fn end_of_link(&self, text: &Spelled<'_>, start: usize, step: &mut impl FnMut()) -> Option<usize> {
        let narrowed = |links: &Range<usize>, depth, character| {
            Some(self.narrowed(links, depth, character)).filter(|links| !links.is_empty())
        };
        end_of_reading(text, start, LINK, 0..self.links.len(), narrowed, step)
    }

    /// Those of the links that have this character at this depth.
    fn narrowed(&self, links: &Range<usize>, depth: usize, character: char) -> Range<usize> {
        let candidates = self.links.get(links.clone()).unwrap_or_default();
        let at_depth = |start: &usize| self.characters.get(start + depth).copied().unwrap_or_default();
        let before = candidates.partition_point(|start| at_depth(start) < character);
        let up_to = candidates.partition_point(|start| at_depth(start) <= character);
        links.start + before..links.start + up_to
    }
}

/// Where the longest reading ends of so many characters from a place on. What was read so far is good for some state,
/// and with another character for another one, or for nothing.
fn end_of_reading<S: PartialEq>(
    text: &Spelled<'_>,
    start: usize,
    length: usize,
    state: S,
    read_on: impl Fn(&S, usize, char) -> Option<S>,
    step: &mut impl FnMut(),
) -> Option<usize> {
    let mut longest = None;
    let mut read_behind = |end, state: &S, depth, reads: &mut Vec<(usize, S)>| {
        for (character, end) in text.readings(end) {
            step();
            let Some(state) = read_on(state, depth, character) else { continue };
            if depth + 1 == length {
                longest = longest.max(Some(end));
                continue;
            }
            // What can be read behind some of a row of backslashes can be read behind fewer of them.
            let is_same = |(other, known): &&mut (usize, S)| text.is_same_row(*other, end) && *known == state;
            match reads.iter_mut().find(is_same) {
                Some((other, _)) => *other = end.min(*other),
                None => reads.push((end, state)),
            }
        }
    };
    let (mut reads, mut next) = (Vec::new(), Vec::new());
    read_behind(start, &state, 0, &mut reads);
    for depth in 1..length {
        for (end, state) in reads.drain(..) {
            read_behind(end, &state, depth, &mut next);
        }
        std::mem::swap(&mut reads, &mut next);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: usize = 6_400;

    #[test]
    fn what_it_is_looked_for_by_is_wiped_when_it_is_dropped() {
        fn is_wiped<T: secrecy::zeroize::ZeroizeOnDrop>(_: &T) {}
        is_wiped(&Sought::new(&Secret::from("tok-123")).characters);
    }

    /// How often a character is read, for each byte of the text.
    fn work(secret: &str, text: &str) -> usize {
        let mut steps = 0_usize;
        Sought::new(&Secret::from(secret)).places(&Spelled::new(text), || steps += 1);
        steps.div_ceil(text.len())
    }

    /// All that can be read link by link from each of the first places of a text on.
    fn all_readings(text: &str) -> String {
        let spelled = Spelled::new(text);
        let mut all = String::new();
        for start in spelled.places().take(24) {
            let mut reads = vec![(String::new(), start)];
            for _ in 0..LINK {
                let read_on = |(read, end): &(String, usize)| {
                    let read = read.clone();
                    spelled.readings(*end).map(move |(next, end)| (format!("{read}{next}"), end)).collect::<Vec<_>>()
                };
                reads = reads.iter().flat_map(read_on).collect();
            }
            all.extend(reads.into_iter().map(|(read, _)| read));
        }
        all
    }

    #[test]
    fn the_work_grows_neither_with_the_secret_nor_faster_than_the_text() {
        for (piece, bound) in [
            ("a", 12),
            ("ab", 12),
            ("aab", 12),
            ("+%2B", 30),
            // What can be read in several ways, which go on in several ways.
            ("\\", 30),
            ("\\a", 30),
            ("\\\\a", 30),
            ("n\\n\n", 30),
            ("\"\\\"\\\\\\\"", 30),
            ("%", 30),
            ("%25", 30),
            ("%2525", 30),
            ("%f0%9f%91%8b", 30),
            ("\\u0041", 30),
            ("\\u0025", 30),
            ("\\u0075", 30),
            ("\\\\u005c", 60),
            ("\\ud83d", 30),
            ("\\ud83d\\\\udc4b", 30),
            ("%5cu005c", 30),
            ("\\%5C", 60),
            ("\\\\%25\\u0025", 60),
            ("\\\\\\\\\\\\\\\\%5c", 150),
        ] {
            let text = piece.repeat(TEXT / piece.len());
            for secret in [&text, &text[..40], &all_readings(&text)] {
                for secret in [secret, &format!("{secret}!")] {
                    let work = work(secret, &text);
                    assert!(work <= bound, "{work} steps for each byte of {piece:?}, {} times", TEXT / piece.len());
                }
            }
        }
    }

    #[test]
    fn backslashes_without_end_are_passed_over_at_once() {
        let row = "\\".repeat(TEXT);
        for text in [format!("{row}\\u0041"), format!("\\ud83d{row}udc4b"), format!("a{row}b{row}c")] {
            for secret in ["a\\b\\c", "A", "👋", "\\\\\\\\"] {
                assert!(work(secret, &text) <= 30, "{secret:?}");
            }
        }
    }
}
