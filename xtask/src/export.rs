//! A backend's OpenAPI document, read just far enough to see its operations.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::call::{Call, Method};
use crate::error::{Error, Kind, Result};
use crate::json;

/// An OpenAPI 3.1 document and its operations, ordered by call.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    /// What the API calls itself.
    pub(crate) title: String,
    /// Which version of the API it is.
    pub(crate) version: String,
    /// Every operation.
    pub(crate) operations: BTreeMap<Call, Operation>,
    /// The named schemas.
    pub(crate) schemas: Map<String, Value>,
    /// The other components, by their kind.
    pub(crate) components: Map<String, Value>,
    /// What authorizes every operation that does not say so itself.
    pub(crate) security: Option<Value>,
    /// What was left out, in a document that `import` has written.
    pub(crate) left_out: Vec<LeftOut>,
}

/// One operation as the document has it.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// The document's own name for it.
    pub(crate) id: String,
    /// The operation object.
    pub(crate) object: Map<String, Value>,
    /// Parameters that all operations of the path share.
    pub(crate) shared_parameters: Vec<Value>,
}

impl Operation {
    /// The keywords of an operation object that the pipeline reads, or that say nothing to a client.
    pub(crate) const KEYWORDS: &[&str] = &[
        "deprecated",
        "description",
        "externalDocs",
        "operationId",
        "parameters",
        "requestBody",
        "responses",
        "security",
        "summary",
        "tags",
    ];
}

/// An operation that `import` left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LeftOut {
    /// Its method and path.
    pub(crate) call: Call,
    /// The document's own name for it.
    pub(crate) id: String,
}

/// The member under which `import` records what it left out.
pub(crate) const LEFT_OUT: &str = "x-left-out";

impl Export {
    /// Reads a document; `place` is what errors call it.
    pub(crate) fn read(document: Value, place: &str) -> Result<Self> {
        let Value::Object(mut document) = document else {
            let problem = format!("is {}, not an OpenAPI document", json::type_name(&document));
            return Err(refuse(place, problem));
        };
        check_version(&document, place)?;

        let info = take_object(&mut document, "info", place)?;
        let [title, version] = ["title", "version"].map(|key| match info.get(key) {
            Some(Value::String(text)) => Ok(text.clone()),
            _ => Err(refuse(place, format!("has no info.{key}"))),
        });
        let (title, version) = (title?, version?);

        let paths = take_object(&mut document, "paths", place)?;
        let mut operations = BTreeMap::new();
        for (path, item) in paths {
            if path.starts_with("x-") {
                continue;
            }
            read_path(&path, item, &mut operations, place)?;
        }
        check_ids(&operations)?;

        let mut components = match document.remove("components") {
            None => Map::new(),
            Some(Value::Object(components)) => components,
            Some(_) => return Err(refuse(place, "has components that are not an object")),
        };
        let schemas = match components.remove("schemas") {
            None => Map::new(),
            Some(Value::Object(schemas)) => schemas,
            Some(_) => return Err(refuse(place, "has components.schemas that are not an object")),
        };

        if document.get("webhooks").is_some_and(|webhooks| webhooks != &Value::Object(Map::new())) {
            return Err(Error::new(
                Kind::Unlowerable,
                place,
                "has webhooks, which no contract can classify yet",
                "take them out of the export or extend the import",
            ));
        }

        Ok(Self {
            title,
            version,
            operations,
            schemas,
            components,
            security: document.remove("security"),
            left_out: read_left_out(document.remove(LEFT_OUT), place)?,
        })
    }
}

fn check_version(document: &Map<String, Value>, place: &str) -> Result<()> {
    let found = match (document.get("openapi"), document.get("swagger")) {
        (Some(Value::String(version)), _) if version == "3.1" || version.starts_with("3.1.") => {
            return Ok(());
        }
        (Some(Value::String(version)), _) => format!("is OpenAPI {version:?}"),
        (Some(_), _) => "has an openapi member that is not a string".to_owned(),
        (None, Some(version)) => format!("is Swagger {version}"),
        (None, None) => "does not say which version of OpenAPI it is".to_owned(),
    };
    Err(Error::new(Kind::Version, place, found, "export the backend's schema as OpenAPI 3.1"))
}

fn read_path(path: &str, item: Value, operations: &mut BTreeMap<Call, Operation>, place: &str) -> Result<()> {
    // A path is a part of what its parameters and schemas are called in messages.
    const LONGEST: usize = 1000;
    let here = format!("{place} paths {path}");
    if path.len() > LONGEST {
        return Err(refuse(&here, format!("is longer than {LONGEST} characters")));
    }
    if !path.starts_with('/') {
        return Err(refuse(&here, "is not a path"));
    }
    let Value::Object(mut item) = item else {
        return Err(refuse(&here, "is not an object"));
    };
    let shared_parameters = match item.remove("parameters") {
        None => Vec::new(),
        Some(Value::Array(parameters)) => parameters,
        Some(_) => return Err(refuse(&here, "has parameters that are not an array")),
    };
    for (field, object) in item {
        let Some(method) = Method::of_field(&field) else {
            if matches!(field.as_str(), "summary" | "description") || field.starts_with("x-") {
                continue;
            }
            return Err(refuse(&here, format!("has the field {field:?}, which is no method")));
        };
        let call = Call { path: path.to_owned(), method };
        let Value::Object(object) = object else {
            return Err(refuse(&call.to_string(), "is not an object"));
        };
        let Some(id) = object.get("operationId").and_then(Value::as_str) else {
            return Err(refuse(&call.to_string(), "has no operationId"));
        };
        let operation = Operation { id: id.to_owned(), object, shared_parameters: shared_parameters.clone() };
        operations.insert(call, operation);
    }
    Ok(())
}

