//! The database: one SQLite connection.
//!
//! Requests take their turn on it, so that no two of them can read the same `next_seq` or both find no direct chat. The
//! modules beside this one hold the statements, by table.

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
mod statements;
pub(crate) mod tasks;
pub(crate) mod users;
pub(crate) mod workflows;

pub(crate) use self::{
    database::{Database, is_refused_text},
    statements::OnStatement,
};

use std::{
    fmt, io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};

/// The connection, until it is closed.
///
/// Work is done where it is asked for: statements take microseconds, less than handing them to another thread and
/// waiting for what it says.
pub(crate) struct Store(Mutex<Option<Connection>>);

/// The database is closed.
#[derive(Debug)]
pub(crate) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the database is closed")
    }
}

impl std::error::Error for Closed {}

impl Store {
    /// Opens `file`, or a database in memory.
    ///
    /// # Errors
    ///
    /// If the file is no database of this backend.
    pub(crate) fn open(file: Option<&Path>, on_statement: &OnStatement) -> io::Result<Self> {
        schema::open(file, on_statement).map(|connection| Self(Mutex::new(Some(connection))))
    }

    /// Does `work` when its turn comes, to its end.
    ///
    /// # Errors
    ///
    /// If the database is closed.
    pub(crate) fn run<T>(&self, work: impl FnOnce(&mut Connection) -> T) -> Result<T, Closed> {
        self.connection().as_mut().map(work).ok_or(Closed)
    }

    /// Closes the database when the work under way is done.
    pub(crate) fn close(&self) {
        drop(self.connection().take());
    }

    fn connection(&self) -> MutexGuard<'_, Option<Connection>> {
        // A transaction that a panic ends is rolled back on the way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
