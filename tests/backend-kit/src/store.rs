//! The database: one SQLite connection.
//!
//! Requests take their turn on it, so that no two of them can read the same number or both find that something is not
//! there.

use std::{
    fmt, io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior, config::DbConfig};

use crate::{StartError, statements::OnStatement};

/// How long to wait for another process to let go of the file.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tables of a backend.
#[derive(Clone, Copy, Debug)]
pub struct Tables {
    /// Counts up with every change of their layout.
    pub version: i64,
    /// The statements that make them.
    pub sql: &'static str,
}

/// The connection, until it is closed.
///
/// Work is done where it is asked for: statements take microseconds, less than handing them to another thread and
/// waiting for what it says.
#[derive(Debug)]
pub struct Store(Mutex<Option<Connection>>);

/// The database is closed.
#[derive(Debug)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the database is closed")
    }
}

impl std::error::Error for Closed {}

impl Store {
    /// Opens `file`, or a database in memory, and makes the tables if they are not there.
    ///
    /// # Errors
    ///
    /// If the file is in use, is no database, or is one with other tables.
    pub fn open(file: Option<&Path>, tables: Tables, on_statement: &OnStatement) -> Result<Self, StartError> {
        let what = match file {
            Some(file) => format!("{} can't be opened as a database", file.display()),
            None => "the database can't be made".to_owned(),
        };
        let connection = connect(file, tables, on_statement).map_err(StartError::because(what))?;
        Ok(Self(Mutex::new(Some(connection))))
    }

    /// Does `work` when its turn comes, to its end.
    ///
    /// # Errors
    ///
    /// If the database is closed.
    pub fn run<T>(&self, work: impl FnOnce(&mut Connection) -> T) -> Result<T, Closed> {
        self.connection().as_mut().map(work).ok_or(Closed)
    }

    /// Does `work` in one transaction when its turn comes. What it has written stays if it succeeds; then `stored` is done
    /// before anybody else's turn.
    ///
    /// # Errors
    ///
    /// If the work fails, or the database does, or it is closed.
    pub fn transact<T, U, E: From<rusqlite::Error> + From<Closed>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
        stored: impl FnOnce(T) -> U,
    ) -> Result<U, E> {
        self.run(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(stored(done))
        })?
    }

    /// Closes the database when the work under way is done.
    pub fn close(&self) {
        drop(self.connection().take());
    }

    fn connection(&self) -> MutexGuard<'_, Option<Connection>> {
        // A transaction that a panic ends is rolled back on the way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(file: Option<&Path>, tables: Tables, on_statement: &OnStatement) -> io::Result<Connection> {
    let connection = match file {
        Some(file) => Connection::open(file),
        None => Connection::open_in_memory(),
    };
    let mut connection = connection.map_err(io::Error::other)?;
    on_statement.attach(&mut connection).map_err(io::Error::other)?;
    configure(&connection).map_err(io::Error::other)?;
    make_tables(&connection, tables)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(128);
    // Plans don't depend on the values of parameters: statements that might are compiled again for each value otherwise.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A file is one process's: the listeners of another would never be woken. One that is just ending may take a moment.
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    // With a write-ahead log a commit is in the log's file before the answer goes out: killing the process loses
    // nothing. A crash of the whole machine may lose the last moments, which is a development backend's right.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")
}

fn make_tables(connection: &Connection, tables: Tables) -> io::Result<()> {
    let Tables { version: known, sql } = tables;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    match version.map_err(io::Error::other)? {
        version if version == known => Ok(()),
        0 => connection
            .execute_batch(&format!("BEGIN; {sql} PRAGMA user_version = {known}; COMMIT;"))
            .map_err(io::Error::other),
        other => Err(io::Error::other(format!("its layout is version {other}, and this program knows only {known}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: Tables = Tables { version: 1, sql: "CREATE TABLE settings (name TEXT PRIMARY KEY) STRICT;" };

    #[test]
    fn tables_are_made_once() {
        let connection = connect(None, TABLES, &OnStatement::default()).unwrap();
        connection.execute("INSERT INTO settings VALUES ('name')", []).unwrap();
        make_tables(&connection, TABLES).unwrap();
        let kept: i64 = connection.query_row("SELECT count(*) FROM settings", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
    }

    #[test]
    fn nothing_is_done_once_it_is_closed() {
        let store = Store::open(None, TABLES, &OnStatement::default()).unwrap();
        let count = |store: &Store| {
            store.run(|connection| connection.query_row("SELECT count(*) FROM settings", [], |row| row.get(0)))
        };
        assert_eq!(count(&store).unwrap(), Ok(0_i64));
        store.close();
        assert_eq!(count(&store).unwrap_err().to_string(), "the database is closed");
    }

    #[test]
    fn a_connection_is_set_up() {
        let connection = connect(None, TABLES, &OnStatement::default()).unwrap();
        for (pragma, value) in [("foreign_keys", 1), ("busy_timeout", 2_000), ("synchronous", 1)] {
            let set: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap();
            assert_eq!(set, value, "{pragma}");
        }
        let are_plans_stable = connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG).unwrap();
        assert!(are_plans_stable);
    }

    #[test]
    fn another_version_is_refused() {
        let connection = connect(None, TABLES, &OnStatement::default()).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let refusal = make_tables(&connection, TABLES).unwrap_err();
        assert_eq!(refusal.to_string(), "its layout is version 99, and this program knows only 1");
    }
}
