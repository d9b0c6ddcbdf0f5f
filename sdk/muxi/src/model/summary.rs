//! What the configuration comes to: how many there are of what, where logs go, and how MCP is set.

use agent_platform_core::{Decode, model};
use muxi_formation_client::types;

use super::McpServer;
use crate::platform::Formation;

/// A formation's configuration in short.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigSummary {
    /// The formation's id.
    pub formation_id: String,
    /// Its version.
    pub version: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// The version of the format that it is declared in.
    pub schema_version: Option<String>,
    /// How many agents it has.
    pub agents: Option<i64>,
    /// How many secrets it has.
    pub secrets: Option<i64>,
    /// How many MCP servers it has.
    pub mcp_servers: Option<i64>,
}

impl Decode<types::ConfigSummary, Formation> for ConfigSummary {
    fn decode(generated: types::ConfigSummary) -> Result<Self, String> {
        let types::ConfigSummary {
            a2a: _,
            agents,
            async_: _,
            description,
            formation_id,
            llm: _,
            logging: _,
            mcp,
            memory: _,
            overlord: _,
            scheduler: _,
            schema_version,
            secrets,
            version,
        } = generated;
        let total = |link: Option<types::ConfigLink>| {
            let types::ConfigLink { resource: _, total } = link?;
            total
        };
        let servers = mcp.and_then(|mcp| {
            let types::McpSummary { default_retry_attempts: _, default_timeout_seconds: _, servers } = mcp;
            servers
        });
        Ok(Self {
            formation_id,
            version,
            description,
            schema_version,
            agents: total(agents),
            secrets: total(secrets),
            mcp_servers: total(servers),
        })
    }
}

/// Where logs go.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoggingDestinations {
    /// From which level on the runtime's own are written.
    pub system_level: Option<String>,
    /// Where those are written to, such as `stdout`.
    pub system_destination: Option<String>,
    /// Where those of conversations are sent to.
    pub conversation: Vec<LoggingDestination>,
}

model! {
    Formation;
    /// A place that logs of conversations are sent to.
    LoggingDestination from types::LoggingDestination {
        /// Its id.
        id: Option<String>,
        /// How they are sent, such as `stdout`, `file` or `stream`.
        transport: Option<String>,
        /// From which level on.
        level: Option<String>,
        /// In which format, such as `jsonl`.
        format: Option<String>,
        /// Whether they are.
        is_enabled (enabled = "enabled"): Option<bool>,
        /// Where to.
        destination: Option<String> as Hidden,
    } rest {}
}

impl Decode<types::LoggingDestinations, Formation> for LoggingDestinations {
    fn decode(generated: types::LoggingDestinations) -> Result<Self, String> {
        let types::LoggingDestinations { conversation, system } = generated;
        let types::ConversationLogging { count: _, destinations } = conversation;
        let (system_level, system_destination) = system.map_or((None, None), |system| {
            let types::SystemLogging { destination, level } = system;
            (level, destination)
        });
        let conversation = Decode::<Vec<types::LoggingDestination>, Formation>::decode(destinations)?;
        Ok(Self { system_level, system_destination, conversation })
    }
}

model! {
    Formation;
    /// How MCP is set.
    McpSettings from types::McpSettings {
        /// How often a call is tried again, where its server does not say.
        default_retry_attempts: Option<i64>,
        /// How long a call may take, in seconds, where its server does not say.
        default_timeout_seconds: Option<f64>,
        /// How often in one turn an agent may go on with what tools have said.
        max_tool_iterations: Option<i64>,
        /// How many calls one turn may make.
        max_tool_calls: Option<i64>,
        /// How often the same may fail.
        max_repeated_errors: Option<i64>,
        /// How long all calls of a turn may take, in seconds.
        max_timeout_seconds (max_timeout_in_seconds = "max_timeout_in_seconds"): Option<f64>,
        /// How long one call may take at the most, in seconds.
        max_tool_timeout_seconds (max_tool_timeout_in_seconds = "max_tool_timeout_in_seconds"): Option<f64>,
        /// Whether what users say is made clearer before it is acted upon.
        enhance_user_prompts: Option<bool>,
        /// The servers.
        servers: Vec<McpServer>,
    } rest {}, of floats
}
