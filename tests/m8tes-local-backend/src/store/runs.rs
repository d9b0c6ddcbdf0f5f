//! Runs, the keys that they were started by, and the replies that wait for them.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Db, deliveries, files, gates, messages, now, object, settings, with_nulls};
use crate::script::Toggles;

const COLUMNS: &[&str] = &["id", "teammate_id", "task_id", "user_id", "status"];

/// The fields of a run that goes on.
const ACTIVE: &str = "status IN ('running', 'awaiting_approval')";

/// What a run is asked for, as far as its answers don't tell it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) message: String,
    pub(crate) tools: Vec<String>,
    pub(crate) human_in_the_loop: bool,
    pub(crate) output_schema: Option<Value>,
    pub(crate) skill: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) effort: Option<String>,
    pub(crate) max_turns: Option<i64>,
    pub(crate) toggles: Toggles,
    /// Whether it has an e-mail address, to which replies may be sent.
    pub(crate) email_inbox: bool,
}

/// The e-mail address of a run.
pub(crate) fn address(id: i64) -> String {
    format!("run-{id}@inbox.m8tes.test")
}

/// What a run is started with.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) teammate_id: i64,
    /// The task that it is of: its number and its name.
    pub(crate) task: Option<(i64, Option<String>)>,
    pub(crate) user_id: Option<String>,
    pub(crate) metadata: Option<Value>,
    pub(crate) permission_mode: Option<String>,
    pub(crate) trigger_source: Option<&'static str>,
    /// The run that this one is to do again.
    pub(crate) retry_of: Option<i64>,
    pub(crate) asked: Asked,
}

/// How a turn of a run ended.
#[derive(Debug, Default)]
pub(crate) struct End {
    pub(crate) status: &'static str,
    pub(crate) error: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) stop_reason: Option<&'static str>,
    pub(crate) told: Told,
}

/// What a turn has told by its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) output: String,
    pub(crate) blocks: Vec<Value>,
    pub(crate) usage: Option<Value>,
    pub(crate) output_data: Option<Value>,
}

impl Told {
    /// Whether a tool was called, which doing it all again would call again.
    fn has_acted(&self) -> bool {
        self.blocks.iter().any(|block| block.get("type").is_some_and(|kind| kind == "tool_use"))
    }
}

/// What is told of a run only by features that the local backend does not have, or once it is at its end.
const NULL: [&str; 29] = [
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
    "retried_at",
    "retried_by_run_id",
    "retry_blocked_message",
    "retry_blocked_reason",
    "sandbox_state",
    "share_token",
    "started_by",
    "stop_reason",
    "usage",
];

/// Everything that a run is at its start.
fn rest(start: &Start, settings: &Value) -> Value {
    let now = now();
    let task_name = start.task.as_ref().and_then(|(_, name)| name.as_deref());
    let told = json!({
        "description": start.asked.message, "retention_mode": settings.get("retention_mode"), "metadata": start.metadata, "run_mode": "task", "task_name": task_name,
        "permission_mode": start.permission_mode.as_deref().unwrap_or("autonomous"), "billing_surface": "api",
        "channel": "api", "trigger_source": start.trigger_source, "retry_of_run_id": start.retry_of,
        "created_at": now, "updated_at": now, "started_at": now, "turn_started_at": now, "last_activity_at": now,
        "retryable": false, "can_continue": false, "retry_count": 0, "auto_retry_count": 0, "archived": false,
        "is_expired": false, "needs_reply": false, "needs_me": false, "needs_me_run": false,
        "needs_me_message_ids": [], "pending_queued_message_ids": [], "cancelled_queued_message_ids": [],
    });
    with_nulls(told, &NULL)
}

