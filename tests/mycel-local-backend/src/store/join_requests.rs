//! Requests to join a group: one per chat and requester.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::{Database, users::UserType};

/// A request, as answers show it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JoinRequest {
    pub(crate) id: String,
    chat_id: String,
    pub(crate) requester_user_id: String,
    pub(crate) state: String,
    message: Option<String>,
    decided_by_user_id: Option<String>,
    decided_at: Option<f64>,
    created_at: f64,
    updated_at: f64,
    requester_name: String,
    requester_type: UserType,
}

const JOIN_REQUESTS: &str = "
    SELECT join_requests.*, users.name AS requester_name, users.type AS requester_type
    FROM join_requests JOIN users ON users.id = join_requests.requester_user_id";

impl JoinRequest {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            chat_id: row.get("chat_id")?,
            requester_user_id: row.get("requester_user_id")?,
            state: row.get("state")?,
            message: row.get("message")?,
            decided_by_user_id: row.get("decided_by_user_id")?,
            decided_at: row.get("decided_at")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            requester_name: row.get("requester_name")?,
            requester_type: row.get("requester_type")?,
        })
    }
}

/// The id under which `requester_user_id` asks to join `chat_id`.
pub(crate) fn id_of(chat_id: &str, requester_user_id: &str) -> String {
    format!("chat_join:{chat_id}:{requester_user_id}")
}

/// The request with this id, if it is one to this chat.
pub(crate) fn find(db: Database<'_>, chat_id: &str, id: &str) -> rusqlite::Result<Option<JoinRequest>> {
    let mut select =
        db.prepare_cached(&format!("{JOIN_REQUESTS} WHERE join_requests.id = ?2 AND join_requests.chat_id = ?1"))?;
    select.query_row([chat_id, id], JoinRequest::read).optional()
}

/// All requests to a chat, whatever came of them.
pub(crate) fn of_chat(db: Database<'_>, chat_id: &str) -> rusqlite::Result<Vec<JoinRequest>> {
    let mut select = db.prepare_cached(&format!(
        "{JOIN_REQUESTS} WHERE join_requests.chat_id = ?1 ORDER BY join_requests.created_at, join_requests.rowid"
    ))?;
    select.query_map([chat_id], JoinRequest::read)?.collect()
}

/// Makes the request pending as if it were new, whatever it was before.
pub(crate) fn ask(
    db: Database<'_>,
    now: f64,
    chat_id: &str,
    requester_user_id: &str,
    message: Option<&str>,
) -> rusqlite::Result<()> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO join_requests (id, chat_id, requester_user_id, state, message, created_at, updated_at)
         VALUES (?1, ?2, ?3, 'pending', ?4, ?5, ?5)
         ON CONFLICT (id) DO UPDATE SET state = 'pending', message = ?4, decided_by_user_id = NULL, decided_at = NULL,
                                        created_at = ?5, updated_at = ?5",
    )?;
    upsert.execute(params![id_of(chat_id, requester_user_id), chat_id, requester_user_id, message, now])?;
    Ok(())
}

/// Notes the decision on a request.
pub(crate) fn decide(db: Database<'_>, now: f64, id: &str, state: &str, decider: &str) -> rusqlite::Result<()> {
    let mut update = db.prepare_cached(
        "UPDATE join_requests SET state = ?2, decided_by_user_id = ?3, decided_at = ?4, updated_at = ?4 WHERE id = ?1",
    )?;
    update.execute(params![id, state, decider, now])?;
    Ok(())
}
