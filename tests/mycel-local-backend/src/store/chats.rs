//! Chats and who is in them.

use rusqlite::{
    OptionalExtension, Row, ToSql, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::Serialize;

use super::{Database, users::UserType};

/// A row of `chats`.
#[derive(Clone, Debug)]
pub(crate) struct Chat {
    pub(crate) id: String,
    pub(crate) kind: ChatType,
    pub(crate) title: Option<String>,
    pub(crate) status: String,
    pub(crate) created_by_user_id: String,
    pub(crate) created_at: f64,
    pub(crate) updated_at: f64,
}

/// Between two, or among any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ChatType {
    Direct,
    Group,
}

impl ToSql for ChatType {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }))
    }
}

impl FromSql for ChatType {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "direct" => Ok(Self::Direct),
            "group" => Ok(Self::Group),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// Somebody in a chat, as answers show them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: UserType,
    /// Nobody has an avatar here: uploading one is not served.
    avatar_url: Option<String>,
}

impl Chat {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            kind: row.get("type")?,
            title: row.get("title")?,
            status: row.get("status")?,
            created_by_user_id: row.get("created_by_user_id")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

pub(crate) fn find(db: Database<'_>, id: &str) -> rusqlite::Result<Option<Chat>> {
    db.prepare_cached("SELECT * FROM chats WHERE id = ?1")?.query_row([id], Chat::read).optional()
}

/// The chats that `user_id` is in, in the order of joining.
pub(crate) fn of_member(db: Database<'_>, user_id: &str) -> rusqlite::Result<Vec<Chat>> {
    let mut select = db.prepare_cached(
        "SELECT chats.* FROM chat_members JOIN chats ON chats.id = chat_members.chat_id
         WHERE chat_members.user_id = ?1 AND chats.status = 'active' ORDER BY chat_members.position",
    )?;
    select.query_map([user_id], Chat::read)?.collect()
}

/// The oldest direct chat of exactly these two.
pub(crate) fn find_direct(db: Database<'_>, one: &str, other: &str) -> rusqlite::Result<Option<Chat>> {
    let mut select = db.prepare_cached(
        "SELECT chats.* FROM chats
         WHERE type = 'direct' AND status = 'active'
           AND EXISTS (SELECT 1 FROM chat_members WHERE chat_id = chats.id AND user_id = ?1)
           AND EXISTS (SELECT 1 FROM chat_members WHERE chat_id = chats.id AND user_id = ?2)
           AND (SELECT count(*) FROM chat_members WHERE chat_id = chats.id) = 2
         ORDER BY created_at, rowid LIMIT 1",
    )?;
    select.query_row([one, other], Chat::read).optional()
}

/// Stores a new chat, without members.
pub(crate) fn insert(db: Database<'_>, chat: &Chat) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO chats (id, type, title, status, created_by_user_id, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute(params![
        chat.id,
        chat.kind,
        chat.title,
        chat.status,
        chat.created_by_user_id,
        chat.created_at,
        chat.updated_at
    ])?;
    Ok(())
}

/// Who is in a chat, in the order of joining.
pub(crate) fn members(db: Database<'_>, chat_id: &str) -> rusqlite::Result<Vec<Member>> {
    let mut select = db.prepare_cached(
        "SELECT users.id, users.name, users.type
         FROM chat_members JOIN users ON users.id = chat_members.user_id
         WHERE chat_members.chat_id = ?1 ORDER BY chat_members.position",
    )?;
    let members = select.query_map([chat_id], |row| {
        Ok(Member { id: row.get("id")?, name: row.get("name")?, kind: row.get("type")?, avatar_url: None })
    })?;
    members.collect()
}

/// The members whom a message of `sender_id` may wake: everyone else who has not muted the chat.
pub(crate) fn wakeable(db: Database<'_>, chat_id: &str, sender_id: &str) -> rusqlite::Result<Vec<(String, UserType)>> {
    let mut select = db.prepare_cached(
        "SELECT users.id, users.type FROM chat_members JOIN users ON users.id = chat_members.user_id
         WHERE chat_members.chat_id = ?1 AND chat_members.user_id <> ?2 AND NOT chat_members.muted",
    )?;
    select.query_map([chat_id, sender_id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

pub(crate) fn is_member(db: Database<'_>, chat_id: &str, user_id: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM chat_members WHERE chat_id = ?1 AND user_id = ?2")?.exists([chat_id, user_id])
}

/// Adds a member, with everything unread. One who is there already stays as they are.
pub(crate) fn add_member(db: Database<'_>, chat_id: &str, user_id: &str) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR IGNORE INTO chat_members (chat_id, user_id) VALUES (?1, ?2)")?
        .execute([chat_id, user_id])?;
    Ok(())
}

/// Mutes or unmutes a chat for a member. Nothing happens if there is no such member, or no such chat.
pub(crate) fn set_muted(db: Database<'_>, chat_id: &str, user_id: &str, muted: bool) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE chat_members SET muted = ?3 WHERE chat_id = ?1 AND user_id = ?2")?
        .execute(params![chat_id, user_id, muted])?;
    Ok(())
}
