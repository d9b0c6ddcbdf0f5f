//! The URLs that start a run of a teammate or a task. The token in one is the secret.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::Db;

/// What a webhook belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Teammate,
    Task,
}

impl Owner {
    /// As it stands in URLs.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Teammate => "agents",
            Self::Task => "tasks",
        }
    }
}

/// Gives a new token. One of before is dead.
pub(crate) fn enable(db: &Db<'_>, owner: Owner, id: i64) -> rusqlite::Result<String> {
    let token = format!("whk_{}", Uuid::new_v4().simple());
    db.prepare_cached(
        "INSERT INTO inbound_webhooks (account_id, token, owner, owner_id, is_enabled) VALUES (?1, ?2, ?3, ?4, 1)
         ON CONFLICT (owner, owner_id) DO UPDATE SET token = excluded.token, is_enabled = 1",
    )?
    .execute(params![db.account, token, owner.text(), id])?;
    Ok(token)
}

/// Switches a webhook on or off; whether there is one.
pub(crate) fn set_enabled(db: &Db<'_>, owner: Owner, id: i64, is_enabled: bool) -> rusqlite::Result<bool> {
    let mut update =
        db.prepare_cached("UPDATE inbound_webhooks SET is_enabled = ?3 WHERE owner = ?1 AND owner_id = ?2")?;
    Ok(update.execute(params![owner.text(), id, is_enabled])? > 0)
}

/// The account of what has this number in a table.
pub(crate) fn account_of(db: &Connection, table: &'static str, id: i64) -> rusqlite::Result<Option<i64>> {
    let sql = format!("SELECT account_id FROM {table} WHERE id = ?1");
    db.prepare_cached(&sql)?.query_row([id], |row| row.get(0)).optional()
}

/// Destroys the token.
pub(crate) fn disable(db: &Db<'_>, owner: Owner, id: i64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM inbound_webhooks WHERE owner = ?1 AND owner_id = ?2")?
        .execute(params![owner.text(), id])?;
    Ok(())
}

/// Whose token this is, if it is switched on: the account, and its teammate or task.
pub(crate) fn find(db: &Connection, owner: Owner, token: &str) -> rusqlite::Result<Option<(i64, i64)>> {
    let sql = "SELECT account_id, owner_id FROM inbound_webhooks WHERE owner = ?1 AND token = ?2 AND is_enabled";
    let mut select = db.prepare_cached(sql)?;
    select.query_row(params![owner.text(), token], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}
