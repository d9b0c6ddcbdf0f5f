//! Relationships between two users.

use rusqlite::{OptionalExtension, Row, params};

use super::Database;

/// A row of `relationships`.
#[derive(Clone, Debug)]
pub(crate) struct Relationship {
    pub(crate) id: String,
    pub(crate) user_low: String,
    pub(crate) user_high: String,
    pub(crate) initiator_user_id: String,
    pub(crate) state: String,
    pub(crate) message: Option<String>,
    pub(crate) created_at: f64,
    pub(crate) updated_at: f64,
}

impl Relationship {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            user_low: row.get("user_low")?,
            user_high: row.get("user_high")?,
            initiator_user_id: row.get("initiator_user_id")?,
            state: row.get("state")?,
            message: row.get("message")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }

    /// A request that is yet to be stored.
    pub(crate) fn requested(now: f64, initiator: &str, target: &str, message: Option<String>) -> Self {
        let (low, high) = if initiator < target { (initiator, target) } else { (target, initiator) };
        Self {
            id: format!("hire_visit:{low}:{high}"),
            user_low: low.to_owned(),
            user_high: high.to_owned(),
            initiator_user_id: initiator.to_owned(),
            state: "pending".to_owned(),
            message,
            created_at: now,
            updated_at: now,
        }
    }

    /// The other one of the two, if `user_id` is one of them.
    pub(crate) fn other_party(&self, user_id: &str) -> Option<&str> {
        if self.user_low == user_id {
            Some(&self.user_high)
        } else if self.user_high == user_id {
            Some(&self.user_low)
        } else {
            None
        }
    }
}

pub(crate) fn find(db: Database<'_>, id: &str) -> rusqlite::Result<Option<Relationship>> {
    db.prepare_cached("SELECT * FROM relationships WHERE id = ?1")?.query_row([id], Relationship::read).optional()
}

/// The relationships of one user, in the order of their making.
pub(crate) fn of_user(db: Database<'_>, user_id: &str) -> rusqlite::Result<Vec<Relationship>> {
    let mut select =
        db.prepare_cached("SELECT * FROM relationships WHERE user_low = ?1 OR user_high = ?1 ORDER BY rowid")?;
    select.query_map([user_id], Relationship::read)?.collect()
}

/// Whether the two visit or hire one another.
pub(crate) fn are_connected(db: Database<'_>, one: &str, other: &str) -> rusqlite::Result<bool> {
    let mut select = db.prepare_cached(
        "SELECT 1 FROM relationships WHERE state <> 'pending' AND user_low = min(?1, ?2) AND user_high = max(?1, ?2)",
    )?;
    select.exists([one, other])
}

pub(crate) fn insert(db: Database<'_>, relationship: &Relationship) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO relationships (id, user_low, user_high, initiator_user_id, state, message, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute(params![
        relationship.id,
        relationship.user_low,
        relationship.user_high,
        relationship.initiator_user_id,
        relationship.state,
        relationship.message,
        relationship.created_at,
        relationship.updated_at,
    ])?;
    Ok(())
}

pub(crate) fn set_state(db: Database<'_>, now: f64, id: &str, state: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE relationships SET state = ?2, updated_at = ?3 WHERE id = ?1")?
        .execute(params![id, state, now])?;
    Ok(())
}

pub(crate) fn delete(db: Database<'_>, id: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM relationships WHERE id = ?1")?.execute([id])?;
    Ok(())
}
