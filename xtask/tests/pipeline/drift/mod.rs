//! What `drift` finds, and how grave it is.

mod command;
mod documents;
mod operations;
mod schemas;

use serde_json::{Value, json};
use xtask::{Drift, Error, Kind, Severity, Texts, Verdict, drift_between, rehearse};

const CONTRACT: &str = "
    [public.act]
    call = \"POST /a/{id}\"
    answer = \"Answer\"
    repeat = false

    [[private]]
    calls = [\"* /private/**\"]
    reason = \"a test\"
";

const SCHEMAS: &str = r#"{
    "Answer": {"type": "object", "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}, "required": ["id"]}
}"#;

/// A document with one operation that has something of everything.
fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a/{id}": {"post": {
            "operationId": "a",
            "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200}},
            ],
            "requestBody": {"required": true, "content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/Body",
            }}}},
            "responses": {
                "200": {"description": "", "content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/Read",
                }}}},
                "422": {"description": "", "content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/Failure",
                }}}},
            },
        }}},
        "components": {
            "schemas": {
                "Body": {"type": "object", "properties": {"it": {"type": "string"}}, "required": ["it"]},
                "Read": {"type": "object", "properties": {"it": {"type": "string"}}, "required": ["it"]},
                "Failure": {"type": "object", "properties": {"it": {"type": "string"}}, "required": ["it"]},
            },
            "securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}},
        },
        "x-left-out": [{"method": "GET", "path": "/private/old", "operationId": "old"}],
    })
}

/// The live document in which nothing has changed: it has what the import left out.
fn live() -> Value {
    let mut live = document();
    live.as_object_mut().unwrap().remove("x-left-out");
    live["paths"]["/private/old"] = json!({"get": {"operationId": "old", "responses": {}}});
    live
}

fn compare(imported: &Value, live: &Value) -> Result<Drift, Error> {
    compare_under(CONTRACT, SCHEMAS, imported, live)
}

fn compare_under(contract: &str, schemas: &str, imported: &Value, live: &Value) -> Result<Drift, Error> {
    let imported = imported.to_string();
    let texts = Texts { contract, schemas: schemas.as_bytes(), imported: imported.as_bytes() };
    drift_between(texts, live.to_string().as_bytes())
}

/// What does not break the client can be imported; of operations that came or went, the import asks first.
#[track_caller]
fn is_taken_if_harmless(drift: &Drift, live: &Value) {
    if drift.verdict() != Verdict::Harmless {
        return;
    }
    if let Err(error) = rehearse(live.to_string().as_bytes(), Some((CONTRACT, SCHEMAS.as_bytes()))) {
        let asks = matches!(error.kind(), Kind::Unclassified | Kind::MissingOperation);
        assert!(asks, "{:?}: {error}", summary(drift));
    }
}

/// Each change as how grave it is and what has changed.
fn summary(drift: &Drift) -> Vec<String> {
    let grave = |severity| if severity == Severity::Breaking { "breaking" } else { "harmless" };
    let mut lines: Vec<_> =
        drift.changes.iter().map(|change| format!("{} {}", grave(change.severity), change.what)).collect();
    lines.sort();
    lines
}
