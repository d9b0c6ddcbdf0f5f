//! The tables.

use std::{io, path::Path, time::Duration};

use rusqlite::{Connection, config::DbConfig};

use super::OnStatement;

/// Which layout of the tables a file has. Counts up with every change of [`TABLES`].
const VERSION: i64 = 1;

/// How long to wait for another process to let go of the file.
const PATIENCE: Duration = Duration::from_secs(2);

const TABLES: &str = "
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL CHECK (type IN ('human', 'external', 'agent')),
    name TEXT NOT NULL,
    is_guest INTEGER NOT NULL DEFAULT 0,
    email TEXT UNIQUE,
    mycel_id INTEGER UNIQUE,
    -- Who created an external user, or owns an agent.
    owner_user_id TEXT REFERENCES users (id)
) STRICT;

-- Who proved, or is about to prove, an e-mail address. The user with this id exists once registration is complete.
CREATE TABLE accounts (
    email TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    verified INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE agents (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    version TEXT NOT NULL
) STRICT;

CREATE TABLE threads (
    agent_user_id TEXT NOT NULL REFERENCES users (id),
    branch_index INTEGER NOT NULL,
    PRIMARY KEY (agent_user_id, branch_index)
) STRICT;

CREATE TABLE chats (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL CHECK (type IN ('direct', 'group')),
    title TEXT,
    status TEXT NOT NULL DEFAULT 'active',
    created_by_user_id TEXT NOT NULL REFERENCES users (id),
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    next_seq INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE chat_members (
    position INTEGER PRIMARY KEY,
    chat_id TEXT NOT NULL REFERENCES chats (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    last_read_seq INTEGER NOT NULL DEFAULT 0,
    muted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (chat_id, user_id)
) STRICT;
CREATE INDEX chat_members_by_user ON chat_members (user_id);

CREATE TABLE messages (
    chat_id TEXT NOT NULL REFERENCES chats (id),
    seq INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    sender_id TEXT NOT NULL REFERENCES users (id),
    content TEXT NOT NULL,
    message_type TEXT NOT NULL,
    -- JSON lists of user ids.
    mentioned_ids TEXT NOT NULL,
    addressed_to_user_ids TEXT NOT NULL,
    delivery_scope TEXT NOT NULL CHECK (delivery_scope IN ('broadcast', 'addressed')),
    reply_to TEXT,
    created_at REAL NOT NULL,
    PRIMARY KEY (chat_id, seq)
) STRICT;

CREATE TABLE join_requests (
    id TEXT PRIMARY KEY,
    chat_id TEXT NOT NULL REFERENCES chats (id),
    requester_user_id TEXT NOT NULL REFERENCES users (id),
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected')),
    message TEXT,
    decided_by_user_id TEXT REFERENCES users (id),
    decided_at REAL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
) STRICT;
CREATE INDEX join_requests_by_chat ON join_requests (chat_id);

-- A party need not exist: the row of a request to nobody stays.
CREATE TABLE relationships (
    id TEXT PRIMARY KEY,
    user_low TEXT NOT NULL,
    user_high TEXT NOT NULL,
    initiator_user_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'visit', 'hire')),
    message TEXT,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
) STRICT;

CREATE TABLE workflows (
    chat_id TEXT PRIMARY KEY REFERENCES chats (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    config TEXT NOT NULL,
    state_version INTEGER NOT NULL,
    updated_by_user_id TEXT REFERENCES users (id),
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
) STRICT;

CREATE TABLE workflow_events (
    chat_id TEXT NOT NULL REFERENCES chats (id),
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    resource_refs TEXT NOT NULL,
    requested_by_user_id TEXT REFERENCES users (id),
    decision_states TEXT NOT NULL,
    rationales TEXT NOT NULL,
    final_state TEXT NOT NULL,
    metadata TEXT NOT NULL,
    state_version INTEGER NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL,
    settled_at REAL,
    PRIMARY KEY (chat_id, event_id)
) STRICT;

CREATE TABLE tasks (
    chat_id TEXT NOT NULL REFERENCES chats (id),
    task_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    active_form TEXT,
    owner TEXT REFERENCES users (id),
    blocks TEXT NOT NULL,
    blocked_by TEXT NOT NULL,
    metadata TEXT NOT NULL,
    PRIMARY KEY (chat_id, task_id)
) STRICT;

CREATE TABLE inbox_items (
    position INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    metadata TEXT NOT NULL
) STRICT;
CREATE INDEX inbox_items_by_user ON inbox_items (user_id);
";

/// Opens `file`, or a database in memory, and makes the tables if they are not there.
///
/// # Errors
///
/// If the file is in use, is no database, or is one that this program doesn't know.
pub(super) fn open(file: Option<&Path>, on_statement: &OnStatement) -> io::Result<Connection> {
    let connection = match file {
        Some(file) => Connection::open(file),
        None => Connection::open_in_memory(),
    };
    let mut connection = connection.map_err(io::Error::other)?;
    on_statement.attach(&mut connection).map_err(io::Error::other)?;
    configure(&connection).map_err(io::Error::other)?;
    make_tables(&connection)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(128);
    // Plans don't depend on the values of parameters: statements that might are compiled again for each value otherwise.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A file is one process's: the listeners of another would never be woken. One that is just ending may take a moment.
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    // With a write-ahead log a commit is in the log's file before the answer goes out: killing the process loses
    // nothing. A crash of the whole machine may lose the last moments, which is a development backend's right.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")
}

fn make_tables(connection: &Connection) -> io::Result<()> {
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0));
    match version.map_err(io::Error::other)? {
        VERSION => Ok(()),
        0 => connection
            .execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))
            .map_err(io::Error::other),
        other => Err(io::Error::other(format!("its layout is version {other}, and this program knows only {VERSION}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_made_once() {
        let connection = open(None, &OnStatement::default()).unwrap();
        connection.execute("INSERT INTO settings VALUES ('name', x'00')", []).unwrap();
        make_tables(&connection).unwrap();
        let kept: i64 = connection.query_row("SELECT count(*) FROM settings", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
    }

    #[test]
    fn another_version_is_refused() {
        let connection = open(None, &OnStatement::default()).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let refusal = make_tables(&connection).unwrap_err();
        assert_eq!(refusal.to_string(), "its layout is version 99, and this program knows only 1");
    }
}
