//! The tables.

use local_backend_kit::Tables;

/// All of them. The version counts up with every change.
pub(crate) const TABLES: Tables = Tables { version: 1, sql: SQL };

const SQL: &str = "
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
