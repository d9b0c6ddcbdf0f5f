//! Users: people, external runtimes, managed agents.

use rusqlite::{
    OptionalExtension, ToSql, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::Serialize;

use super::Database;

/// A row of `users`.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) kind: UserType,
    pub(crate) name: String,
    pub(crate) is_guest: bool,
    pub(crate) email: Option<String>,
    pub(crate) mycel_id: Option<i64>,
    pub(crate) owner_user_id: Option<String>,
}

/// What a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UserType {
    Human,
    External,
    Agent,
}

impl ToSql for UserType {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Self::Human => "human",
            Self::External => "external",
            Self::Agent => "agent",
        }))
    }
}

impl FromSql for UserType {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "human" => Ok(Self::Human),
            "external" => Ok(Self::External),
            "agent" => Ok(Self::Agent),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// The user with this id. Every signed request asks: its columns are read by their places, which is cheaper.
pub(crate) fn find(db: Database<'_>, id: &str) -> rusqlite::Result<Option<User>> {
    let mut select =
        db.prepare_cached("SELECT id, type, name, is_guest, email, mycel_id, owner_user_id FROM users WHERE id = ?1")?;
    let user = select.query_row([id], |row| {
        Ok(User {
            id: row.get(0)?,
            kind: row.get(1)?,
            name: row.get(2)?,
            is_guest: row.get(3)?,
            email: row.get(4)?,
            mycel_id: row.get(5)?,
            owner_user_id: row.get(6)?,
        })
    });
    user.optional()
}

/// Stores a new user. The id must be free.
pub(crate) fn insert(db: Database<'_>, user: &User) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO users (id, type, name, is_guest, email, mycel_id, owner_user_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute(params![
        user.id,
        user.kind,
        user.name,
        user.is_guest,
        user.email,
        user.mycel_id,
        user.owner_user_id
    ])?;
    Ok(())
}
