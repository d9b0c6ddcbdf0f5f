//! What the backend says to SQLite, heard from a backend at work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mycel_local_backend::LocalBackend;
use rusqlite::types::Value;

use super::load::Load;
use super::{SENDS, WARM};
use crate::Result;

/// All statements of a backend: from its start to the first message that counts, and for those that count.
pub(super) struct Recording {
    pub(super) before: Vec<Statement>,
    pub(super) counted: Vec<Statement>,
}

/// A statement and the values of its parameters.
pub(super) struct Statement {
    pub(super) sql: Arc<str>,
    pub(super) values: Vec<Value>,
}

/// As they were heard: as prepared, and with the values.
type Heard = Arc<Mutex<Vec<(String, String)>>>;

impl Recording {
    /// Has a backend in memory store as many messages of as many clients as one that is measured.
    pub(super) fn make(clients: usize) -> Result<Self> {
        let heard = Heard::default();
        let hearing = Arc::clone(&heard);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let builder = LocalBackend::builder().on_statement(move |sql, with_values| {
            let heard = (sql.to_owned(), with_values.to_owned());
            hearing.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
        });
        let backend = runtime.block_on(builder.start())?;
        let mut load = Load::prepare(backend.url(), clients)?;
        load.send(WARM)?;
        let before = understood(&heard)?;
        load.send(SENDS)?;
        let counted = understood(&heard)?;
        runtime.block_on(backend.shutdown());
        Ok(Self { before, counted })
    }
}

/// What was heard since the last time.
fn understood(heard: &Heard) -> Result<Vec<Statement>> {
    let heard = std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
    let mut known: HashMap<String, Arc<str>> = HashMap::new();
    let statements = heard.into_iter().map(|(sql, with_values)| {
        let values = values(&sql, &with_values).ok_or_else(|| format!("not understood: {with_values}"))?;
        let sql = known.entry(sql).or_insert_with_key(|sql| sql.as_str().into());
        Ok(Statement { sql: Arc::clone(sql), values })
    });
    statements.collect()
}

/// The values of `?1`, `?2` and so on, which stand in their places.
fn values(sql: &str, with_values: &str) -> Option<Vec<Value>> {
    let mut values: Vec<Option<Value>> = Vec::new();
    let mut pieces = sql.split('?');
    let mut rest = with_values.strip_prefix(pieces.next()?)?;
    for piece in pieces {
        let digits = piece.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(piece.len());
        let (number, text) = piece.split_at_checked(digits)?;
        let index = number.parse::<usize>().ok()?.checked_sub(1)?;
        let (value, after) = literal(rest)?;
        if values.len() <= index {
            values.resize(index + 1, None);
        }
        values.get_mut(index)?.replace(value);
        rest = after.strip_prefix(text)?;
    }
    if rest.is_empty() { values.into_iter().collect() } else { None }
}

/// The literal that a text begins with, and what comes after it.
fn literal(text: &str) -> Option<(Value, &str)> {
    if let Some(quoted) = text.strip_prefix('\'') {
        let mut inside = String::new();
        let mut rest = quoted;
        loop {
            let (part, after) = rest.split_once('\'')?;
            inside.push_str(part);
            match after.strip_prefix('\'') {
                Some(after) => {
                    inside.push('\'');
                    rest = after;
                }
                None => return Some((Value::Text(inside), after)),
            }
        }
    }
    if let Some(hexadecimal) = text.strip_prefix("x'") {
        let (digits, after) = hexadecimal.split_once('\'')?;
        let bytes =
            digits.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        return Some((Value::Blob(bytes.collect::<Option<_>>()?), after));
    }
    if let Some(after) = text.strip_prefix("NULL") {
        return Some((Value::Null, after));
    }
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || "+-.".contains(letter)));
    let (word, after) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let value = match word.parse() {
        Ok(integer) => Value::Integer(integer),
        Err(_) => Value::Real(word.parse().ok()?),
    };
    Some((value, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_their_places() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(values("COMMIT", "COMMIT"), Some(vec![]));
        assert_eq!(
            values("VALUES (?1, ?2, ?3, ?1)", "VALUES ('it''s ?2', -7, 1.5e+09, 'it''s ?2')"),
            Some(vec![text("it's ?2"), Value::Integer(-7), Value::Real(1.5e9)])
        );
        assert_eq!(values("?1+?2", "NULL+x'00ff'"), Some(vec![Value::Null, Value::Blob(vec![0, 255])]));
    }

    #[test]
    fn what_does_not_fit_is_not_understood() {
        for (sql, with_values) in [("a ?1", "b 1"), ("?1 b", "1 c"), ("?1", "'open"), ("?1", "1 and more"), ("?2", "1")]
        {
            assert_eq!(values(sql, with_values), None, "{sql}");
        }
    }
}
