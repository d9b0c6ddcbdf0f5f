//! What is refused: by name and place, in one line, and before anything is written.

use serde_json::{Value, json};
use xtask::{Error, Kind};

use crate::workspace::Workspace;

const EXPORT: &str = "export.json";
const CONTRACT: &str = "openapi/library/contract.toml";
const SCHEMAS: &str = "openapi/library/schemas.json";
const IMPORTED: &str = "openapi/library/backend.json";

/// Changes a workspace in which all is well; `import` must refuse the change, and write nothing.
#[track_caller]
fn import_refuses(change: impl FnOnce(&Workspace), kind: Kind, parts: &[&str]) {
    let workspace = Workspace::new();
    workspace.write(IMPORTED, "what was imported before\n");
    change(&workspace);
    let before = workspace.snapshot();
    let error = workspace.import().unwrap_err();
    check(&error, kind, parts);
    assert_eq!(workspace.snapshot(), before);
}

/// As [`import_refuses`], for `regenerate` and for its check.
#[track_caller]
fn regenerate_refuses(change: impl FnOnce(&Workspace), kind: Kind, parts: &[&str]) {
    let workspace = Workspace::regenerated();
    change(&workspace);
    let before = workspace.snapshot();
    check(&xtask::regenerate(&workspace.backend).unwrap_err(), kind, parts);
    check(&xtask::stale(&workspace.backend, workspace.root()).unwrap_err(), kind, parts);
    assert_eq!(workspace.snapshot(), before);
}

