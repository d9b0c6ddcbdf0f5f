//! What operations answer: as the document types it, or as the contract says.

use serde_json::{Value, json};

use crate::workspace::Workspace;

const CLIENT: &str = "generated/library-client/src/client.rs";
const OPERATIONS: &str = "generated/library-client/src/operations.rs";

const CONTRACT: &str = r#"
crate = "library-client"
envelope = "data"

[public.typed]
call = "GET /typed"
repeat = true

[public.any_success]
call = "PUT /typed"
repeat = true
envelope = false
sends-null = true

[public.untyped]
call = "GET /untyped"
repeat = true
envelope = false

[public.listed]
call = "POST /untyped"
answer = "Shelf[]"
repeat = false
idempotency-key = true
credentials = ["Admin"]

[public.maybe]
call = "GET /maybe"
repeat = true
envelope = false

[public.created]
call = "POST /maybe"
answer = "Shelf"
status = [201, 202]
correction = "the document says 200 alone"
repeat = false
envelope = false

[public.removed]
call = "DELETE /maybe"
repeat = true

[public.unread]
call = "PATCH /maybe"
answer = "none"
repeat = false

[public.told]
call = "GET /told"
repeat = true

[public.streamed]
call = "POST /told"
answer = "json-or-events"
shape = "Shelf"
repeat = false

[public.run]
call = "PUT /told"
answer = "json-or-events"
repeat = false
envelope = false

[public.run_with_files]
call = "PATCH /told"
answer = "json-or-events"
repeat = false
envelope = false

[public.text]
call = "GET /text"
repeat = true

[public.file]
call = "GET /file"
answer = "bytes"
correction = "the document says JSON, as that of every FileResponse"
repeat = true

[public.peek]
call = "HEAD /file"
answer = "Shelf"
repeat = true
"#;

const SCHEMAS: &str = r#"{"Shelf": {"type": "object", "properties": {"label": {"type": "string"}}}}"#;

fn export() -> Value {
    let of = |media_type: &str, schema: Value| json!({"description": "", "content": {media_type: {"schema": schema}}});
    let json_of = |schema: Value| of("application/json", schema);
    let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let body = |schema: Value| json!({"required": true, "content": {"application/json": {"schema": schema}}});
    let mut told = json_of(json!({}));
    told["content"]["text/event-stream"] = json!({});
    let mut run = json_of(to("Book"));
    run["content"]["text/event-stream"] = json!({"schema": {"type": "string"}});
    let key = json!({"name": "idempotency-key", "in": "header", "required": false, "schema": {"type": "string"}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "security": [{"Client": []}],
        "paths": {
            "/typed": {
                "get": {"responses": {"200": json_of(to("Wrapped"))}},
                "put": {
                    "requestBody": body(to("Book")),
                    "responses": {"2XX": json_of(to("Book")), "200": json_of(to("Book"))},
                },
            },
            "/untyped": {
                "get": {"responses": {"default": json_of(json!({}))}, "security": []},
                "post": {"parameters": [key], "responses": {"200": json_of(json!({}))}},
            },
            "/maybe": {
                "get": {"responses": {"200": json_of(to("Book")), "204": {"description": ""}}},
                "post": {"responses": {"200": json_of(json!({}))}},
                "delete": {"responses": {"2XX": {"description": ""}}},
                "patch": {"responses": {"200": json_of(json!({})), "202": json_of(json!({}))}},
            },
            "/told": {
                "get": {"responses": {"200": of("text/event-stream; charset=utf-8", json!({"type": "string"}))}},
                "post": {"responses": {"200": told}},
                "put": {"responses": {"200": run}},
                "patch": {
                    "requestBody": {"required": true, "content": {"multipart/form-data": {"schema": {"type": "object"}}}},
                    "responses": {"200": run},
                },
            },
            "/text": {"get": {"responses": {"200": of("text/csv", json!({"type": "string"}))}}},
            "/file": {
                "get": {"responses": {"200": json_of(json!({}))}},
                "head": {"responses": {"200": json_of(json!({}))}},
            },
        },
        "components": {
            "schemas": {
                "Wrapped": {"type": "object", "properties": {"data": to("Book"), "error": {"type": "string"}}},
                "Book": {
                    "type": "object",
                    "properties": {
                        "title": {"type": "string", "default": "Untitled"},
                        "subtitle": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                        "next": to("Book"),
                        "tags": {"type": "array", "items": {"type": "string"}},
                    },
                },
            },
            "securitySchemes": {"Client": {"type": "http", "scheme": "bearer"}, "Admin": {"type": "http", "scheme": "basic"}},
        },
    })
}

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("export.json", &export().to_string());
    workspace.write("openapi/library/contract.toml", CONTRACT);
    workspace.write("openapi/library/schemas.json", SCHEMAS);
    workspace.import().unwrap();
    xtask::regenerate(&workspace.backend).unwrap();
    workspace
}

