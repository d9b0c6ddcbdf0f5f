//! What is in the database. Each object is kept as its JSON; what requests are answered by stands beside it.

pub(crate) mod accounts;
pub(crate) mod deliveries;
pub(crate) mod files;
pub(crate) mod gates;
pub(crate) mod inbound;
pub(crate) mod messages;
pub(crate) mod runs;
pub(crate) mod settings;
mod table;
pub(crate) mod teammates;
pub(crate) mod users;

use std::ops::Deref;

use local_backend_kit::{Tables, clock};
use rusqlite::{
    Connection, Row,
    types::{Type, Value as Column},
};
use serde_json::{Map, Value, json};

pub(crate) use table::{Of, Table};

/// Accounts that are connected to apps, and connections that are begun.
pub(crate) const CONNECTIONS: Table = Table("connections");
pub(crate) const DELIVERIES: Table = Table("deliveries");
pub(crate) const MEMORIES: Table = Table("memories");
pub(crate) const PERMISSIONS: Table = Table("permissions");
pub(crate) const TASKS: Table = Table("tasks");
/// What starts a task, but for its webhook.
pub(crate) const TRIGGERS: Table = Table("triggers");
pub(crate) const USERS: Table = Table("users");
pub(crate) const WEBHOOKS: Table = Table("webhooks");

/// All of them. The version counts up with every change.
pub(crate) const TABLES: Tables = Tables {
    version: 5,
    sql: "
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The first account has none.
    email TEXT UNIQUE,
    -- What is left of its password, if it has one.
    password TEXT,
    -- The digest of its key.
    key TEXT NOT NULL UNIQUE,
    is_verified INTEGER NOT NULL,
    settings TEXT NOT NULL,
    rest TEXT NOT NULL
) STRICT;

CREATE TABLE teammates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id TEXT,
    status TEXT NOT NULL,
    -- A JSON object with everything else.
    rest TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    teammate_id INTEGER NOT NULL REFERENCES teammates (id),
    task_id INTEGER,
    user_id TEXT,
    status TEXT NOT NULL,
    -- What it was asked for, as far as nobody is told.
    asked TEXT NOT NULL,
    rest TEXT NOT NULL
) STRICT;

-- What runs ask people for.
CREATE TABLE gates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    request_id TEXT NOT NULL,
    status TEXT NOT NULL,
    rest TEXT NOT NULL,
    UNIQUE (run_id, request_id)
) STRICT;

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    sequence INTEGER NOT NULL,
    rest TEXT NOT NULL,
    UNIQUE (run_id, sequence)
) STRICT;

-- Replies that wait until their run is at its end.
CREATE TABLE queued_replies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    message TEXT NOT NULL
) STRICT;

CREATE TABLE run_files (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    name TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (run_id, name)
) STRICT;

CREATE TABLE attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE idempotency_keys (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    key TEXT NOT NULL,
    -- What was asked for by it: the same again is no new run.
    request TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    PRIMARY KEY (account_id, key)
) STRICT;

CREATE TABLE memories (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id TEXT,
    rest TEXT NOT NULL
) STRICT;

CREATE TABLE permissions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id TEXT,
    rest TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id TEXT NOT NULL,
    rest TEXT NOT NULL,
    UNIQUE (account_id, user_id)
) STRICT;

CREATE TABLE tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id TEXT,
    rest TEXT NOT NULL
) STRICT;

CREATE TABLE triggers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id TEXT,
    rest TEXT NOT NULL
) STRICT;

-- The URLs that start a run of a teammate or a task.
CREATE TABLE inbound_webhooks (
    token TEXT PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    owner TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    is_enabled INTEGER NOT NULL,
    UNIQUE (owner, owner_id)
) STRICT;

CREATE TABLE connections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id TEXT,
    rest TEXT NOT NULL
) STRICT;

CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id TEXT,
    rest TEXT NOT NULL
) STRICT;

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id TEXT,
    rest TEXT NOT NULL
) STRICT;
",
};

/// The database as one account sees it: what is listed, found by its number or made is the account's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Db<'c> {
    connection: &'c Connection,
    pub(crate) account: i64,
}

impl<'c> Db<'c> {
    pub(crate) fn of(connection: &'c Connection, account: i64) -> Self {
        Self { connection, account }
    }
}

impl Deref for Db<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// The column `rest` of a row, with the columns beside it.
fn object(row: &Row<'_>, columns: &[&str]) -> rusqlite::Result<Value> {
    let rest: String = row.get("rest")?;
    let rest: Map<String, Value> = serde_json::from_str(&rest)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))?;
    let mut object = Map::new();
    for column in columns {
        let value = match row.get::<_, Column>(*column)? {
            Column::Integer(integer) => json!(integer),
            Column::Text(text) => json!(text),
            _ => Value::Null,
        };
        object.insert((*column).to_owned(), value);
    }
    object.extend(rest);
    Ok(Value::Object(object))
}

/// The present time, as it is written.
pub(crate) fn now() -> String {
    clock::iso(clock::now())
}

/// Takes over the fields that there are.
pub(crate) fn merge(rest: &mut Value, given: Map<String, Value>) {
    for (name, value) in given {
        if let Some(field) = rest.get_mut(&name) {
            *field = value;
        }
    }
}

/// An object with these fields besides, all of them null.
pub(crate) fn with_nulls(mut object: Value, names: &[&str]) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.extend(names.iter().map(|name| ((*name).to_owned(), Value::Null)));
    }
    object
}
