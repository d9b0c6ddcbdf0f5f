//! MCP servers and tools.

use std::fmt;

use agent_platform_core::{Decode, Malformed};
use muxi_formation_client::types;
use serde_json::{Map, Value};

use crate::id::McpServerId;
use crate::platform::Formation;

/// An MCP server. Its `Debug` form shows neither how it is reached nor with what: that may hold secrets.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct McpServer {
    /// Its id.
    pub id: McpServerId,
    /// How it is reached: `http` or `command`, or in another way.
    pub kind: Option<String>,
    /// Its URL, where it has one.
    pub endpoint: Option<String>,
    /// The command that starts it, where one does.
    pub command: Option<String>,
    /// What the command is given.
    pub args: Vec<String>,
    /// How long a call may take, in seconds, where that is declared.
    pub timeout_seconds: Option<f64>,
    /// Whether it is used; `None` where that is not declared, and it is.
    pub is_active: Option<bool>,
    /// What shows it who calls.
    pub auth: Option<Value>,
    /// All that is declared beside that, by MUXI's own names.
    pub extra: Map<String, Value>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl fmt::Debug for McpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("McpServer");
        shown
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("is_active", &self.is_active)
            .finish_non_exhaustive()
    }
}

/// A tool of the formation's own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct McpTool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// Whose it is: `admin` or `client`.
    pub access: Option<String>,
    /// What it takes.
    pub parameters: Map<String, Value>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::McpServer, Formation> for McpServer {
    fn decode(generated: types::McpServer) -> Result<Self, String> {
        let types::McpServer { active, args, auth, command, endpoint, id, timeout_seconds, type_, extra } = generated;
        Ok(Self {
            id: id.into(),
            kind: type_,
            endpoint,
            command,
            args: args.unwrap_or_default(),
            timeout_seconds,
            is_active: active,
            auth,
            extra,
            malformed: Malformed::default(),
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::McpTool, Formation> for McpTool {
    fn decode(generated: types::McpTool) -> Result<Self, String> {
        let types::McpTool { access, description, name, parameters } = generated;
        let parameters = parameters.unwrap_or_default();
        Ok(Self { name, description, access, parameters, malformed: Malformed::default() })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::McpServerList, Formation> for Vec<McpServer> {
    fn decode(generated: types::McpServerList) -> Result<Self, String> {
        let types::McpServerList { servers, count: _ } = generated;
        Decode::<Vec<types::McpServer>, Formation>::decode(servers)
    }

    agent_platform_core::rows_in!("servers" of types::McpServer, Formation);
}

impl Decode<types::McpToolList, Formation> for Vec<McpTool> {
    fn decode(generated: types::McpToolList) -> Result<Self, String> {
        let types::McpToolList { tools } = generated;
        Decode::<Vec<types::McpTool>, Formation>::decode(tools)
    }

    agent_platform_core::rows_in!("tools" of types::McpTool, Formation);
}
