//! What the configuration comes to: how many there are of what, where logs go, and how MCP is set.

use agent_platform_core::{model, placed_model};
use muxi_formation_client::types;

use super::McpServer;
use crate::platform::Formation;

placed_model! {
    Formation;
    /// A formation's configuration in short.
    #[derive(Eq)]
    ConfigSummary from types::ConfigSummary {
        /// The formation's id.
        formation_id at "formation_id": String,
        /// Its version.
        version at "version": Option<String>,
        /// What it is.
        description at "description": Option<String>,
        /// The version of the format that it is declared in.
        schema_version at "schema_version": Option<String>,
        /// How many agents it has.
        agents at "agents/total": Option<i64>,
        /// How many secrets it has.
        secrets at "secrets/total": Option<i64>,
        /// How many MCP servers it has.
        mcp_servers at "mcp/servers/total": Option<i64>,
    }
}

placed_model! {
    Formation;
    /// Where logs go.
    LoggingDestinations from types::LoggingDestinations {
        /// From which level on the runtime's own are written.
        system_level at "system/level": Option<String>,
        /// Where those are written to, such as `stdout`.
        system_destination at "system/destination": Option<String>,
        /// Where those of conversations are sent to.
        conversation at "conversation/destinations": Vec<LoggingDestination>,
    }
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
