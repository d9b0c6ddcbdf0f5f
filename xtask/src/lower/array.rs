//! Arrays.

use serde_json::{Value, json};

use super::{Context, Schema, Side, Trouble, untypable};

/// `prefixItems`, which OpenAPI 3.0 does not have: a list of what may stand at any of its places.
///
/// What follows the listed places may be anything unless the schema says otherwise. That much is read; it need not
/// be sent.
pub(super) fn tuple(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    let prefix = match schema.remove("prefixItems") {
        None => return Ok(false),
        Some(Value::Array(prefix)) => prefix,
        Some(_) => return Err(untypable("has prefixItems that are not a list")),
    };
    let is_whole = schema.get("maxItems").and_then(Value::as_u64).is_some_and(|most| most <= prefix.len() as u64);
    let rest = match schema.remove("items") {
        Some(Value::Bool(false)) => None,
        Some(items) if !is_whole => Some(items),
        None if !is_whole && (context.side != Side::Request || prefix.is_empty()) => Some(json!(true)),
        _ => None,
    };
    let mut members: Vec<Value> = Vec::new();
    for member in prefix.into_iter().chain(rest) {
        if !members.contains(&member) {
            members.push(member);
        }
    }
    let items = match members.as_slice() {
        [] => json!(true),
        _ => json!({"anyOf": members}),
    };
    schema.entry("type").or_insert(json!("array"));
    schema.insert("items".to_owned(), items);
    Ok(true)
}

/// Drops the constraints on an array: where `uniqueItems` is set typify makes a set of it, and where
/// `minItems` equals `maxItems` an array of fixed length. A list is a `Vec`.
pub(super) fn unconstrained_array(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    const CONSTRAINTS: &[&str] =
        &["contains", "maxContains", "maxItems", "minContains", "minItems", "unevaluatedItems", "uniqueItems"];
    if schema.get("type") != Some(&json!("array")) {
        return Ok(false);
    }
    let before = schema.len();
    schema.retain(|keyword, _| !CONSTRAINTS.contains(&keyword.as_str()));
    Ok(schema.len() != before)
}

/// An array that says nothing of its items: OpenAPI 3.0 requires `items`, and has no boolean schemas there.
pub(super) fn untyped_items(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let says_nothing = schema.get("items").is_none_or(Value::is_boolean);
    if schema.get("type") != Some(&json!("array")) || !says_nothing {
        return Ok(false);
    }
    schema.insert("items".to_owned(), json!({}));
    Ok(true)
}
