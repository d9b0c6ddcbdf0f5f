//! What an account has set.

use serde_json::{Map, Value, json};

use super::{Db, accounts, merge};

const STRICT: &str = "require_end_user_id";

/// What they are unless they are changed.
pub(crate) fn defaults() -> Value {
    json!({
        "per_end_user_run_limit": null, "per_end_user_cost_limit_cents": null, "per_end_user_rate_per_minute": null,
        "retention_mode": "standard", STRICT: false, "approval_email_enabled": true, "approval_slack_enabled": true,
        "result_email_enabled": true, "result_slack_enabled": true,
    })
}

/// What they are at first, of an account that is strict or not.
pub(crate) fn of_new(is_strict: bool) -> Value {
    let mut settings = defaults();
    merge(&mut settings, strict(is_strict));
    settings
}

/// The setting that every request has to name an end user, or need not.
pub(crate) fn strict(is_strict: bool) -> Map<String, Value> {
    Map::from_iter([(STRICT.to_owned(), json!(is_strict))])
}

/// Whether every request has to name an end user.
pub(crate) fn is_strict(db: &Db<'_>) -> rusqlite::Result<bool> {
    Ok(get(db)?.get(STRICT).and_then(Value::as_bool).unwrap_or_default())
}

pub(crate) fn get(db: &Db<'_>) -> rusqlite::Result<Value> {
    accounts::settings_of(db, db.account)
}

/// Changes the fields that are given.
pub(crate) fn update(db: &Db<'_>, given: Map<String, Value>) -> rusqlite::Result<Value> {
    let mut settings = get(db)?;
    merge(&mut settings, given);
    accounts::set_settings(db, db.account, &settings)?;
    Ok(settings)
}
