//! Documents of other projects: what they are made of is taken, or refused by name.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use xtask::{Error, Kind, Rehearsal, rehearse};

/// A folder of OpenAPI documents in JSON, of any size and at any depth.
const FOLDER: &str = "XTASK_OPENAPI_CORPUS";

/// Every document of the folder goes through the pipeline, with a contract that makes all of it public.
/// One of another version of OpenAPI goes through it a second time, as if it were of 3.1.
#[test]
fn documents_of_a_folder_are_taken_or_refused_by_name() {
    // Written past the capture of the test's output: what was left out is not to be missed.
    let mut log = std::io::stderr();
    let Some(folder) = std::env::var_os(FOLDER) else {
        let _ = writeln!(log, "left out: documents of other projects; {FOLDER} names no folder of them");
        return;
    };
    let files = json_files(Path::new(&folder));
    assert!(!files.is_empty(), "{FOLDER} has no .json files");
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let mut tries = vec![("", bytes)];
        if let Ok(mut document) = serde_json::from_slice::<Value>(&tries[0].1)
            && rehearse(&tries[0].1, None).is_err_and(|error| error.kind() == Kind::Version)
        {
            document["openapi"] = json!("3.1.0");
            tries.push((" as 3.1", document.to_string().into_bytes()));
        }
        for (note, bytes) in tries {
            let said = match rehearse(&bytes, None) {
                Ok(rehearsal) => {
                    assert!(rehearsal.drift.changes.is_empty(), "{}: {:?}", file.display(), rehearsal.drift);
                    "taken".to_owned()
                }
                Err(error) => {
                    assert_eq!(error.to_string().lines().count(), 1, "{}", file.display());
                    format!("{:?}: {}", error.kind(), error.to_string().chars().take(300).collect::<String>())
                }
            };
            let _ = writeln!(log, "{}{note}: {said}", file.display());
        }
    }
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A plain document of a shop: what follows adds to it one thing that public documents have.
fn shop() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1.0.0", "license": {"name": "MIT"}},
        "servers": [{"url": "https://shop.example/v1"}],
        "tags": [{"name": "orders"}],
        "paths": {"/orders/{order_id}": {
            "summary": "One order",
            "parameters": [{"name": "order_id", "in": "path", "required": true, "schema": {"type": "integer"}}],
            "put": {
                "operationId": "changeOrder",
                "tags": ["orders"],
                "parameters": [{"name": "dry", "in": "query", "schema": {"type": "boolean", "default": false}}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/Order",
                }}}},
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": {
                        "$ref": "#/components/schemas/Order",
                    }}}},
                    "default": {"description": "", "content": {"application/json": {"schema": {}}}},
                },
            },
        }},
        "components": {"schemas": {"Order": {
            "type": "object",
            "properties": {
                "note": {"type": ["string", "null"]},
                "lines": {"type": "array", "items": {"type": "string"}},
                "parent": {"$ref": "#/components/schemas/Order"},
            },
            "required": ["lines"],
        }}},
    })
}

fn run(document: &Value) -> Result<Rehearsal, Error> {
    let result = rehearse(document.to_string().as_bytes(), None);
    if let Ok(rehearsal) = &result {
        assert!(rehearsal.drift.changes.is_empty(), "{:?}", rehearsal.drift);
    }
    result
}

fn operation(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/orders/{order_id}"]["put"]
}

