//! Parameters, whose values are written as texts in a path, a query or a header.

use serde_json::{Value, json};

use super::{Context, Role, Schema, Trouble, union, untypable};
use crate::reference;

/// A reference from a parameter to anything but a named string: what it leads to stands in its place. A named number
/// would become a type that can't be shown, as a URL needs it.
pub(super) fn inlined_reference(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    if !context.role.is_text() {
        return Ok(false);
    }
    let wrapped = schema.get("allOf").and_then(|members| members.get(0)).and_then(Value::as_object);
    let reference = wrapped.unwrap_or(schema);
    let Some(target) = reference.get("$ref").and_then(Value::as_str) else {
        return Ok(false);
    };
    if union::json_type(reference, context.components) == Some("string") {
        return Ok(false);
    }
    let component = reference::component(target).and_then(|name| context.components.get(name));
    let Some(Value::Object(component)) = component else {
        return Err(reference::dangling(context.place, target).into());
    };
    context.copy()?;
    let nullable = schema.remove_entry("nullable");
    *schema = component.clone();
    schema.extend(nullable);
    Ok(true)
}

/// A parameter that may be of several types: as text, a number is what a string would be, and one text is a list of
/// one. So it is a string, or a list of strings.
pub(super) fn union_of_texts(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    if !context.role.is_text() {
        return Ok(false);
    }
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(members)) = schema.get(keyword) else {
            continue;
        };
        let mut kinds = Vec::new();
        let mut lists = Vec::new();
        for member in members {
            let kind = member.as_object().and_then(|member| union::json_type(member, context.components));
            match kind {
                Some("array") => lists.push(member),
                Some(kind @ ("boolean" | "number" | "string")) => kinds.push(kind),
                _ => return Err(untypable(format!("has an {keyword} with a member that is no plain text"))),
            }
        }
        let first = kinds.first().copied();
        let kind = first.filter(|first| kinds.iter().all(|kind| kind == first)).unwrap_or("string");
        let whole = match lists.as_slice() {
            [] => json!({"type": kind}),
            lists => {
                let text = json!({"type": "string"});
                let mut items: Vec<_> = lists.iter().map(|list| list.get("items").unwrap_or(&text).clone()).collect();
                items.extend(first.map(|_| json!({"type": kind})));
                json!({"type": "array", "items": {"anyOf": items}})
            }
        };
        schema.remove(keyword);
        schema.remove("type");
        if let Value::Object(whole) = whole {
            schema.extend(whole);
        }
        return Ok(true);
    }
    Ok(false)
}

/// A parameter that says nothing of its type is any text.
pub(super) fn untyped_text(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    if !context.role.is_text() || schema.keys().any(|keyword| keyword != "nullable") {
        return Ok(false);
    }
    schema.insert("type".to_owned(), json!("string"));
    Ok(true)
}

/// Only what has one plain text can stand in a URL or a header; a query can repeat it.
pub(super) fn check(schema: &Schema, context: &Context<'_>) -> Result<(), Trouble> {
    if !context.role.is_text() {
        return Ok(());
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string" | "integer" | "number" | "boolean") => Ok(()),
        Some("array") if context.role == Role::Texts => Ok(()),
        // A reference to a string: all others have a type by now.
        None => Ok(()),
        _ => Err(untypable("is neither a string, a number nor a boolean, nor a query's list of such")),
    }
}
