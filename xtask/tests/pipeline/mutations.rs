//! Whatever an export holds, importing it ends in a result or a refusal.

use serde_json::{Value, json};

use crate::json_parts::pointers;
use crate::workspace::Workspace;

/// One operation that has something of everything, and its schemas.
fn export() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a/{id}": {"post": {
            "operationId": "a",
            "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                {"name": "q", "in": "query", "schema": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
            ],
            "requestBody": {"required": true, "content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/B",
            }}}},
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": {}}}}},
        }}},
        "components": {"schemas": {
            "B": {
                "type": "object",
                "properties": {
                    "list": {"type": "array", "items": {"$ref": "#/components/schemas/C"}},
                    "map": {"type": "object", "additionalProperties": {"type": "number"}},
                    "kind": {"type": "string", "enum": ["a", "b"], "default": "a"},
                    "back": {"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}]},
                    "either": {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 0}]},
                },
                "required": ["list"],
            },
            "C": {"type": "string", "const": "c"},
        }},
    })
}

const CONTRACT: &str = "
    [public.a]
    call = \"POST /a/{id}\"
    answer = \"Answer\"
    repeat = false
";

/// What is put in the place of each part.
fn replacements() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("x y\n{}"),
        json!([]),
        json!([{}]),
        json!({}),
        json!({"$ref": "#/components/schemas/B"}),
        json!({"type": ["string", "integer", "null"]}),
        json!({"enum": ["", "+1", "-", "é", "self", "Self", "a b"]}),
        json!({"type": "object", "properties": {"": {}, "type": {"const": 1}, "1": true, "日本": {}}}),
    ]
}

#[test]
fn an_export_with_any_part_replaced_is_imported_or_refused() {
    let workspace = Workspace::new();
    workspace.write("openapi/mycel/contract.toml", CONTRACT);
    workspace.write("openapi/mycel/schemas.json", r#"{"Answer": {"type": "object"}}"#);
    workspace.write("export.json", &export().to_string());
    workspace.import().unwrap();

    let mut all = Vec::new();
    pointers(&export(), "", &mut all);
    let mut refused = 0;
    for pointer in &all {
        for replacement in replacements() {
            let mut mutant = export();
            *mutant.pointer_mut(pointer).unwrap() = replacement.clone();
            workspace.write("export.json", &mutant.to_string());
            let before = workspace.snapshot();
            if let Err(error) = workspace.import() {
                let text = error.to_string();
                let case = format!("{pointer} = {replacement}: {text}");
                assert_eq!(text.lines().count(), 1, "{case}");
                // progenitor is kept from panicking; the net below is for what nobody thought of.
                assert!(!text.contains("panics"), "{case}");
                assert_eq!(workspace.snapshot(), before, "{case}");
                refused += 1;
            }
        }
    }
    assert!(refused > all.len(), "{refused} of {} parts", all.len());
}
