//! The ways in which OpenAPI 3.1 says that a value may be null. OpenAPI 3.0 has one: `nullable`.

use serde_json::{Value, json};

use super::{Context, Schema, unlowerable};
use crate::error::Result;

/// `"type": ["string", "null"]`: progenitor's parser takes no list of types.
pub(super) fn type_list(schema: &mut Schema, context: &Context<'_>) -> Result<bool> {
    let Some(Value::Array(types)) = schema.get_mut("type") else {
        return Ok(false);
    };
    let before = types.len();
    types.retain(|one| one != "null");
    let nullable = types.len() < before;
    match types.as_slice() {
        [] => return Err(only_null(context)),
        [one] => {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
        _ => {
            let members: Vec<_> = types.iter().map(|one| json!({"type": one})).collect();
            if schema.keys().any(|keyword| !matches!(keyword.as_str(), "type" | "default" | "nullable")) {
                return Err(unlowerable(
                    context.place,
                    "has several types and keywords beside them, which may belong to either",
                ));
            }
            schema.remove("type");
            schema.insert("oneOf".to_owned(), Value::Array(members));
        }
    }
    if nullable {
        schema.insert("nullable".to_owned(), json!(true));
    }
    Ok(true)
}

/// `"anyOf": [T, {"type": "null"}]`, which is how pydantic writes an optional value: progenitor panics on
/// `"type": "null"`. A union of one member, which may be left, is that member.
pub(super) fn null_member(schema: &mut Schema, context: &Context<'_>) -> Result<bool> {
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(members)) = schema.get_mut(keyword) else {
            continue;
        };
        let before = members.len();
        members.retain(|member| !is_null(member));
        let nullable = members.len() < before;
        match members.as_mut_slice() {
            [] => return Err(only_null(context)),
            [member] => {
                let member = member.take();
                schema.remove(keyword);
                merge(schema, member, context)?;
            }
            _ if !nullable => continue,
            _ => {}
        }
        if nullable {
            schema.insert("nullable".to_owned(), json!(true));
        }
        return Ok(true);
    }
    Ok(false)
}

/// `"enum": ["a", null]` without a type that would say so.
pub(super) fn null_in_enum(schema: &mut Schema, context: &Context<'_>) -> Result<bool> {
    let Some(Value::Array(values)) = schema.get_mut("enum") else {
        return Ok(false);
    };
    let before = values.len();
    values.retain(|value| !value.is_null());
    if values.len() == before {
        return Ok(false);
    }
    if values.is_empty() {
        return Err(only_null(context));
    }
    schema.insert("nullable".to_owned(), json!(true));
    Ok(true)
}

/// `"allOf": [T]`, by which pydantic used to hang a default or a title onto a reference.
pub(super) fn single_all_of(schema: &mut Schema, context: &Context<'_>) -> Result<bool> {
    if is_wrapped_reference(schema) {
        return Ok(false);
    }
    let Some(Value::Array(members)) = schema.get_mut("allOf") else {
        return Ok(false);
    };
    let [member] = members.as_mut_slice() else {
        return Err(unlowerable(
            context.place,
            "has an allOf of several schemas, which typify merges into one of another meaning",
        ));
    };
    let member = member.take();
    schema.remove("allOf");
    merge(schema, member, context)?;
    Ok(true)
}

/// A `$ref` with siblings: OpenAPI 3.0 ignores whatever stands beside a `$ref`, so it goes one level down.
pub(super) fn reference_with_siblings(schema: &mut Schema, _: &Context<'_>) -> Result<bool> {
    if schema.len() < 2 || !schema.contains_key("$ref") {
        return Ok(false);
    }
    if !schema.keys().all(|keyword| matches!(keyword.as_str(), "$ref" | "default" | "nullable")) {
        return Ok(false);
    }
    let Some(target) = schema.remove("$ref") else {
        return Ok(false);
    };
    schema.insert("allOf".to_owned(), json!([{"$ref": target}]));
    Ok(true)
}

/// `"anyOf": [{}, {"type": "null"}]`, which is pydantic's `Any | None`: whatever allows everything allows
/// null, and OpenAPI 3.0 gives `nullable` no meaning without a type.
pub(super) fn nullable_anything(schema: &mut Schema, _: &Context<'_>) -> Result<bool> {
    if !schema.keys().all(|keyword| matches!(keyword.as_str(), "default" | "nullable")) {
        return Ok(false);
    }
    Ok(schema.remove("nullable").is_some())
}

/// Whether this is what [`reference_with_siblings`] makes.
fn is_wrapped_reference(schema: &Schema) -> bool {
    let wraps = schema
        .get("allOf")
        .and_then(|members| members.get(0))
        .and_then(Value::as_object)
        .is_some_and(|member| member.len() == 1 && member.contains_key("$ref"));
    wraps
        && schema.len() > 1
        && schema.keys().all(|keyword| matches!(keyword.as_str(), "allOf" | "default" | "nullable"))
}

/// Puts the only member of a union into the schema that holds the union.
fn merge(schema: &mut Schema, member: Value, context: &Context<'_>) -> Result<()> {
    let member = match member {
        Value::Object(member) => member,
        Value::Bool(true) => Schema::new(),
        _ => return Err(unlowerable(context.place, "has a union with a member that is not a schema")),
    };
    for (keyword, value) in member {
        match schema.get(&keyword) {
            // What is said twice is said once. A title or default outside tells more than one within.
            Some(other) if *other == value || keyword == "default" || keyword == "title" => {}
            Some(_) => {
                return Err(unlowerable(
                    context.place,
                    format!("says {keyword:?} both beside and within a union of one"),
                ));
            }
            None => {
                schema.insert(keyword, value);
            }
        }
    }
    Ok(())
}

/// Whether the schema allows null and nothing else.
fn is_null(schema: &Value) -> bool {
    let only = |keyword: &str, value: &Value| schema.get(keyword) == Some(value);
    only("type", &json!("null"))
        || only("type", &json!(["null"]))
        || only("const", &Value::Null)
        || only("enum", &json!([null]))
}

fn only_null(context: &Context<'_>) -> crate::error::Error {
    unlowerable(context.place, "allows null only, which OpenAPI 3.0 can't say")
}
