//! The database: one SQLite connection on a thread of its own.
//!
//! Requests take their turn on it, so that no two of them can read the same `next_seq` or both find no direct chat. The
//! modules beside this one hold the statements, by table.

pub(crate) mod accounts;
pub(crate) mod agents;
pub(crate) mod chats;
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

pub(crate) use self::statements::OnStatement;

use std::{fmt, io, path::Path, thread};

use rusqlite::{Connection, Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::{mpsc, oneshot};

/// A handle on the database's thread, which ends with it.
pub(crate) struct Store {
    jobs: mpsc::UnboundedSender<Job>,
}

enum Job {
    Run(Box<dyn FnOnce(&mut Connection) + Send>),
    Close(oneshot::Sender<()>),
}

/// The database's thread has ended.
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
    /// If the file is no database of this backend, or there can be no thread.
    pub(crate) fn open(file: Option<&Path>, on_statement: &OnStatement) -> io::Result<Self> {
        let mut connection = schema::open(file, on_statement)?;
        let (jobs, mut queue) = mpsc::unbounded_channel();
        thread::Builder::new().name("mycel-database".to_owned()).spawn(move || {
            while let Some(job) = queue.blocking_recv() {
                match job {
                    Job::Run(work) => work(&mut connection),
                    Job::Close(closed) => {
                        drop(connection);
                        let _ = closed.send(());
                        return;
                    }
                }
            }
        })?;
        Ok(Self { jobs })
    }

    /// Runs `work` when its turn comes. It runs to its end even if nobody waits for that any more.
    ///
    /// # Errors
    ///
    /// If the database is closed.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, Closed>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> T + Send + 'static,
    {
        let (done, result) = oneshot::channel();
        let job = Job::Run(Box::new(move |connection| {
            // Whoever asked may have gone away; what was stored stays.
            let _ = done.send(work(connection));
        }));
        self.jobs.send(job).map_err(|_| Closed)?;
        result.await.map_err(|_| Closed)
    }

    /// Closes the database when all that was asked before is done, and waits for that.
    pub(crate) async fn close(&self) {
        let (closed, done) = oneshot::channel();
        if self.jobs.send(Job::Close(closed)).is_ok() {
            let _ = done.await;
        }
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
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
