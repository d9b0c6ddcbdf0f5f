//! Managed agents and their threads.

use std::fmt;

use agent_platform_core::{Decode, Malformed, Timestamp, open_enum, rows_in};
use mycel_web_backend_client::types;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{as_seconds_if_any, row_time_if_any};
use crate::id::{ThreadId, UserId};
use crate::platform::Mycel;

open_enum! {
    /// How far a managed agent is.
    AgentStatus {
        /// Made, and not published yet.
        Draft = "draft",
        /// Published.
        Active = "active",
    }
}

/// A managed agent: a user whose runtime the backend itself runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct AgentSummary {
    /// The agent's user id.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The model that it runs on, where one is set.
    pub model: Option<String>,
    /// How far it is.
    pub status: AgentStatus,
    /// The version of its configuration.
    pub version: String,
    /// A path on the backend, such as `/api/users/<id>/avatar`.
    pub avatar_url: Option<String>,
    /// When it was made. Backends as of May 2026 do not tell.
    #[serde(serialize_with = "as_seconds_or_zero")]
    pub created_at: Option<Timestamp>,
    /// When it was last changed. Backends as of May 2026 do not tell.
    #[serde(serialize_with = "as_seconds_or_zero")]
    pub updated_at: Option<Timestamp>,
    /// Where it comes from, where it was taken from a marketplace.
    pub source: Option<Map<String, Value>>,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::AgentSummary, Mycel> for AgentSummary {
    #[inline]
    fn decode(generated: types::AgentSummary) -> Result<Self, String> {
        let types::AgentSummary {
            id,
            name,
            description,
            model,
            status,
            version,
            avatar_url,
            created_at,
            updated_at,
            source,
        } = generated;
        let mut malformed = Malformed::default();
        Ok(Self {
            id: id.into(),
            name,
            description,
            model,
            status: status.into(),
            version,
            avatar_url,
            created_at: known_time(created_at, "created_at", &mut malformed),
            updated_at: known_time(updated_at, "updated_at", &mut malformed),
            source,
            malformed,
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// The list of agents, out of its wrapping.
impl Decode<types::AgentList, Mycel> for Vec<AgentSummary> {
    #[inline]
    fn decode(generated: types::AgentList) -> Result<Self, String> {
        let types::AgentList { items } = generated;
        Vec::decode(items)
    }

    rows_in!("items" of types::AgentSummary, Mycel);
}

/// A managed agent with its configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Agent {
    /// What the list of agents tells of it.
    #[serde(flatten)]
    pub summary: AgentSummary,
    /// How it is set up.
    pub config: AgentConfig,
}

impl Decode<types::Agent, Mycel> for Agent {
    #[inline]
    fn decode(generated: types::Agent) -> Result<Self, String> {
        let types::Agent {
            id,
            name,
            description,
            model,
            status,
            version,
            avatar_url,
            created_at,
            updated_at,
            source,
            config,
        } = generated;
        let summary = types::AgentSummary {
            id,
            name,
            description,
            model,
            status,
            version,
            avatar_url,
            created_at,
            updated_at,
            source,
        };
        Ok(Self { summary: AgentSummary::decode(summary)?, config: AgentConfig::decode(config)? })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.summary.malformed)
    }
}

/// How a managed agent is set up. Its `Debug` leaves out the entries of `mcp_servers`, which may hold keys; its JSON has
/// them.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct AgentConfig {
    /// The system prompt.
    pub prompt: String,
    /// Rules that it follows, in the backend's own form.
    pub rules: Vec<Value>,
    /// Tools that it can use.
    pub tools: Vec<AgentTool>,
    /// MCP servers that it is connected to, in the backend's own form.
    #[serde(rename = "mcpServers")]
    pub mcp_servers: Vec<Value>,
    /// Skills that it has, in the backend's own form.
    pub skills: Vec<Value>,
    /// Agents that it can call, in the backend's own form.
    #[serde(rename = "subAgents")]
    pub sub_agents: Vec<Value>,
    /// From how many tokens on its context is compacted, where that is set.
    #[serde(rename = "compact", serialize_with = "as_compaction")]
    pub compact_trigger_tokens: Option<i64>,
}

impl fmt::Debug for AgentConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prompt, rules, tools, mcp_servers: _, skills, sub_agents, compact_trigger_tokens } = self;
        formatter
            .debug_struct("AgentConfig")
            .field("prompt", prompt)
            .field("rules", rules)
            .field("tools", tools)
            .field("mcp_servers", &format_args!("[redacted]"))
            .field("skills", skills)
            .field("sub_agents", sub_agents)
            .field("compact_trigger_tokens", compact_trigger_tokens)
            .finish()
    }
}

