//! What is in the database. The modules hold the statements, by table.

pub(crate) mod accounts;
pub(crate) mod agents;
pub(crate) mod chats;
mod database;
pub(crate) mod inbox;
pub(crate) mod join_requests;
pub(crate) mod messages;
pub(crate) mod relationships;
mod schema;
pub(crate) mod settings;
pub(crate) mod tasks;
pub(crate) mod users;
pub(crate) mod workflows;

pub(crate) use self::{
    database::{Database, is_refused_text},
    schema::TABLES,
};

use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};

/// Reads a column that holds JSON.
fn json_column<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let index = row.as_ref().column_index(column)?;
    let text: String = row.get(index)?;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error)))
}

/// Writes a value for a column that holds JSON.
fn json_text(value: &impl Serialize) -> rusqlite::Result<String> {
    let text =
        serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    // As in a column of text: it is an escape here, unless the backslash is itself escaped.
    let is_escape =
        |(at, _): (usize, &str)| text.bytes().take(at).rev().take_while(|byte| *byte == b'\\').count() % 2 == 0;
    if text.match_indices("\\u0000").any(is_escape) { Err(database::refusal()) } else { Ok(text) }
}
