//! Values that a schema fixes: `const` and `enum`.

use serde_json::{Value, json};

use super::{Context, Schema, unlowerable};
use crate::error::Result;

/// `"const": "chat"`: OpenAPI 3.0 has no `const`; progenitor's parser ignores it, and the field silently
/// becomes a `serde_json::Value`. An enum of one value says the same.
pub(super) fn single_value_enum(schema: &mut Schema, context: &Context<'_>) -> Result<bool> {
    let Some(value) = schema.remove("const") else {
        return Ok(false);
    };
    if schema.contains_key("enum") {
        return Err(unlowerable(context.place, "has both a const and an enum"));
    }
    schema.insert("enum".to_owned(), json!([value]));
    Ok(true)
}

/// An enum without a type, which JSON Schema allows: progenitor panics where it can't guess one.
pub(super) fn untyped_enum(schema: &mut Schema, context: &Context<'_>) -> Result<bool> {
    if schema.contains_key("type") {
        return Ok(false);
    }
    let Some(Value::Array(values)) = schema.get("enum") else {
        return Ok(false);
    };
    let name = if values.iter().all(Value::is_string) {
        "string"
    } else if values.iter().all(|value| value.is_i64() || value.is_u64()) {
        "integer"
    } else if values.iter().all(Value::is_boolean) {
        "boolean"
    } else {
        return Err(unlowerable(context.place, "has an enum of other than strings, integers or booleans alone"));
    };
    schema.insert("type".to_owned(), json!(name));
    Ok(true)
}

/// An enum of booleans: typify makes a `bool` of it with or without its values, and beside `nullable`
/// they would have to name null too.
pub(super) fn boolean_enum(schema: &mut Schema, _: &Context<'_>) -> Result<bool> {
    let is_boolean = schema.get("type") == Some(&json!("boolean"));
    Ok(is_boolean && schema.remove("enum").is_some())
}
