//! Runs, and the keys that they were started by.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value, json};

use super::{now, object, with_nulls};

const COLUMNS: &[&str] = &["id", "teammate_id", "user_id", "status"];

/// What a run is started with.
pub(crate) struct Start<'a> {
    pub(crate) teammate_id: i64,
    pub(crate) user_id: Option<&'a str>,
    pub(crate) message: &'a str,
    pub(crate) metadata: Option<&'a Value>,
    pub(crate) permission_mode: Option<&'a str>,
}

/// How a run ended.
pub(crate) struct End<'a> {
    pub(crate) status: &'static str,
    pub(crate) output: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
    pub(crate) error_code: Option<&'a str>,
    pub(crate) stop_reason: Option<&'static str>,
}

/// What is told of a run only by features that the local backend does not have, or once it is at its end.
const NULL: [&str; 34] = [
    "auth_method",
    "auth_provider",
    "auto_recovery_attempt_count",
    "closing_preview",
    "delivery",
    "email_address",
    "error",
    "error_code",
    "failure_kind",
    "files",
    "last_viewed_at",
    "latest_message_preview",
    "next_retry_at",
    "notified_at",
    "notified_channel",
    "output",
    "output_data",
    "queued_message_id",
    "recovery_repeats_actions",
    "repeats_actions",
    "retention_mode",
    "retried_at",
    "retried_by_run_id",
    "retry_blocked_message",
    "retry_blocked_reason",
    "retry_of_run_id",
    "sandbox_state",
    "share_token",
    "started_by",
    "stop_reason",
    "task_id",
    "task_name",
    "trigger_source",
    "usage",
];

/// Everything that a run is at its start.
fn rest(start: &Start<'_>) -> Value {
    let now = now();
    let told = json!({
        "description": start.message, "metadata": start.metadata, "run_mode": "task",
        "permission_mode": start.permission_mode.unwrap_or("autonomous"), "billing_surface": "api", "channel": "api",
        "created_at": now, "updated_at": now, "started_at": now, "turn_started_at": now, "last_activity_at": now,
        "retryable": false, "can_continue": false, "retry_count": 0, "auto_retry_count": 0, "archived": false,
        "is_expired": false, "needs_reply": false, "needs_me": false, "needs_me_run": false,
        "needs_me_message_ids": [], "pending_queued_message_ids": [], "cancelled_queued_message_ids": [],
    });
    with_nulls(told, &NULL)
}

/// Stores a new run.
pub(crate) fn insert(db: &Connection, start: &Start<'_>) -> rusqlite::Result<Value> {
    let mut insert =
        db.prepare_cached("INSERT INTO runs (teammate_id, user_id, status, rest) VALUES (?1, ?2, 'running', ?3)")?;
    insert.execute(params![start.teammate_id, start.user_id, rest(start).to_string()])?;
    get(db, db.last_insert_rowid())
}

pub(crate) fn get(db: &Connection, id: i64) -> rusqlite::Result<Value> {
    db.prepare_cached("SELECT * FROM runs WHERE id = ?1")?.query_row([id], |row| object(row, COLUMNS))
}

/// A run, if it is of this user or no user is named.
pub(crate) fn find(db: &Connection, id: i64, user_id: Option<&str>) -> rusqlite::Result<Option<Value>> {
    let mut select = db.prepare_cached("SELECT * FROM runs WHERE id = ?1 AND (?2 IS NULL OR user_id = ?2)")?;
    select.query_row(params![id, user_id], |row| object(row, COLUMNS)).optional()
}

/// Which runs are sought.
pub(crate) struct Sought<'a> {
    pub(crate) user_id: Option<&'a str>,
    pub(crate) teammate_id: Option<i64>,
    pub(crate) status: Option<&'a str>,
    pub(crate) after: Option<i64>,
    pub(crate) limit: i64,
}

/// The newest first.
pub(crate) fn list(db: &Connection, sought: &Sought<'_>) -> rusqlite::Result<Vec<Value>> {
    let mut select = db.prepare_cached(
        "SELECT * FROM runs
         WHERE (?1 IS NULL OR user_id = ?1) AND (?2 IS NULL OR teammate_id = ?2) AND (?3 IS NULL OR status = ?3)
           AND (?4 IS NULL OR id < ?4)
         ORDER BY id DESC LIMIT ?5",
    )?;
    let values = params![sought.user_id, sought.teammate_id, sought.status, sought.after, sought.limit];
    select.query_map(values, |row| object(row, COLUMNS))?.collect()
}

/// Ends a run that is not at its end; whether it was.
pub(crate) fn end(db: &Connection, id: i64, end: &End<'_>) -> rusqlite::Result<bool> {
    let changes = Map::from_iter([
        ("output".to_owned(), json!(end.output)),
        ("error".to_owned(), json!(end.error)),
        ("error_code".to_owned(), json!(end.error_code)),
        ("stop_reason".to_owned(), json!(end.stop_reason)),
    ]);
    let mut rest: String =
        db.prepare_cached("SELECT rest FROM runs WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    if let Ok(Value::Object(mut fields)) = serde_json::from_str(&rest) {
        fields.extend(changes);
        fields.insert("updated_at".to_owned(), json!(now()));
        rest = Value::Object(fields).to_string();
    }
    let mut update =
        db.prepare_cached("UPDATE runs SET status = ?2, rest = ?3 WHERE id = ?1 AND status = 'running'")?;
    Ok(update.execute(params![id, end.status, rest])? > 0)
}

/// Ends the runs that a process left behind which is no more.
pub(crate) fn end_orphans(db: &Connection) -> rusqlite::Result<()> {
    let mut running = db.prepare("SELECT id FROM runs WHERE status = 'running'")?;
    let ids: Vec<i64> = running.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let error = Some("The local backend was stopped while the run went on");
    let (output, stop_reason) = (None, None);
    for id in ids {
        self::end(
            db,
            id,
            &End { status: "failed", output, error, error_code: Some("AGENT_RUNNER_DIED"), stop_reason },
        )?;
    }
    Ok(())
}

/// What was asked for by an idempotency key, and the run that it started.
pub(crate) fn started_by(db: &Connection, key: &str) -> rusqlite::Result<Option<(String, i64)>> {
    let mut select = db.prepare_cached("SELECT request, run_id FROM idempotency_keys WHERE key = ?1")?;
    select.query_row([key], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

pub(crate) fn keep_key(db: &Connection, key: &str, request: &str, run_id: i64) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO idempotency_keys (key, request, run_id) VALUES (?1, ?2, ?3)")?
        .execute(params![key, request, run_id])?;
    Ok(())
}

/// How many runs there are, and how many of them go on.
pub(crate) fn count(db: &Connection) -> rusqlite::Result<(i64, i64)> {
    let counts = "SELECT COUNT(*), COUNT(*) FILTER (WHERE status IN ('running', 'awaiting_approval')) FROM runs";
    db.query_row(counts, [], |row| Ok((row.get(0)?, row.get(1)?)))
}
