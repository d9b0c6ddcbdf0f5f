//! The account's settings.

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value, json};

use super::merge;

const STRICT: &str = "require_end_user_id";

/// What they are unless they are changed.
fn defaults() -> Value {
    json!({
        "per_end_user_run_limit": null, "per_end_user_cost_limit_cents": null, "per_end_user_rate_per_minute": null,
        "retention_mode": "standard", STRICT: false, "approval_email_enabled": true, "approval_slack_enabled": true,
        "result_email_enabled": true, "result_slack_enabled": true,
    })
}

/// Makes the settings if they are not there, and has end users be named where that is wanted; whether they have to be.
pub(crate) fn begin(db: &Connection, is_strict: bool) -> rusqlite::Result<bool> {
    let there: Option<i64> = db.query_row("SELECT 1 FROM settings", [], |row| row.get(0)).optional()?;
    if there.is_none() {
        db.execute("INSERT INTO settings (settings) VALUES (?1)", [defaults().to_string()])?;
    }
    let change = Map::from_iter(is_strict.then(|| (STRICT.to_owned(), json!(true))));
    Ok(self::is_strict(&update(db, change)?))
}

/// Whether every request has to name an end user.
pub(crate) fn is_strict(settings: &Value) -> bool {
    settings.get(STRICT).and_then(Value::as_bool).unwrap_or_default()
}

pub(crate) fn get(db: &Connection) -> rusqlite::Result<Value> {
    let settings: String = db.query_row("SELECT settings FROM settings", [], |row| row.get(0))?;
    Ok(serde_json::from_str(&settings).unwrap_or_else(|_| defaults()))
}

/// Changes the fields that are given.
pub(crate) fn update(db: &Connection, given: Map<String, Value>) -> rusqlite::Result<Value> {
    let mut settings = get(db)?;
    merge(&mut settings, given);
    db.execute("UPDATE settings SET settings = ?1", [settings.to_string()])?;
    Ok(settings)
}
