//! Whatever an export holds, importing it ends in a result or a refusal.

use serde_json::{Value, json};
use xtask::{Kind, Source, Verdict};

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

/// What is put beside the members of each object.
fn insertions() -> Vec<(&'static str, Value)> {
    vec![
        ("type", json!(["string", "integer", "null"])),
        ("anyOf", json!([{"type": "object"}, {"type": "array"}, {"type": "null"}])),
        ("oneOf", json!([{"$ref": "#/components/schemas/B"}, {"type": "object", "properties": {}}])),
        ("allOf", json!([{"type": "object"}, {"properties": {"x": {}}}])),
        ("enum", json!(["a", "A", "+a"])),
        ("const", json!(1)),
        ("default", json!({"a": 1})),
        ("additionalProperties", json!({"type": "string"})),
        ("not", json!({"type": "string"})),
        ("minimum", json!(1)),
        ("format", json!("uuid")),
        ("required", json!(["q"])),
        ("deprecated", json!(true)),
        ("nullable", json!(true)),
        ("discriminator", json!({"propertyName": "kind"})),
        ("x-rust-type", json!("a::B")),
        ("servers", json!([{"url": "/v2"}])),
        ("security", json!([{"Other": []}])),
        ("callbacks", json!({})),
        ("operationId", json!("other")),
        ("requestBody", json!({"content": {"text/plain": {}}})),
        ("text/plain", json!({})),
        ("404", json!({"description": ""})),
        ("302", json!({"description": ""})),
        ("default", json!({"description": ""})),
        ("headers", json!({"X": {"schema": {"not": {}}}})),
        (
            "parameters",
            json!([{"name": "c", "in": "cookie", "schema": {}}, {"name": "id", "in": "query", "schema": {}}]),
        ),
        ("get", json!({})),
        ("description", json!("x")),
        ("webhooks", json!({"a": 3})),
        ("D", json!({"type": "object"})),
        ("d", json!({"not": {}})),
    ]
}

/// Each mutant of the export with what tells it apart.
fn mutants() -> impl Iterator<Item = (String, Value)> {
    let mut all = vec![String::new()];
    pointers(&export(), "", &mut all);
    let replaced = all.clone().into_iter().flat_map(|pointer| {
        replacements().into_iter().map(move |replacement| {
            let mut mutant = export();
            *mutant.pointer_mut(&pointer).unwrap() = replacement.clone();
            (format!("{pointer} = {replacement}"), mutant)
        })
    });
    let inserted = all.into_iter().flat_map(|pointer| {
        insertions().into_iter().filter_map(move |(key, value)| {
            let mut mutant = export();
            let text = format!("{pointer} with {key}: {value}");
            mutant.pointer_mut(&pointer)?.as_object_mut()?.insert(key.to_owned(), value);
            Some((text, mutant))
        })
    });
    replaced.chain(inserted)
}

/// No mutant makes the import panic or write anything that it refuses; and what the comparison calls harmless is taken, unless
/// somebody has to say first whether it is public.
#[test]
fn an_export_with_any_part_changed_is_imported_or_refused() {
    let workspace = Workspace::new();
    workspace.write("openapi/library/contract.toml", CONTRACT);
    workspace.write("openapi/library/schemas.json", r#"{"Answer": {"type": "object"}}"#);
    workspace.write("export.json", &export().to_string());
    workspace.import().unwrap();
    let imported = workspace.read("openapi/library/backend.json");

    let source = Source::File(workspace.path("export.json"));
    let (mut taken, mut refused) = (0, 0);
    let mut contradictions = Vec::new();
    for (case, mutant) in mutants() {
        workspace.write("export.json", &mutant.to_string());
        workspace.write("openapi/library/backend.json", &imported);
        let before = workspace.snapshot();
        let drift = xtask::drift(&workspace.backend, &source);
        let error = match workspace.import() {
            Ok(_) => {
                taken += 1;
                continue;
            }
            Err(error) => error,
        };
        refused += 1;
        let text = error.to_string();
        assert_eq!(text.lines().count(), 1, "{case}: {text}");
        // progenitor is kept from panicking; the net below is for what nobody thought of.
        assert!(!text.contains("panics"), "{case}: {text}");
        assert_eq!(workspace.snapshot(), before, "{case}");
        let is_asked = error.kind() == Kind::Unclassified
            || drift.as_ref().is_ok_and(|drift| drift.changes.iter().any(|change| change.what == "path"));
        if drift.is_ok_and(|drift| drift.verdict() != Verdict::Breaking) && !is_asked {
            contradictions.push(format!("{case}: {text}"));
        }
    }
    assert!(taken > 500 && refused > 300, "{taken} taken, {refused} refused");
    assert!(contradictions.is_empty(), "harmless, but refused:\n{}", contradictions.join("\n"));
}
