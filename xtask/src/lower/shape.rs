//! What a schema may look like once the fix-ups have been applied.

use serde_json::{Value, json};

use super::union::json_type;
use super::{Context, Role, Schema, Side, Trouble, untypable};
use crate::reference;

/// Finds what has no counterpart in OpenAPI 3.0.3, or none that progenitor takes: keywords that it does not know, and
/// values that are not of their keyword's kind. progenitor panics on some of these, and silently makes
/// a `serde_json::Value` of others.
pub(super) fn check(schema: &Schema, context: &Context<'_>) -> Result<(), Trouble> {
    let type_name = match schema.get("type") {
        None => None,
        Some(Value::String(name)) => Some(name.as_str()),
        Some(_) => return Err(untypable("has a type that is neither a name nor a list of names")),
    };
    let (what, allowed): (&str, &[&str]) = match type_name {
        Some("string") => ("a string", &["type", "enum"]),
        Some("boolean") => ("a boolean", &["type"]),
        Some("integer") => ("an integer", &["type", "enum", "format", "minimum"]),
        Some("number") => ("a number", &["type", "format"]),
        Some("array") => ("an array", &["type", "items"]),
        Some("object") => ("an object", &["type", "properties", "required", "additionalProperties"]),
        Some("null") => return Err(untypable("allows null only")),
        Some(other) => return Err(untypable(format!("has the unknown type {other:?}"))),
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
            return Err(untypable(format!("has the keyword {keyword:?}, which has no like for {what}")));
        }
    }
    for (keyword, value) in schema {
        check_value(keyword, value, context)?;
    }
    check_default(schema, context)?;
    match type_name {
        Some("object") => check_object(schema, context),
        Some(name) => check_enum(schema, name),
        None => Ok(()),
    }
}

fn check_value(keyword: &str, value: &Value, context: &Context<'_>) -> Result<(), Trouble> {
    let fits = match keyword {
        "$ref" if !value.is_string() => return Err(reference::dangling(context.place, &value.to_string()).into()),
        "title" => value.is_string(),
        "nullable" => value.is_boolean(),
        "properties" => value.is_object(),
        "required" | "enum" | "allOf" | "oneOf" => value.is_array(),
        _ => true,
    };
    if fits {
        return Ok(());
    }
    Err(untypable(format!("has the keyword {keyword:?} with {}", crate::json::type_name(value))))
}

fn check_enum(schema: &Schema, type_name: &str) -> Result<(), Trouble> {
    let Some(Value::Array(values)) = schema.get("enum") else {
        return Ok(());
    };
    let fits = |value: &Value| match type_name {
        "string" => value.is_string(),
        _ => value.is_i64(),
    };
    if values.is_empty() || !values.iter().all(fits) {
        return Err(untypable(format!("has an enum that is not a list of {type_name} values")));
    }
    Ok(())
}

/// typify panics on a default that is not of the schema's type.
fn check_default(schema: &Schema, context: &Context<'_>) -> Result<(), Trouble> {
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
    Err(untypable(format!("has the default {default}, which is not of its type")))
}

fn check_object(schema: &Schema, context: &Context<'_>) -> Result<(), Trouble> {
    if context.side == Side::Shape && schema.get("additionalProperties") == Some(&json!(false)) {
        return Err(untypable("has additionalProperties: false, so that an answer with a new field would be refused"));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let declared =
            name.as_str().is_some_and(|name| properties.is_some_and(|properties| properties.contains_key(name)));
        if !declared {
            return Err(untypable(format!("requires {name}, which is none of its properties")));
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
