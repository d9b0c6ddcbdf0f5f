//! The formation's secrets.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use local_backend_kit::{Store, Tables};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{error::Failure, formation};

/// Where they are kept, and all else that is. Those that the formation is declared with are put there when the database is made.
pub(crate) const TABLES: Tables = Tables {
    version: 3,
    sql: "
        CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL, in_use INTEGER NOT NULL) STRICT;
        CREATE TABLE things (
            seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, user_id TEXT NOT NULL, body TEXT NOT NULL,
            UNIQUE (kind, id)
        ) STRICT;
        CREATE TABLE users (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE identifiers (
            seq INTEGER PRIMARY KEY, identifier TEXT NOT NULL UNIQUE, user INTEGER NOT NULL REFERENCES users (number),
            kind TEXT NOT NULL, created_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE declared (done INTEGER PRIMARY KEY) STRICT;
    ",
};

/// Puts those there that the formation is declared with, once.
pub(crate) fn declare(db: &Connection) -> rusqlite::Result<()> {
    if db.query_row("SELECT count(*) FROM declared", [], |row| row.get::<_, i64>(0))? > 0 {
        return Ok(());
    }
    for (name, value, in_use) in formation::SECRETS {
        db.execute("INSERT INTO secrets VALUES (?1, ?2, ?3)", params![name, value, in_use])?;
    }
    db.execute("INSERT INTO declared VALUES (1)", []).map(drop)
}

/// All of them, masked.
pub(crate) fn list(store: &Store) -> Result<BTreeMap<String, String>, Failure> {
    store.run(|db| {
        let mut select = db.prepare_cached("SELECT name, value FROM secrets")?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, masked(&row.get::<_, String>(1)?))))?;
        rows.collect::<rusqlite::Result<_>>().map_err(Failure::from)
    })?
}

/// How many of them the configuration refers to.
pub(crate) fn count_in_use(store: &Store) -> Result<u32, Failure> {
    let sql = "SELECT count(*) FROM secrets WHERE in_use";
    store.run(|db| db.query_row(sql, [], |row| row.get(0)).map_err(Failure::from))?
}

/// Keeps one that is not there yet; the name that it has then.
pub(crate) fn create(store: &Store, name: &str, value: &str) -> Result<String, Failure> {
    let name = stored(name);
    store.transact(
        |db| {
            if in_use(db, &name)?.is_some() {
                let message = format!("Secret '{name}' already exists");
                return Err(Failure::of_secret(StatusCode::CONFLICT, "SECRET_EXISTS", message));
            }
            db.execute("INSERT INTO secrets VALUES (?1, ?2, 0)", params![name, value])?;
            Ok(name)
        },
        |name| name,
    )
}

/// Gives one that is there another value.
pub(crate) fn update(store: &Store, name: &str, value: &str) -> Result<String, Failure> {
    let name = stored(name);
    store.transact(
        |db| match db.execute("UPDATE secrets SET value = ?2 WHERE name = ?1", params![name, value])? {
            0 => Err(no_such(&name)),
            _ => Ok(name),
        },
        |name| name,
    )
}

/// Forgets one that the configuration does not refer to.
pub(crate) fn delete(store: &Store, name: &str) -> Result<String, Failure> {
    let name = stored(name);
    store.transact(
        |db| match in_use(db, &name)? {
            None => Err(no_such(&name)),
            Some(true) => {
                let message = format!(
                    "Cannot delete secret '{name}' because it is currently in use by the formation configuration"
                );
                Err(Failure::of_secret(StatusCode::CONFLICT, "SECRET_IN_USE", message))
            }
            Some(false) => {
                db.execute("DELETE FROM secrets WHERE name = ?1", [&name])?;
                Ok(name)
            }
        },
        |name| name,
    )
}

fn in_use(db: &Connection, name: &str) -> rusqlite::Result<Option<bool>> {
    db.query_row("SELECT in_use FROM secrets WHERE name = ?1", [name], |row| row.get(0)).optional()
}

fn no_such(name: &str) -> Failure {
    Failure::of_secret(StatusCode::NOT_FOUND, "SECRET_NOT_FOUND", format!("Secret '{name}' not found"))
}

/// In capitals, with an underscore for every other character.
fn stored(name: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    name.to_uppercase().chars().map(plain).collect()
}

/// What is shown of a value.
fn masked(value: &str) -> String {
    const DOTS: usize = 8;
    let letters: Vec<char> = value.chars().collect();
    let part = |range: std::ops::Range<usize>| letters.get(range).unwrap_or_default().iter().collect::<String>();
    let (begin, end) = match value {
        _ if letters.len() < 12 => return "•".repeat(DOTS),
        _ if value.contains("://") => (13, 4),
        _ if value.starts_with("sk-") => (5, 4),
        _ => (4, 4),
    };
    // Of a URL and of a key of OpenAI's fewer are hidden.
    let dots = match begin {
        13 => DOTS - 1,
        5 => DOTS - 2,
        _ => DOTS,
    };
    format!("{}{}{}", part(0..begin), "•".repeat(dots), part(letters.len() - end..letters.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_masked_as_the_runtime_masks_them() {
        for (value, shown) in [
            ("postgres://user:pass@db.example.com/muxi", "postgres://us•••••••muxi"),
            ("sk-0123456789abcdefghijABCD", "sk-01••••••ABCD"),
            ("search-token-value-000", "sear••••••••-000"),
            ("abc", "••••••••"),
            ("", "••••••••"),
        ] {
            assert_eq!(masked(value), shown);
        }
    }
}
