//! Taking the prose out of what `import` keeps, and finding what it refers to.
//!
//! Both follow the structure of OpenAPI and JSON Schema, because a word such as `description` is prose
//! only where a keyword stands: as the name of a property, or within a default, it is data.

use serde_json::{Map, Value};

/// Keywords that explain a schema to people and do not change what it allows.
const SCHEMA_PROSE: &[&str] = &["$comment", "description", "example", "examples", "externalDocs"];

/// Keywords whose value is a schema.
pub(crate) const SCHEMA: &[&str] = &[
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords whose value is a list of schemas.
pub(crate) const SCHEMA_LIST: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];

/// Keywords whose value maps names to schemas.
pub(crate) const SCHEMA_MAP: &[&str] = &["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];

/// Whether a keyword of a schema only explains. Nor does an extension change what a schema allows.
pub(crate) fn explains(keyword: &str) -> bool {
    SCHEMA_PROSE.contains(&keyword) || keyword.starts_with("x-")
}

/// Takes the prose out of a schema and appends the targets of its references to `targets`.
pub(crate) fn strip_schema(schema: &mut Value, targets: &mut Vec<String>) {
    let Value::Object(schema) = schema else {
        return;
    };
    remove(schema, SCHEMA_PROSE);
    if let Some(Value::String(target)) = schema.get("$ref") {
        targets.push(target.clone());
    }
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            (keyword, value) if SCHEMA.contains(&keyword) => strip_schema(value, targets),
            (keyword, Value::Array(schemas)) if SCHEMA_LIST.contains(&keyword) => {
                for schema in schemas {
                    strip_schema(schema, targets);
                }
            }
            (keyword, Value::Object(schemas)) if SCHEMA_MAP.contains(&keyword) => {
                for (_, schema) in schemas {
                    strip_schema(schema, targets);
                }
            }
            _ => {}
        }
    }
}

/// Takes the prose out of an operation and appends the targets of its references to `targets`.
pub(crate) fn strip_operation(operation: &mut Map<String, Value>, targets: &mut Vec<String>) {
    remove(operation, &["description", "externalDocs", "summary"]);
    if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
        for parameter in parameters {
            strip_parameter(parameter, targets);
        }
    }
    if let Some(Value::Object(body)) = operation.get_mut("requestBody") {
        remove(body, &["description"]);
        strip_content(body, targets);
    }
    if let Some(Value::Object(responses)) = operation.get_mut("responses") {
        for (_, response) in responses {
            // A response's description stays: OpenAPI requires one.
            let Value::Object(response) = response else {
                continue;
            };
            strip_content(response, targets);
            if let Some(Value::Object(headers)) = response.get_mut("headers") {
                for (_, header) in headers {
                    strip_parameter(header, targets);
                }
            }
        }
    }
}

/// Takes the prose out of a parameter, or of a response's header, which is shaped like one.
pub(crate) fn strip_parameter(parameter: &mut Value, targets: &mut Vec<String>) {
    let Value::Object(parameter) = parameter else {
        return;
    };
    remove(parameter, &["description", "example", "examples"]);
    if let Some(schema) = parameter.get_mut("schema") {
        strip_schema(schema, targets);
    }
    strip_content(parameter, targets);
}

fn strip_content(holder: &mut Map<String, Value>, targets: &mut Vec<String>) {
    let Some(Value::Object(content)) = holder.get_mut("content") else {
        return;
    };
    for (_, media) in content {
        let Value::Object(media) = media else {
            continue;
        };
        remove(media, &["example", "examples"]);
        if let Some(schema) = media.get_mut("schema") {
            strip_schema(schema, targets);
        }
    }
}

fn remove(object: &mut Map<String, Value>, keys: &[&str]) {
    object.retain(|key, _| !keys.contains(&key.as_str()));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn takes_prose_only_where_a_keyword_stands() {
        let mut schema = json!({
            "type": "object",
            "description": "prose",
            "title": "CreateAgentRequest",
            "properties": {
                "description": {"type": "string", "description": "prose", "default": ""},
                "examples": {"default": {"description": "data"}, "examples": ["prose"]},
            },
            "required": ["description"],
            "examples": [{"description": "prose"}],
        });
        strip_schema(&mut schema, &mut Vec::new());
        assert_eq!(
            schema,
            json!({
                "type": "object",
                "title": "CreateAgentRequest",
                "properties": {
                    "description": {"type": "string", "default": ""},
                    "examples": {"default": {"description": "data"}},
                },
                "required": ["description"],
            })
        );
    }

    #[test]
    fn finds_references_wherever_a_schema_can_stand() {
        let mut operation = json!({
            "summary": "prose",
            "parameters": [{"name": "a", "description": "prose", "schema": {"$ref": "1"}}],
            "requestBody": {
                "description": "prose",
                "content": {"application/json": {"example": {}, "schema": {"$ref": "2"}}},
            },
            "responses": {
                "200": {
                    "description": "required",
                    "content": {"application/json": {"schema": {
                        "properties": {
                            "$ref": {"items": {"anyOf": [{"$ref": "3"}, {"type": "null"}]}},
                        },
                        "default": {"$ref": "data"},
                    }}},
                    "headers": {"x": {"schema": {"$ref": "4"}}},
                },
            },
        });
        let mut targets = Vec::new();
        strip_operation(operation.as_object_mut().unwrap(), &mut targets);
        targets.sort();
        assert_eq!(targets, ["1", "2", "3", "4"]);
        assert!(!operation.to_string().contains("prose"));
        assert_eq!(operation["responses"]["200"]["description"], "required");
    }
}
