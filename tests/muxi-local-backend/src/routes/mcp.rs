//! MCP servers and tools.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde_json::{Value, json};

use super::{Route, Work};
use crate::{app::App, caller::Key, envelope::Answer, error::Failure, formation};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/mcp", Key::Admin, Work::Now(defaults)),
    (Method::GET, "/v1/mcp/servers", Key::Admin, Work::Now(list)),
    (Method::GET, "/v1/mcp/servers/{server_id}", Key::Admin, Work::Now(get)),
    (Method::GET, "/v1/mcp/tools", Key::Admin, Work::Now(tools)),
];

/// What the runtime gives in clear.
const TOKEN: &str = "search-token-value-000";

/// What holds for all servers, where they don't say otherwise.
fn defaults(_: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let mcp = formation::mcp(TOKEN);
    let declared = |field: &str| mcp.pointer(field).cloned().unwrap_or_default();
    let data = json!({
        "default_retry_attempts": declared("/default_retry_attempts"),
        "default_timeout_seconds": declared("/default_timeout_seconds"),
        "max_tool_calls": declared("/defaults/max_tool_calls"), "servers": declared("/servers"),
        "max_tool_iterations": 10, "max_repeated_errors": 3, "max_timeout_in_seconds": 300,
        "max_tool_timeout_in_seconds": 30, "enhance_user_prompts": true,
    });
    Ok(Answer::new("mcp_defaults", "mcp.defaults.retrieved", data))
}

/// With their secrets in clear, as the runtime lists them.
fn list(_: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let servers = formation::mcp_servers(TOKEN);
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
    let required = |kind: &str| json!({ "type": kind, "required": true });
    let optional = |kind: &str| json!({ "type": kind, "required": false });
    let tool = |name: &str, description: &str, access: &str, parameters: Value| json!({ "name": name, "description": description, "access": access, "parameters": parameters });
    let tools = json!([
        tool("formation_list_agents", "List all agents in the formation", "admin", json!({})),
        tool(
            "formation_update_agent",
            "Update agent configuration",
            "admin",
            json!({ "agent_id": required("string"), "updates": required("object") }),
        ),
        tool(
            "formation_manage_secrets",
            "Manage formation secrets",
            "admin",
            json!({
                "action": { "type": "string", "enum": ["create", "update", "delete"], "required": true },
                "key": required("string"), "value": optional("string"),
            }),
        ),
        tool(
            "chat",
            "Send a message to the formation",
            "client",
            json!({ "message": required("string"), "user_id": optional("string"), "files": optional("array") }),
        ),
        tool(
            "get_memories",
            "Retrieve user memories",
            "client",
            json!({
                "user_id": required("string"), "limit": { "type": "integer", "required": false, "default": 10 },
            }),
        ),
        tool(
            "create_memory",
            "Create a user memory",
            "client",
            json!({ "user_id": required("string"), "content": required("string"), "metadata": optional("object") }),
        ),
    ]);
    Ok(Answer::new("list", "mcp_tool.list", json!({ "tools": tools })))
}
