//! What stands for a schema that no type of Rust's is like: JSON that is free, as far as it has to be.

use serde_json::{Map, Value, json};

use super::{Schema, nullable, union};

/// JSON of the one type that all values of the schema have, if they have one; else of any.
pub(super) fn json(schema: &Schema, components: &Map<String, Value>) -> Schema {
    let mut free = Schema::new();
    let Some(kind) = kind(schema, components) else {
        return free;
    };
    free.insert("type".to_owned(), json!(kind));
    if kind == "array" {
        free.insert("items".to_owned(), json!({}));
    }
    if nullable::names_null(schema) {
        free.insert("nullable".to_owned(), json!(true));
    }
    free
}

/// The JSON type of all values but null; a number counts for one only if it is sure to fit.
fn kind<'a>(schema: &'a Schema, components: &'a Map<String, Value>) -> Option<&'a str> {
    if let Some(Value::Array(types)) = schema.get("type") {
        let mut others = types.iter().filter(|one| *one != "null");
        let one = others.next().and_then(Value::as_str)?;
        return if others.next().is_none() { known(one) } else { None };
    }
    if let Some(kind) = union::json_type(schema, components) {
        return known(kind);
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let Some(Value::Array(members)) = schema.get(keyword) else {
            continue;
        };
        let mut kinds = members
            .iter()
            .filter(|member| !nullable::is_null(member))
            .map(|member| union::json_type(member.as_object()?, components))
            // One value is of all members of an allOf: those that say nothing of its type leave it to the others.
            .filter(|kind| keyword != "allOf" || kind.is_some());
        let first = kinds.next().flatten()?;
        return if kinds.all(|kind| kind == Some(first)) { known(first) } else { None };
    }
    None
}

fn known(kind: &str) -> Option<&str> {
    matches!(kind, "array" | "boolean" | "object" | "string").then_some(kind)
}

/// What it is called in a note.
pub(super) fn name(free: &Schema) -> &'static str {
    match free.get("type").and_then(Value::as_str) {
        Some("array") => "a list of free JSON",
        Some("object") => "an object of free JSON",
        Some("string") => "any string",
        Some("boolean") => "any boolean",
        _ => "free JSON",
    }
}
