//! MCP servers and tools.

use agent_platform_core::answered::{FromAnswer, Rest};
use agent_platform_core::{Decode, model};
use muxi_formation_client::types;
use serde_json::{Map, Value};

use crate::id::McpServerId;
use crate::platform::Formation;

model! {
    Formation;
    /// An MCP server. Its `Debug` form shows neither how it is reached nor with what: that may hold secrets.
    McpServer from types::McpServer {
        /// Its id.
        id: McpServerId,
        /// How it is reached: `http` or `command`, or in another way.
        kind (type_ = "type"): Option<String>,
        /// Its URL, where it has one.
        endpoint: Option<String> as Hidden,
        /// The command that starts it, where one does.
        command: Option<String> as Hidden,
        /// What the command is given.
        args: Vec<String> as Hidden,
        /// How long a call may take, in seconds, where that is declared.
        timeout_seconds: Option<f64>,
        /// Whether it is used; `None` where that is not declared, and it is.
        is_active (active = "active"): Option<bool>,
        /// What shows it who calls.
        auth: Option<Value> as Hidden,
    } rest {}, of floats
}

model! {
    Formation;
    /// A tool of the formation's own.
    McpTool from types::McpTool {
        /// Its name.
        name: String,
        /// What it does.
        description: Option<String>,
        /// Whose it is: `admin` or `client`.
        access: Option<String>,
        /// What it takes.
        parameters: Map<String, Value>,
    } rest {}
}

impl Decode<types::McpServerList, Formation> for Vec<McpServer> {
    #[inline]
    fn decode(generated: types::McpServerList) -> Result<Self, String> {
        let types::McpServerList { servers, count: _ } = generated;
        Decode::<Vec<types::McpServer>, Formation>::decode(servers)
    }

    agent_platform_core::rows_in!("servers" of types::McpServer, Formation);
}

impl Decode<types::McpToolList, Formation> for Vec<McpTool> {
    #[inline]
    fn decode(generated: types::McpToolList) -> Result<Self, String> {
        let types::McpToolList { tools } = generated;
        Decode::<Vec<types::McpTool>, Formation>::decode(tools)
    }

    agent_platform_core::rows_in!("tools" of types::McpTool, Formation);
}

impl FromAnswer<Option<Vec<types::McpServer>>, Formation> for Vec<McpServer> {
    #[inline]
    fn take(generated: Option<Vec<types::McpServer>>, field: &str, rest: &mut Rest) -> Self {
        let decoded = Decode::<Vec<types::McpServer>, Formation>::decode(generated.unwrap_or_default());
        rest.malformed.or_stand_in(field, decoded, Vec::new())
    }
}