fn check_ids(operations: &BTreeMap<Call, Operation>) -> Result<()> {
    let mut seen = BTreeMap::new();
    for (call, operation) in operations {
        if let Some(other) = seen.insert(operation.id.as_str(), call) {
            return Err(Error::new(
                Kind::DuplicateOperation,
                call,
                format!("has the operationId {:?} of {other}", operation.id),
                "give each operation of the backend a name of its own",
            ));
        }
    }
    Ok(())
}

fn read_left_out(list: Option<Value>, place: &str) -> Result<Vec<LeftOut>> {
    let Some(list) = list else {
        return Ok(Vec::new());
    };
    let entry = |entry: &Value| {
        let text = |key| entry.get(key).and_then(Value::as_str);
        let call = format!("{} {}", text("method")?, text("path")?);
        Some(LeftOut { call: call.parse().ok()?, id: text("operationId")?.to_owned() })
    };
    list.as_array()
        .and_then(|entries| entries.iter().map(entry).collect())
        .ok_or_else(|| refuse(place, format!("has an {LEFT_OUT} that is no list of method, path and operationId")))
}

fn take_object(document: &mut Map<String, Value>, key: &str, place: &str) -> Result<Map<String, Value>> {
    match document.remove(key) {
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(refuse(place, format!("has a member {key:?} that is not an object"))),
        None => Err(refuse(place, format!("has no {key:?}"))),
    }
}

fn refuse(place: &str, problem: impl ToString) -> Error {
    Error::new(Kind::NotOpenApi, place, problem, "give a whole OpenAPI 3.1 document")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(document: Value) -> Error {
        let error = Export::read(document, "export").unwrap_err();
        assert_eq!(error.to_string().lines().count(), 1);
        error
    }

    fn with_paths(paths: Value) -> Value {
        json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths})
    }

    #[test]
    fn reads_operations_in_the_order_of_their_calls() {
        let export = Export::read(
            with_paths(json!({
                "/b": {"get": {"operationId": "b"}},
                "/a": {"post": {"operationId": "a2"}, "get": {"operationId": "a1"}, "summary": "s"},
                "x-other": 1,
            })),
            "export",
        )
        .unwrap();
        let calls: Vec<_> = export.operations.keys().map(Call::to_string).collect();
        assert_eq!(calls, ["GET /a", "POST /a", "GET /b"]);
    }

    #[test]
    fn refuses_what_is_not_an_openapi_document() {
        for document in [
            json!(null),
            json!(3),
            json!([]),
            json!("openapi"),
            json!({"openapi": "3.1.0"}),
            json!({"openapi": "3.1.0", "info": {"title": "T"}, "paths": {}}),
            json!({"openapi": "3.1.0", "info": {"title": "T", "version": 1}, "paths": {}}),
            json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}),
            with_paths(json!([])),
            with_paths(json!({"a": {}})),
            with_paths(json!({"/a": []})),
            with_paths(json!({"/a": {"get": 1}})),
            with_paths(json!({"/a": {"get": {}}})),
            with_paths(json!({"/a": {"get": {"operationId": 1}}})),
            with_paths(json!({"/a": {"fetch": {"operationId": "a"}}})),
            with_paths(json!({"/a": {"parameters": {}}})),
        ] {
            assert_eq!(refusal(document.clone()).kind(), Kind::NotOpenApi, "{document}");
        }
    }

    #[test]
    fn refuses_other_versions_by_name() {
        for (document, found) in [
            (json!({"swagger": "2.0"}), "Swagger \"2.0\""),
            (json!({"openapi": "3.2.0"}), "OpenAPI \"3.2.0\""),
            (json!({"openapi": "3.0.3"}), "OpenAPI \"3.0.3\""),
            (json!({"openapi": "3.10.0"}), "OpenAPI \"3.10.0\""),
            (json!({"openapi": 3.1}), "not a string"),
            (json!({"paths": {}}), "does not say"),
        ] {
            let error = refusal(document);
            assert_eq!(error.kind(), Kind::Version);
            assert!(error.to_string().contains(found), "{error}");
        }
    }

    #[test]
    fn refuses_two_operations_with_one_name() {
        let error = refusal(with_paths(json!({
            "/a": {"get": {"operationId": "same"}},
            "/b": {"get": {"operationId": "same"}},
        })));
        assert_eq!(error.kind(), Kind::DuplicateOperation);
        assert!(error.to_string().contains("GET /b") && error.to_string().contains("GET /a"));
    }

    #[test]
    fn refuses_webhooks() {
        let mut document = with_paths(json!({}));
        document["webhooks"] = json!({"sent": {"post": {"operationId": "sent"}}});
        assert_eq!(refusal(document).kind(), Kind::Unlowerable);
    }
}
