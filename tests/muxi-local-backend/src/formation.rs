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

/// What it is.
pub(crate) fn identity(id: &str) -> Value {
    json!({
        "id": id, "name": "Echo Bot", "description": "A formation with no model behind it", "version": VERSION,
    })
}
