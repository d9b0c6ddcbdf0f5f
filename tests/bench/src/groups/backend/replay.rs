//! The same statements, with rusqlite alone.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, params_from_iter};

use super::recording::{Recording, Statement};
use crate::Result;
use crate::spent::{self, Spent};

/// Runs all that was recorded on a new database, by one connection in one thread; tells what those that count took.
pub(super) fn run(recording: &Recording, file: Option<&Path>) -> Result<Spent> {
    let connection = match file {
        Some(file) => Connection::open(file)?,
        None => Connection::open_in_memory()?,
    };
    // As the backend does, beside its statements: none is compiled twice.
    connection.set_prepared_statement_cache_capacity(128);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    statements(&connection, &recording.before)?;
    Spent::on(spent::of_this_thread, || statements(&connection, &recording.counted))
}

fn statements(connection: &Connection, statements: &[Statement]) -> Result<()> {
    for Statement { sql, values } in statements {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}