/// Stores a new run.
pub(crate) fn insert(db: &Db<'_>, start: &Start) -> rusqlite::Result<Value> {
    let mut insert = db.prepare_cached(
        "INSERT INTO runs (account_id, teammate_id, task_id, user_id, status, asked, rest)
         VALUES (?1, ?2, ?3, ?4, 'running', ?5, ?6)",
    )?;
    let (task_id, asked) = (start.task.as_ref().map(|(id, _)| id), json!(start.asked).to_string());
    let rest = rest(start, &settings::get(db)?).to_string();
    insert.execute(params![db.account, start.teammate_id, task_id, start.user_id, asked, rest])?;
    let id = db.last_insert_rowid();
    messages::add(db, id, "user", &start.asked.message, None)?;
    let run = get(db, id)?;
    deliveries::tell(db, "run.started", &run)?;
    Ok(run)
}

/// What a run was asked for at first.
pub(crate) fn asked(db: &Db<'_>, id: i64) -> rusqlite::Result<Asked> {
    let asked: String = db.prepare_cached("SELECT asked FROM runs WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    Ok(serde_json::from_str(&asked).unwrap_or_default())
}

/// Takes over what a later turn of a run is asked for.
pub(crate) fn keep_asked(db: &Db<'_>, id: i64, asked: &Asked) -> rusqlite::Result<()> {
    let mut update = db.prepare_cached("UPDATE runs SET asked = ?2 WHERE id = ?1")?;
    update.execute(params![id, json!(asked).to_string()])?;
    Ok(())
}

/// Whether a run, as it is answered, is at its end.
pub(crate) fn is_over(run: &Value) -> bool {
    !matches!(run.get("status").and_then(Value::as_str), Some("running" | "awaiting_approval"))
}

/// Changes these fields of a run.
pub(crate) fn change(db: &Db<'_>, id: i64, fields: Value) -> rusqlite::Result<()> {
    let mut rest = get(db, id)?;
    if let (Some(rest), Value::Object(fields)) = (rest.as_object_mut(), fields) {
        COLUMNS.iter().for_each(|column| drop(rest.remove(*column)));
        rest.extend(fields);
        rest.insert("updated_at".to_owned(), json!(now()));
    }
    let mut update = db.prepare_cached("UPDATE runs SET rest = ?2 WHERE id = ?1")?;
    update.execute(params![id, rest.to_string()])?;
    Ok(())
}

/// Changes the status of a run that goes on; whether it did.
pub(crate) fn set_status(db: &Db<'_>, id: i64, status: &str) -> rusqlite::Result<bool> {
    let mut update = db.prepare_cached(&format!("UPDATE runs SET status = ?2 WHERE id = ?1 AND {ACTIVE}"))?;
    Ok(update.execute(params![id, status])? > 0)
}

/// Has a run that is at its end go on.
pub(crate) fn resume(db: &Db<'_>, id: i64, message: &str, delivery: Option<&str>) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE runs SET status = 'running' WHERE id = ?1")?.execute([id])?;
    messages::add(db, id, "user", message, None)?;
    let fields = json!({
        "delivery": delivery, "queued_message_id": null, "output": null, "output_data": null, "error": null,
        "error_code": null, "failure_kind": null, "stop_reason": null, "usage": null, "retryable": false,
        "can_continue": false, "repeats_actions": null, "turn_started_at": now(),
    });
    change(db, id, fields)
}

pub(crate) fn get(db: &Db<'_>, id: i64) -> rusqlite::Result<Value> {
    db.prepare_cached("SELECT * FROM runs WHERE id = ?1")?.query_row([id], |row| object(row, COLUMNS))
}

/// A run, if it is of this user or no user is named.
pub(crate) fn find(db: &Db<'_>, id: i64, user_id: Option<&str>) -> rusqlite::Result<Option<Value>> {
    let mut select =
        db.prepare_cached("SELECT * FROM runs WHERE id = ?1 AND account_id = ?2 AND (?3 IS NULL OR user_id = ?3)")?;
    select.query_row(params![id, db.account, user_id], |row| object(row, COLUMNS)).optional()
}

/// Which runs are sought.
pub(crate) struct Sought<'a> {
    pub(crate) user_id: Option<&'a str>,
    pub(crate) teammate_id: Option<i64>,
    pub(crate) task_id: Option<i64>,
    pub(crate) status: Option<&'a str>,
    /// Whether those of end users are sought as well as the account's own.
    pub(crate) with_end_users: bool,
    /// Whether those come first that wait for people, and then those that go on.
    pub(crate) by_priority: bool,
    pub(crate) after: Option<i64>,
    pub(crate) limit: i64,
}

