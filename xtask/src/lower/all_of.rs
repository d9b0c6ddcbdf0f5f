//! `allOf`: one value of which several schemas hold.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::annotation::is_annotation;
use super::{Context, Schema, Trouble, nullable, untypable};
use crate::reference;

/// `"allOf": [A, B]` as the one schema that both make: typify merges them into one of another meaning. Of `"allOf":
/// [T]`, by which pydantic used to hang a default or a title onto a reference, `T` is left.
pub(super) fn merged(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    if is_wrapped_reference(schema) {
        return Ok(false);
    }
    let members = match schema.remove("allOf") {
        None => return Ok(false),
        Some(Value::Array(members)) => members,
        Some(_) => return Err(untypable("has an allOf that is not a list")),
    };
    let mut telling: Vec<Value> = Vec::new();
    for member in members {
        if !says_nothing(&member) && !telling.contains(&member) {
            telling.push(member);
        }
    }
    let alone = schema.keys().all(|keyword| is_annotation(keyword) || keyword == "nullable");
    match telling.as_mut_slice() {
        [one] if alone => nullable::merge(schema, one.take())?,
        _ => {
            let mut whole = Whole { context, seen: BTreeSet::new(), schema: Schema::new() };
            for member in telling {
                whole.add(member)?;
            }
            // What stands beside the list holds as well.
            whole.add_own(std::mem::take(schema))?;
            *schema = whole.schema;
        }
    }
    Ok(true)
}

/// Whether this is a reference one level down, which is how OpenAPI 3.0 has something beside it.
fn is_wrapped_reference(schema: &Schema) -> bool {
    let is_reference =
        |member: &Value| member.as_object().is_some_and(|member| member.len() == 1 && member.contains_key("$ref"));
    let members = schema.get("allOf").and_then(Value::as_array);
    members.is_some_and(|members| matches!(members.as_slice(), [one] if is_reference(one)))
        && schema.len() > 1
        && schema.keys().all(|keyword| matches!(keyword.as_str(), "allOf" | "default" | "nullable"))
}

fn says_nothing(member: &Value) -> bool {
    match member {
        Value::Bool(allowed) => *allowed,
        Value::Object(member) => member.keys().all(|keyword| is_annotation(keyword)),
        _ => false,
    }
}

/// What several schemas make together.
struct Whole<'a, 'c> {
    context: &'a Context<'c>,
    /// The components that are part of it already.
    seen: BTreeSet<String>,
    schema: Schema,
}

impl Whole<'_, '_> {
    fn add(&mut self, member: Value) -> Result<(), Trouble> {
        match member {
            Value::Bool(true) => Ok(()),
            Value::Object(mut member) => {
                if let Some(target) = member.remove("$ref") {
                    self.add_component(&target)?;
                }
                if let Some(Value::Array(members)) = member.remove("allOf") {
                    for member in members {
                        self.add(member)?;
                    }
                }
                self.add_own(member)
            }
            _ => Err(untypable("has an allOf with a member that allows nothing")),
        }
    }

    fn add_component(&mut self, target: &Value) -> Result<(), Trouble> {
        let target = target.as_str().unwrap_or_default();
        let component = reference::component(target)
            .and_then(|name| Some((name, self.context.components.get(name)?)))
            .ok_or_else(|| reference::dangling(self.context.place, target))?;
        if !self.seen.insert(component.0.to_owned()) {
            return Ok(());
        }
        self.context.copy()?;
        self.add(component.1.clone())
    }

    /// Adds what a schema says itself.
    fn add_own(&mut self, own: Schema) -> Result<(), Trouble> {
        for (keyword, value) in own {
            // Of what stands beside the list, null and the default are the whole's; a title is nobody's.
            if is_annotation(&keyword) && keyword != "default" {
                continue;
            }
            let merged = match self.schema.remove(&keyword) {
                None => value,
                Some(other) if other == value => value,
                Some(other) => both(&keyword, other, value)?,
            };
            self.schema.insert(keyword, merged);
        }
        Ok(())
    }
}

/// Keywords of which it does not matter for a type which of two values counts.
const UNCHECKED: &[&str] = &[
    "default",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "pattern",
    "propertyNames",
    "uniqueItems",
];

/// A keyword of which two schemas have each their own value.
fn both(keyword: &str, one: Value, other: Value) -> Result<Value, Trouble> {
    match (keyword, one, other) {
        ("properties", Value::Object(mut one), Value::Object(other)) => {
            for (name, property) in other {
                let merged = match one.remove(&name) {
                    None => property,
                    Some(known) if known == property => property,
                    Some(known) => json!({"allOf": [known, property]}),
                };
                one.insert(name, merged);
            }
            Ok(Value::Object(one))
        }
        ("required", Value::Array(mut one), Value::Array(other)) => {
            one.extend(other);
            let mut seen = BTreeSet::new();
            one.retain(|name| seen.insert(name.to_string()));
            Ok(Value::Array(one))
        }
        ("type", Value::String(one), Value::String(other))
            if matches!((one.as_str(), other.as_str()), ("integer", "number") | ("number", "integer")) =>
        {
            Ok(json!("integer"))
        }
        ("enum", Value::Array(mut one), Value::Array(other)) => {
            one.retain(|value| other.contains(value));
            Ok(Value::Array(one))
        }
        ("items", one @ Value::Object(_), other @ Value::Object(_)) => Ok(json!({"allOf": [one, other]})),
        // A part that is closed to what it does not declare itself is not meant to close the whole.
        ("additionalProperties", Value::Bool(false), other) => Ok(other),
        ("additionalProperties", one, Value::Bool(false)) => Ok(one),
        // Neither sent nor read values are held against these.
        (keyword, _, other) if UNCHECKED.contains(&keyword) => Ok(other),
        (keyword, ..) => Err(untypable(format!("has an allOf of schemas with different {keyword}"))),
    }
}
