//! A backend's OpenAPI document, read just far enough to see its operations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::contract::Contract;
use crate::endpoint::{Endpoint, Method};
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
    pub(crate) operations: BTreeMap<Endpoint, OperationObject>,
    /// The paths that hold more than their operations tell, and what.
    pub(crate) flawed_paths: BTreeMap<String, String>,
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
pub(crate) struct OperationObject {
    /// The document's own name for it, if it has one. It is not sent, and nothing here goes by it.
    pub(crate) id: Option<String>,
    /// The operation object.
    pub(crate) object: Map<String, Value>,
    /// Parameters that all operations of the path share.
    pub(crate) shared_parameters: Vec<Value>,
    /// What is wrong with it: no matter unless the contract makes it public.
    pub(crate) flaw: Option<String>,
}

impl OperationObject {
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

    /// Its parameters, in the place of those that its path's operations share where they are the same.
    ///
    /// # Errors
    ///
    /// Refuses parameters that are no list.
    pub(crate) fn parameters(&self, call: &Endpoint) -> Result<Vec<&Value>> {
        let own = match self.object.get("parameters") {
            None => &[][..],
            Some(Value::Array(own)) => own,
            Some(_) => return Err(refuse(&call.to_string(), "has parameters that are not an array")),
        };
        let taken: BTreeSet<_> = own.iter().filter_map(parameter_key).collect();
        let shared = self.shared_parameters.iter();
        let shared = shared.filter(|shared| parameter_key(shared).is_none_or(|key| !taken.contains(&key)));
        Ok(own.iter().chain(shared).collect())
    }
}

/// By what a parameter is the same as another: its place and its name, which in a header counts in letters of any case.
fn parameter_key(parameter: &Value) -> Option<(&str, String)> {
    let name = parameter.get("name")?.as_str()?;
    match parameter.get("in")?.as_str()? {
        "header" => Some(("header", name.to_ascii_lowercase())),
        place => Some((place, name.to_owned())),
    }
}

/// An operation that `import` left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LeftOut {
    /// Its method and path.
    pub(crate) call: Endpoint,
    /// The document's own name for it, if it has one.
    pub(crate) id: Option<String>,
}

/// The member under which `import` records what it left out.
pub(crate) const LEFT_OUT: &str = "x-left-out";

impl Export {
    /// Refuses what is wrong where the contract makes it public, or says nothing of it.
    pub(crate) fn check_flaws(&self, contract: &Contract, place: &str) -> Result<()> {
        for (path, flaw) in &self.flawed_paths {
            let is_public = contract.public.values().any(|operation| operation.call.path == *path);
            if is_public || !contract.covers_as_private_all_of(path) {
                return Err(Error::new(
                    Kind::NotOpenApi,
                    format!("{place} paths {path}"),
                    flaw,
                    format!("correct the export, or make all of the path private in contract.toml (\"* {path}\")"),
                ));
            }
        }
        let public = self.operations.iter().filter(|(call, _)| contract.names.contains_key(call));
        for (call, operation) in public {
            if let Some(flaw) = &operation.flaw {
                return Err(refuse(&call.to_string(), flaw));
            }
        }
        Ok(())
    }

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

        let mut components = match document.remove("components") {
            None => Map::new(),
            Some(Value::Object(components)) => components,
            Some(_) => return Err(refuse(place, "has components that are not an object")),
        };
        let paths = take_object(&mut document, "paths", place)?;
        let mut reader = Paths::new(&components, document.get("servers"));
        for (path, item) in paths {
            reader.read(&path, item);
        }
        let Paths { operations, flawed: flawed_paths, .. } = reader;

        let schemas = match components.remove("schemas") {
            None => Map::new(),
            Some(Value::Object(schemas)) => schemas,
            Some(_) => return Err(refuse(place, "has components.schemas that are not an object")),
        };

