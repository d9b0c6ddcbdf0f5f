//! What the configuration comes to: how many there are of what, where logs go, and how MCP is set.

use agent_platform_core::{Decode, Malformed};
use muxi_formation_client::types;
use serde_json::{Map, Value};

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

/// A place that logs of conversations are sent to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoggingDestination {
    /// Its id.
    pub id: Option<String>,
    /// How they are sent, such as `stdout`, `file` or `stream`.
    pub transport: Option<String>,
    /// From which level on.
    pub level: Option<String>,
    /// In which format, such as `jsonl`.
    pub format: Option<String>,
    /// Whether they are.
    pub is_enabled: Option<bool>,
    /// Where to.
    pub destination: Option<String>,
    /// All that is declared beside that, by MUXI's own names.
    pub extra: Map<String, Value>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::LoggingDestination, Formation> for LoggingDestination {
    fn decode(generated: types::LoggingDestination) -> Result<Self, String> {
        let types::LoggingDestination { destination, enabled, format, id, level, transport, extra } = generated;
        let malformed = Malformed::default();
        Ok(Self { id, transport, level, format, is_enabled: enabled, destination, extra, malformed })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
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

/// How MCP is set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct McpSettings {
    /// How often a call is tried again, where its server does not say.
    pub default_retry_attempts: Option<i64>,
    /// How long a call may take, in seconds, where its server does not say.
    pub default_timeout_seconds: Option<f64>,
    /// How often in one turn an agent may go on with what tools have said.
    pub max_tool_iterations: Option<i64>,
    /// How many calls one turn may make.
    pub max_tool_calls: Option<i64>,
    /// How often the same may fail.
    pub max_repeated_errors: Option<i64>,
    /// How long all calls of a turn may take, in seconds.
    pub max_timeout_seconds: Option<f64>,
    /// How long one call may take at the most, in seconds.
    pub max_tool_timeout_seconds: Option<f64>,
    /// Whether what users say is made clearer before it is acted upon.
    pub enhance_user_prompts: Option<bool>,
    /// The servers.
    pub servers: Vec<McpServer>,
    /// All that is declared beside that, by MUXI's own names.
    pub extra: Map<String, Value>,
}

impl Decode<types::McpSettings, Formation> for McpSettings {
    fn decode(generated: types::McpSettings) -> Result<Self, String> {
        let types::McpSettings {
            default_retry_attempts,
            default_timeout_seconds,
            enhance_user_prompts,
            max_repeated_errors,
            max_timeout_in_seconds,
            max_tool_calls,
            max_tool_iterations,
            max_tool_timeout_in_seconds,
            servers,
            extra,
        } = generated;
        Ok(Self {
            default_retry_attempts,
            default_timeout_seconds,
            max_tool_iterations,
            max_tool_calls,
            max_repeated_errors,
            max_timeout_seconds: max_timeout_in_seconds,
            max_tool_timeout_seconds: max_tool_timeout_in_seconds,
            enhance_user_prompts,
            servers: Decode::<Vec<types::McpServer>, Formation>::decode(servers.unwrap_or_default())?,
            extra,
        })
    }
}
