//! End users.

use rusqlite::{OptionalExtension, params};
use serde_json::{Map, Value, json};

use super::{Db, USERS, merge, now, with_nulls};

/// What is null of an end user unless it is told.
const NULL: [&str; 8] =
    ["name", "email", "company", "metadata", "run_limit", "cost_limit_cents", "rate_per_minute", "updated_at"];

/// The number of an end user.
pub(crate) fn find(db: &Db<'_>, user_id: &str) -> rusqlite::Result<Option<i64>> {
    let mut select = db.prepare_cached("SELECT id FROM users WHERE account_id = ?1 AND user_id = ?2")?;
    select.query_row(params![db.account, user_id], |row| row.get(0)).optional()
}

pub(crate) fn insert(db: &Db<'_>, user_id: &str, given: Map<String, Value>) -> rusqlite::Result<Value> {
    let mut rest = with_nulls(json!({ "created_at": now() }), &NULL);
    merge(&mut rest, given);
    USERS.insert(db, Some(user_id), &rest)
}

/// Makes an end user whom nobody has made yet.
pub(crate) fn ensure(db: &Db<'_>, user_id: Option<&str>) -> rusqlite::Result<()> {
    if let Some(user_id) = user_id
        && find(db, user_id)?.is_none()
    {
        insert(db, user_id, Map::new())?;
    }
    Ok(())
}
