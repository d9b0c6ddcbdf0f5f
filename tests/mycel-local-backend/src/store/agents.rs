//! Managed agents and their threads. Nothing runs them here.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Database,
    users::{self, User, UserType},
};

/// An agent, as answers show it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    model: Option<String>,
    pub(crate) status: String,
    pub(crate) version: String,
    pub(crate) avatar_url: Option<String>,
    /// The real backend doesn't know when.
    created_at: i64,
    updated_at: i64,
}

const AGENTS: &str = "SELECT users.id, users.name, users.owner_user_id, agents.*
                      FROM agents JOIN users ON users.id = agents.user_id";

impl Agent {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            description: row.get("description")?,
            model: None,
            status: row.get("status")?,
            version: row.get("version")?,
            avatar_url: None,
            created_at: 0,
            updated_at: 0,
        })
    }
}

/// The agents of one owner, in the order of their making.
pub(crate) fn of_owner(db: Database<'_>, owner_user_id: &str) -> rusqlite::Result<Vec<Agent>> {
    let mut select = db.prepare_cached(&format!("{AGENTS} WHERE users.owner_user_id = ?1 ORDER BY agents.rowid"))?;
    select.query_map([owner_user_id], Agent::read)?.collect()
}

/// The agent with this id, if it is this owner's.
pub(crate) fn find_owned(db: Database<'_>, owner_user_id: &str, id: &str) -> rusqlite::Result<Option<Agent>> {
    let mut select = db.prepare_cached(&format!("{AGENTS} WHERE users.owner_user_id = ?1 AND users.id = ?2"))?;
    select.query_row([owner_user_id, id], Agent::read).optional()
}

/// Stores a new agent, and the user that it is.
pub(crate) fn create(
    db: Database<'_>,
    owner: &User,
    name: &str,
    description: &str,
    status: &str,
) -> rusqlite::Result<Agent> {
    let agent = Agent {
        id: new_id(),
        name: name.to_owned(),
        description: description.to_owned(),
        model: None,
        status: status.to_owned(),
        version: "0.1.0".to_owned(),
        avatar_url: None,
        created_at: 0,
        updated_at: 0,
    };
    users::insert(
        db,
        &User {
            id: agent.id.clone(),
            kind: UserType::Agent,
            name: agent.name.clone(),
            is_guest: false,
            email: None,
            mycel_id: None,
            owner_user_id: Some(owner.id.clone()),
        },
    )?;
    db.prepare_cached("INSERT INTO agents (user_id, description, status, version) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![agent.id, agent.description, agent.status, agent.version])?;
    Ok(agent)
}

/// `m_` and twelve characters.
fn new_id() -> String {
    let digits: String = Uuid::new_v4().simple().to_string().chars().take(12).collect();
    format!("m_{digits}")
}

/// Adds a thread to an agent, and gives its branch: the first is 0.
pub(crate) fn add_thread(db: Database<'_>, agent_user_id: &str) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO threads (agent_user_id, branch_index)
         SELECT ?1, count(*) FROM threads WHERE agent_user_id = ?1 RETURNING branch_index",
    )?
    .query_row([agent_user_id], |row| row.get(0))
}
