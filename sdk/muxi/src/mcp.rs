//! MCP: the servers whose tools the agents use.

use agent_platform_core::resource;
use muxi_formation_client::operations;

use crate::error::Error;
use crate::id::McpServerId;
use crate::model::{McpServer, McpSettings, McpTool};
use crate::platform::request_for;

resource! {
    /// The MCP servers whose tools the agents use; from [`FormationClient::mcp`](crate::FormationClient::mcp). They take the admin
    /// key.
    Mcp
}

impl Mcp<'_> {
    /// All servers. MUXI does not mask them here: tokens come in clear.
    pub async fn servers(self) -> Result<Vec<McpServer>, Error> {
        let request = request_for(self.session, &operations::LIST_MCP_SERVERS, None)?;
        let outcome = request.api.list_mcp_servers().await;
        request.finish(outcome)
    }

    /// One of them, with its secrets by their names.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the formation has no such server.
    pub async fn server(self, server: impl Into<McpServerId>) -> Result<McpServer, Error> {
        let server = server.into();
        let request = request_for(self.session, &operations::GET_MCP_SERVER, None)?;
        let outcome = request.api.get_mcp_server(request.segment(&server)?).await;
        request.finish(outcome)
    }

    /// How the formation uses them: how often a call is tried again, how long it may take, how many there may be.
    pub async fn settings(self) -> Result<McpSettings, Error> {
        let request = request_for(self.session, &operations::GET_MCP_SETTINGS, None)?;
        let outcome = request.api.get_mcp_settings().await;
        request.finish(outcome)
    }

    /// The tools by which the formation itself can be used over MCP.
    pub async fn tools(self) -> Result<Vec<McpTool>, Error> {
        let request = request_for(self.session, &operations::LIST_MCP_TOOLS, None)?;
        let outcome = request.api.list_mcp_tools().await;
        request.finish(outcome)
    }
}