#[track_caller]
fn check(error: &Error, kind: Kind, parts: &[&str]) {
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

/// Changes `POST /api/books` in the export.
fn create_book(change: impl FnOnce(&mut Value)) -> impl FnOnce(&Workspace) {
    |workspace| workspace.edit(EXPORT, |export| change(&mut export["paths"]["/api/books"]["post"]))
}

/// Changes `GET /api/books/{book_id}` in the export.
fn get_book(change: impl FnOnce(&mut Value)) -> impl FnOnce(&Workspace) {
    |workspace| workspace.edit(EXPORT, |export| change(&mut export["paths"]["/api/books/{book_id}"]["get"]))
}

/// Adds a parameter to `GET /api/books/{book_id}`.
fn with_parameter(parameter: Value) -> impl FnOnce(&Workspace) {
    get_book(|operation| operation["parameters"].as_array_mut().unwrap().push(parameter))
}

#[test]
fn an_export_that_is_not_json() {
    for text in ["", "<html>", "{\"openapi\": \"3.1.0\"", "openapi: 3.1.0\n", "{} {}"] {
        import_refuses(|workspace| workspace.write(EXPORT, text), Kind::NotJson, &[EXPORT, "not JSON"]);
    }
    let nested = "[".repeat(100_000);
    import_refuses(|workspace| workspace.write(EXPORT, &nested), Kind::NotJson, &[EXPORT, "127 levels"]);
}

#[test]
fn an_export_that_is_not_openapi() {
    for text in ["null", "3", "[]", "\"text\"", "{\"openapi\": \"3.1.0\"}"] {
        import_refuses(|workspace| workspace.write(EXPORT, text), Kind::NotOpenApi, &[EXPORT]);
    }
}

#[test]
fn an_export_of_another_version() {
    for (text, part) in [
        ("{}", "does not say"),
        ("{\"swagger\": \"2.0\", \"paths\": {}}", "Swagger \"2.0\""),
        ("{\"openapi\": \"3.2.0\", \"paths\": {}}", "OpenAPI \"3.2.0\""),
    ] {
        import_refuses(|workspace| workspace.write(EXPORT, text), Kind::Version, &[EXPORT, part]);
    }
}

#[test]
fn an_export_that_cannot_be_read() {
    import_refuses(|workspace| std::fs::remove_file(workspace.path(EXPORT)).unwrap(), Kind::Unreadable, &[EXPORT]);
}

#[test]
fn an_operation_that_the_contract_names_but_the_export_lacks() {
    import_refuses(
        |workspace| {
            workspace.edit(EXPORT, |export| {
                export["paths"].as_object_mut().unwrap().remove("/api/loans");
            });
        },
        Kind::MissingOperation,
        &["list_loans (GET /api/loans)"],
    );
}

#[test]
fn operations_that_the_contract_does_not_classify_all_at_once() {
    import_refuses(
        |workspace| {
            workspace.edit(EXPORT, |export| {
                export["paths"]["/api/new"] = json!({
                    "get": {"operationId": "new_get"},
                    "post": {"operationId": "new_post"},
                });
            });
        },
        Kind::Unclassified,
        &["2 operations", "GET /api/new, POST /api/new"],
    );
}

#[test]
fn a_reference_to_nothing() {
    let target = "#/components/schemas/Nothing";
    import_refuses(
        create_book(|operation| {
            operation["requestBody"]["content"]["application/json"]["schema"] = json!({"$ref": target});
        }),
        Kind::DanglingReference,
        &["POST /api/books", target],
    );
    import_refuses(
        |workspace| {
            workspace.edit(EXPORT, |export| {
                export["components"]["schemas"]["Author"]["properties"]["name"] = json!({"$ref": target});
            });
        },
        Kind::DanglingReference,
        &["components/schemas/Author", target],
    );
    import_refuses(
        |workspace| {
            workspace.edit(SCHEMAS, |schemas| {
                schemas["Book"]["properties"]["title"] = json!({"$ref": target});
            });
        },
        Kind::DanglingReference,
        &["schemas.json/Book/properties/title", target],
    );
}

#[test]
fn an_answer_that_schemas_json_lacks() {
    import_refuses(
        |workspace| workspace.replace(CONTRACT, "answer = \"Inbox\"", "answer = \"Outbox\""),
        Kind::Answers,
        &["[public.drain_inbox]", "Outbox"],
    );
}

#[test]
fn a_shape_that_no_answer_reaches() {
    import_refuses(
        |workspace| workspace.edit(SCHEMAS, |schemas| schemas["Unused"] = json!({"type": "string"})),
        Kind::Answers,
        &["Unused"],
    );
}

#[test]
fn a_shape_with_the_name_of_a_component() {
    for name in ["BookKind", "ValidationError", "CreateBookBodyShelf"] {
        import_refuses(
            |workspace| {
                workspace.edit(SCHEMAS, |schemas| {
                    schemas[name] = json!({"type": "string"});
                    schemas["Book"]["properties"]["kind"] = json!({"$ref": format!("#/components/schemas/{name}")});
                });
            },
            Kind::Answers,
            &[name, "component of the export"],
        );
    }
}

#[test]
fn hand_written_files_that_are_malformed_or_missing() {
    for (text, kind) in [("{", Kind::NotJson), ("[]", Kind::Answers)] {
        import_refuses(|workspace| workspace.write(SCHEMAS, text), kind, &[SCHEMAS]);
        regenerate_refuses(|workspace| workspace.write(SCHEMAS, text), kind, &[SCHEMAS]);
    }
    import_refuses(|workspace| workspace.write(CONTRACT, "[public"), Kind::Contract, &[CONTRACT, "line 1"]);
    for file in [CONTRACT, IMPORTED] {
        regenerate_refuses(|workspace| std::fs::remove_file(workspace.path(file)).unwrap(), Kind::Unreadable, &[file]);
    }
    // Without shapes there is none that an answer could have.
    let without_shapes = |workspace: &Workspace| std::fs::remove_file(workspace.path(SCHEMAS)).unwrap();
    regenerate_refuses(without_shapes, Kind::Answers, &["schemas.json has no "]);
}

#[test]
fn an_import_that_the_contract_has_moved_on_from() {
    regenerate_refuses(
        |workspace| {
            workspace.replace(CONTRACT, "[public.list_loans]\ncall = \"GET", "[public.list_loans]\ncall = \"PUT");
        },
        Kind::MissingOperation,
        &["list_loans (PUT /api/loans)", "import again"],
    );
    regenerate_refuses(
        |workspace| workspace.replace(CONTRACT, "\"* /api/admin/**\"", "\"GET /api/admin/stats\""),
        Kind::Unclassified,
        &["POST /api/admin/reindex"],
    );
    regenerate_refuses(
        |workspace| {
            workspace.edit(IMPORTED, |imported| {
                imported["paths"]["/api/new"] = json!({"get": {"operationId": "new"}});
            });
        },
        Kind::Unclassified,
        &["GET /api/new", "make it public there"],
    );
}

#[test]
fn bodies_of_other_media_types() {
    let schema = json!({"schema": {"type": "object"}});
    for media_type in ["multipart/mixed", "application/x-www-form-urlencoded", "image/*"] {
        import_refuses(
            create_book(|operation| operation["requestBody"]["content"] = json!({media_type: schema})),
            Kind::Unlowerable,
            &[
                "POST /api/books requestBody",
                &format!("no media type that the client can send ({media_type})"),
                "contract.toml",
            ],
        );
    }
}

#[test]
fn bodies_that_the_client_could_not_send() {
    for (change, part) in [
        (json!({"required": true}), "no content"),
        (json!({"required": true, "content": {}}), "no media type"),
        (json!({"required": true, "content": {"application/json": 3}}), "not an object"),
        (json!(3), "not an object"),
    ] {
        import_refuses(
            create_book(|operation| operation["requestBody"] = change),
            Kind::Unlowerable,
            &["POST /api/books requestBody", part],
        );
    }
    let target = "#/components/requestBodies/Book";
    import_refuses(
        create_book(|operation| operation["requestBody"] = json!({"$ref": target})),
        Kind::DanglingReference,
        &["POST /api/books", target],
    );
}

#[test]
fn parameters_that_the_client_has_to_send_and_could_not() {
    let string = || json!({"type": "string"});
    for (mut parameter, part) in [
        (json!({"name": "session", "in": "cookie", "schema": string()}), "cookie parameter session"),
        (json!({"name": "a b", "in": "header", "schema": string()}), "name of a header"),
        (json!({"name": "Transfer-Encoding", "in": "header", "schema": string()}), "belongs to the connection"),
        (json!({"name": "a", "in": "query"}), "no schema"),
        (json!({"name": "a", "in": "query", "content": {"application/json": {}}}), "content"),
        (json!({"name": "a", "in": "query", "schema": {"type": "object"}}), "neither a string"),
        (json!({"name": "a", "in": "header", "schema": {"type": "array"}}), "neither a string"),
        (json!({"name": "a", "in": "query", "style": "deepObject", "schema": string()}), "style"),
        (json!({"name": "a", "in": "query", "explode": false, "schema": string()}), "explode"),
        (json!({"name": "other", "in": "path", "required": true, "schema": string()}), "\"other\""),
        (json!({"name": "book_id", "in": "path", "schema": string()}), "two path parameters named"),
    ] {
        parameter["required"] = json!(true);
        import_refuses(with_parameter(parameter), Kind::Unlowerable, &["GET /api/books/{book_id}", part]);
    }
    for (parameter, part) in [(json!({"name": 3, "in": "query"}), "without a name"), (json!(3), "not an object")] {
        import_refuses(with_parameter(parameter), Kind::Unlowerable, &["GET /api/books/{book_id}", part]);
    }
    import_refuses(
        with_parameter(json!({"$ref": "#/components/parameters/A"})),
        Kind::DanglingReference,
        &["GET /api/books/{book_id}", "#/components/parameters/A"],
    );
    import_refuses(
        get_book(|operation| operation["parameters"] = json!([])),
        Kind::Unlowerable,
        &["GET /api/books/{book_id}", "\"book_id\""],
    );
    import_refuses(
        get_book(|operation| operation["parameters"] = json!({})),
        Kind::NotOpenApi,
        &["GET /api/books/{book_id}", "not an array"],
    );
}

/// The contract says that a book comes.
#[test]
fn answers_that_the_contract_cannot_type() {
    for (responses, part) in [
        (json!(null), "no success"),
        (json!({}), "no success"),
        (json!({"302": {"description": ""}, "404": {"description": ""}}), "no success"),
        (json!({"204": {"description": ""}}), "promises nothing"),
        (json!({"200": {"description": ""}}), "promises nothing"),
        (json!({"200": {"description": "", "content": {"text/plain": {}}}}), "promises text/plain"),
        (json!({"200": {"description": "", "content": {"text/event-stream": {}}}}), "promises text/event-stream"),
    ] {
        import_refuses(
            get_book(|operation| operation["responses"] = responses),
            Kind::Answers,
            &["GET /api/books/{book_id} (contract.toml [public.get_book])", part],
        );
    }
}

/// What the engine should send has to be what the backend takes.
#[test]
fn idempotency_keys_and_credentials_that_the_document_does_not_know() {
    import_refuses(
        |workspace| {
            workspace.replace(CONTRACT, "[public.create_book]", "[public.create_book]\nidempotency-key = true");
        },
        Kind::Contract,
        &["POST /api/books (contract.toml [public.create_book])", "Idempotency-Key"],
    );
    import_refuses(
        |workspace| {
            workspace.edit(EXPORT, |export| export["components"]["securitySchemes"] = json!({"Bearer": {}}));
            workspace.replace(CONTRACT, "[public.create_book]", "[public.create_book]\ncredentials = [\"Admin\"]");
        },
        Kind::Contract,
        &["POST /api/books", "\"Admin\""],
    );
}

#[test]
fn other_parts_of_an_operation_that_would_be_lost() {
    for key in ["callbacks", "servers", "unknown"] {
        import_refuses(
            get_book(|operation| operation[key] = json!({})),
            Kind::Unlowerable,
            &["GET /api/books/{book_id}", key],
        );
    }
}

/// There is one base URL, and no way to send these methods.
#[test]
fn operations_that_the_client_could_not_call() {
    import_refuses(
        |workspace| {
            workspace.edit(EXPORT, |export| {
                export["paths"]["/api/books/{book_id}"]["servers"] = json!([{"url": "/v2"}]);
            });
        },
        Kind::Unlowerable,
        &["/api/books/{book_id}", "servers of its own"],
    );
    for method in ["options", "trace"] {
        import_refuses(
            |workspace| {
                workspace.edit(EXPORT, |export| {
                    let item = export["paths"]["/api/loans"].as_object_mut().unwrap();
                    let operation = item.remove("get").unwrap();
                    item.insert(method.to_owned(), operation);
                });
                workspace.replace(CONTRACT, "\"GET /api/loans\"", &format!("\"{} /api/loans\"", method.to_uppercase()));
            },
            Kind::Unlowerable,
            &[&format!("{} /api/loans", method.to_uppercase()), "can't send"],
        );
    }
}

/// Somebody has to say that all of it is private.
#[test]
fn paths_that_hold_what_no_contract_can_name() {
    for (item, part) in [
        (json!({"fetch": {}}), "\"fetch\", which is no method"),
        (json!({"$ref": "other.json#/paths/a"}), "other.json#/paths/a"),
        (json!([]), "not an object"),
    ] {
        import_refuses(
            |workspace| workspace.edit(EXPORT, |export| export["paths"]["/api/new"] = item),
            Kind::NotOpenApi,
            &["paths /api/new", part, "* /api/new"],
        );
    }
    // Of a path that is public in part, all counts.
    import_refuses(
        |workspace| {
            workspace.replace(CONTRACT, "\"* /api/admin/**\"", "\"* /api/**\"");
            workspace.edit(EXPORT, |export| export["paths"]["/api/loans"]["fetch"] = json!({}));
        },
        Kind::NotOpenApi,
        &["paths /api/loans", "fetch"],
    );
    import_refuses(
        |workspace| workspace.edit(EXPORT, |export| export["paths"]["/api/loans"]["get"] = json!(3)),
        Kind::NotOpenApi,
        &["GET /api/loans", "not an object"],
    );
}

#[test]
fn schemas_that_allow_no_value_or_never_end() {
    let author = "#/components/schemas/Author";
    for (schema, part) in [
        (json!({"anyOf": [{"$ref": author}, {"type": "null"}]}), "a part of itself"),
        (json!(false), "allows no value"),
    ] {
        import_refuses(
            |workspace| workspace.edit(EXPORT, |export| export["components"]["schemas"]["Author"] = schema),
            Kind::Unlowerable,
            &["components/schemas/Author", part],
        );
    }
}

/// What was written by hand can be written otherwise.
#[test]
fn shapes_that_cannot_be_typed() {
    for (keyword, value) in [
        ("additionalProperties", json!(false)),
        ("patternProperties", json!({})),
        ("oneOf", json!([{"type": "object"}, {"type": "object"}])),
    ] {
        import_refuses(
            |workspace| workspace.edit(SCHEMAS, |schemas| schemas["Status"][keyword] = value),
            Kind::Unlowerable,
            &["schemas.json/Status", keyword],
        );
    }
}

/// Told by both names, and by an operation that leads to them.
#[test]
fn components_of_one_name_in_rust() {
    import_refuses(
        |workspace| {
            workspace.edit(EXPORT, |export| {
                let schemas = &mut export["components"]["schemas"];
                schemas["Book-Kind"] = json!({"enum": ["a"]});
                schemas["Author"]["properties"]["kind"] = json!({"$ref": "#/components/schemas/Book-Kind"});
            });
        },
        Kind::Unlowerable,
        &["components/schemas/Author/properties/kind (reached from POST /api/books", "Book-Kind", "\"BookKind\""],
    );
    import_refuses(
        |workspace| {
            workspace.edit(EXPORT, |export| {
                let schemas = &mut export["components"]["schemas"];
                schemas["create_book_body_shelf"] = json!({"type": "object"});
                schemas["Author"]["properties"]["kind"] =
                    json!({"$ref": "#/components/schemas/create_book_body_shelf"});
            });
        },
        Kind::Unlowerable,
        &[
            "create_book_body_shelf (reached from POST /api/books",
            "CreateBookBodyShelf",
            "properties/shelf has already",
        ],
    );
}

/// Which operation could be made private.
#[test]
fn a_refusal_within_a_component_names_an_operation_that_leads_to_it() {
    import_refuses(
        |workspace| {
            workspace.edit(EXPORT, |export| {
                export["components"]["schemas"]["Author"]["properties"]["name"] = json!({"$ref": "elsewhere"});
            });
        },
        Kind::DanglingReference,
        &["components/schemas/Author", "elsewhere"],
    );
    import_refuses(
        |workspace| {
            workspace.edit(EXPORT, |export| export["components"]["schemas"]["Author"] = json!(false));
        },
        Kind::Unlowerable,
        &["components/schemas/Author (reached from POST /api/books requestBody"],
    );
}
