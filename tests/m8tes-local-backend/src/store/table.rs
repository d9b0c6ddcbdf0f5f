//! Objects that are kept alike: a number, the end user that they are for, and a JSON object with everything else.

use rusqlite::{OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use super::{Db, now, object};

const COLUMNS: &[&str] = &["id", "user_id"];

/// One kind of them, by the name of its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table(pub(super) &'static str);

/// Whose objects are meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of<'a> {
    /// Those of this end user, or everybody's where none is named.
    Anyone(Option<&'a str>),
    /// Those of this end user, or the account's own where none is named.
    Only(Option<&'a str>),
}

impl Of<'_> {
    fn condition(self) -> &'static str {
        match self {
            Self::Anyone(_) => "account_id = ?1 AND (?2 IS NULL OR user_id = ?2)",
            Self::Only(_) => "account_id = ?1 AND user_id IS ?2",
        }
    }

    fn user_id(&self) -> Option<&str> {
        match self {
            Self::Anyone(user_id) | Self::Only(user_id) => *user_id,
        }
    }
}

impl Table {
    /// Stores a new object.
    pub(crate) fn insert(self, db: &Db<'_>, user_id: Option<&str>, rest: &Value) -> rusqlite::Result<Value> {
        let mut insert =
            db.prepare_cached(&format!("INSERT INTO {} (account_id, user_id, rest) VALUES (?1, ?2, ?3)", self.0))?;
        insert.execute(params![db.account, user_id, rest.to_string()])?;
        self.get(db, db.last_insert_rowid())
    }

    pub(crate) fn get(self, db: &Db<'_>, id: i64) -> rusqlite::Result<Value> {
        let mut select = db.prepare_cached(&format!("SELECT * FROM {} WHERE id = ?1", self.0))?;
        select.query_row([id], read)
    }

    /// An object, if it is one of those that are meant.
    pub(crate) fn find(self, db: &Db<'_>, id: i64, of: Of<'_>) -> rusqlite::Result<Option<Value>> {
        let sql = format!("SELECT * FROM {} WHERE {} AND id = ?3", self.0, of.condition());
        db.prepare_cached(&sql)?.query_row(params![db.account, of.user_id(), id], read).optional()
    }

    /// Those that are meant and wanted, the newest first: up to `limit` of them, older than `after`.
    pub(crate) fn list(
        self,
        db: &Db<'_>,
        of: Of<'_>,
        (after, limit): (Option<i64>, i64),
        is_wanted: impl Fn(&Value) -> bool,
    ) -> rusqlite::Result<Vec<Value>> {
        let condition = of.condition();
        let sql = format!("SELECT * FROM {} WHERE {condition} AND (?3 IS NULL OR id < ?3) ORDER BY id DESC", self.0);
        let mut select = db.prepare_cached(&sql)?;
        let found = select.query_map(params![db.account, of.user_id(), after], read)?;
        let wanted = found.filter(|found| found.as_ref().map_or(true, &is_wanted));
        wanted.take(usize::try_from(limit).unwrap_or_default()).collect()
    }

    /// All that are meant and wanted, the newest first.
    pub(crate) fn all(
        self,
        db: &Db<'_>,
        of: Of<'_>,
        is_wanted: impl Fn(&Value) -> bool,
    ) -> rusqlite::Result<Vec<Value>> {
        self.list(db, of, (None, i64::MAX), is_wanted)
    }

    /// Changes the fields that are given, of those that there are.
    pub(crate) fn update(self, db: &Db<'_>, id: i64, given: Map<String, Value>) -> rusqlite::Result<Value> {
        let mut rest = self.get(db, id)?;
        if let Some(fields) = rest.as_object_mut() {
            COLUMNS.iter().for_each(|column| drop(fields.remove(*column)));
        }
        super::merge(&mut rest, given);
        super::merge(&mut rest, Map::from_iter([("updated_at".to_owned(), json!(now()))]));
        let mut update = db.prepare_cached(&format!("UPDATE {} SET rest = ?2 WHERE id = ?1", self.0))?;
        update.execute(params![id, rest.to_string()])?;
        self.get(db, id)
    }

    pub(crate) fn delete(self, db: &Db<'_>, id: i64) -> rusqlite::Result<()> {
        db.prepare_cached(&format!("DELETE FROM {} WHERE id = ?1", self.0))?.execute([id])?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Value> {
    object(row, COLUMNS)
}
