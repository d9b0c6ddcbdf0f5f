//! Bodies that the contract names, where a document leaves out that there is one.

use serde_json::json;

use crate::contract::Contract;
use crate::error::Result;
use crate::export::Export;
use crate::schemas::{self, Schemas};
use crate::{media, reference};

/// The export as if it had named those bodies itself, and the shapes that are left for answers.
pub(crate) fn put(mut export: Export, contract: &Contract, schemas: &Schemas) -> Result<(Export, Schemas)> {
    let mut left = schemas.0.clone();
    for (name, public) in &contract.public {
        let Some(body) = &public.body else { continue };
        let place = format!("contract.toml [public.{name}]");
        let Some(operation) = export.operations.get_mut(&public.call) else { continue };
        if operation.object.contains_key("requestBody") {
            return Err(schemas::refuse(place, "names a body, but the document has one by now"));
        }
        let Some(shape) = schemas.0.get(body) else {
            return Err(schemas::refuse(place, format!("takes {body}, but schemas.json has no {body}")));
        };
        left.remove(body);
        if export.schemas.insert(body.clone(), shape.clone()).is_some_and(|other| other != *shape) {
            return Err(schemas::refuse(format!("schemas.json/{body}"), "has the name of a component of the export"));
        }
        let content = json!({media::JSON: {"schema": {"$ref": reference::to_component(body)}}});
        operation.object.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
    }
    Ok((export, Schemas(left)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn put_into(operation: Value, components: Value, shapes: &[u8]) -> Result<(Export, Schemas)> {
        let document = json!({
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"post": operation}},
            "components": {"schemas": components},
        });
        let contract = "[public.a]\ncall = \"POST /a\"\nrepeat = false\nbody = \"Name\"\ncorrection = \"it reads one\"";
        let contract = Contract::parse(contract, "contract.toml").unwrap();
        put(Export::read(document, "export").unwrap(), &contract, &Schemas::parse(shapes, "schemas.json").unwrap())
    }

    const SHAPES: &[u8] = br#"{"Name": {"type": "string"}, "Answer": {"type": "object"}}"#;

    #[test]
    fn the_shape_is_taken_for_a_component_of_the_document() {
        let (export, left) = put_into(json!({"responses": {}}), json!({}), SHAPES).unwrap();
        assert_eq!(export.schemas.get("Name"), Some(&json!({"type": "string"})));
        assert_eq!(left.0.keys().collect::<Vec<_>>(), ["Answer"]);
        let body = &export.operations.values().next().unwrap().object["requestBody"];
        assert_eq!(body["content"][media::JSON]["schema"]["$ref"], "#/components/schemas/Name");
        assert_eq!(body["required"], true);
    }

    #[test]
    fn refuses_a_body_that_the_document_has_a_shape_that_is_none_and_a_name_that_is_taken() {
        let with_body = json!({"responses": {}, "requestBody": {"content": {}}});
        let without = || json!({"responses": {}});
        for (operation, components, shapes, problem) in [
            (with_body, json!({}), SHAPES, "has one by now"),
            (without(), json!({}), b"{}", "has no Name"),
            (without(), json!({"Name": {"type": "object"}}), SHAPES, "the name of a component"),
        ] {
            let error = put_into(operation, components, shapes).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }
}
