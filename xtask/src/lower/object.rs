//! Objects.

use serde_json::{Value, json};

use super::union::marked;
use super::{Context, Schema, Side, Trouble};

/// Drops the constraints on which properties an object has, and how many: typify ignores them in some places and not
/// in others. A map's keys are any texts.
pub(super) fn unconstrained_object(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    const CONSTRAINTS: &[&str] =
        &["dependentRequired", "maxProperties", "minProperties", "propertyNames", "unevaluatedProperties"];
    if schema.get("type") != Some(&json!("object")) {
        return Ok(false);
    }
    let before = schema.len();
    schema.retain(|keyword, _| !CONSTRAINTS.contains(&keyword.as_str()));
    Ok(schema.len() != before)
}

/// An object that does not say that it is one.
pub(super) fn untyped_object(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let is_typed = ["$ref", "allOf", "anyOf", "const", "enum", "items", "oneOf", "type"];
    if !schema.contains_key("properties") || is_typed.iter().any(|keyword| schema.contains_key(*keyword)) {
        return Ok(false);
    }
    schema.insert("type".to_owned(), json!("object"));
    Ok(true)
}

/// An answer may have more than its document says.
pub(super) fn open_answer(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    let is_closed = schema.get("additionalProperties") == Some(&json!(false));
    Ok(is_closed && context.side == Side::Answer && schema.remove("additionalProperties").is_some())
}

/// What is required of an answer without being declared is not asked for.
pub(super) fn undeclared_answer(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    if context.side != Side::Answer || schema.get("type") != Some(&json!("object")) {
        return Ok(false);
    }
    let declared: Vec<_> = schema.get("properties").and_then(Value::as_object).into_iter().flatten().collect();
    let declared: Vec<_> = declared.into_iter().map(|(name, _)| json!(name)).collect();
    let Some(Value::Array(required)) = schema.get_mut("required") else {
        return Ok(false);
    };
    let before = required.len();
    required.retain(|name| declared.contains(name));
    Ok(required.len() != before)
}

/// A part of an answer that may be left out may be null: backends mean the same by both, whatever the document says.
pub(super) fn optional_answer(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = schema.get_mut("properties").filter(|_| context.side == Side::Answer) else {
        return Ok(false);
    };
    let mut changed = false;
    for (_, property) in properties.iter_mut().filter(|(name, _)| !required.iter().any(|required| required == *name)) {
        if let Value::Object(property) = property
            && !property.is_empty()
            && property.get("nullable") != Some(&json!(true))
        {
            property.insert("nullable".to_owned(), json!(true));
            changed = true;
        }
    }
    Ok(changed)
}

/// `"a": false`: a property that must not be there, and is nowhere.
pub(super) fn forbidden_properties(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let required: Vec<_> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return Ok(false);
    };
    let before = properties.len();
    properties.retain(|name, property| *property != json!(false) || required.iter().any(|required| required == name));
    Ok(properties.len() != before)
}

/// Drops the properties that never go this way: what is `readOnly` is not sent, what is `writeOnly` not answered.
/// Where one is required, it is required of the other side.
pub(super) fn one_way_properties(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    let mark = if context.side == Side::Request { "readOnly" } else { "writeOnly" };
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return Ok(false);
    };
    let gone: Vec<_> = properties
        .iter()
        .filter(|(_, property)| marked(property, mark, context.components))
        .map(|(name, _)| name.clone())
        .collect();
    properties.retain(|name, _| !gone.contains(name));
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| !gone.iter().any(|gone| name == gone));
    }
    Ok(!gone.is_empty())
}

/// `"required": []`: OpenAPI 3.0 has no empty list there.
pub(super) fn empty_required(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let is_empty = schema.get("required") == Some(&json!([]));
    Ok(is_empty && schema.remove("required").is_some())
}

/// Takes out of the required properties of an answer those that may be null: to a client, absent and null mean the same,
/// and a backend that leaves nulls out must not break it. The properties are lowered already.
pub(super) fn optional_nulls(schema: &mut Schema) {
    let may_be_null = |name: &str, schema: &Schema| {
        let property = schema.get("properties").and_then(|properties| properties.get(name));
        property.and_then(|property| property.get("nullable")) == Some(&json!(true))
    };
    let Some(Value::Array(required)) = schema.get("required") else {
        return;
    };
    let kept: Vec<_> =
        required.iter().filter(|name| !name.as_str().is_some_and(|name| may_be_null(name, schema))).cloned().collect();
    if kept.is_empty() {
        schema.remove("required");
    } else {
        schema.insert("required".to_owned(), Value::Array(kept));
    }
}

/// `"additionalProperties": true` beside `properties`: typify drops what is not declared then. Of `{}`,
/// which says the same, it makes a map beside the declared fields.
pub(super) fn kept_extras(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let declares = schema.get("properties").and_then(Value::as_object).is_some_and(|properties| !properties.is_empty());
    if !declares || schema.get("additionalProperties") != Some(&json!(true)) {
        return Ok(false);
    }
    schema.insert("additionalProperties".to_owned(), json!({}));
    Ok(true)
}
