//! The files of runs: those that they make, and those that they were given.

use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use super::Db;
use crate::script::Attachment;

/// Stores a file that a run made. One of the same name is replaced.
pub(crate) fn put(db: &Db<'_>, run_id: i64, name: &str, bytes: &[u8]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO run_files (run_id, name, bytes) VALUES (?1, ?2, ?3)";
    db.prepare_cached(sql)?.execute(params![run_id, name, bytes])?;
    Ok(())
}

/// The files that a run made, by name.
pub(crate) fn list(db: &Db<'_>, run_id: i64) -> rusqlite::Result<Vec<Value>> {
    let sql = "SELECT name, length(bytes) FROM run_files WHERE run_id = ?1 ORDER BY name";
    let mut select = db.prepare_cached(sql)?;
    let file = |name: String, size: i64| json!({ "name": name, "size": size, "label": null });
    select.query_map([run_id], |row| Ok(file(row.get(0)?, row.get(1)?)))?.collect()
}

pub(crate) fn get(db: &Db<'_>, run_id: i64, name: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = "SELECT bytes FROM run_files WHERE run_id = ?1 AND name = ?2";
    db.prepare_cached(sql)?.query_row(params![run_id, name], |row| row.get(0)).optional()
}

/// Stores the files that a run was given at its start, for those that do it again.
pub(crate) fn attach(db: &Db<'_>, run_id: i64, files: &[Attachment]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO attachments (run_id, name, content_type, bytes) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = db.prepare_cached(sql)?;
    for file in files {
        insert.execute(params![run_id, file.name, file.content_type, file.bytes])?;
    }
    Ok(())
}

/// The files that a run was given at its start.
pub(crate) fn attached(db: &Db<'_>, run_id: i64) -> rusqlite::Result<Vec<Attachment>> {
    let sql = "SELECT name, content_type, bytes FROM attachments WHERE run_id = ?1 ORDER BY id";
    let mut select = db.prepare_cached(sql)?;
    let file = |name, content_type, bytes| Attachment { name, content_type, bytes };
    select.query_map([run_id], |row| Ok(file(row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}
