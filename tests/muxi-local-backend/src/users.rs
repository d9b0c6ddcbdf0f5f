//! The users that the formation knows, each by one or more identifiers.

use local_backend_kit::Store;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use crate::{error::Failure, ids};

/// A user.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// The number in the database.
    pub(crate) number: i64,
    /// The id that is the same whatever it is known by.
    pub(crate) id: String,
}

/// The user that this stands for; a new one where nobody has it.
pub(crate) fn resolve(store: &Store, identifier: &str, kind: &str, now: &str) -> Result<User, Failure> {
    store.transact(
        |db| {
            if let Some(known) = find(db, identifier)? {
                return Ok(known);
            }
            let id = ids::fresh("");
            db.execute("INSERT INTO users (id) VALUES (?1)", [&id])?;
            let user = User { number: db.last_insert_rowid(), id };
            link(db, &user, identifier, kind, now)?;
            Ok(user)
        },
        |user| user,
    )
}

/// The user that this stands for, if anybody has it.
pub(crate) fn known(store: &Store, identifier: &str) -> Result<Option<User>, Failure> {
    store.run(|db| find(db, identifier).map_err(Failure::from))?
}

/// Has these stand for a user, each with what kind of thing it is, whoever had them before; the user, if there is one.
pub(crate) fn associate(
    store: &Store,
    id: &str,
    identifiers: &[(String, String)],
    now: &str,
) -> Result<Option<User>, Failure> {
    store.transact(
        |db| {
            let Some(user) = by_id(db, id)? else { return Ok(None) };
            for (identifier, kind) in identifiers {
                link(db, &user, identifier, kind, now)?;
            }
            Ok(Some(user))
        },
        |user| user,
    )
}

/// A user, and what stands for it, the oldest first.
pub(crate) fn identifiers(store: &Store, id: &str) -> Result<Option<(User, Vec<Value>)>, Failure> {
    store.run(|db| {
        let Some(user) = by_id(db, id)? else { return Ok(None) };
        let mut select =
            db.prepare_cached("SELECT identifier, kind, created_at FROM identifiers WHERE user = ?1 ORDER BY seq")?;
        let rows = select.query_map([user.number], |row| {
            let (identifier, kind, created): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(json!({ "identifier": identifier, "type": kind, "created_at": created }))
        })?;
        let identifiers = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Some((user, identifiers)))
    })?
}

/// Has this stand for nobody; whose it was, if anybody's.
pub(crate) fn unlink(store: &Store, identifier: &str) -> Result<Option<User>, Failure> {
    store.transact(
        |db| {
            let user = find(db, identifier)?;
            db.execute("DELETE FROM identifiers WHERE identifier = ?1", [identifier])?;
            Ok(user)
        },
        |user| user,
    )
}

fn link(db: &Connection, user: &User, identifier: &str, kind: &str, now: &str) -> rusqlite::Result<()> {
    // One that is there keeps its time; its kind is another where it changes hands.
    let sql = "INSERT INTO identifiers (identifier, user, kind, created_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (identifier) DO UPDATE SET user = excluded.user, kind = excluded.kind
               WHERE user <> excluded.user";
    db.execute(sql, params![identifier, user.number, kind, now]).map(drop)
}

fn find(db: &Connection, identifier: &str) -> rusqlite::Result<Option<User>> {
    let sql = "SELECT users.number, users.id FROM identifiers JOIN users ON users.number = identifiers.user
               WHERE identifiers.identifier = ?1";
    db.prepare_cached(sql)?.query_row([identifier], read).optional()
}

fn by_id(db: &Connection, id: &str) -> rusqlite::Result<Option<User>> {
    db.prepare_cached("SELECT number, id FROM users WHERE id = ?1")?.query_row([id], read).optional()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<User> {
    Ok(User { number: row.get(0)?, id: row.get(1)? })
}
