//! A chat's tasks.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Database;

/// A task, as answers show it: unlike everything else, in camelCase.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) description: String,
    pub(crate) status: String,
    pub(crate) active_form: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) blocks: Vec<String>,
    pub(crate) blocked_by: Vec<String>,
    pub(crate) metadata: Map<String, Value>,
}

impl Task {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("task_id")?,
            subject: row.get("subject")?,
            description: row.get("description")?,
            status: row.get("status")?,
            active_form: row.get("active_form")?,
            owner: row.get("owner")?,
            blocks: super::json_column(row, "blocks")?,
            blocked_by: super::json_column(row, "blocked_by")?,
            metadata: super::json_column(row, "metadata")?,
        })
    }
}

/// A chat's tasks, by id as a text: 1, 10, 2.
pub(crate) fn of_chat(db: Database<'_>, chat_id: &str) -> rusqlite::Result<Vec<Task>> {
    db.prepare_cached("SELECT * FROM tasks WHERE chat_id = ?1 ORDER BY task_id")?
        .query_map([chat_id], Task::read)?
        .collect()
}

pub(crate) fn find(db: Database<'_>, chat_id: &str, id: &str) -> rusqlite::Result<Option<Task>> {
    db.prepare_cached("SELECT * FROM tasks WHERE chat_id = ?1 AND task_id = ?2")?
        .query_row([chat_id, id], Task::read)
        .optional()
}

/// One more than the highest id: deleting the last task frees its id.
pub(crate) fn next_id(db: Database<'_>, chat_id: &str) -> rusqlite::Result<String> {
    db.prepare_cached(
        "SELECT CAST(coalesce(max(CAST(task_id AS INTEGER)), 0) + 1 AS TEXT) FROM tasks WHERE chat_id = ?1",
    )?
    .query_row([chat_id], |row| row.get(0))
}

/// Stores a task, in place of the one with its id if there is one. Its owner must exist.
pub(crate) fn replace(db: Database<'_>, chat_id: &str, task: &Task) -> rusqlite::Result<()> {
    let mut replace = db.prepare_cached(
        "REPLACE INTO tasks (chat_id, task_id, subject, description, status, active_form, owner, blocks, blocked_by,
                             metadata)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    replace.execute(params![
        chat_id,
        task.id,
        task.subject,
        task.description,
        task.status,
        task.active_form,
        task.owner,
        super::json_text(&task.blocks)?,
        super::json_text(&task.blocked_by)?,
        super::json_text(&task.metadata)?,
    ])?;
    Ok(())
}

pub(crate) fn delete(db: Database<'_>, chat_id: &str, id: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM tasks WHERE chat_id = ?1 AND task_id = ?2")?.execute([chat_id, id])?;
    Ok(())
}
