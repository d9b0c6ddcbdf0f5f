//! Ids that the server makes, in texts.

use std::collections::HashMap;

/// The ids of the recording, and those that are in their places.
#[derive(Debug, Default)]
pub(crate) struct Ids(HashMap<String, String>);

impl Ids {
    /// The text with the ids of today.
    pub(crate) fn swapped(&self, text: &str) -> String {
        let mut swapped = String::with_capacity(text.len());
        for piece in pieces(text) {
            swapped.push_str(self.0.get(piece).map_or(piece, String::as_str));
        }
        swapped
    }

    /// Notes which ids of one text are in the places of the other's.
    pub(crate) fn learn(&mut self, recorded: &str, given: &str) {
        let [recorded, given] =
            [recorded, given].map(|text| pieces(text).filter(|piece| is_id(piece)).collect::<Vec<_>>());
        if recorded.len() != given.len() {
            return;
        }
        for (recorded, given) in recorded.into_iter().zip(given) {
            if is_made(recorded) && is_made(given) {
                self.0.entry(recorded.to_owned()).or_insert_with(|| given.to_owned());
            }
        }
    }
}

/// The words of a text and what is between them, in turns.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = is_of_word(rest.chars().next()?);
        let end = rest.find(|letter| is_of_word(letter) != first).unwrap_or(rest.len());
        let (piece, others) = rest.split_at(end);
        rest = others;
        Some(piece)
    })
}

/// Whether a word has the form of an id.
fn is_id(word: &str) -> bool {
    match prefix(word) {
        Some(("job", rest)) => rest.len() == 16,
        Some((_, rest)) => rest.len() == 21,
        None => word.len() == 21,
    }
}

/// Whether the server has made it: a word may happen to have as many letters.
fn is_made(word: &str) -> bool {
    let has = |is: fn(&char) -> bool| word.chars().any(|letter| is(&letter));
    is_id(word) && (prefix(word).is_some() || has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase))
}

fn prefix(word: &str) -> Option<(&str, &str)> {
    word.split_once('_').filter(|(prefix, _)| ["req", "sess", "ui", "evt", "usr", "job"].contains(prefix))
}
