//! What waits in the inboxes. Chats are not in here: that they have something unread is seen from their messages.

use rusqlite::params;
use serde_json::Value;

use super::Database;

/// Adds a notification.
pub(crate) fn push(db: Database<'_>, user_id: &str, metadata: &Value) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO inbox_items (user_id, metadata) VALUES (?1, ?2)")?
        .execute(params![user_id, super::json_text(metadata)?])?;
    Ok(())
}

/// Takes out all that waits, the oldest first.
pub(crate) fn take(db: Database<'_>, user_id: &str) -> rusqlite::Result<Vec<Value>> {
    let taken = db
        .prepare_cached("SELECT metadata FROM inbox_items WHERE user_id = ?1 ORDER BY position")?
        .query_map([user_id], |row| super::json_column(row, "metadata"))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    db.prepare_cached("DELETE FROM inbox_items WHERE user_id = ?1")?.execute([user_id])?;
    Ok(taken)
}
