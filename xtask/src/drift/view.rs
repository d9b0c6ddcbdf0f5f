//! A schema without what is wrapped around it.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use crate::lower::annotated_values;
use crate::prose;

/// Keywords that say something about a value without saying which values there are. Their changes are
/// found where they stand, and those of prose nowhere.
const BESIDE: &[&str] =
    &["default", "deprecated", "discriminator", "nullable", "readOnly", "title", "writeOnly", "xml"];

/// Whether a keyword decides which values a schema allows.
pub(super) fn decides(keyword: &str) -> bool {
    !BESIDE.contains(&keyword) && !prose::explains(keyword)
}

/// Whether the schema allows every value.
pub(super) fn allows_anything(schema: &Value) -> bool {
    match schema {
        Value::Bool(allowed) => *allowed,
        Value::Object(object) => !object.keys().any(|keyword| decides(keyword)),
        _ => false,
    }
}

/// The one keyword of a schema that decides; `None` if there are several or none.
pub(super) fn only_keyword(object: &Map<String, Value>) -> Option<&str> {
    let mut deciding = object.keys().filter(|keyword| decides(keyword));
    deciding.next().filter(|_| deciding.next().is_none()).map(String::as_str)
}

/// Whether the schema allows null and nothing else.
pub(super) fn is_null(schema: &Value) -> bool {
    let is = |keyword: &str, wanted: fn(&Value) -> bool| schema.get(keyword).is_some_and(wanted);
    is("type", |kind| kind == "null") || is("const", Value::is_null)
}

/// The keywords of unions.
const UNIONS: [&str; 2] = ["anyOf", "oneOf"];

/// The members of a schema that is a union and nothing else, null aside. A list of values with what each means is no
/// union, but an enum.
pub(super) fn union(schema: &Value) -> Option<(&str, Vec<&Value>)> {
    let object = schema.as_object()?;
    let keyword = only_keyword(object).filter(|keyword| UNIONS.contains(keyword))?;
    if annotated_values(object, keyword).is_some() {
        return None;
    }
    let members = object.get(keyword)?.as_array()?;
    Some((keyword, members.iter().filter(|member| !is_null(member)).collect()))
}

/// The members of a schema that is an `allOf` and nothing else.
pub(super) fn intersection(schema: &Value) -> Option<&[Value]> {
    let object = schema.as_object()?;
    only_keyword(object).filter(|keyword| *keyword == "allOf")?;
    object.get("allOf")?.as_array().map(Vec::as_slice)
}

/// Whether the schema itself, its members aside, names null among its values.
pub(super) fn names_null(schema: &Value) -> bool {
    let has_null = |keyword: &str, null: &Value| {
        schema.get(keyword).and_then(Value::as_array).is_some_and(|values| values.contains(null))
    };
    let has_member = |keyword: &&str| {
        let is_enum = schema.as_object().is_some_and(|schema| annotated_values(schema, keyword).is_some());
        is_enum && schema.get(keyword).and_then(Value::as_array).is_some_and(|members| members.iter().any(is_null))
    };
    is_null(schema)
        || UNIONS.iter().any(has_member)
        || has_null("type", &Value::from("null"))
        || has_null("enum", &Value::Null)
        || schema.get("nullable") == Some(&Value::Bool(true))
}

/// The JSON types that a schema allows, null aside; `None` if it does not say.
pub(super) fn types(object: &Map<String, Value>) -> Option<BTreeSet<&str>> {
    let named = match object.get("type") {
        Some(Value::String(name)) => [name.as_str()].into(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(_) => BTreeSet::new(),
        None => values(object)?.into_iter().map(json_type).collect::<BTreeSet<_>>(),
    };
    Some(named.into_iter().filter(|name| *name != "null").collect())
}

/// The values to which a schema is limited, null aside.
pub(super) fn values(object: &Map<String, Value>) -> Option<Vec<&Value>> {
    let mut values: Vec<&Value> = match (object.get("const"), object.get("enum")) {
        (Some(value), _) => vec![value],
        (None, Some(Value::Array(values))) => values.iter().collect(),
        _ => UNIONS.iter().find_map(|keyword| annotated_values(object, keyword))?,
    };
    values.retain(|value| !value.is_null());
    Some(values)
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A text that two values share if JSON Schema takes them for equal: 1 is 1.0, and the order of keys does
/// not count.
pub(super) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(object) => {
            let mut keys: Vec<_> = object.keys().collect();
            keys.sort();
            text.push('{');
            for key in keys {
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(object.get(key).unwrap_or(&Value::Null), text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(array) => {
            text.push('[');
            for value in array {
                write(value, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Number(number) => text.push_str(&whole(number).map_or(number.to_string(), |whole| whole.to_string())),
        scalar => text.push_str(&scalar.to_string()),
    }
}

/// The number as an integer, if it is one; beyond 2^53 not every float is the integer that it seems.
fn whole(number: &Number) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(integer) = number.as_i128() {
        return Some(integer);
    }
    number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= EXACT).map(|float| float as i128)
}

/// How two numbers lie to each other.
pub(super) fn order(one: &Number, other: &Number) -> Option<std::cmp::Ordering> {
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}
