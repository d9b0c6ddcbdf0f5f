//! The ways in which OpenAPI 3.1 says that a value may be null. OpenAPI 3.0 has one: `nullable`.

use serde_json::{Map, Value, json};

use super::{Context, Role, Schema, Trouble, untypable};
use crate::reference;

/// The keywords that belong to values of one JSON type.
const KEYWORDS: &[(&str, &[&str])] = &[
    (
        "array",
        &[
            "contains",
            "items",
            "maxContains",
            "maxItems",
            "minContains",
            "minItems",
            "prefixItems",
            "unevaluatedItems",
            "uniqueItems",
        ],
    ),
    (
        "object",
        &[
            "additionalProperties",
            "dependentRequired",
            "maxProperties",
            "minProperties",
            "patternProperties",
            "properties",
            "propertyNames",
            "required",
            "unevaluatedProperties",
        ],
    ),
    (
        "string",
        &["contentEncoding", "contentMediaType", "contentSchema", "format", "maxLength", "minLength", "pattern"],
    ),
    ("integer", &["exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "minimum", "multipleOf"]),
    ("number", &["exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "minimum", "multipleOf"]),
    ("boolean", &[]),
];

/// `"type": ["string", "null"]`: progenitor's parser takes no list of types. Of several, each is a member of a union,
/// with the keywords that belong to it.
pub(super) fn type_list(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let Some(Value::Array(types)) = schema.get("type") else {
        return Ok(false);
    };
    let mut types = types.clone();
    let before = types.len();
    types.retain(|one| one != "null");
    let nullable = types.len() < before;
    match types.as_slice() {
        [] => return Err(only_null()),
        [one] => {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
        _ => {
            schema.remove("type");
            let members = types.iter().map(|one| of_type(one, schema)).collect();
            let is_own = |keyword: &str| KEYWORDS.iter().any(|(_, keywords)| keywords.contains(&keyword));
            schema.retain(|keyword, _| !is_own(keyword));
            if let Some(keyword) = schema.keys().find(|keyword| !matches!(keyword.as_str(), "default" | "nullable")) {
                return Err(untypable(format!("has several types, and {keyword:?} beside them")));
            }
            schema.insert("oneOf".to_owned(), Value::Array(members));
        }
    }
    if nullable {
        schema.insert("nullable".to_owned(), json!(true));
    }
    Ok(true)
}

/// The schema as it is for values of one type.
fn of_type(name: &Value, schema: &Schema) -> Value {
    let own = KEYWORDS.iter().find(|(one, _)| name == one).map_or(&[][..], |(_, keywords)| *keywords);
    let mut member: Schema = schema
        .iter()
        .filter(|(keyword, _)| own.contains(&keyword.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    member.insert("type".to_owned(), name.clone());
    Value::Object(member)
}

/// `"anyOf": [T, {"type": "null"}]`, which is how pydantic writes an optional value: progenitor panics on
/// `"type": "null"`. A union of one member, which may be left, is that member.
pub(super) fn null_member(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(members)) = schema.get_mut(keyword) else {
            continue;
        };
        let before = members.len();
        members.retain(|member| !is_null(member));
        let mut nullable = members.len() < before;
        match members.as_mut_slice() {
            [] => return Err(only_null()),
            [member] => {
                let member = member.take();
                schema.remove(keyword);
                merge(schema, member)?;
            }
            several => {
                for member in several {
                    nullable |= take_null(member);
                }
                if !nullable {
                    continue;
                }
            }
        }
        if nullable {
            schema.insert("nullable".to_owned(), json!(true));
        }
        return Ok(true);
    }
    Ok(false)
}

/// Takes null out of the types of a member of a union, and says whether it was there.
fn take_null(member: &mut Value) -> bool {
    let Some(Value::Array(types)) = member.get_mut("type") else {
        return false;
    };
    let before = types.len();
    types.retain(|one| one != "null");
    types.len() < before
}

/// `"enum": ["a", null]` without a type that would say so.
pub(super) fn null_in_enum(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    let Some(Value::Array(values)) = schema.get_mut("enum") else {
        return Ok(false);
    };
    let before = values.len();
    values.retain(|value| !value.is_null());
    if values.len() == before {
        return Ok(false);
    }
    if values.is_empty() {
        return Err(only_null());
    }
    schema.insert("nullable".to_owned(), json!(true));
    Ok(true)
}

/// A reference to a component that may be null as a whole: a named type can't be an `Option`, what refers to it can.
pub(super) fn nullable_component(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    if context.role == Role::Wrapped {
        return Ok(false);
    }
    let target = schema.get("$ref").and_then(Value::as_str).and_then(reference::component);
    let nullable = target.is_some_and(|name| is_nullable(name, context.components));
    Ok(nullable && schema.insert("nullable".to_owned(), json!(true)).is_none())
}

/// A `$ref` with siblings: OpenAPI 3.0 ignores whatever stands beside a `$ref`, so it goes one level down. What only
/// says again what the component says itself goes.
pub(super) fn reference_with_siblings(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    if schema.len() < 2 {
        return Ok(false);
    }
    let Some(target) = schema.remove("$ref") else {
        return Ok(false);
    };
    let component = target.as_str().and_then(reference::component).and_then(|name| context.components.get(name));
    let says_again =
        |keyword: &str, value: &Value| component.and_then(|component| component.get(keyword)) == Some(value);
    schema.retain(|keyword, value| matches!(keyword.as_str(), "default" | "nullable") || !says_again(keyword, value));
    let reference = json!({"$ref": target});
    match schema.get_mut("allOf") {
        None => {
            schema.insert("allOf".to_owned(), json!([reference]));
        }
        Some(Value::Array(members)) => members.push(reference),
        Some(_) => return Err(untypable("has an allOf that is not a list")),
    }
    Ok(true)
}

/// `"anyOf": [{}, {"type": "null"}]`, which is pydantic's `Any | None`: whatever allows everything allows
/// null, and OpenAPI 3.0 gives `nullable` no meaning without a type.
pub(super) fn nullable_anything(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    if !schema.keys().all(|keyword| matches!(keyword.as_str(), "default" | "nullable")) {
        return Ok(false);
    }
    Ok(schema.remove("nullable").is_some())
}

/// Puts the only member of a union into the schema that holds the union.
pub(super) fn merge(schema: &mut Schema, member: Value) -> Result<(), Trouble> {
    let member = match member {
        Value::Object(member) => member,
        Value::Bool(true) => Schema::new(),
        _ => return Err(untypable("has a union with a member that is not a schema")),
    };
    for (keyword, value) in member {
        match schema.get(&keyword) {
            // What is said twice is said once. A title or default outside tells more than one within.
            Some(other) if *other == value || keyword == "default" || keyword == "title" => {}
            Some(_) => return Err(untypable(format!("says {keyword:?} both beside and within a union of one"))),
            None => {
                schema.insert(keyword, value);
            }
        }
    }
    Ok(())
}

/// Whether the schema allows null and nothing else.
pub(super) fn is_null(schema: &Value) -> bool {
    let only = |keyword: &str, value: &Value| schema.get(keyword) == Some(value);
    only("type", &json!("null"))
        || only("type", &json!(["null"]))
        || only("const", &Value::Null)
        || only("enum", &json!([null]))
}

/// Whether the schema, what it refers to aside, names null among its values.
pub(super) fn names_null(schema: &Schema) -> bool {
    let lists = |keyword: &str, null: Value| {
        schema.get(keyword).and_then(Value::as_array).is_some_and(|values| values.contains(&null))
    };
    let has_member = |keyword: &str| {
        schema.get(keyword).and_then(Value::as_array).is_some_and(|members| members.iter().any(is_null))
    };
    schema.get("nullable") == Some(&json!(true))
        || lists("type", json!("null"))
        || lists("enum", Value::Null)
        || has_member("anyOf")
        || has_member("oneOf")
}

/// Whether a component may be null as a whole; follows references, as far as anybody chains them.
pub(super) fn is_nullable(name: &str, components: &Map<String, Value>) -> bool {
    const LONGEST_CHAIN: usize = 8;
    let mut name = name;
    for _ in 0..LONGEST_CHAIN {
        let Some(Value::Object(schema)) = components.get(name) else {
            return false;
        };
        if names_null(schema) {
            return true;
        }
        let target = schema.get("$ref").and_then(Value::as_str).and_then(reference::component);
        let Some(next) = target else {
            return false;
        };
        name = next;
    }
    false
}

fn only_null() -> Trouble {
    untypable("allows null only")
}