#[test]
fn the_document_says_what_comes_on_the_wire() {
    let public = workspace().read_json("openapi/library/public.json");
    let responses = |path: &str, method: &str| public["paths"][path][method]["responses"].clone();
    let schema = |path: &str, method: &str, status: &str| {
        responses(path, method)[status]["content"]["application/json"]["schema"].clone()
    };
    let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let wrapped = |inner: Value| json!({"type": "object", "properties": {"data": inner}, "required": ["data"]});
    assert_eq!(schema("/typed", "get", "200"), wrapped(to("Book")));
    assert_eq!(schema("/typed", "put", "2XX"), to("Book"));
    assert_eq!(responses("/typed", "put").as_object().unwrap().len(), 1, "2XX are all of them");
    assert_eq!(schema("/untyped", "get", "2XX"), json!({}));
    assert_eq!(schema("/untyped", "post", "200"), wrapped(json!({"type": "array", "items": to("Shelf")})));
    assert_eq!(responses("/maybe", "get")["204"], json!({"description": "The answer."}));
    assert_eq!(schema("/maybe", "post", "201"), schema("/maybe", "post", "202"));
    assert_eq!(responses("/maybe", "post").get("200"), None);
    assert_eq!(responses("/maybe", "delete"), json!({"2XX": {"description": "The answer."}}));
    assert_eq!(responses("/told", "post")["200"]["content"].as_object().unwrap().len(), 2);
    assert!(responses("/text", "get")["200"]["content"].get("text/csv").is_some());
    assert!(responses("/file", "get")["200"]["content"].get("application/octet-stream").is_some());
    assert_eq!(responses("/file", "head")["200"].get("content"), None);
    assert_eq!(public["paths"]["/untyped"]["post"].get("parameters"), None, "the engine sends the key");
}

#[test]
fn a_method_answers_what_is_typed() {
    let client = workspace().read(CLIENT).split_whitespace().collect::<Vec<_>>().join(" ");
    for (method, answer) in [
        ("typed", "types::Book"),
        ("any_success", "types::Book"),
        ("untyped", "::serde_json::Value"),
        ("listed", "::std::vec::Vec<types::Shelf>"),
        ("maybe", "::std::option::Option<types::Book>"),
        ("created", "types::Shelf"),
        ("removed", "()"),
        ("unread", "()"),
        ("told", "()"),
        ("streamed", "::std::option::Option<types::Shelf>"),
        ("run", "::std::option::Option<types::Book>"),
        ("run_with_files", "::std::option::Option<types::Book>"),
        ("file", "()"),
        ("peek", "()"),
    ] {
        let from = client.find(&format!("pub async fn {method}<'a>(")).unwrap_or_else(|| panic!("no {method}"));
        let signature = client[from..].split(" {").next().unwrap();
        assert!(signature.ends_with(&format!("-> Result<ResponseValue<{answer}>, Error<()>>")), "{signature}");
    }
    // What is answered may be null wherever it may be absent; what is sent tells the two apart as the contract says.
    assert!(client.contains("body: &'a types::BookInput"));
    for field in [
        "pub subtitle: ::std::option::Option< ::std::option::Option<::std::string::String>, >",
        "pub tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>",
        "pub title: ::std::option::Option<::std::string::String>",
    ] {
        let sent = client.split("pub struct BookInput {").nth(1).unwrap().split('}').next().unwrap();
        assert!(sent.contains(field), "{field} in {sent}");
    }
}

