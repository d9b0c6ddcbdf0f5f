//! Lowering an operation's parameters.

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::error::Result;
use crate::lower::{Lowering, Role, pascal, unlowerable};
use crate::place::Place;

/// A lowered parameter.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) in_path: bool,
    pub(crate) object: Value,
}

/// Lowers one parameter of the operation with that name.
pub(crate) fn lower(parameter: Value, call: &Call, operation: &str, requests: &mut Lowering<'_>) -> Result<Parameter> {
    let Value::Object(mut parameter) = parameter else {
        return Err(unlowerable(call, "has a parameter that is not an object"));
    };
    let text = |key| parameter.get(key).and_then(Value::as_str).map(str::to_owned);
    let (Some(name), Some(location)) = (text("name"), text("in")) else {
        return Err(unlowerable(call, "has a parameter without a name or a place (in)"));
    };
    let root = format!("{call} {location} parameter {name}");
    let place = Place::new(&root);

    check_location(&location, &name, &place)?;
    check_serialization(&parameter, &location, &place)?;
    let Some(schema) = parameter.remove("schema") else {
        return Err(unlowerable(place, "has no schema"));
    };
    let type_name = format!("{}{}", pascal(operation), pascal(&name));
    let schema = requests.schema(schema, Role::Parameter, &place, &type_name)?;
    let (schema, nullable) = without_null(schema);
    check_is_plain(&schema, &location, requests, &place)?;

    let in_path = location == "path";
    let required = parameter.get("required") == Some(&json!(true));
    if in_path && (nullable || !required) {
        return Err(unlowerable(place, "is not required, but a path always has it"));
    }
    Ok(Parameter {
        object: json!({
            "name": name,
            "in": location,
            "required": required && !nullable,
            "schema": schema,
        }),
        name,
        in_path,
    })
}

fn check_location(location: &str, name: &str, place: &Place<'_>) -> Result<()> {
    match location {
        "path" | "query" => {}
        "header" => {
            const OWNED: &[&str] = &["accept", "api-version", "authorization", "content-type"];
            if OWNED.contains(&name.to_ascii_lowercase().as_str()) {
                return Err(unlowerable(place, "is a header that the client sets itself"));
            }
            let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
            if name.is_empty() || !name.chars().all(is_token) {
                return Err(unlowerable(place, "is not the name of a header"));
            }
        }
        _ => return Err(unlowerable(place, "can't be lowered: only path, query and header can")),
    }
    // progenitor gives the parameter the same name as a variable of the method's body.
    if matches!(name, "body" | "header_map") {
        return Err(unlowerable(place, "has a name that the generated method uses itself"));
    }
    Ok(())
}

/// The client writes parameters in the one way that is OpenAPI's default for their place.
fn check_serialization(parameter: &Map<String, Value>, location: &str, place: &Place<'_>) -> Result<()> {
    let (style, explode) = match location {
        "query" => ("form", true),
        _ => ("simple", false),
    };
    for (key, value) in parameter {
        let known = match key.as_str() {
            "name" | "in" | "required" | "schema" | "description" | "deprecated" | "example" | "examples"
            | "allowEmptyValue" => true,
            "style" => value == style,
            "explode" => value == explode,
            "allowReserved" => value == false,
            key => key.starts_with("x-"),
        };
        if !known {
            return Err(unlowerable(place, format!("has {key:?}: {value}, which can't be lowered")));
        }
    }
    Ok(())
}

/// Takes null out of the schema of a parameter or a body: there is no way to send it in a path, a query or a header, and
/// of an optional header that is nullable progenitor makes an `Option` of an `Option`. FastAPI writes
/// every optional parameter so.
pub(crate) fn without_null(schema: Value) -> (Value, bool) {
    let Value::Object(mut schema) = schema else {
        return (schema, false);
    };
    let nullable = schema.remove("nullable").is_some();
    match schema.get_mut("allOf").and_then(|members| members.get_mut(0)) {
        Some(reference) => (reference.take(), nullable),
        None => (Value::Object(schema), nullable),
    }
}

/// Only what has one plain text can stand in a URL or a header; a query can repeat it.
fn check_is_plain(schema: &Value, location: &str, requests: &Lowering<'_>, place: &Place<'_>) -> Result<()> {
    let items = match schema.get("items") {
        Some(items) if location == "query" => items,
        _ => schema,
    };
    match requests.json_type(items) {
        Some("string" | "number" | "boolean") => Ok(()),
        _ => Err(unlowerable(place, "is neither a string, a number nor a boolean, nor a query's list of such")),
    }
}
