//! MCP servers and tools.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde_json::json;

use super::{Route, Work};
use crate::{app::App, caller::Key, envelope::Answer, error::Failure, formation};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/mcp/servers", Key::Admin, Work::Now(list)),
    (Method::GET, "/v1/mcp/servers/{server_id}", Key::Admin, Work::Now(get)),
    (Method::GET, "/v1/mcp/tools", Key::Admin, Work::Now(tools)),
];

/// With their secrets in clear, as the runtime lists them.
fn list(_: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let servers = formation::mcp_servers("search-token-value-000");
    let count = servers.len();
    Ok(Answer::new("mcp_server_list", "mcp.server.list", json!({ "servers": servers, "count": count })))
}

fn get(_: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let id = call.path("server_id")?;
    let servers = formation::mcp_servers("${{ secrets.SEARCH_TOKEN }}");
    let found = servers.into_iter().find(|server| server.get("id").is_some_and(|known| known == id));
    let no_such = || Failure::internal_not_found("MCP_SERVER_NOT_FOUND", format!("MCP server '{id}' not found"));
    Ok(Answer::new("mcp_server", "mcp.server.retrieved", found.ok_or_else(no_such)?))
}

fn tools(_: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let text = json!({ "type": "string", "required": true });
    let tools = json!([
        {
            "name": "formation_list_agents", "description": "List all agents in the formation", "access": "admin",
            "parameters": {},
        },
        {
            "name": "chat", "description": "Send a message to the formation", "access": "client",
            "parameters": { "message": text },
        },
    ]);
    Ok(Answer::new("list", "mcp_tool.list", json!({ "tools": tools })))
}
