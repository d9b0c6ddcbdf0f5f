//! Accounts: who they are of, the digests of their keys, and their settings.

use std::fmt::Write as _;

use local_backend_kit::password;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{now, settings};

/// The account that is there from the start, and that the backend's own key is of.
pub(crate) const FIRST: i64 = 1;

/// Who signs up.
#[derive(Debug)]
pub(crate) struct Owner<'a> {
    pub(crate) email: &'a str,
    pub(crate) password: Option<&'a str>,
    pub(crate) first_name: &'a str,
    pub(crate) last_name: &'a str,
    pub(crate) product: &'a str,
    pub(crate) is_strict: bool,
}

/// What is kept of a key. It is long and random, so that a plain digest will do.
fn digest(key: &str) -> String {
    Sha256::digest(key).iter().fold(String::new(), |mut text, byte| {
        // A text takes anything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn new_key() -> String {
    format!("m8_{}", Uuid::new_v4().simple())
}

/// Makes the first account if it is not there, and has it go by this key.
pub(crate) fn begin(db: &Connection, key: &str) -> rusqlite::Result<()> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO accounts (id, key, is_verified, settings, rest) VALUES (?1, ?2, 1, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET key = excluded.key",
    )?;
    let rest = json!({ "created_at": now() });
    upsert.execute(params![FIRST, digest(key), settings::defaults().to_string(), rest.to_string()])?;
    Ok(())
}

/// Makes an account, unless its address is known; its key.
pub(crate) fn sign_up(db: &Connection, owner: &Owner<'_>) -> rusqlite::Result<Option<String>> {
    let key = new_key();
    let mut insert = db.prepare_cached(
        "INSERT INTO accounts (email, password, key, is_verified, settings, rest) VALUES (?1, ?2, ?3, 0, ?4, ?5)
         ON CONFLICT (email) DO NOTHING",
    )?;
    let settings = settings::of_new(owner.is_strict);
    let rest = json!({
        "first_name": owner.first_name, "last_name": owner.last_name, "product": owner.product, "created_at": now(),
    });
    let stored = owner.password.map(password::hash);
    let made = insert.execute(params![owner.email, stored, digest(&key), settings.to_string(), rest.to_string()])?;
    Ok((made > 0).then_some(key))
}

/// A new key for who knows the password. The one of before is dead.
pub(crate) fn new_key_of(db: &Connection, email: &str, password: &str) -> rusqlite::Result<Option<String>> {
    let mut select =
        db.prepare_cached("SELECT id, password FROM accounts WHERE email = ?1 AND password IS NOT NULL")?;
    let found = select.query_row([email], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some::<(i64, String)>((id, stored)) = found else { return Ok(None) };
    if !password::is_of(&stored, password) {
        return Ok(None);
    }
    let key = new_key();
    db.prepare_cached("UPDATE accounts SET key = ?2 WHERE id = ?1")?.execute(params![id, digest(&key)])?;
    Ok(Some(key))
}

/// The account that this key is of.
pub(crate) fn of_key(db: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    let mut select = db.prepare_cached("SELECT id FROM accounts WHERE key = ?1")?;
    select.query_row([digest(key)], |row| row.get(0)).optional()
}

/// All of them.
pub(crate) fn all(db: &Connection) -> rusqlite::Result<Vec<i64>> {
    db.prepare_cached("SELECT id FROM accounts ORDER BY id")?.query_map([], |row| row.get(0))?.collect()
}

/// The address of an account, and whether it is known to be its owner's.
pub(crate) fn address(db: &Connection, id: i64) -> rusqlite::Result<(Option<String>, bool)> {
    let mut select = db.prepare_cached("SELECT email, is_verified FROM accounts WHERE id = ?1")?;
    select.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Notes that the address of an account is its owner's.
pub(crate) fn verify(db: &Connection, id: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE accounts SET is_verified = 1 WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// The settings of an account, as they are stored.
pub(super) fn settings_of(db: &Connection, id: i64) -> rusqlite::Result<Value> {
    let mut select = db.prepare_cached("SELECT settings FROM accounts WHERE id = ?1")?;
    let settings: String = select.query_row([id], |row| row.get(0))?;
    Ok(serde_json::from_str(&settings).unwrap_or_else(|_| settings::defaults()))
}

pub(super) fn set_settings(db: &Connection, id: i64, settings: &Value) -> rusqlite::Result<()> {
    let mut update = db.prepare_cached("UPDATE accounts SET settings = ?2 WHERE id = ?1")?;
    update.execute(params![id, settings.to_string()])?;
    Ok(())
}
