//! A chat's workflow, and its events.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Database;

/// A chat's workflow, as answers show it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Workflow {
    pub(crate) chat_id: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) config: Map<String, Value>,
    pub(crate) state_version: i64,
    pub(crate) updated_by_user_id: Option<String>,
    pub(crate) created_at: f64,
    pub(crate) updated_at: Option<f64>,
}

impl Workflow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            chat_id: row.get("chat_id")?,
            kind: row.get("kind")?,
            state: row.get("state")?,
            config: super::json_column(row, "config")?,
            state_version: row.get("state_version")?,
            updated_by_user_id: row.get("updated_by_user_id")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

pub(crate) fn find(db: Database<'_>, chat_id: &str) -> rusqlite::Result<Option<Workflow>> {
    db.prepare_cached("SELECT * FROM workflows WHERE chat_id = ?1")?.query_row([chat_id], Workflow::read).optional()
}

/// Stores a chat's workflow, in place of the one it has.
pub(crate) fn replace(db: Database<'_>, workflow: &Workflow) -> rusqlite::Result<()> {
    let mut replace = db.prepare_cached(
        "REPLACE INTO workflows (chat_id, kind, state, config, state_version, updated_by_user_id, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    replace.execute(params![
        workflow.chat_id,
        workflow.kind,
        workflow.state,
        super::json_text(&workflow.config)?,
        workflow.state_version,
        workflow.updated_by_user_id,
        workflow.created_at,
        workflow.updated_at,
    ])?;
    Ok(())
}

pub(crate) fn delete(db: Database<'_>, chat_id: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM workflows WHERE chat_id = ?1")?.execute([chat_id])?;
    Ok(())
}

/// An event, as answers show it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Event {
    pub(crate) chat_id: String,
    pub(crate) event_id: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) resource_refs: Vec<Value>,
    pub(crate) requested_by_user_id: Option<String>,
    pub(crate) decision_states: Map<String, Value>,
    pub(crate) rationales: Map<String, Value>,
    pub(crate) final_state: Map<String, Value>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) state_version: i64,
    pub(crate) created_at: f64,
    pub(crate) updated_at: Option<f64>,
    pub(crate) settled_at: Option<f64>,
}

impl Event {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            chat_id: row.get("chat_id")?,
            event_id: row.get("event_id")?,
            kind: row.get("kind")?,
            state: row.get("state")?,
            resource_refs: super::json_column(row, "resource_refs")?,
            requested_by_user_id: row.get("requested_by_user_id")?,
            decision_states: super::json_column(row, "decision_states")?,
            rationales: super::json_column(row, "rationales")?,
            final_state: super::json_column(row, "final_state")?,
            metadata: super::json_column(row, "metadata")?,
            state_version: row.get("state_version")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            settled_at: row.get("settled_at")?,
        })
    }
}

/// A chat's events, by id as a text, as its tasks are.
pub(crate) fn events(db: Database<'_>, chat_id: &str) -> rusqlite::Result<Vec<Event>> {
    let mut select = db.prepare_cached("SELECT * FROM workflow_events WHERE chat_id = ?1 ORDER BY event_id")?;
    select.query_map([chat_id], Event::read)?.collect()
}

pub(crate) fn find_event(db: Database<'_>, chat_id: &str, event_id: &str) -> rusqlite::Result<Option<Event>> {
    db.prepare_cached("SELECT * FROM workflow_events WHERE chat_id = ?1 AND event_id = ?2")?
        .query_row([chat_id, event_id], Event::read)
        .optional()
}

/// One more than the highest id of the chat's events.
pub(crate) fn next_event_id(db: Database<'_>, chat_id: &str) -> rusqlite::Result<String> {
    db.prepare_cached(
        "SELECT CAST(coalesce(max(CAST(event_id AS INTEGER)), 0) + 1 AS TEXT) FROM workflow_events WHERE chat_id = ?1",
    )?
    .query_row([chat_id], |row| row.get(0))
}

/// Stores an event, in place of the one with its id if there is one.
pub(crate) fn replace_event(db: Database<'_>, event: &Event) -> rusqlite::Result<()> {
    let mut replace = db.prepare_cached(
        "REPLACE INTO workflow_events (chat_id, event_id, kind, state, resource_refs, requested_by_user_id,
                                       decision_states, rationales, final_state, metadata, state_version,
                                       created_at, updated_at, settled_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    replace.execute(params![
        event.chat_id,
        event.event_id,
        event.kind,
        event.state,
        super::json_text(&event.resource_refs)?,
        event.requested_by_user_id,
        super::json_text(&event.decision_states)?,
        super::json_text(&event.rationales)?,
        super::json_text(&event.final_state)?,
        super::json_text(&event.metadata)?,
        event.state_version,
        event.created_at,
        event.updated_at,
        event.settled_at,
    ])?;
    Ok(())
}

pub(crate) fn delete_event(db: Database<'_>, chat_id: &str, event_id: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM workflow_events WHERE chat_id = ?1 AND event_id = ?2")?
        .execute([chat_id, event_id])?;
    Ok(())
}