#[test]
fn what_public_documents_have_is_taken() {
    type Edit = fn(&mut Value);
    let edits: &[(&str, Edit)] = &[
        ("nothing more", |_| {}),
        ("extensions", |shop| operation(shop)["x-internal"] = json!({"a": 1})),
        ("authorization", |shop| {
            shop["components"]["securitySchemes"] = json!({"key": {"type": "apiKey", "in": "header", "name": "X"}});
            shop["security"] = json!([{"key": []}]);
            operation(shop)["security"] = json!([]);
        }),
        ("a map", |shop| {
            shop["components"]["schemas"]["Order"]["properties"]["m"] =
                json!({"type": "object", "additionalProperties": {"type": "number", "format": "double"}});
        }),
        ("a union of kinds", |shop| {
            shop["components"]["schemas"]["Order"]["properties"]["m"] =
                json!({"oneOf": [{"type": "string"}, {"type": "array", "items": {}}, {"type": "null"}]});
        }),
        ("an enum with null", |shop| {
            shop["components"]["schemas"]["Order"]["properties"]["m"] =
                json!({"type": ["string", "null"], "enum": ["a", "b", null]});
        }),
        ("a reference with a description", |shop| {
            shop["components"]["schemas"]["Order"]["properties"]["m"] =
                json!({"$ref": "#/components/schemas/Order", "description": "x"});
        }),
        ("webhooks", |shop| shop["webhooks"] = json!({"paid": {"post": {}}})),
        ("operations without a name", |shop| drop(operation(shop).as_object_mut().unwrap().remove("operationId"))),
        ("headers that OpenAPI has described elsewhere", |shop| {
            let parameters = operation(shop)["parameters"].as_array_mut().unwrap();
            parameters.extend(
                ["Accept", "AUTHORIZATION", "content-type"]
                    .map(|name| json!({"name": name, "in": "header", "required": true, "schema": {"type": "object"}})),
            );
        }),
        ("optional cookies", |shop| operation(shop)["parameters"][0]["in"] = json!("cookie")),
        ("an optional parameter in another style", |shop| {
            operation(shop)["parameters"][0]["style"] = json!("deepObject");
        }),
        ("servers that are those of the document", |shop| operation(shop)["servers"] = shop["servers"].clone()),
        ("links of an answer", |shop| {
            operation(shop)["responses"]["200"]["links"] = json!({"again": {"operationId": "changeOrder"}});
        }),
        ("parameters, bodies and answers that are components", |shop| {
            for (place, kind) in [("parameters", "parameters"), ("requestBody", "requestBodies")] {
                let part = if place == "parameters" { "/parameters/0" } else { "/requestBody" };
                let part = operation(shop).pointer_mut(part).unwrap();
                let whole = std::mem::replace(part, json!({"$ref": format!("#/components/{kind}/It")}));
                shop["components"][kind] = json!({"It": whole});
            }
            let answer = operation(shop)["responses"]["200"].take();
            operation(shop)["responses"]["200"] = json!({"$ref": "#/components/responses/Order"});
            shop["components"]["responses"] = json!({"Order": answer});
        }),
        ("a body that may be left out", |shop| operation(shop)["requestBody"]["required"] = json!(false)),
        ("a body that may be null", |shop| {
            let media = &mut operation(shop)["requestBody"]["content"]["application/json"];
            *media = json!({"schema": {"anyOf": [{"$ref": "#/components/schemas/Order"}, {"type": "null"}]}});
        }),
        ("a charset", |shop| {
            for part in ["/requestBody/content", "/responses/200/content"] {
                let content = operation(shop).pointer_mut(part).unwrap().as_object_mut().unwrap();
                let media = content.remove("application/json").unwrap();
                content.insert("application/json; charset=UTF-8".to_owned(), media);
            }
        }),
        ("several successes", |shop| {
            operation(shop)["responses"]["204"] = json!({"description": ""});
            operation(shop)["responses"]["202"] = operation(shop)["responses"]["200"].clone();
        }),
        ("a range of successes", |shop| {
            let response = operation(shop)["responses"]["200"].take();
            operation(shop)["responses"] = json!({ "2XX": response });
        }),
        ("answers of other kinds", |shop| {
            for (method, media_type) in [("get", "text/plain"), ("post", "image/png"), ("patch", "text/event-stream")] {
                let mut other = operation(shop).clone();
                other["responses"] = json!({"200": {"description": "", "content": {media_type: {}}}});
                shop["paths"]["/orders/{order_id}"][method] = other;
            }
            shop["paths"]["/orders/{order_id}"]["delete"] = json!({"responses": {"204": {"description": ""}}});
        }),
        ("JSON among other kinds", |shop| {
            operation(shop)["requestBody"]["content"]["application/xml"] = json!({"schema": {}});
            operation(shop)["responses"]["200"]["content"]["text/csv"] = json!({"schema": {}});
        }),
        ("a form with files", |shop| {
            operation(shop)["requestBody"]["content"] = json!({"multipart/form-data": {"schema": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}, "title": {"type": "string"}},
                "required": ["file"],
            }, "encoding": {"file": {"contentType": "image/png"}}}});
        }),
        ("a body of bytes", |shop| {
            operation(shop)["requestBody"]["content"] = json!({"image/png": {}});
        }),
        ("a body without a schema", |shop| {
            operation(shop)["requestBody"]["content"]["application/json"] = json!({});
        }),
        ("an allOf of several", |shop| {
            let order = shop["components"]["schemas"]["Order"].take();
            shop["components"]["schemas"]["Base"] = order;
            shop["components"]["schemas"]["Order"] = json!({
                "allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"total": {"type": "number"}}}],
            });
        }),
        ("a union that a property tells apart", |shop| {
            shop["components"]["schemas"]["Order"]["discriminator"] = json!({"propertyName": "note"});
            shop["components"]["schemas"]["Order"]["properties"]["m"] = json!({
                "oneOf": [{"$ref": "#/components/schemas/Order"}, {"$ref": "#/components/schemas/Refund"}],
                "discriminator": {"propertyName": "note", "mapping": {"a": "#/components/schemas/Order"}},
            });
            shop["components"]["schemas"]["Refund"] =
                json!({"type": "object", "properties": {"note": {"const": "refund"}}, "required": ["note"]});
        }),
        ("a tuple", |shop| {
            shop["components"]["schemas"]["Order"]["properties"]["m"] =
                json!({"type": "array", "prefixItems": [{"type": "number"}, {"type": "string"}], "items": false});
        }),
        ("an enum with a title for each value", |shop| {
            shop["components"]["schemas"]["Order"]["properties"]["m"] =
                json!({"oneOf": [{"const": "asc", "title": "Up"}, {"const": "desc", "title": "Down"}]});
        }),
        ("what only the backend writes", |shop| {
            let order = &mut shop["components"]["schemas"]["Order"];
            order["properties"]["id"] = json!({"type": "string", "readOnly": true});
            order["required"] = json!(["id", "lines"]);
        }),
        ("a query of one or many", |shop| {
            operation(shop)["parameters"][0]["schema"] = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]});
        }),
        ("a component that may be null", |shop| {
            shop["components"]["schemas"]["Order"]["properties"]["m"] = json!({"$ref": "#/components/schemas/Maybe"});
            shop["components"]["schemas"]["Maybe"] = json!({"anyOf": [{"type": "object"}, {"type": "null"}]});
        }),
        ("components that nothing reaches", |shop| {
            shop["components"]["schemas"]["Unused"] = json!({"if": {}, "then": {"$ref": "nowhere"}});
            shop["components"]["examples"] = json!({"A": {"value": 1}});
        }),
    ];
    for (what, edit) in edits {
        let mut document = shop();
        edit(&mut document);
        run(&document).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

/// Each has a note that says where.
#[test]
fn what_public_documents_have_and_rust_has_not_is_free_json() {
    for (keyword, value) in [
        ("$defs", json!({})),
        ("patternProperties", json!({"^x": {}})),
        ("if", json!({"properties": {"note": {"const": "a"}}})),
        ("unknown", json!(1)),
    ] {
        let mut document = shop();
        document["components"]["schemas"]["Order"][keyword] = value;
        let notes = run(&document).unwrap().notes;
        let [note] = notes.as_slice() else { panic!("{keyword}: {notes:?}") };
        assert!(note.starts_with("components/schemas/Order: is an object of free JSON: "), "{note}");
        assert!(note.contains(keyword), "{note}");
    }
}

#[test]
fn what_public_documents_have_is_refused_by_name() {
    type Edit = fn(&mut Value);
    let edits: &[(Edit, Kind, &str)] = &[
        // OpenAPI 3.0 says null, bounds and references otherwise: taken for 3.1 it would mean something else.
        (|shop| shop["openapi"] = json!("3.0.3"), Kind::Version, "is OpenAPI \"3.0.3\""),
        (|shop| shop["swagger"] = shop.as_object_mut().unwrap().remove("openapi").unwrap(), Kind::Version, "Swagger"),
        (|shop| operation(shop)["callbacks"] = json!({"paid": {}}), Kind::Unlowerable, "\"callbacks\""),
        (|shop| operation(shop)["servers"] = json!([]), Kind::Unlowerable, "servers of its own"),
        (|shop| shop["paths"]["/orders/{order_id}"]["$ref"] = json!("#/x"), Kind::NotOpenApi, "a $ref to \"#/x\""),
        (
            |shop| {
                operation(shop)["parameters"][0] =
                    json!({"name": "dry", "in": "query", "required": true, "schema": {"type": "object"}});
            },
            Kind::Unlowerable,
            "parameter dry",
        ),
        (|shop| operation(shop)["responses"] = json!({"404": {"description": ""}}), Kind::Answers, "no success"),
        (
            |shop| operation(shop)["responses"]["201"] = json!({"description": "", "content": {"image/png": {}}}),
            Kind::Answers,
            "Json with one status and Bytes with another",
        ),
        (
            |shop| shop["components"]["schemas"]["Order"]["properties"]["a"] = json!({"$ref": "other.json#/Order"}),
            Kind::DanglingReference,
            "other.json#/Order",
        ),
    ];
    for (edit, kind, part) in edits {
        let mut document = shop();
        edit(&mut document);
        let error = run(&document).unwrap_err();
        assert_eq!(error.kind(), *kind, "{error}");
        assert!(error.to_string().contains(part), "{part:?} in {error}");
    }
}
