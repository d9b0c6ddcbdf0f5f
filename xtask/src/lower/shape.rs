//! What a schema may look like once the fix-ups have been applied.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::union::json_type;
use super::{Context, Role, Schema, Side, pascal, unlowerable};
use crate::error::Result;

/// Refuses every keyword that has no counterpart in OpenAPI 3.0.3, or none that progenitor takes, and
/// every keyword whose value is not of its kind: progenitor panics on some of these, and silently makes
/// a `serde_json::Value` of others.
pub(super) fn check(schema: &Schema, context: &Context<'_>) -> Result<()> {
    let refuse = |problem: String| Err(unlowerable(context.place, problem));
    let type_name = match schema.get("type") {
        None => None,
        Some(Value::String(name)) => Some(name.as_str()),
        Some(_) => return refuse("has a type that is neither a name nor a list of names".to_owned()),
    };
    let (what, allowed): (&str, &[&str]) = match type_name {
        Some("string") => ("a string", &["type", "enum"]),
        Some("boolean") => ("a boolean", &["type"]),
        Some("integer") => (
            "an integer",
            &["type", "enum", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
        ),
        Some("number") => (
            "a number",
            &["type", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
        ),
        Some("array") => ("an array", &["type", "items"]),
        Some("object") => ("an object", &["type", "properties", "required", "additionalProperties"]),
        Some("null") => return refuse("allows null only, which OpenAPI 3.0 can't say".to_owned()),
        Some(other) => return refuse(format!("has the unknown type {other:?}")),
        None if schema.contains_key("$ref") => ("a $ref", &["$ref"]),
        None if schema.contains_key("allOf") => ("an allOf", &["allOf"]),
        None if schema.contains_key("oneOf") => ("a union", &["oneOf"]),
        None => ("a schema without a type", &[]),
    };
    let is_reference = schema.contains_key("$ref");
    for keyword in schema.keys() {
        let known = allowed.contains(&keyword.as_str())
            || (!is_reference && matches!(keyword.as_str(), "default" | "nullable"))
            || (context.role == Role::Member && keyword == "title");
        if !known {
            return refuse(format!("has the keyword {keyword:?}, which can't be lowered in {what}"));
        }
    }
    for (keyword, value) in schema {
        check_value(keyword, value, context)?;
    }
    check_default(schema, context)?;
    match type_name {
        Some("object") => check_object(schema, context),
        Some(name) => check_enum(schema, name, context),
        None => Ok(()),
    }
}

fn check_value(keyword: &str, value: &Value, context: &Context<'_>) -> Result<()> {
    let fits = match keyword {
        "$ref" | "title" => value.is_string(),
        "minimum" | "maximum" | "multipleOf" => value.is_number(),
        "exclusiveMinimum" | "exclusiveMaximum" | "nullable" => value.is_boolean(),
        "properties" => value.is_object(),
        "required" | "enum" | "allOf" | "oneOf" => value.is_array(),
        "additionalProperties" | "items" => value.is_object() || value.is_boolean(),
        _ => true,
    };
    if fits {
        return Ok(());
    }
    Err(unlowerable(context.place, format!("has the keyword {keyword:?} with {}", crate::json::type_name(value))))
}

fn check_enum(schema: &Schema, type_name: &str, context: &Context<'_>) -> Result<()> {
    let Some(Value::Array(values)) = schema.get("enum") else {
        return Ok(());
    };
    let fits = |value: &Value| match type_name {
        "string" => value.is_string(),
        _ => value.is_i64(),
    };
    // typify makes variants of them, and panics where two would have one name.
    let variants: BTreeSet<_> = values.iter().map(|value| value.as_str().map_or(value.to_string(), pascal)).collect();
    if values.is_empty() || variants.len() < values.len() || !values.iter().all(fits) {
        return Err(unlowerable(
            context.place,
            format!("has an enum that is not a list of {type_name} values with different names"),
        ));
    }
    Ok(())
}

/// typify panics on a default that is not of the schema's type.
fn check_default(schema: &Schema, context: &Context<'_>) -> Result<()> {
    let Some(default) = schema.get("default") else {
        return Ok(());
    };
    let referenced = schema.get("allOf").and_then(|members| members.get(0)).and_then(Value::as_object);
    let fits = match (json_type(referenced.unwrap_or(schema), context.components), default) {
        (_, Value::Null) => schema.contains_key("nullable"),
        (None, _) => !schema.contains_key("oneOf"),
        (Some("string"), default) => default.is_string(),
        (Some("number"), default) => default.is_number(),
        (Some("boolean"), default) => default.is_boolean(),
        (Some("array"), default) => default.is_array(),
        (Some("object"), default) => default.is_object(),
        (Some(_), _) => false,
    };
    if fits {
        return Ok(());
    }
    Err(unlowerable(context.place, format!("has the default {default}, which is not of its type")))
}

fn check_object(schema: &Schema, context: &Context<'_>) -> Result<()> {
    if context.side == Side::Answer && schema.get("additionalProperties") == Some(&json!(false)) {
        return Err(unlowerable(
            context.place,
            "has additionalProperties: false, so that an answer with a new field would be refused",
        ));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let declared =
            name.as_str().is_some_and(|name| properties.is_some_and(|properties| properties.contains_key(name)));
        if !declared {
            return Err(unlowerable(context.place, format!("requires {name}, which is none of its properties")));
        }
    }
    Ok(())
}

/// Whether typify makes a type of its own of the schema, rather than one of Rust's.
pub(super) fn becomes_a_type(schema: &Schema) -> bool {
    let declares = schema.get("properties").and_then(Value::as_object).is_some_and(|properties| !properties.is_empty());
    declares
        || schema.contains_key("enum")
        || schema.contains_key("oneOf")
        || schema.get("additionalProperties") == Some(&json!(false))
}