/// Which come first where it goes by priority.
const RANK: &str = "CASE status WHEN 'awaiting_approval' THEN 0 WHEN 'running' THEN 1 ELSE 2 END";

/// Where all are of one rank. A bare number would be that of a column.
const ALIKE: &str = "id * 0";

/// The newest first, of each rank where they have one.
pub(crate) fn list(db: &Db<'_>, sought: &Sought<'_>) -> rusqlite::Result<Vec<Value>> {
    let rank = if sought.by_priority { RANK } else { ALIKE };
    let mut select = db.prepare_cached(&format!(
        "SELECT * FROM runs
         WHERE account_id = ?1 AND (?2 IS NULL OR user_id = ?2) AND (?3 IS NULL OR teammate_id = ?3)
           AND (?4 IS NULL OR task_id = ?4) AND (?5 IS NULL OR status = ?5) AND (?6 IS NULL OR ({rank}, -id) > (SELECT {rank}, -id FROM runs WHERE id = ?6))
           AND (?8 OR user_id IS NULL)
         ORDER BY {rank}, id DESC LIMIT ?7",
    ))?;
    let Sought { user_id, teammate_id, task_id, status, after, limit, with_end_users, .. } = sought;
    let values = params![db.account, user_id, teammate_id, task_id, status, after, limit, with_end_users];
    select.query_map(values, |row| object(row, COLUMNS))?.collect()
}

/// Ends a run that is not at its end, with the gates that are open; whether it was not.
pub(crate) fn end(db: &Db<'_>, id: i64, end: &End) -> rusqlite::Result<bool> {
    if !set_status(db, id, end.status)? {
        return Ok(false);
    }
    let told = &end.told;
    let (is_failure, output) = (end.status != "completed", Some(&told.output).filter(|output| !output.is_empty()));
    let output = if is_failure { json!(output) } else { json!(told.output) };
    let files = Some(files::list(db, id)?).filter(|files| !files.is_empty());
    let repeats_actions = is_failure.then(|| told.has_acted());
    let failure_kind = (end.status == "failed").then_some("error");
    let fields = json!({
        "output": output, "error": end.error, "error_code": end.error_code, "stop_reason": end.stop_reason,
        "usage": told.usage, "output_data": told.output_data, "retryable": is_failure, "can_continue": true,
        "repeats_actions": repeats_actions, "failure_kind": failure_kind, "files": files,
    });
    change(db, id, fields)?;
    gates::cancel_open(db, id)?;
    if !told.blocks.is_empty() {
        messages::add(db, id, "assistant", &told.output, Some(&told.blocks))?;
    }
    deliveries::tell(db, &format!("run.{}", end.status), &get(db, id)?)?;
    Ok(true)
}

/// Ends the runs that a process left behind which is no more; those that have replies waiting, and their accounts.
pub(crate) fn end_orphans(db: &Connection) -> rusqlite::Result<Vec<(i64, i64)>> {
    for (account, id) in ids(db, ACTIVE)? {
        let error = Some("The local backend was stopped while the run went on".to_owned());
        let error_code = Some("AGENT_RUNNER_DIED".to_owned());
        end(&Db::of(db, account), id, &End { status: "failed", error, error_code, ..End::default() })?;
    }
    ids(db, "id IN (SELECT run_id FROM queued_replies)")
}

