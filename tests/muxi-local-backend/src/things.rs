//! What the formation keeps: memories, jobs and credentials, each with the user whose it is.

use local_backend_kit::Store;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use crate::error::Failure;

/// A kind of things.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Things(pub(crate) &'static str);

/// What is remembered.
pub(crate) const MEMORIES: Things = Things("memory");

/// What users have given for other services.
pub(crate) const CREDENTIALS: Things = Things("credential");

/// What is done at set times.
pub(crate) const JOBS: Things = Things("job");

impl Things {
    /// Keeps a new one.
    pub(crate) fn insert(self, store: &Store, id: &str, user: &str, thing: &Value) -> Result<(), Failure> {
        store.run(|db| {
            let mut insert =
                db.prepare_cached("INSERT INTO things (kind, id, user_id, body) VALUES (?1, ?2, ?3, ?4)")?;
            insert.execute(params![self.0, id, user, thing.to_string()]).map(drop).map_err(Failure::from)
        })?
    }

    /// Those of this user, or all there are, the newest first.
    pub(crate) fn list(self, store: &Store, user: Option<&str>) -> Result<Vec<Value>, Failure> {
        store.run(|db| {
            let sql = "SELECT body FROM things WHERE kind = ?1 AND (?2 IS NULL OR user_id = ?2) ORDER BY seq DESC";
            let mut select = db.prepare_cached(sql)?;
            let found = select.query_map(params![self.0, user], read)?;
            found.collect::<rusqlite::Result<_>>().map_err(Failure::from)
        })?
    }

    pub(crate) fn get(self, store: &Store, id: &str) -> Result<Option<Value>, Failure> {
        store.run(|db| self.find(db, id).map_err(Failure::from))?
    }

    fn find(self, db: &Connection, id: &str) -> rusqlite::Result<Option<Value>> {
        let mut select = db.prepare_cached("SELECT body FROM things WHERE kind = ?1 AND id = ?2")?;
        select.query_row(params![self.0, id], read).optional()
    }

    /// Changes one, if it is there and `change` makes another of it.
    pub(crate) fn change(
        self,
        store: &Store,
        id: &str,
        change: impl FnOnce(Value) -> Option<Value>,
    ) -> Result<Option<Value>, Failure> {
        store.transact(
            |db| {
                let Some(changed) = self.find(db, id)?.and_then(change) else { return Ok(None) };
                let mut update = db.prepare_cached("UPDATE things SET body = ?3 WHERE kind = ?1 AND id = ?2")?;
                update.execute(params![self.0, id, changed.to_string()])?;
                Ok(Some(changed))
            },
            |changed| changed,
        )
    }

    /// Forgets one; whether it was there.
    pub(crate) fn delete(self, store: &Store, id: &str) -> Result<bool, Failure> {
        store.run(|db| {
            let mut delete = db.prepare_cached("DELETE FROM things WHERE kind = ?1 AND id = ?2")?;
            delete.execute(params![self.0, id]).map(|count| count > 0).map_err(Failure::from)
        })?
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Value> {
    let text: String = row.get(0)?;
    serde_json::from_str(&text).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
