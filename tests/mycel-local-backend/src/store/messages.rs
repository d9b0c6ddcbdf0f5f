//! Messages, and how far each member has read.

use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Database, users::User};

/// A message, as answers show it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) chat_id: String,
    pub(crate) sender_id: String,
    pub(crate) sender_name: String,
    pub(crate) content: String,
    message_type: String,
    pub(crate) mentioned_ids: Vec<String>,
    delivery_scope: DeliveryScope,
    pub(crate) addressed_to_user_ids: Vec<String>,
    pub(crate) seq: i64,
    /// Managed agents set it, and there is nothing here that runs them.
    signal: Option<String>,
    /// Retracting is not served.
    retracted_at: Option<f64>,
    pub(crate) created_at: f64,
}

/// Whom a message wants to read it.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DeliveryScope {
    #[default]
    Broadcast,
    Addressed,
}

/// A message that is yet to be stored.
#[derive(Debug, Default)]
pub(crate) struct NewMessage<'a> {
    pub(crate) chat_id: &'a str,
    pub(crate) content: &'a str,
    pub(crate) is_notification: bool,
    pub(crate) mentioned_ids: Vec<String>,
    pub(crate) delivery_scope: DeliveryScope,
    pub(crate) addressed_to_user_ids: Vec<String>,
    pub(crate) reply_to: Option<String>,
}

/// Every column of a message and its sender's name, as `m`.
const MESSAGES: &str = "SELECT m.*, users.name AS sender_name FROM messages AS m JOIN users ON users.id = m.sender_id";

/// What of `m` is unread by the member ?2 of the chat ?1. What is addressed to others never is.
const UNREAD: &str = "
    m.chat_id = ?1 AND m.sender_id <> ?2
    AND m.seq > (SELECT last_read_seq FROM chat_members WHERE chat_id = ?1 AND user_id = ?2)
    AND (m.delivery_scope = 'broadcast'
         OR EXISTS (SELECT 1 FROM json_each(m.addressed_to_user_ids) AS addressee WHERE addressee.value = ?2))";

impl Message {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let scope: String = row.get("delivery_scope")?;
        Ok(Self {
            id: row.get("id")?,
            chat_id: row.get("chat_id")?,
            sender_id: row.get("sender_id")?,
            sender_name: row.get("sender_name")?,
            content: row.get("content")?,
            message_type: row.get("message_type")?,
            mentioned_ids: super::json_column(row, "mentioned_ids")?,
            delivery_scope: if scope == "addressed" { DeliveryScope::Addressed } else { DeliveryScope::Broadcast },
            addressed_to_user_ids: super::json_column(row, "addressed_to_user_ids")?,
            seq: row.get("seq")?,
            signal: None,
            retracted_at: None,
            created_at: row.get("created_at")?,
        })
    }
}

/// Stores a message under its chat's next number.
pub(crate) fn insert(db: Database<'_>, now: f64, sender: &User, new: NewMessage<'_>) -> rusqlite::Result<Message> {
    // Not by `RETURNING`, for which SQLite would make a table of its own each time.
    let seq: i64 =
        db.prepare_cached("SELECT next_seq FROM chats WHERE id = ?1")?.query_row([new.chat_id], |row| row.get(0))?;
    db.prepare_cached("UPDATE chats SET next_seq = ?2 + 1, updated_at = ?3 WHERE id = ?1")?.execute(params![
        new.chat_id,
        seq,
        now
    ])?;
    let message = Message {
        id: Uuid::new_v4().to_string(),
        chat_id: new.chat_id.to_owned(),
        sender_id: sender.id.clone(),
        sender_name: sender.name.clone(),
        content: new.content.to_owned(),
        message_type: if new.is_notification { "notification" } else { "human" }.to_owned(),
        mentioned_ids: new.mentioned_ids,
        delivery_scope: new.delivery_scope,
        addressed_to_user_ids: new.addressed_to_user_ids,
        seq,
        signal: None,
        retracted_at: None,
        created_at: now,
    };
    let mut insert = db.prepare_cached(
        "INSERT INTO messages (chat_id, seq, id, sender_id, content, message_type, mentioned_ids,
                               addressed_to_user_ids, delivery_scope, reply_to, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    insert.execute(params![
        message.chat_id,
        message.seq,
        message.id,
        message.sender_id,
        message.content,
        message.message_type,
        super::json_text(&message.mentioned_ids)?,
        super::json_text(&message.addressed_to_user_ids)?,
        match message.delivery_scope {
            DeliveryScope::Broadcast => "broadcast",
            DeliveryScope::Addressed => "addressed",
        },
        new.reply_to,
        message.created_at,
    ])?;
    Ok(message)
}

/// The newest `limit` messages before number `before`, the oldest of them first.
pub(crate) fn page(db: Database<'_>, chat_id: &str, before: i64, limit: i64) -> rusqlite::Result<Vec<Message>> {
    let mut select = db.prepare_cached(&format!(
        "SELECT * FROM ({MESSAGES} WHERE m.chat_id = ?1 AND m.seq < ?2 ORDER BY m.seq DESC LIMIT ?3) ORDER BY seq"
    ))?;
    select.query_map(params![chat_id, before, limit], Message::read)?.collect()
}

/// The newest message of a chat.
pub(crate) fn latest(db: Database<'_>, chat_id: &str) -> rusqlite::Result<Option<Message>> {
    let mut select = db.prepare_cached(&format!("{MESSAGES} WHERE m.chat_id = ?1 ORDER BY m.seq DESC LIMIT 1"))?;
    select.query_row([chat_id], Message::read).optional()
}

/// What a member has not read, the oldest first.
pub(crate) fn unread(db: Database<'_>, chat_id: &str, user_id: &str) -> rusqlite::Result<Vec<Message>> {
    let mut select = db.prepare_cached(&format!("{MESSAGES} WHERE {UNREAD} ORDER BY m.seq"))?;
    select.query_map([chat_id, user_id], Message::read)?.collect()
}

/// How much a member has not read.
pub(crate) fn unread_count(db: Database<'_>, chat_id: &str, user_id: &str) -> rusqlite::Result<i64> {
    let mut select = db.prepare_cached(&format!("SELECT count(*) FROM messages AS m WHERE {UNREAD}"))?;
    select.query_row([chat_id, user_id], |row| row.get(0))
}

/// Notes that a member has read up to number `seq`. It never goes back, and may go beyond the last message.
pub(crate) fn advance_cursor(db: Database<'_>, chat_id: &str, user_id: &str, seq: i64) -> rusqlite::Result<()> {
    let mut update = db.prepare_cached(
        "UPDATE chat_members SET last_read_seq = ?3 WHERE chat_id = ?1 AND user_id = ?2 AND last_read_seq < ?3",
    )?;
    update.execute(params![chat_id, user_id, seq])?;
    Ok(())
}
