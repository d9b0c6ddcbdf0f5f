//! Unions: values of more than one type.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::annotation::is_annotation;
use super::{Context, Schema, Side, Trouble, nullable, pascal, unlowerable, untypable};
use crate::error::Result;
use crate::place::Place;
use crate::reference;

/// A longer chain of references than anybody makes.
const LONGEST_CHAIN: usize = 8;

/// More schemas than anybody makes one property's of.
const MOST_PARTS: usize = 32;

/// `"anyOf": [{"required": ["a"]}, {"required": ["b"]}]`: a constraint on which properties are there together.
pub(super) fn required_together(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let before = schema.len();
    schema.retain(|keyword, members| {
        let only_requires = |member: &Value| {
            let known = |keyword: &String| keyword == "required" || keyword == "not" || is_annotation(keyword);
            member.as_object().is_some_and(|member| !member.is_empty() && member.keys().all(known))
        };
        let members = members.as_array();
        !(matches!(keyword.as_str(), "anyOf" | "oneOf")
            && members.is_some_and(|members| !members.is_empty() && members.iter().all(only_requires)))
    });
    Ok(schema.len() != before)
}

/// A union as a `oneOf`. Of an `anyOf`, typify may make a struct of numbered options (`subtype_0`); of a `oneOf` it
/// always makes an enum, of which the first variant that fits is read.
///
/// Where two members may fit one answer, that is a guess, so their JSON types have to differ. What is sent is of the
/// variant that the client chose.
pub(super) fn distinct_members(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    for keyword in ["anyOf", "oneOf"] {
        let Some(members) = schema.get(keyword) else {
            continue;
        };
        let Value::Array(members) = members else {
            return Err(untypable(format!("has an {keyword} that is not a list")));
        };
        let mut seen = BTreeSet::new();
        for member in members {
            let Some(kind) = member.as_object().and_then(|member| json_type(member, context.components)) else {
                if context.side == Side::Request && says_something(member) {
                    continue;
                }
                return Err(untypable(format!("has an {keyword} with a member whose JSON type is not plain to see")));
            };
            if !seen.insert(kind) && context.side != Side::Request {
                return Err(untypable(format!("has an {keyword} with two members that are both {kind}s in JSON")));
            }
        }
        // A type beside the list is one that the members say themselves.
        let kind = schema.get("type").and_then(Value::as_str).map(general);
        if kind.is_some_and(|kind| seen.iter().all(|seen| *seen == kind)) {
            schema.remove("type");
            return Ok(true);
        }
    }
    if schema.contains_key("oneOf") {
        return Ok(false);
    }
    match schema.remove("anyOf") {
        None => Ok(false),
        Some(members) => {
            schema.insert("oneOf".to_owned(), members);
            Ok(true)
        }
    }
}

/// Whether a member leaves anything out.
fn says_something(member: &Value) -> bool {
    member.as_object().is_some_and(|member| member.keys().any(|keyword| !is_annotation(keyword)))
}

/// A lowered union of which several members came out the same: what is left of it once each is there once.
pub(super) fn once_each(schema: &mut Schema) {
    let Some(Value::Array(members)) = schema.get_mut("oneOf") else {
        return;
    };
    let mut seen = BTreeSet::new();
    members.retain(|member| {
        let mut untitled = member.clone();
        if let Some(untitled) = untitled.as_object_mut() {
            untitled.remove("title");
        }
        seen.insert(untitled.to_string())
    });
    if members.iter().any(|member| member == &json!({})) {
        // What one member takes of any kind, the whole does.
        schema.clear();
        return;
    }
    let [member] = members.as_mut_slice() else {
        return;
    };
    let member = member.take();
    schema.remove("oneOf");
    let Value::Object(mut member) = member else {
        return;
    };
    member.remove("title");
    if member.contains_key("$ref") && !schema.is_empty() {
        schema.insert("allOf".to_owned(), json!([member]));
    } else {
        schema.extend(member);
    }
}

/// The values of a union whose members only name them, null aside.
pub(crate) fn annotated_values<'a>(schema: &'a Schema, keyword: &str) -> Option<Vec<&'a Value>> {
    let mut members = schema.get(keyword)?.as_array()?.iter().filter(|member| !nullable::is_null(member)).peekable();
    members.peek()?;
    let mut values = Vec::new();
    for member in members {
        let member = member.as_object()?;
        let known = |keyword: &String| matches!(keyword.as_str(), "const" | "enum" | "type") || is_annotation(keyword);
        if !member.keys().all(known) {
            return None;
        }
        match (member.get("const"), member.get("enum")) {
            (Some(value), None) => values.push(value),
            (None, Some(Value::Array(several))) => values.extend(several),
            _ => return None,
        }
    }
    Some(values)
}

