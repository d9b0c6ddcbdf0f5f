//! Putting into an operation what it refers to besides schemas: parameters, bodies, answers and their headers.
//!
//! Schemas stay references, since they become types; all else is a part of the operation, wherever it is written.

use serde_json::{Map, Value};

use crate::endpoint::Endpoint;
use crate::error::{Error, Kind, Result};
use crate::export::OperationObject;
use crate::reference;

/// Puts in place what the operation refers to; `components` are those of the document, without its schemas.
pub(crate) fn operation(
    operation: &mut OperationObject,
    call: &Endpoint,
    components: &Map<String, Value>,
) -> Result<()> {
    let inliner = Inliner { call, components };
    for parameter in &mut operation.shared_parameters {
        inliner.put(parameter, "parameters")?;
    }
    if let Some(Value::Array(parameters)) = operation.object.get_mut("parameters") {
        for parameter in parameters {
            inliner.put(parameter, "parameters")?;
        }
    }
    if let Some(body) = operation.object.get_mut("requestBody") {
        inliner.put(body, "requestBodies")?;
    }
    if let Some(Value::Object(responses)) = operation.object.get_mut("responses") {
        for (_, response) in responses.iter_mut().filter(|(status, _)| !status.starts_with("x-")) {
            inliner.put(response, "responses")?;
            if let Some(Value::Object(headers)) = response.get_mut("headers") {
                for (_, header) in headers {
                    inliner.put(header, "headers")?;
                }
            }
        }
    }
    Ok(())
}

struct Inliner<'a> {
    call: &'a Endpoint,
    components: &'a Map<String, Value>,
}

impl Inliner<'_> {
    /// Puts in the place of a reference what it leads to.
    fn put(&self, value: &mut Value, kind: &str) -> Result<()> {
        if value.get("$ref").is_some() {
            let refuse =
                |problem| Error::new(Kind::NotOpenApi, self.call, problem, "give a whole OpenAPI 3.1 document");
            let object = reference::resolve(value, kind, self.components, self.call, &refuse)?.clone();
            *value = Value::Object(object);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn inlined(object: Value) -> Result<Value> {
        let components = json!({
            "parameters": {"Limit": {"name": "limit", "in": "query"}, "Alias": {"$ref": "#/components/parameters/Limit"}},
            "requestBodies": {"Note": {"content": {}}},
            "responses": {"Ok": {"description": "", "headers": {"X": {"$ref": "#/components/headers/X"}}}},
            "headers": {"X": {"schema": {"$ref": "#/components/schemas/X"}}},
        });
        let object = object.as_object().unwrap().clone();
        let mut whole = OperationObject { id: None, object, shared_parameters: Vec::new(), flaw: None };
        operation(&mut whole, &"GET /a".parse().unwrap(), components.as_object().unwrap())?;
        Ok(Value::Object(whole.object))
    }

    #[test]
    fn what_is_referred_to_stands_in_its_place() {
        let whole = inlined(json!({
            "parameters": [{"$ref": "#/components/parameters/Alias"}, {"name": "a", "in": "query"}],
            "requestBody": {"$ref": "#/components/requestBodies/Note"},
            "responses": {"200": {"$ref": "#/components/responses/Ok"}, "x-a": {"$ref": "anything"}},
        }));
        assert_eq!(
            whole.unwrap(),
            json!({
                "parameters": [{"name": "limit", "in": "query"}, {"name": "a", "in": "query"}],
                "requestBody": {"content": {}},
                "responses": {
                    "200": {"description": "", "headers": {"X": {"schema": {"$ref": "#/components/schemas/X"}}}},
                    "x-a": {"$ref": "anything"},
                },
            })
        );
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        for target in ["#/components/parameters/None", "#/components/responses/Ok", "other.json#/a", ""] {
            let error = inlined(json!({"parameters": [{"$ref": target}]})).unwrap_err();
            assert_eq!(error.kind(), Kind::DanglingReference, "{error}");
            assert!(error.to_string().starts_with("GET /a: "), "{error}");
        }
    }
}
