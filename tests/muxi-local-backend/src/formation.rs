//! What the formation declares of itself.

use serde_json::{Value, json};

/// The agents, as they are shown: keys in them are masked.
pub(crate) fn agents() -> Vec<Value> {
    vec![
        json!({
            "schema": "1.0.0", "id": "helper", "name": "Helper", "description": "Answers anything", "active": true,
            "default": true, "system_message": "Be brief.", "specialties": ["general"],
            "llm_models": [{ "text": "openai/gpt-none" }], "model": { "api_key": "sk-••••••••y01" },
        }),
        json!({
            "schema": "1.0.0", "id": "coder", "name": "Coder", "description": "Writes programs", "active": true,
            "specialties": ["rust", "python"], "knowledge": [], "mcp_servers": [{ "id": "files" }],
        }),
        json!({
            "schema": "1.0.0", "id": "sleeper", "name": "Schläfer 😴", "description": "Never called", "active": false,
        }),
    ]
}

/// Its secrets, and whether its configuration refers to them.
pub(crate) const SECRETS: &[(&str, &str, bool)] = &[
    ("DATABASE_URL", "postgres://user:pass@db.example.com/muxi", true),
    ("OPENAI_API_KEY", "sk-0123456789abcdefghijABCD", true),
    ("SEARCH_TOKEN", "search-token-value-000", true),
    ("SHORT", "abc", false),
];

/// Its MCP servers; `token` is what stands in place of the secret of the first.
pub(crate) fn mcp_servers(token: &str) -> Vec<Value> {
    vec![
        json!({
            "id": "web-search", "type": "http", "endpoint": "https://mcp.example.com/search", "timeout_seconds": 30,
            "auth": { "type": "bearer", "token": token },
        }),
        json!({
            "id": "files", "type": "command", "command": "mcp-files", "args": ["--root", "/data"], "active": false,
        }),
    ]
}

/// The block of its configuration that they are in.
pub(crate) fn mcp(token: &str) -> Value {
    json!({
        "default_retry_attempts": 2, "default_timeout_seconds": 20,
        "defaults": { "retry_attempts": 2, "timeout_seconds": 20, "max_tool_calls": 25 },
        "servers": mcp_servers(token),
    })
}

/// What the overlord is told to be.
pub(crate) const SOUL: &str = "You repeat what you hear.";

/// The blocks of its configuration, with secrets by their names.
pub(crate) fn blocks() -> Value {
    json!({
        "llm": {
            "settings": { "temperature": 0.3, "max_tokens": 1024, "timeout_seconds": 45 },
            "api_keys": { "openai": "${{ secrets.OPENAI_API_KEY }}" },
            "models": [{ "text": "openai/gpt-none" }, { "embedding": "local/none" }],
        },
        "overlord": {
            "soul": SOUL,
            "response": { "format": "markdown", "widgets": true, "streaming": true },
            "clarification": { "max_questions": 3, "style": "brief", "persist_learned_info": false },
        },
        "memory": {
            "buffer": { "size": 20, "multiplier": 3, "vector_search": true },
            "working": { "max_memory_mb": 64, "fifo_interval_min": 5 },
            "persistent": { "connection_string": "${{ secrets.DATABASE_URL }}" },
        },
        "async": {
            "enabled": true, "threshold_seconds": 30, "max_concurrent_jobs": 4,
            "webhook_url": "https://hooks.example.com/muxi",
        },
        "scheduler": { "enabled": true, "timezone": "Europe/Berlin", "check_interval_minutes": 2 },
        "a2a": { "enabled": true, "outbound": { "enabled": false }, "inbound": { "enabled": false } },
        "logging": {
            "system": { "level": "info", "destination": "stdout" },
            "conversation": {
                "enabled": true,
                "streams": [
                    { "id": "main", "transport": "stdout", "level": "INFO", "format": "jsonl" },
                    {
                        "transport": "file", "destination": "/var/log/muxi.jsonl", "level": "DEBUG", "format": "jsonl",
                        "enabled": false,
                    },
                ],
            },
        },
    })
}

/// All that it is declared with.
pub(crate) fn declared(id: &str) -> Value {
    let mut declared = identity(id);
    if let (Some(declared), Value::Object(blocks)) = (declared.as_object_mut(), blocks()) {
        declared.insert("schema".to_owned(), json!(SCHEMA));
        declared.insert("mcp".to_owned(), mcp("${{ secrets.SEARCH_TOKEN }}"));
        declared.insert("agents".to_owned(), json!(agents()));
        declared.extend(blocks);
    }
    declared
}

/// The MCP servers that users give credentials for, and the service of each.
pub(crate) const CREDENTIAL_SERVICES: &[(&str, &str)] = &[("github-mcp", "github"), ("linear", "linear")];

/// Its triggers, and the template of each.
pub(crate) const TRIGGERS: &[(&str, &str)] = &[
    ("broken", "---\nparse: [\n---\nnever rendered\n"),
    ("daily-report", "Write the report for ${{ data.date }}.\n"),
    ("github-issue", "New issue in ${{ data.repository }}: #${{ data.issue.number }} ${{ data.issue.title }}\n"),
    ("static", "Say hello.\n"),
];

/// Its standard operating procedures.
pub(crate) fn sops() -> Vec<Value> {
    vec![
        json!({
            "name": "onboarding", "title": "Customer onboarding", "type": "template", "steps": 3,
            "agents_used": ["helper", "coder"], "references": ["file:terms.md"],
            "content": "1. Greet the customer\n2. Ask for the account\n3. See [file:terms.md]\n",
            "metadata": { "title": "Customer onboarding", "type": "template", "agents": ["helper", "coder"] },
        }),
        json!({
            "name": "refund", "title": "Refund", "type": "template", "steps": null, "agents_used": ["helper"],
            "references": null, "content": "agent: helper\nDecide, then answer.\n", "metadata": { "title": "Refund" },
        }),
    ]
}

/// Its version.
pub(crate) const VERSION: &str = "2.3.4";

/// The version of the form that it is declared in.
pub(crate) const SCHEMA: &str = "1.0.0";

/// What it is.
pub(crate) fn identity(id: &str) -> Value {
    json!({
        "id": id, "name": "Echo Bot", "description": "A formation with no model behind it", "version": VERSION,
    })
}
