//! Who registers and logs in: e-mail addresses and their passwords.

use local_backend_kit::password;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::Database;

/// A row of `accounts`, without the password.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) email: String,
    /// The id that the user has, or will have once registration is complete.
    pub(crate) user_id: String,
    /// Whether the one-time code was given.
    pub(crate) verified: bool,
}

impl Account {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { email: row.get("email")?, user_id: row.get("user_id")?, verified: row.get("verified")? })
    }
}

pub(crate) fn find(db: Database<'_>, email: &str) -> rusqlite::Result<Option<Account>> {
    db.prepare_cached("SELECT * FROM accounts WHERE email = ?1")?.query_row([email], Account::read).optional()
}

/// The account of a user, or of who is about to become one.
pub(crate) fn of_user(db: Database<'_>, user_id: &str) -> rusqlite::Result<Option<Account>> {
    db.prepare_cached("SELECT * FROM accounts WHERE user_id = ?1")?.query_row([user_id], Account::read).optional()
}

/// The e-mail address of the registered user with this number.
pub(crate) fn email_of_mycel_id(db: Database<'_>, mycel_id: &str) -> rusqlite::Result<Option<String>> {
    db.prepare_cached("SELECT email FROM users WHERE mycel_id = CAST(?1 AS INTEGER) AND email IS NOT NULL")?
        .query_row([mycel_id], |row| row.get(0))
        .optional()
}

/// The number of the next user to register.
pub(crate) fn next_mycel_id(db: Database<'_>) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT coalesce(max(mycel_id), 10000) + 1 FROM users")?.query_row(params![], |row| row.get(0))
}

/// Begins a registration, or begins it anew with another password.
pub(crate) fn begin(db: Database<'_>, email: &str, password: &str) -> rusqlite::Result<()> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO accounts (email, user_id, password_hash) VALUES (?1, ?2, ?3)
         ON CONFLICT (email) DO UPDATE SET password_hash = ?3",
    )?;
    upsert.execute(params![email, Uuid::new_v4().to_string(), password::hash(password)])?;
    Ok(())
}

/// Notes that the one-time code was given.
pub(crate) fn verify(db: Database<'_>, email: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE accounts SET verified = 1 WHERE email = ?1")?.execute([email])?;
    Ok(())
}

/// The verified account with this e-mail address and password.
pub(crate) fn log_in(db: Database<'_>, email: &str, password: &str) -> rusqlite::Result<Option<Account>> {
    let Some(account) = find(db, email)?.filter(|account| account.verified) else { return Ok(None) };
    let stored: String = db
        .prepare_cached("SELECT password_hash FROM accounts WHERE email = ?1")?
        .query_row([email], |row| row.get(0))?;
    Ok(password::is_of(&stored, password).then_some(account))
}
