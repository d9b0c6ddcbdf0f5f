//! OpenAPI 3.0's schemas, as JSON Schema 2020-12 has them.

use serde_json::{Map, Value, json};

/// Translates a schema, and closes the objects in it: a field that it does not name is one too many, unless it
/// says that it is open.
pub(super) fn to_json_schema(schema: &mut Value) {
    let Value::Object(schema) = schema else { return };
    for (keyword, value) in schema.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(to_json_schema),
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => parts.iter_mut().for_each(to_json_schema),
            ("items" | "additionalProperties", part) => to_json_schema(part),
            _ => {}
        }
    }
    if schema.contains_key("properties") {
        schema.entry("additionalProperties").or_insert(json!(false));
    }
    if schema.remove("nullable") == Some(json!(true)) {
        let not_null = std::mem::take(schema);
        *schema = Map::from_iter([("anyOf".to_owned(), json!([not_null, { "type": "null" }]))]);
    }
}
