//! Arrays.

use serde_json::json;

use super::{Context, Schema};
use crate::error::Result;

/// Drops the constraints on an array: where `uniqueItems` is set typify makes a set of it, and where
/// `minItems` equals `maxItems` an array of fixed length. A list is a `Vec`.
pub(super) fn unconstrained_array(schema: &mut Schema, _: &Context<'_>) -> Result<bool> {
    if schema.get("type") != Some(&json!("array")) {
        return Ok(false);
    }
    let before = schema.len();
    schema.retain(|keyword, _| !matches!(keyword.as_str(), "maxItems" | "minItems" | "uniqueItems"));
    Ok(schema.len() != before)
}

/// An array that says nothing of its items: OpenAPI 3.0 requires `items`.
pub(super) fn untyped_items(schema: &mut Schema, _: &Context<'_>) -> Result<bool> {
    if schema.get("type") != Some(&json!("array")) || schema.contains_key("items") {
        return Ok(false);
    }
    schema.insert("items".to_owned(), json!({}));
    Ok(true)
}