/// Whatever it sends.
#[test]
fn a_method_asks_for_what_comes() {
    let client = workspace().read(CLIENT).split_whitespace().collect::<Vec<_>>().join(" ");
    for (method, asked_for) in [
        ("typed", Some("\"application/json\"")),
        ("told", Some("\"text/event-stream; charset=utf-8\"")),
        ("streamed", Some("\"text/event-stream, application/json\"")),
        ("run_with_files", Some("\"text/event-stream, application/json\"")),
        ("text", Some("\"text/csv\"")),
        ("file", None),
        ("removed", None),
    ] {
        let from = client.find(&format!("pub async fn {method}<'a>(")).unwrap_or_else(|| panic!("no {method}"));
        let body = client[from..].split("let info = OperationInfo").next().unwrap();
        let asked: Vec<_> = body.split("ACCEPT, ").skip(1).map(|rest| rest.split('"').nth(1).unwrap()).collect();
        let expected: Vec<_> = asked_for.iter().map(|asked| asked.trim_matches('"')).collect();
        assert_eq!(asked, expected, "{method}");
    }
}

#[test]
fn the_table_says_what_the_engine_has_to_know() {
    let table = workspace().read(OPERATIONS);
    let row = |name: &str| {
        let from = table.find(&format!("pub const {name}: Operation")).unwrap_or_else(|| panic!("no {name}"));
        table[from..].split("};").next().unwrap().to_owned()
    };
    for (name, parts) in [
        (
            "TYPED",
            ["AnswerKind::Json,\n    enveloped: true,", "idempotency_key: false,", "credentials: &[\"Client\"],"],
        ),
        ("UNTYPED", ["AnswerKind::Json,\n    enveloped: false,", "idempotency_key: false,", "credentials: &[],"]),
        ("LISTED", ["AnswerKind::Json,", "idempotency_key: true,", "credentials: &[\"Admin\"],"]),
        ("REMOVED", ["AnswerKind::Empty,", "repeatable: true,", "method: \"DELETE\","]),
        ("UNREAD", ["AnswerKind::Empty,", "repeatable: false,", "path: \"/maybe\","]),
        ("TOLD", ["AnswerKind::Events,", "", ""]),
        ("STREAMED", ["AnswerKind::JsonOrEvents,\n    enveloped: true,", "", ""]),
        ("RUN", ["AnswerKind::JsonOrEvents,\n    enveloped: false,", "", ""]),
        ("TEXT", ["AnswerKind::Text,\n    enveloped: false,", "", ""]),
        ("FILE", ["AnswerKind::Bytes,", "", ""]),
        ("PEEK", ["AnswerKind::Empty,", "method: \"HEAD\",", ""]),
    ] {
        for part in parts {
            assert!(row(name).contains(part), "{part} in {}", row(name));
        }
    }
}