impl Decode<types::AgentConfig, Mycel> for AgentConfig {
    #[inline]
    fn decode(generated: types::AgentConfig) -> Result<Self, String> {
        let types::AgentConfig { prompt, rules, tools, mcp_servers, skills, sub_agents, compact } = generated;
        let compact_trigger_tokens = compact.and_then(|compact| {
            let types::AgentCompaction { trigger_tokens } = compact;
            trigger_tokens
        });
        let tools = Vec::decode(tools)?;
        Ok(Self { prompt, rules, tools, mcp_servers, skills, sub_agents, compact_trigger_tokens })
    }
}

/// A tool that a managed agent can use.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct AgentTool {
    /// Its name.
    pub name: String,
    /// Whether the agent may use it.
    pub enabled: bool,
    /// What it does.
    #[serde(rename = "desc")]
    pub description: Option<String>,
    /// The group that it belongs to.
    pub group: Option<String>,
}

impl Decode<types::AgentTool, Mycel> for AgentTool {
    #[inline]
    fn decode(generated: types::AgentTool) -> Result<Self, String> {
        let types::AgentTool { name, enabled, desc, group } = generated;
        Ok(Self { name, enabled, description: desc, group })
    }
}

/// A thread: one run of a managed agent in a sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Thread {
    /// The thread's id, `<agent>-<n>`.
    #[serde(rename = "thread_id")]
    pub id: ThreadId,
    /// The sandbox that it runs in.
    pub sandbox: String,
    /// The agent.
    #[serde(rename = "agent_user_id")]
    pub agent_id: UserId,
    /// The agent's name.
    pub agent_name: String,
    /// Its number among the agent's threads, from 0.
    pub branch_index: u64,
    /// What the web application shows for it.
    pub sidebar_label: Option<String>,
    /// A path on the backend, such as `/api/users/<id>/avatar`.
    pub avatar_url: Option<String>,
    /// Whether it is the agent's main thread. The first one is.
    pub is_main: bool,
}

impl Decode<types::Thread, Mycel> for Thread {
    #[inline]
    fn decode(generated: types::Thread) -> Result<Self, String> {
        let types::Thread {
            thread_id,
            sandbox,
            agent_user_id,
            agent_name,
            branch_index,
            sidebar_label,
            avatar_url,
            is_main,
        } = generated;
        Ok(Self {
            id: thread_id.into(),
            sandbox,
            agent_id: agent_user_id.into(),
            agent_name,
            branch_index,
            sidebar_label,
            avatar_url,
            is_main,
        })
    }
}

/// The backend writes 0 where it keeps no time.
fn known_time(seconds: f64, field: &str, malformed: &mut Malformed) -> Option<Timestamp> {
    row_time_if_any(Some(seconds).filter(|seconds| *seconds != 0.0), field, malformed)
}

/// The other way.
fn as_seconds_or_zero<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    as_seconds_if_any(&Some(time.unwrap_or(Timestamp::EPOCH)), serializer)
}

fn as_compaction<S: Serializer>(trigger_tokens: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    types::AgentCompaction { trigger_tokens: *trigger_tokens }.serialize(serializer)
}
