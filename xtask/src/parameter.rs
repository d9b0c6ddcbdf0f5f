//! Lowering an operation's parameters.

use serde_json::{Map, Value, json};

use crate::endpoint::Endpoint;
use crate::error::{Kind, Result};
use crate::lower::{Lowering, Role, pascal, unlowerable};
use crate::place::Place;

/// A lowered parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) location: String,
    pub(crate) object: Value,
}

/// Lowers one parameter of the operation with that name. Nothing is left of one that is none, and of one that can't be sent
/// but need not be, either; of that, a note is taken.
pub(crate) fn lower(
    parameter: &Value,
    call: &Endpoint,
    operation: &str,
    requests: &mut Lowering<'_>,
) -> Result<Option<Parameter>> {
    let Value::Object(parameter) = parameter else {
        return Err(unlowerable(call, "has a parameter that is not an object"));
    };
    let text = |key| parameter.get(key).and_then(Value::as_str);
    let (Some(name), Some(location)) = (text("name"), text("in")) else {
        return Err(unlowerable(call, "has a parameter without a name or a place (in)"));
    };
    if is_not_one(location, name) {
        return Ok(None);
    }
    let root = format!("{call} {location} parameter {name}");
    let place = Place::new(&root);
    let may_be_left_out = location != "path" && parameter.get("required") != Some(&json!(true));
    match requests.attempt(|requests| lower_named(parameter, (name, location), &place, operation, requests)) {
        Ok(parameter) => Ok(Some(parameter)),
        Err(error) if may_be_left_out && error.kind() == Kind::Unlowerable => {
            requests.note(place, format!("is left out, as it may: it {}", error.problem()));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn lower_named(
    parameter: &Map<String, Value>,
    (name, location): (&str, &str),
    place: &Place<'_>,
    operation: &str,
    requests: &mut Lowering<'_>,
) -> Result<Parameter> {
    check_location(location, name, place)?;
    check_serialization(parameter, location, place)?;
    let Some(schema) = parameter.get("schema") else {
        return Err(unlowerable(place, "has no schema"));
    };
    let type_name = format!("{}{}", pascal(operation), pascal(name));
    let role = if location == "query" { Role::Texts } else { Role::Text };
    let (schema, nullable) = without_null(requests.schema(schema.clone(), role, place, &type_name)?);

    // What stands in a path is always there, whatever the document says of it.
    let is_required = location == "path" || (parameter.get("required") == Some(&json!(true)) && !nullable);
    Ok(Parameter {
        name: name.to_owned(),
        location: location.to_owned(),
        object: json!({
            "name": name,
            "in": location,
            "required": is_required,
            "schema": schema,
        }),
    })
}

/// Whether a parameter is none, whatever it says: a header that OpenAPI has documents describe elsewhere (what is
/// authorized, sent and asked for), or one that an HTTP client sends with every request by itself.
pub(crate) fn is_not_one(location: &str, name: &str) -> bool {
    const SET_OTHERWISE: &[&str] = &["accept", "authorization", "content-length", "content-type", "host"];
    location == "header" && SET_OTHERWISE.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a parameter is the header by which a backend knows a request that it has seen.
pub(crate) fn is_idempotency_key(parameter: &Value) -> bool {
    let text = |key| parameter.get(key).and_then(Value::as_str);
    text("in") == Some("header") && text("name").is_some_and(|name| name.eq_ignore_ascii_case("Idempotency-Key"))
}

fn check_location(location: &str, name: &str, place: &Place<'_>) -> Result<()> {
    match location {
        "path" | "query" => {}
        "header" => {
            const OF_THE_CONNECTION: &[&str] = &[
                "connection",
                "expect",
                "keep-alive",
                "proxy-authorization",
                "proxy-connection",
                "te",
                "trailer",
                "transfer-encoding",
                "upgrade",
            ];
            if OF_THE_CONNECTION.contains(&name.to_ascii_lowercase().as_str()) {
                return Err(unlowerable(place, "is a header that belongs to the connection, not to the operation"));
            }
            let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
            if name.is_empty() || !name.chars().all(is_token) {
                return Err(unlowerable(place, "is not the name of a header"));
            }
        }
        _ => return Err(unlowerable(place, "can't be lowered: only path, query and header can")),
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