#[test]
fn what_is_generated_compiles() {
    let output = workspace().check();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What the document gets wrong is corrected once, and noted when it is right.
#[test]
fn a_correction_that_corrects_nothing_is_noted() {
    let workspace = workspace();
    assert_eq!(workspace.import().unwrap().notes, [""; 0]);
    workspace.edit("export.json", |export| {
        let responses = &mut export["paths"]["/maybe"]["post"]["responses"];
        let response = responses["200"].take();
        *responses = json!({"201": response, "202": response});
    });
    let notes = workspace.import().unwrap().notes;
    assert_eq!(notes, ["contract.toml [public.created]: its correction corrects nothing"]);
}

mod drift {
    use serde_json::{Value, json};
    use xtask::Source;

    use super::workspace;

    /// What is found after an edit of the live document.
    #[track_caller]
    fn finds(edit: impl FnOnce(&mut Value), expected: &[&str]) {
        let workspace = workspace();
        workspace.edit("export.json", edit);
        let drift = xtask::drift(&workspace.backend, &Source::File(workspace.path("export.json"))).unwrap();
        let lines: Vec<_> = drift
            .changes
            .iter()
            .map(|change| format!("{:?} {} {}", change.severity, change.what, change.place))
            .collect();
        assert_eq!(lines, expected);
    }

    fn responses<'e>(export: &'e mut Value, path: &str, method: &str) -> &'e mut Value {
        &mut export["paths"][path][method]["responses"]
    }

    #[test]
    fn statuses_count_as_far_as_the_client_takes_them() {
        let none = || json!({"description": ""});
        // All successes were promised.
        finds(|live| responses(live, "/maybe", "delete")["204"] = none(), &[]);
        finds(
            |live| *responses(live, "/maybe", "delete") = json!({"204": none()}),
            &["Harmless status DELETE /maybe answer 2XX"],
        );
        finds(|live| responses(live, "/maybe", "get")["202"] = none(), &["Breaking status GET /maybe answer 202"]);
        finds(
            |live| drop(responses(live, "/maybe", "get").as_object_mut().unwrap().remove("204")),
            &["Harmless status GET /maybe answer 204"],
        );
        // What the contract corrects counts as the contract has it.
        finds(
            |live| {
                let response = responses(live, "/maybe", "post")["200"].take();
                *responses(live, "/maybe", "post") = json!({ "201": response });
            },
            &["Harmless status POST /maybe answer 200"],
        );
    }

    #[test]
    fn what_is_not_read_may_change() {
        let other = || json!({"application/json": {"schema": {"type": "integer"}}});
        finds(
            |live| responses(live, "/maybe", "patch")["200"]["content"] = other(),
            &["Harmless type PATCH /maybe answer 200"],
        );
        finds(
            |live| {
                responses(live, "/told", "get")["200"]["content"]["text/event-stream; charset=utf-8"] =
                    json!({"schema": {"type": "integer"}})
            },
            &["Harmless type GET /told answer 200"],
        );
        finds(
            |live| {
                responses(live, "/told", "put")["200"]["content"]["text/event-stream"] =
                    json!({"schema": {"type": "integer"}})
            },
            &["Harmless type PUT /told answer 200"],
        );
        finds(
            |live| responses(live, "/told", "get")["200"]["content"] = other(),
            &["Breaking media type GET /told answer 200", "Harmless media type GET /told answer 200"],
        );
        finds(
            |live| {
                drop(
                    responses(live, "/told", "put")["200"]["content"]
                        .as_object_mut()
                        .unwrap()
                        .remove("text/event-stream"),
                )
            },
            &["Breaking media type PUT /told answer 200"],
        );
    }

    #[test]
    fn what_the_document_types_is_compared_with_what_was_imported() {
        finds(
            |live| live["components"]["schemas"]["Book"]["properties"]["title"]["type"] = json!("integer"),
            &[
                "Breaking type components/schemas/Book/properties/title",
                "Breaking type components/schemas/Book/properties/title",
            ],
        );
        // In its envelope, an answer is compared with the shape that the client reads.
        finds(
            |live| {
                let data =
                    json!({"type": "array", "items": {"type": "object", "properties": {"label": {"type": "integer"}}}});
                responses(live, "/untyped", "post")["200"]["content"]["application/json"]["schema"] =
                    json!({"type": "object", "properties": {"data": data}});
            },
            &["Breaking type POST /untyped answer/properties/label", "Harmless type POST /untyped answer 200"],
        );
    }
}