/// The accounts and the numbers of the runs that this is so of.
fn ids(db: &Connection, condition: &str) -> rusqlite::Result<Vec<(i64, i64)>> {
    let mut select = db.prepare(&format!("SELECT account_id, id FROM runs WHERE {condition}"))?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Has a reply wait until the run is at its end; the number of the reply.
pub(crate) fn queue(db: &Db<'_>, run_id: i64, message: &str) -> rusqlite::Result<i64> {
    let mut insert = db.prepare_cached("INSERT INTO queued_replies (run_id, message) VALUES (?1, ?2)")?;
    insert.execute(params![run_id, message])?;
    let id = db.last_insert_rowid();
    let pending = json!(queued(db, run_id)?);
    change(
        db,
        run_id,
        json!({ "delivery": "queued", "queued_message_id": id, "pending_queued_message_ids": pending }),
    )?;
    deliveries::tell(db, "run.message_received", &get(db, run_id)?)?;
    Ok(id)
}

/// The replies that wait for a run, the oldest first.
pub(crate) fn queued(db: &Db<'_>, run_id: i64) -> rusqlite::Result<Vec<i64>> {
    let mut select = db.prepare_cached("SELECT id FROM queued_replies WHERE run_id = ?1 ORDER BY id")?;
    select.query_map([run_id], |row| row.get(0))?.collect()
}

/// Has a run go on with the reply that has waited longest; its text, if there is one.
pub(crate) fn resume_queued(db: &Db<'_>, run_id: i64) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT id, message FROM queued_replies WHERE run_id = ?1 ORDER BY id LIMIT 1";
    let next = db.prepare_cached(sql)?.query_row([run_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some::<(i64, String)>((id, message)) = next else { return Ok(None) };
    db.prepare_cached("DELETE FROM queued_replies WHERE id = ?1")?.execute([id])?;
    resume(db, run_id, &message, None)?;
    change(db, run_id, json!({ "pending_queued_message_ids": queued(db, run_id)? }))?;
    Ok(Some(message))
}

/// Calls the replies off that wait for a run.
pub(crate) fn call_off(db: &Db<'_>, run_id: i64) -> rusqlite::Result<()> {
    let pending = queued(db, run_id)?;
    let is_pending = !pending.is_empty();
    let run = get(db, run_id)?;
    let cancelled = run.get("cancelled_queued_message_ids").and_then(Value::as_array).cloned().unwrap_or_default();
    let cancelled: Vec<Value> = cancelled.into_iter().chain(pending.into_iter().map(Value::from)).collect();
    db.prepare_cached("DELETE FROM queued_replies WHERE run_id = ?1")?.execute([run_id])?;
    change(db, run_id, json!({ "pending_queued_message_ids": [], "cancelled_queued_message_ids": cancelled }))?;
    if is_pending { deliveries::tell(db, "run.message_cancelled", &get(db, run_id)?) } else { Ok(()) }
}

/// What was asked for by an idempotency key, and the run that it started.
pub(crate) fn started_by(db: &Db<'_>, key: &str) -> rusqlite::Result<Option<(String, i64)>> {
    let mut select =
        db.prepare_cached("SELECT request, run_id FROM idempotency_keys WHERE account_id = ?1 AND key = ?2")?;
    select.query_row(params![db.account, key], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

pub(crate) fn keep_key(db: &Db<'_>, key: &str, request: &str, run_id: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO idempotency_keys (account_id, key, request, run_id) VALUES (?1, ?2, ?3, ?4)";
    db.prepare_cached(sql)?.execute(params![db.account, key, request, run_id])?;
    Ok(())
}

/// How many runs an end user has, of those that began since then, and when the first of them did.
pub(crate) fn count_of(db: &Db<'_>, user_id: &str, since: Option<String>) -> rusqlite::Result<(i64, Option<String>)> {
    let mut select = db.prepare_cached(
        "SELECT COUNT(*), MIN(rest ->> 'created_at') FROM runs
         WHERE account_id = ?1 AND user_id = ?2 AND (?3 IS NULL OR rest ->> 'created_at' > ?3)",
    )?;
    select.query_row(params![db.account, user_id, since], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// How many runs the account has, and how many of them go on.
pub(crate) fn count(db: &Db<'_>) -> rusqlite::Result<(i64, i64)> {
    let counts = format!("SELECT COUNT(*), COUNT(*) FILTER (WHERE {ACTIVE}) FROM runs WHERE account_id = ?1");
    db.query_row(&counts, [db.account], |row| Ok((row.get(0)?, row.get(1)?)))
}
