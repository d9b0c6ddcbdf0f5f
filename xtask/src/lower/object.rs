//! Objects.

use serde_json::{Value, json};

use super::{Context, Schema};
use crate::error::Result;

/// Drops the constraints on an object's size, which typify ignores in some places and not in others.
pub(super) fn unconstrained_object(schema: &mut Schema, _: &Context<'_>) -> Result<bool> {
    let before = schema.len();
    schema.retain(|keyword, _| !matches!(keyword.as_str(), "maxProperties" | "minProperties"));
    Ok(schema.len() != before)
}

/// `"required": []`: OpenAPI 3.0 has no empty list there.
pub(super) fn empty_required(schema: &mut Schema, _: &Context<'_>) -> Result<bool> {
    let is_empty = schema.get("required") == Some(&json!([]));
    Ok(is_empty && schema.remove("required").is_some())
}

/// `"additionalProperties": true` beside `properties`: typify drops what is not declared then. Of `{}`,
/// which says the same, it makes a map beside the declared fields.
pub(super) fn kept_extras(schema: &mut Schema, _: &Context<'_>) -> Result<bool> {
    let declares = schema.get("properties").and_then(Value::as_object).is_some_and(|properties| !properties.is_empty());
    if !declares || schema.get("additionalProperties") != Some(&json!(true)) {
        return Ok(false);
    }
    schema.insert("additionalProperties".to_owned(), json!({}));
    Ok(true)
}