/// The JSON type of all values that the schema allows; integers count as numbers. Follows references,
/// as far as anybody chains them.
pub(super) fn json_type<'a>(schema: &'a Schema, components: &'a Map<String, Value>) -> Option<&'a str> {
    let mut schema = schema;
    for _ in 0..LONGEST_CHAIN {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(target) => schema = components.get(reference::component(target)?)?.as_object()?,
            None => break,
        }
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) if kinds.len() == 1 => kinds.first(),
        kind => kind,
    };
    match kind {
        Some(Value::String(kind)) => {
            Some(general(kind)).filter(|kind| matches!(*kind, "array" | "boolean" | "number" | "object" | "string"))
        }
        Some(_) => None,
        None => {
            let values = match (schema.get("const"), schema.get("enum")) {
                (Some(value), _) => vec![value],
                (None, Some(Value::Array(values))) => values.iter().collect(),
                _ => {
                    annotated_values(schema, "oneOf").or_else(|| annotated_values(schema, "anyOf")).unwrap_or_default()
                }
            };
            let mut kinds = values.into_iter().map(|value| match value {
                Value::Bool(_) => Some("boolean"),
                Value::Number(_) => Some("number"),
                Value::String(_) => Some("string"),
                _ => None,
            });
            let first = kinds.next().flatten()?;
            kinds.all(|kind| kind == Some(first)).then_some(first)
        }
    }
}

/// The JSON type of which a type of JSON Schema is.
fn general(kind: &str) -> &str {
    if kind == "integer" { "number" } else { kind }
}

/// Whether a property's schema has a mark such as `readOnly`, itself or in a schema of which all its values are.
pub(crate) fn marked(schema: &Value, mark: &str, components: &Map<String, Value>) -> bool {
    let mut open = vec![schema];
    for _ in 0..MOST_PARTS {
        let Some(schema) = open.pop() else {
            return false;
        };
        if schema.get(mark) == Some(&json!(true)) {
            return true;
        }
        let members = |keyword: &str| {
            let members = schema.get(keyword).and_then(Value::as_array);
            members.into_iter().flatten().filter(|member| !nullable::is_null(member))
        };
        let target = schema.get("$ref").and_then(Value::as_str).and_then(reference::component);
        open.extend(target.and_then(|name| components.get(name)));
        open.extend(members("allOf"));
        for keyword in ["anyOf", "oneOf"] {
            let mut members = members(keyword);
            open.extend(members.next().filter(|_| members.next().is_none()));
        }
    }
    false
}

/// What to call a member of a union, as a part of a type's name.
pub(super) fn variant(member: &Value) -> String {
    let text = |keyword| member.get(keyword).and_then(Value::as_str);
    pascal(text("title").or(text("type")).unwrap_or_default())
}
/// Refuses a component that is a part of its own value without a property or an item between: a
/// recursive nullable (`A = A | null`), or a circle of aliases. No value could ever be told to be one,
/// and typify recurses over it without end. Components in `settled` are known to be in no circle.
pub(super) fn check_not_its_own_part(
    name: &str,
    components: &Map<String, Value>,
    settled: &mut BTreeSet<String>,
    place: &Place<'_>,
) -> Result<()> {
    let mut path = vec![(name, aliases(name, components))];
    let mut on_path = BTreeSet::from([name]);
    while let Some((current, targets)) = path.last_mut() {
        match targets.pop() {
            Some(target) if on_path.contains(target) => {
                return Err(unlowerable(
                    place,
                    format!("leads to {target}, which is a part of itself (a recursive nullable or alias)"),
                ));
            }
            Some(target) if settled.contains(target) => {}
            Some(target) => {
                on_path.insert(target);
                path.push((target, aliases(target, components)));
            }
            None => {
                on_path.remove(current);
                settled.insert((*current).to_owned());
                path.pop();
            }
        }
    }
    Ok(())
}

/// The components whose values are values of this one.
fn aliases<'a>(name: &str, components: &'a Map<String, Value>) -> Vec<&'a str> {
    let mut targets = Vec::new();
    let mut open: Vec<&Value> = components.get(name).into_iter().collect();
    while let Some(schema) = open.pop() {
        for keyword in ["allOf", "anyOf", "oneOf"] {
            open.extend(schema.get(keyword).and_then(Value::as_array).into_iter().flatten());
        }
        let target = schema.get("$ref").and_then(Value::as_str);
        targets.extend(target.and_then(reference::component));
    }
    targets
}
