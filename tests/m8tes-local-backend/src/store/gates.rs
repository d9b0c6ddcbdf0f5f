//! What runs ask people for: permissions and questions.

use rusqlite::{OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::{Db, Of, PERMISSIONS, deliveries, now, object, runs, teammates, users};

const COLUMNS: &[&str] = &["request_id", "status"];

/// The tool whose calls are questions.
pub(crate) const QUESTION: &str = "AskUserQuestion";

/// Whether a request is a question.
pub(crate) fn is_question(gate: &Value) -> bool {
    gate.get("tool_name").is_some_and(|name| name == QUESTION)
}

/// Opens a gate, and has the run wait; what it is, unless the run is over.
pub(crate) fn open(
    db: &Db<'_>,
    run_id: i64,
    tool: &str,
    input: &Value,
    tool_use_id: &str,
) -> rusqlite::Result<Option<Value>> {
    if !runs::set_status(db, run_id, "awaiting_approval")? {
        return Ok(None);
    }
    let count: i64 =
        db.prepare_cached("SELECT COUNT(*) FROM gates WHERE run_id = ?1")?.query_row([run_id], |row| row.get(0))?;
    let request_id = format!("req_{run_id}_{}", count + 1);
    let is_tool = tool != QUESTION;
    let run = runs::get(db, run_id)?;
    let mate = teammates::get(db, run.get("teammate_id").and_then(Value::as_i64).unwrap_or_default())?;
    let rest = json!({
        "tool_name": tool, "tool_input": input, "tool_use_id": tool_use_id, "created_at": now(), "resolved_at": null,
        "auto_resolved": false, "resumed": null, "remembered": null, "agent_type": null, "display_name": tool,
        "mate_name": mate.get("name"), "task_name": run.get("task_name"), "consequence": "", "ask_reason": "", "surface": "command",
        "surface_label": null, "fields": null, "prose": null, "can_remember": is_tool, "remember_default": false,
        "timeout_seconds": 0, "script": null,
    });
    let mut insert =
        db.prepare_cached("INSERT INTO gates (run_id, request_id, status, rest) VALUES (?1, ?2, 'pending', ?3)")?;
    insert.execute(params![run_id, request_id, rest.to_string()])?;
    deliveries::tell(db, "run.awaiting_input", &runs::get(db, run_id)?)?;
    find(db, run_id, &request_id)
}

pub(crate) fn find(db: &Db<'_>, run_id: i64, request_id: &str) -> rusqlite::Result<Option<Value>> {
    let mut select = db.prepare_cached("SELECT * FROM gates WHERE run_id = ?1 AND request_id = ?2")?;
    select.query_row(params![run_id, request_id], read).optional()
}

/// All of a run, the oldest first.
pub(crate) fn list(db: &Db<'_>, run_id: i64) -> rusqlite::Result<Vec<Value>> {
    let mut select = db.prepare_cached("SELECT * FROM gates WHERE run_id = ?1 ORDER BY id")?;
    select.query_map([run_id], read)?.collect()
}

/// Resolves an open gate with this status. The run goes on where no other is open; whether it does, unless the gate was not
/// open.
pub(crate) fn resolve(
    db: &Db<'_>,
    run_id: i64,
    request_id: &str,
    status: &str,
    is_automatic: bool,
) -> rusqlite::Result<Option<bool>> {
    let mut update =
        db.prepare_cached("UPDATE gates SET status = ?3 WHERE run_id = ?1 AND request_id = ?2 AND status = 'pending'")?;
    if update.execute(params![run_id, request_id, status])? == 0 {
        return Ok(None);
    }
    change(db, run_id, request_id, json!({ "resolved_at": now(), "auto_resolved": is_automatic }))?;
    let open: i64 = db
        .prepare_cached("SELECT COUNT(*) FROM gates WHERE run_id = ?1 AND status = 'pending'")?
        .query_row([run_id], |row| row.get(0))?;
    Ok(Some(open == 0 && runs::set_status(db, run_id, "running")?))
}

/// Cancels the gates of a run that are open.
pub(crate) fn cancel_open(db: &Db<'_>, run_id: i64) -> rusqlite::Result<()> {
    for gate in list(db, run_id)?.iter().filter(|gate| gate.get("status").is_some_and(|status| status == "pending")) {
        if let Some(request_id) = gate.get("request_id").and_then(Value::as_str) {
            resolve(db, run_id, request_id, "cancelled", true)?;
        }
    }
    Ok(())
}

/// Changes these fields of a gate.
pub(crate) fn change(db: &Db<'_>, run_id: i64, request_id: &str, fields: Value) -> rusqlite::Result<()> {
    let mut update =
        db.prepare_cached("UPDATE gates SET rest = json_patch(rest, ?3) WHERE run_id = ?1 AND request_id = ?2")?;
    update.execute(params![run_id, request_id, fields.to_string()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Value> {
    object(row, COLUMNS)
}

/// Whether a tool needs no asking any more, for this end user or for the whole account.
pub(crate) fn is_granted(db: &Db<'_>, user_id: Option<&str>, tool: &str) -> rusqlite::Result<bool> {
    let of_tool = |policy: &Value| policy.get("tool_name").is_some_and(|name| name == tool);
    let scopes = [Of::Only(user_id), Of::Only(None)];
    scopes.into_iter().try_fold(false, |is_granted, of| Ok(is_granted || !PERMISSIONS.all(db, of, of_tool)?.is_empty()))
}

/// Has a tool need no asking any more.
pub(crate) fn grant(db: &Db<'_>, user_id: Option<&str>, tool: &str) -> rusqlite::Result<()> {
    if !is_granted(db, user_id, tool)? {
        users::ensure(db, user_id)?;
        let policy = json!({ "tool_name": tool, "created_at": now(), "source": "approval" });
        PERMISSIONS.insert(db, user_id, &policy)?;
    }
    Ok(())
}
