//! Which formations are deployed, and from what.

use std::path::Path;

use local_backend_kit::{OnStatement, StartError, Store, Tables};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, named_params};

use super::error::Refused;
use crate::envelope::written_now;

const TABLES: Tables = Tables {
    version: 2,
    sql: "
        CREATE TABLE formations (
            id TEXT PRIMARY KEY, name TEXT, is_own INTEGER NOT NULL, status TEXT NOT NULL, port INTEGER NOT NULL,
            restart_count INTEGER NOT NULL, count INTEGER NOT NULL, hash TEXT NOT NULL, bundle BLOB NOT NULL,
            previous_hash TEXT, previous_bundle BLOB,
            created_at TEXT NOT NULL, deployed_at TEXT NOT NULL, updated_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE drafts (
            id TEXT PRIMARY KEY, bundle BLOB NOT NULL, base_version TEXT, created_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE begun (done INTEGER PRIMARY KEY) STRICT;
    ",
};

/// A formation that is deployed.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: Option<String>,
    /// Whether it is the one that this program serves without a bundle.
    pub(super) is_own: bool,
    pub(super) status: String,
    pub(super) port: u16,
    pub(super) restart_count: i64,
    /// How many bundles it has had.
    pub(super) count: i64,
    pub(super) hash: String,
    pub(super) bundle: Vec<u8>,
    pub(super) previous_hash: Option<String>,
    pub(super) previous_bundle: Option<Vec<u8>>,
    pub(super) created_at: String,
    pub(super) deployed_at: String,
    pub(super) updated_at: String,
}

impl Row {
    /// One that is new, and runs.
    pub(super) fn new(id: &str, name: Option<String>, port: u16, hash: String, bundle: Vec<u8>) -> Self {
        let now = written_now();
        Self {
            id: id.to_owned(),
            name,
            is_own: false,
            status: "running".to_owned(),
            port,
            restart_count: 0,
            count: 1,
            hash,
            bundle,
            previous_hash: None,
            previous_bundle: None,
            created_at: now.clone(),
            deployed_at: now.clone(),
            updated_at: now,
        }
    }

    fn read(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            is_own: row.get("is_own")?,
            status: row.get("status")?,
            port: row.get("port")?,
            restart_count: row.get("restart_count")?,
            count: row.get("count")?,
            hash: row.get("hash")?,
            bundle: row.get("bundle")?,
            previous_hash: row.get("previous_hash")?,
            previous_bundle: row.get("previous_bundle")?,
            created_at: row.get("created_at")?,
            deployed_at: row.get("deployed_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

/// The files of a formation that are edited, packed as a bundle is.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) bundle: Vec<u8>,
    /// What it was made of, if that was what is deployed.
    pub(super) base_version: Option<String>,
    pub(super) created_at: String,
}

/// The formations that are deployed.
#[derive(Debug)]
pub(super) struct Registry(Store);

impl Registry {
    /// Opens it in this file, or in memory.
    pub(super) fn open(file: Option<&Path>) -> Result<Self, StartError> {
        Ok(Self(Store::open(file, TABLES, &OnStatement::default())?))
    }

    /// Whether this is the first that is done with it.
    pub(super) fn begins(&self) -> Result<bool, Refused> {
        self.0.run(|db| Ok(db.execute("INSERT OR IGNORE INTO begun VALUES (1)", [])? == 1))?
    }

    pub(super) fn list(&self) -> Result<Vec<Row>, Refused> {
        self.0.run(|db| {
            let mut select = db.prepare_cached("SELECT * FROM formations ORDER BY created_at, id")?;
            let rows = select.query_map([], Row::read)?;
            rows.collect::<rusqlite::Result<_>>().map_err(Refused::from)
        })?
    }

    pub(super) fn get(&self, id: &str) -> Result<Option<Row>, Refused> {
        self.0.run(|db| get(db, id).map_err(Refused::from))?
    }

    /// Keeps a formation as it is now.
    pub(super) fn put(&self, row: &Row) -> Result<(), Refused> {
        self.0.run(|db| put(db, row).map_err(Refused::from))?
    }

    /// Changes one, if it is there.
    pub(super) fn change(&self, id: &str, change: impl FnOnce(&mut Row)) -> Result<Option<Row>, Refused> {
        self.0.transact(
            |db| {
                let Some(mut row) = get(db, id)? else { return Ok(None) };
                change(&mut row);
                row.updated_at = written_now();
                put(db, &row)?;
                Ok::<_, Refused>(Some(row))
            },
            |row| row,
        )
    }

    pub(super) fn delete(&self, id: &str) -> Result<(), Refused> {
        self.0.run(|db| db.execute("DELETE FROM formations WHERE id = ?1", [id]).map(drop).map_err(Refused::from))?
    }

    pub(super) fn draft(&self, id: &str) -> Result<Option<Draft>, Refused> {
        self.0.run(|db| {
            let mut select = db.prepare_cached("SELECT * FROM drafts WHERE id = ?1")?;
            let draft = select.query_row([id], |row| {
                let (id, bundle) = (row.get("id")?, row.get("bundle")?);
                Ok(Draft { id, bundle, base_version: row.get("base_version")?, created_at: row.get("created_at")? })
            });
            draft.optional().map_err(Refused::from)
        })?
    }

    pub(super) fn put_draft(&self, draft: &Draft) -> Result<(), Refused> {
        let Draft { id, bundle, base_version, created_at } = draft;
        self.0.run(|db| {
            let values = rusqlite::params![id, bundle, base_version, created_at];
            db.execute("INSERT OR REPLACE INTO drafts VALUES (?1, ?2, ?3, ?4)", values).map(drop).map_err(Refused::from)
        })?
    }

    pub(super) fn discard(&self, id: &str) -> Result<(), Refused> {
        self.0.run(|db| db.execute("DELETE FROM drafts WHERE id = ?1", [id]).map(drop).map_err(Refused::from))?
    }

    pub(super) fn close(&self) {
        self.0.close();
    }
}

fn get(db: &Connection, id: &str) -> rusqlite::Result<Option<Row>> {
    db.prepare_cached("SELECT * FROM formations WHERE id = ?1")?.query_row([id], Row::read).optional()
}

fn put(db: &Connection, row: &Row) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT OR REPLACE INTO formations VALUES (
            :id, :name, :is_own, :status, :port, :restart_count, :count, :hash, :bundle, :previous_hash, :previous_bundle,
            :created_at, :deployed_at, :updated_at
        )",
    )?;
    insert
        .execute(named_params! {
            ":id": row.id, ":name": row.name, ":is_own": row.is_own, ":status": row.status, ":port": row.port,
            ":restart_count": row.restart_count, ":count": row.count, ":hash": row.hash, ":bundle": row.bundle,
            ":previous_hash": row.previous_hash, ":previous_bundle": row.previous_bundle,
            ":created_at": row.created_at, ":deployed_at": row.deployed_at, ":updated_at": row.updated_at,
        })
        .map(drop)
}