        Ok(Self {
            title,
            version,
            operations,
            flawed_paths,
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

/// The paths of a document, while they are read.
struct Paths<'a> {
    /// The path items that paths refer to.
    items: Option<&'a Value>,
    /// Where the API lies that the document is of.
    servers: Option<&'a Value>,
    /// How much may still be copied in the place of references.
    copies: usize,
    operations: BTreeMap<Endpoint, OperationObject>,
    flawed: BTreeMap<String, String>,
}

impl<'a> Paths<'a> {
    fn new(components: &'a Map<String, Value>, servers: Option<&'a Value>) -> Self {
        // More than any document refers to; a bound on what one can be made to grow to.
        const MOST_COPIED: usize = 1_000_000;
        Self {
            items: components.get("pathItems"),
            servers,
            copies: MOST_COPIED,
            operations: BTreeMap::new(),
            flawed: BTreeMap::new(),
        }
    }

    /// Reads a path: its operations, and what about it is wrong, which is no matter where all of it is private.
    fn read(&mut self, path: &str, item: Value) {
        if path.starts_with("x-") {
            return;
        }
        if let Err(flaw) = self.try_read(path, item) {
            self.flawed.insert(path.to_owned(), flaw);
        }
    }

    fn try_read(&mut self, path: &str, item: Value) -> Result<(), String> {
        // A path is a part of what its parameters and schemas are called in messages.
        const LONGEST: usize = 1000;
        if path.len() > LONGEST {
            return Err(format!("is longer than {LONGEST} characters"));
        }
        if !path.starts_with('/') {
            return Err("is not a path".to_owned());
        }
        let mut item = self.whole(item)?;
        let mut flaw = None;
        let shared_parameters = match item.remove("parameters") {
            None => Vec::new(),
            Some(Value::Array(parameters)) => parameters,
            Some(_) => {
                flaw = Some("has a path with parameters that are not an array".to_owned());
                Vec::new()
            }
        };
        let servers = item.remove("servers");
        let mut unknown = None;
        for (field, object) in item {
            let Some(method) = Method::of_field(&field) else {
                if !matches!(field.as_str(), "summary" | "description") && !field.starts_with("x-") {
                    unknown = Some(format!("has the field {field:?}, which is no method"));
                }
                continue;
            };
            let (mut object, flaw) = match object {
                Value::Object(object) => (object, flaw.clone()),
                _ => (Map::new(), Some("is not an object".to_owned())),
            };
            if let Some(servers) = &servers {
                object.entry("servers").or_insert_with(|| servers.clone());
            }
            if object.get("servers") == self.servers {
                object.remove("servers");
            }
            let id = object.get("operationId").and_then(Value::as_str).map(str::to_owned);
            let operation = OperationObject { id, object, shared_parameters: shared_parameters.clone(), flaw };
            self.operations.insert(Endpoint { path: path.to_owned(), method }, operation);
        }
        unknown.map_or(Ok(()), Err)
    }

    /// A path item with what it refers to; what it says itself counts.
    fn whole(&mut self, item: Value) -> Result<Map<String, Value>, String> {
        const LONGEST_CHAIN: usize = 8;
        let Value::Object(mut item) = item else {
            return Err("is not an object".to_owned());
        };
        for _ in 0..LONGEST_CHAIN {
            let Some(target) = item.remove("$ref") else {
                return Ok(item);
            };
            let name = target.as_str().and_then(|target| target.strip_prefix("#/components/pathItems/"));
            let referred = name.and_then(|name| self.items?.get(name)?.as_object());
            let referred =
                referred.ok_or_else(|| format!("has a $ref to {target}, which is no path item of the document"))?;
            self.copies = referred
                .values()
                .map(json::weight)
                .try_fold(self.copies, usize::checked_sub)
                .ok_or("refers to a path item that the document's paths refer to too often")?;
            for (field, value) in referred {
                item.entry(field.as_str()).or_insert_with(|| value.clone());
            }
        }
        Err(format!("is behind more than {LONGEST_CHAIN} references"))
    }
}

fn read_left_out(list: Option<Value>, place: &str) -> Result<Vec<LeftOut>> {
    let Some(list) = list else {
        return Ok(Vec::new());
    };
    let entry = |entry: &Value| {
        let text = |key| entry.get(key).and_then(Value::as_str);
        let call = format!("{} {}", text("method")?, text("path")?);
        Some(LeftOut { call: call.parse().ok()?, id: text("operationId").map(str::to_owned) })
    };
    list.as_array()
        .and_then(|entries| entries.iter().map(entry).collect())
        .ok_or_else(|| refuse(place, format!("has an {LEFT_OUT} that is no list of methods and paths")))
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
        let calls: Vec<_> = export.operations.keys().map(Endpoint::to_string).collect();
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
    fn what_is_wrong_with_a_path_is_no_matter_until_somebody_asks() {
        for (path, item, flaw) in [
            ("a", json!({}), "not a path"),
            ("/a", json!([]), "not an object"),
            ("/a", json!({"get": {}, "fetch": {}}), "\"fetch\", which is no method"),
            ("/a", json!({"$ref": "other.json#/a"}), "other.json#/a"),
            ("/a", json!({"$ref": "#/components/pathItems/None"}), "no path item"),
            ("/a", json!({"$ref": 1}), "no path item"),
        ] {
            let export = Export::read(with_paths(json!({path: item})), "export").unwrap();
            assert!(export.flawed_paths[path].contains(flaw), "{export:?}");
        }
        for item in [json!({"get": 1}), json!({"get": {}, "parameters": {}})] {
            let export = Export::read(with_paths(json!({"/a": item})), "export").unwrap();
            let operation = &export.operations[&"GET /a".parse().unwrap()];
            assert!(operation.flaw.is_some() && export.flawed_paths.is_empty(), "{operation:?}");
        }
    }

    #[test]
    fn a_path_item_may_be_a_component() {
        let mut document = with_paths(json!({
            "/a": {"$ref": "#/components/pathItems/A"},
            "/b": {"$ref": "#/components/pathItems/B", "get": {"operationId": "own"}},
        }));
        document["components"]["pathItems"] = json!({
            "A": {"get": {"operationId": "referred"}, "delete": {}},
            "B": {"$ref": "#/components/pathItems/A"},
        });
        let export = Export::read(document, "export").unwrap();
        let ids: Vec<_> = export.operations.iter().map(|(call, one)| (call.to_string(), one.id.as_deref())).collect();
        let expected =
            [("DELETE /a", None), ("GET /a", Some("referred")), ("DELETE /b", None), ("GET /b", Some("own"))];
        let mut expected: Vec<_> = expected.map(|(call, id)| (call.to_owned(), id)).into();
        expected.sort_by_key(|(call, _)| call.parse::<Endpoint>().unwrap());
        assert_eq!(ids, expected);
    }

    #[test]
    fn copies_of_path_items_are_bounded() {
        let operation = json!({"tags": vec!["a"; 2_000]});
        let paths: Map<_, _> =
            (0..1_000).map(|number| (format!("/{number}"), json!({"$ref": "#/components/pathItems/A"}))).collect();
        let mut document = with_paths(Value::Object(paths));
        document["components"]["pathItems"]["A"]["get"] = operation;
        let export = Export::read(document, "export").unwrap();
        assert!(export.operations.len() < 1_000 && export.flawed_paths.len() > 100);
    }

    #[test]
    fn a_circle_of_path_items_ends() {
        let mut document = with_paths(json!({"/a": {"$ref": "#/components/pathItems/A"}}));
        document["components"]["pathItems"]["A"]["$ref"] = json!("#/components/pathItems/A");
        let export = Export::read(document, "export").unwrap();
        assert!(export.flawed_paths["/a"].contains("8 references"));
    }

    #[test]
    fn servers_of_an_operation_are_those_of_its_path_unless_they_are_the_documents() {
        let servers = json!([{"url": "/v1"}]);
        let other = json!([{"url": "/v2"}]);
        let mut document = with_paths(json!({
            "/a": {"servers": other, "get": {}, "put": {"servers": servers}},
            "/b": {"servers": servers, "get": {}},
        }));
        document["servers"] = servers;
        let export = Export::read(document, "export").unwrap();
        let servers: Vec<_> = export.operations.values().map(|operation| operation.object.get("servers")).collect();
        assert_eq!(servers, [Some(&other), None, None]);
    }

    #[test]
    fn an_operations_own_parameters_stand_in_for_those_of_its_path() {
        let parameter =
            |name: &str, place: &str, kind: &str| json!({"name": name, "in": place, "schema": {"type": kind}});
        let export = Export::read(
            with_paths(json!({"/a": {
                "parameters": [parameter("id", "path", "string"), parameter("X-A", "header", "string"), 3],
                "get": {"parameters": [
                    parameter("id", "path", "integer"),
                    parameter("id", "query", "integer"),
                    parameter("x-a", "header", "integer"),
                ]},
            }})),
            "export",
        )
        .unwrap();
        let call = "GET /a".parse().unwrap();
        let parameters = export.operations[&call].parameters(&call).unwrap();
        let kinds: Vec<_> = parameters.iter().map(|one| one.pointer("/schema/type").and_then(Value::as_str)).collect();
        assert_eq!(kinds, [Some("integer"), Some("integer"), Some("integer"), None]);
    }
}
