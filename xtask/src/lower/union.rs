//! Unions: values of more than one type.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Context, Schema, pascal, unlowerable};
use crate::error::Result;
use crate::place::Place;
use crate::reference;

/// `anyOf` of members that JSON itself tells apart, such as a string and an integer, as a `oneOf`.
///
/// Of an `anyOf`, typify may make a struct of numbered options (`subtype_0`); of a `oneOf` it always
/// makes an enum, whose first variant that fits is taken. Where two members may fit one value, that is a
/// guess, so such unions are refused.
pub(super) fn distinct_members(schema: &mut Schema, context: &Context<'_>) -> Result<bool> {
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(members)) = schema.get(keyword) else {
            continue;
        };
        let mut seen = Vec::new();
        for member in members {
            let kind = member.as_object().and_then(|member| json_type(member, context.components));
            let Some(kind) = kind else {
                return Err(unlowerable(
                    context.place,
                    format!("has an {keyword} with a member whose JSON type is not plain to see"),
                ));
            };
            if seen.contains(&kind) {
                return Err(unlowerable(
                    context.place,
                    format!("has an {keyword} with two members that are both {kind}s in JSON"),
                ));
            }
            seen.push(kind);
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

/// The JSON type of all values that the schema allows; integers count as numbers. Follows references,
/// as far as anybody chains them.
pub(super) fn json_type<'a>(schema: &'a Schema, components: &'a Map<String, Value>) -> Option<&'a str> {
    const LONGEST_CHAIN: usize = 8;
    let mut schema = schema;
    for _ in 0..LONGEST_CHAIN {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(target) => schema = components.get(reference::component(target)?)?.as_object()?,
            None => break,
        }
    }
    match (schema.get("type"), schema.get("const")) {
        (Some(Value::String(kind)), _) => match kind.as_str() {
            "integer" | "number" => Some("number"),
            kind @ ("array" | "boolean" | "object" | "string") => Some(kind),
            _ => None,
        },
        (Some(_), _) => None,
        (None, Some(Value::String(_))) => Some("string"),
        (None, Some(Value::Number(_))) => Some("number"),
        (None, Some(Value::Bool(_))) => Some("boolean"),
        (None, _) => None,
    }
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
