//! Teammates.

use rusqlite::{OptionalExtension, params};
use serde_json::{Map, Value, json};

use super::{Db, merge, now, object, with_nulls};

const COLUMNS: &[&str] = &["id", "user_id", "status", "active_run_count", "active_run_id", "last_active_at"];

/// Teammates, and what their runs tell of them.
const SELECT: &str = "
SELECT *,
    (SELECT COUNT(*) FROM runs WHERE teammate_id = teammates.id AND status IN ('running', 'awaiting_approval'))
        AS active_run_count,
    (SELECT MAX(id) FROM runs WHERE teammate_id = teammates.id AND status IN ('running', 'awaiting_approval'))
        AS active_run_id,
    (SELECT MAX(rest ->> 'updated_at') FROM runs WHERE teammate_id = teammates.id) AS last_active_at
FROM teammates";

/// Whether a teammate works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Enabled,
    Disabled,
    Archived,
}

impl Status {
    fn text(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Archived => "archived",
        }
    }
}

/// What is null of a teammate unless it is asked for otherwise.
const NULL: [&str; 24] = [
    "allowed_imessage_senders",
    "allowed_senders",
    "allowed_slack_senders",
    "bridge_id",
    "display_order",
    "effort",
    "email_address",
    "enable_feedback",
    "enable_history",
    "enable_memory",
    "enable_self_improvement",
    "enable_task_setup_tools",
    "fetchmail_address",
    "goals",
    "group_id",
    "group_name",
    "imessage_chat_guid",
    "instructions",
    "metadata",
    "model",
    "name",
    "role",
    "slack_slug",
    "template_slug",
];

/// Everything that a teammate is unless it is asked for otherwise.
fn defaults() -> Value {
    let told = json!({
        "tools": [], "default_permission_mode": "autonomous", "created_at": now(), "updated_at": null,
        "visibility": "personal", "can_manage": true, "can_execute": true, "can_share": true,
        "inbound_email_enabled": false, "inbound_imessage_enabled": false, "inbound_slack_enabled": false,
        "slack_channels": [], "fetchmail_enabled": false, "webhook_enabled": false, "webhook_url": null,
        "prompt_profile": "platform", "disabled_builtin_tools": [],
    });
    with_nulls(told, &NULL)
}

/// Stores a new teammate. One without a name is given one.
pub(crate) fn insert(db: &Db<'_>, user_id: Option<&str>, given: Map<String, Value>) -> rusqlite::Result<Value> {
    let mut rest = defaults();
    merge(&mut rest, given);
    let mut insert =
        db.prepare_cached("INSERT INTO teammates (account_id, user_id, status, rest) VALUES (?1, ?2, 'enabled', ?3)")?;
    insert.execute(params![db.account, user_id, rest.to_string()])?;
    let id = db.last_insert_rowid();
    if rest.get("name").is_none_or(Value::is_null) {
        db.prepare_cached("UPDATE teammates SET rest = json_set(rest, '$.name', 'Mate ' || id) WHERE id = ?1")?
            .execute([id])?;
    }
    get(db, id)
}

pub(crate) fn get(db: &Db<'_>, id: i64) -> rusqlite::Result<Value> {
    db.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?.query_row([id], |row| object(row, COLUMNS))
}

/// A teammate, if it is of this user or no user is named.
pub(crate) fn find(db: &Db<'_>, id: i64, user_id: Option<&str>) -> rusqlite::Result<Option<Value>> {
    let mut select =
        db.prepare_cached(&format!("{SELECT} WHERE id = ?1 AND account_id = ?2 AND (?3 IS NULL OR user_id = ?3)"))?;
    select.query_row(params![id, db.account, user_id], |row| object(row, COLUMNS)).optional()
}

/// The newest first.
pub(crate) fn list(
    db: &Db<'_>,
    user_id: Option<&str>,
    with_archived: bool,
    after: Option<i64>,
    limit: i64,
) -> rusqlite::Result<Vec<Value>> {
    let mut select = db.prepare_cached(&format!(
        "{SELECT}
         WHERE account_id = ?1 AND (?2 IS NULL OR user_id = ?2) AND (?3 OR status <> 'archived')
           AND (?4 IS NULL OR id < ?4)
         ORDER BY id DESC LIMIT ?5",
    ))?;
    select.query_map(params![db.account, user_id, with_archived, after, limit], |row| object(row, COLUMNS))?.collect()
}

/// A field that is given, or what it is by default where null is given.
fn or_default((name, value): (String, Value)) -> (String, Value) {
    let value = if value.is_null() { defaults().get(&name).cloned().unwrap_or_default() } else { value };
    (name, value)
}

/// Changes the fields that are given.
pub(crate) fn update(db: &Db<'_>, id: i64, given: Map<String, Value>) -> rusqlite::Result<Value> {
    let mut rest = get(db, id)?;
    if let Some(fields) = rest.as_object_mut() {
        COLUMNS.iter().for_each(|column| drop(fields.remove(*column)));
    }
    merge(&mut rest, given.into_iter().map(or_default).collect());
    merge(&mut rest, Map::from_iter([("updated_at".to_owned(), json!(now()))]));
    db.prepare_cached("UPDATE teammates SET rest = ?2 WHERE id = ?1")?.execute(params![id, rest.to_string()])?;
    get(db, id)
}

pub(crate) fn set_status(db: &Db<'_>, id: i64, status: Status) -> rusqlite::Result<Value> {
    db.prepare_cached("UPDATE teammates SET status = ?2 WHERE id = ?1")?.execute(params![id, status.text()])?;
    get(db, id)
}
