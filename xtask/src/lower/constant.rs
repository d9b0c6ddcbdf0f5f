//! Values that a schema fixes: `const` and `enum`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Context, Schema, Side, Trouble, union, untypable};

/// `"oneOf": [{"const": 0, "title": "TEXT"}, …]`, which is how an enum says what its values mean.
pub(super) fn annotated_values(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    for keyword in ["anyOf", "oneOf"] {
        let Some(values) = union::annotated_values(schema, keyword) else {
            continue;
        };
        let values: Vec<_> = values.into_iter().cloned().collect();
        if schema.contains_key("enum") || schema.contains_key("const") {
            return Err(untypable(format!("has both an enum and {keyword} of values")));
        }
        schema.remove(keyword);
        schema.insert("enum".to_owned(), Value::Array(values));
        return Ok(true);
    }
    Ok(false)
}

/// `"const": "chat"`: OpenAPI 3.0 has no `const`; progenitor's parser ignores it, and the field silently
/// becomes a `serde_json::Value`. An enum of one value says the same.
pub(super) fn single_value_enum(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let Some(value) = schema.remove("const") else {
        return Ok(false);
    };
    if schema.get("enum").is_some_and(|values| values != &json!([value])) {
        return Err(untypable("has both a const and an enum"));
    }
    schema.insert("enum".to_owned(), json!([value]));
    Ok(true)
}

/// An enum without a type, which JSON Schema allows: progenitor panics where it can't guess one.
pub(super) fn untyped_enum(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    if schema.contains_key("type") {
        return Ok(false);
    }
    let Some(Value::Array(values)) = schema.get("enum") else {
        return Ok(false);
    };
    let name = if values.iter().all(Value::is_string) {
        "string"
    } else if values.iter().all(|value| value.is_i64() || value.is_u64()) {
        "integer"
    } else if values.iter().all(Value::is_number) {
        "number"
    } else if values.iter().all(Value::is_boolean) {
        "boolean"
    } else {
        return Err(untypable("has an enum of other than strings, numbers or booleans alone"));
    };
    schema.insert("type".to_owned(), json!(name));
    Ok(true)
}

/// A value that an enum names twice: typify panics on it.
pub(super) fn repeated_values(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let Some(Value::Array(values)) = schema.get_mut("enum") else {
        return Ok(false);
    };
    let before = values.len();
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.to_string()));
    Ok(values.len() != before)
}

/// An enum of booleans: typify makes a `bool` of it with or without its values, and beside `nullable`
/// they would have to name null too.
pub(super) fn boolean_enum(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let is_boolean = schema.get("type") == Some(&json!("boolean"));
    Ok(is_boolean && schema.remove("enum").is_some())
}

/// An enum of numbers. Of integers typify makes a newtype that refuses every other value, so that one more of them
/// would spoil an answer, and that can't be shown, as a URL needs it: it stays in a body that is sent.
pub(super) fn number_enum(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    let goes = match schema.get("type").and_then(Value::as_str) {
        Some("number") => true,
        Some("integer") => context.side != Side::Request || context.role.is_text(),
        _ => false,
    };
    Ok(goes && schema.remove("enum").is_some())
}

/// An enum of texts in a document's answer: a backend may add to its values, and one more would spoil the answer.
pub(super) fn answered_enum(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    let is_text = schema.get("type") == Some(&json!("string"));
    Ok(is_text && context.side == Side::Answer && schema.remove("enum").is_some())
}

/// Values of which typify makes variants of one name, or that it panics on: a sign, a letter's case, or a letter
/// beyond ASCII may be all that tells them apart. What is left is an open string.
pub(super) fn variants_of_one_name(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let Some(Value::Array(values)) = schema.get("enum") else {
        return Ok(false);
    };
    let mut seen = BTreeSet::new();
    for value in values.iter().filter_map(Value::as_str) {
        if !value.is_ascii() {
            return Err(untypable(format!("has the value {value:?}, which no plain name in Rust stands for")));
        }
        if !seen.insert(variant(value)) {
            return Err(untypable(format!("has values like {value:?} that one name in Rust would stand for")));
        }
    }
    Ok(false)
}

/// What is left of a value in the name of its variant, whichever way typify spells it.
fn variant(value: &str) -> String {
    let name: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let needs_a_letter = !name.starts_with(|first: char| first.is_ascii_alphabetic());
    format!("{}{}", if needs_a_letter { "x" } else { "" }, name.to_ascii_lowercase())
}
