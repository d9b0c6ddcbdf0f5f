//! What was said in runs.

use rusqlite::params;
use serde_json::{Value, json};

use super::{Db, now, object, with_nulls};

const COLUMNS: &[&str] = &["id", "run_id", "sequence"];

/// What no message here has.
const NULL: [&str; 8] = [
    "cache_creation_tokens",
    "cache_read_tokens",
    "claude_cost_usd",
    "error_message",
    "execution_time_ms",
    "input_tokens",
    "output_tokens",
    "sandbox_cost_usd",
];

/// Adds a message to its run.
pub(crate) fn add(
    db: &Db<'_>,
    run_id: i64,
    role: &str,
    content: &str,
    blocks: Option<&[Value]>,
) -> rusqlite::Result<()> {
    let told = json!({
        "role": role, "content": content, "content_blocks": blocks, "event_metadata": {}, "created_at": now(),
    });
    let mut insert = db.prepare_cached(
        "INSERT INTO messages (run_id, sequence, rest)
         VALUES (?1, (SELECT COUNT(*) + 1 FROM messages WHERE run_id = ?1), ?2)",
    )?;
    insert.execute(params![run_id, with_nulls(told, &NULL).to_string()])?;
    Ok(())
}

/// Which messages of a run are sought: up to `limit` of them, the first ones after a place, or the last ones before one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    After(i64),
    Before(i64),
}

/// By their sequence.
pub(crate) fn list(db: &Db<'_>, run_id: i64, part: Part, limit: i64) -> rusqlite::Result<Vec<Value>> {
    let (sql, place) = match part {
        Part::After(place) => {
            ("SELECT * FROM messages WHERE run_id = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3", place)
        }
        Part::Before(place) => (
            "SELECT * FROM (SELECT * FROM messages WHERE run_id = ?1 AND sequence < ?2 ORDER BY sequence DESC LIMIT ?3)
             ORDER BY sequence",
            place,
        ),
    };
    let mut select = db.prepare_cached(sql)?;
    select.query_map(params![run_id, place, limit], |row| object(row, COLUMNS))?.collect()
}

/// How many there are in a run of this role.
pub(crate) fn count_of(db: &Db<'_>, run_id: i64, role: &str) -> rusqlite::Result<i64> {
    let sql = "SELECT COUNT(*) FROM messages WHERE run_id = ?1 AND rest ->> 'role' = ?2";
    db.prepare_cached(sql)?.query_row(params![run_id, role], |row| row.get(0))
}

/// How many there are in a run.
pub(crate) fn count(db: &Db<'_>, run_id: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT COUNT(*) FROM messages WHERE run_id = ?1";
    db.prepare_cached(sql)?.query_row([run_id], |row| row.get(0))
}
