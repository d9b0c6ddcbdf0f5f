//! What belongs to the database as a whole.

use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

/// The secret that signs tokens. It is made on the first start.
pub(crate) fn token_secret(db: &Connection) -> rusqlite::Result<Vec<u8>> {
    let stored = db.query_row("SELECT value FROM settings WHERE name = 'token_secret'", [], |row| row.get(0));
    if let Some(secret) = stored.optional()? {
        return Ok(secret);
    }
    // Each random UUID has 122 random bits: more than HS256 can make use of.
    let secret: Vec<u8> = (0..3).flat_map(|_| Uuid::new_v4().into_bytes()).collect();
    db.execute("INSERT INTO settings (name, value) VALUES ('token_secret', ?1)", [&secret])?;
    Ok(secret)
}
