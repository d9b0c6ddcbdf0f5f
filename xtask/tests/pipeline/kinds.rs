//! One small document for each kind of construct that exports have and that has to become something in Rust: all go in,
//! are generated, and compile.

use serde_json::{Map, Value, json};

use crate::kinds_of_schemas;
use crate::workspace::Workspace;

/// A document with operations and components that no other has.
pub struct Kind {
    paths: Value,
    schemas: Value,
    /// What has to stand in the generated client.
    parts: &'static [&'static str],
}

pub fn kind(paths: Value, schemas: Value, parts: &'static [&'static str]) -> Kind {
    Kind { paths, schemas, parts }
}

fn kinds() -> Vec<Kind> {
    let mut kinds = kinds_of_names();
    kinds.extend(kinds_of_schemas::kinds());
    kinds
}

fn kinds_of_names() -> Vec<Kind> {
    vec![
        kind(
            body_of("/note-input", "Note-Input"),
            json!({"Note-Input": object(json!({"text": {"$ref": "#/components/schemas/note.kind"}})),
                "note.kind": {"enum": ["a", "b"]}}),
            &["pub struct NoteInput {", "pub text: ::std::option::Option<NoteKind>", "pub enum NoteKind {"],
        ),
        kind(
            body_of("/generic", "Page_Note_"),
            json!({"Page_Note_": object(json!({"items": {"type": "array", "items": {"$ref": "#/components/schemas/page_item"}}})),
                "page_item": object(json!({"next": {"$ref": "#/components/schemas/Page_Note_"}}))}),
            &["pub struct PageNote {", "::std::vec::Vec<PageItem>", "pub next: ::std::option::Option<PageNote>"],
        ),
        kind(
            body_of("/acronym", "UIHint"),
            json!({"UIHint": object(json!({"mcpURL": object(json!({"a_b": {"enum": ["x"]}})), "X": {"type": "string"}}))}),
            &["pub struct UiHint {", "pub struct UiHintMcpUrl {", "pub enum UiHintMcpUrlAb {", "rename = \"mcpURL\""],
        ),
        kind(
            body_of("/modules", "app.models.Note"),
            json!({"app.models.Note": object(json!({}))}),
            &["pub struct AppModelsNote"],
        ),
        kind(
            body_of("/lower", "note"),
            json!({"note": {"type": "string"}}),
            &["pub struct Note(pub ::std::string::String)"],
        ),
        kind(
            body_of("/upload", "Body_upload_cover_api_books__book_id__cover_put"),
            json!({"Body_upload_cover_api_books__book_id__cover_put": object(json!({"2fa": {"type": "boolean"}}))}),
            &["pub struct BodyUploadCoverApiBooksBookIdCoverPut {", "rename = \"2fa\""],
        ),
        kind(
            body_of("/words-of-rust", "Words"),
            words_of_rust(),
            &["pub struct Words {", "Option<Self_>", "Option<ErrType>", "rename = \"self\""],
        ),
        kind(
            body_of("/fields-that-meet", "Meeting"),
            json!({"Meeting": {
                "type": "object",
                "properties": {
                    "bornIn": {"type": "string"},
                    "born_in": {"type": "string"},
                    "born-in": {"type": "integer"},
                    "extra": {"type": "string"},
                    "type": {"type": "string"},
                    "+1": {"type": "integer"},
                    "plus1": {"type": "integer"},
                },
                "required": ["bornIn", "extra"],
                "additionalProperties": true,
            }}),
            &[
                "rename = \"bornIn\")] pub born_in_3:",
                "pub extra_2: ::std::string::String",
                "pub extra: ::serde_json::Map",
            ],
        ),
        kind(
            get(
                "/parameters/{id}/{Id}",
                json!([
                    parameter("id", "path", true),
                    parameter("Id", "path", true),
                    parameter("id", "query", true),
                    parameter("ID", "header", false),
                    parameter("pageSize", "query", false),
                    parameter("page_size", "query", false),
                    parameter("page-size", "header", false),
                ]),
            ),
            json!({}),
            &[
                "encode_path(& id.to_string()), encode_path(& id_path.to_string())",
                "QueryParam::new(\"id\", &id_query)",
                "\"ID\", self .inner .header_value(",
                "QueryParam::new(\"pageSize\", &page_size_query)",
                "QueryParam::new(\"page_size\", &page_size)",
                "`/parameters/{id}/{Id}`",
            ],
        ),
        kind(
            get(
                "/names-in-use/{url}",
                json!([
                    parameter("url", "path", true),
                    parameter("body", "query", false),
                    parameter("header_map", "query", false),
                    parameter("encode_path", "query", true),
                    parameter("request", "query", true),
                    parameter("response", "query", false),
                    parameter("result", "query", false),
                    parameter("info", "query", false),
                    parameter("client", "header", true),
                    parameter("value", "header", false),
                    parameter("self", "query", true),
                    parameter("type", "query", true),
                    parameter("progenitor_client", "query", false),
                    parameter("reqwest", "query", false),
                    parameter("api-version", "header", false),
                ]),
            ),
            json!({}),
            &["QueryParam::new(\"body\", &body_query)", "\"api-version\", self .inner .header_value("],
        ),
        kind(
            get(
                "/headers",
                json!([
                    parameter("accept", "header", true),
                    parameter("Authorization", "header", true),
                    parameter("CONTENT-TYPE", "header", true),
                    parameter("host", "header", true),
                    parameter("X-Trace", "header", true),
                    parameter("session", "cookie", false),
                ]),
            ),
            json!({}),
            &["x_trace: &'a str"],
        ),
        kind(
            json!({"/override/{number}": {
                "parameters": [parameter("number", "path", true), parameter("X-Kind", "header", true)],
                "get": operation(json!([
                    {"name": "number", "in": "path", "required": true, "schema": {"type": "integer"}},
                    {"name": "x-kind", "in": "header", "required": true, "schema": {"type": "boolean"}},
                ])),
            }}),
            json!({}),
            &["number: i64, x_kind: bool"],
        ),
        kind(
            json!({"/head": {"head": operation(json!([])), "delete": {"operationId": "same", "responses": responses()},
                "post": {"operationId": "same", "responses": responses()}}}),
            json!({}),
            &[".head(url)", "Ok(ResponseValue::empty(response))"],
        ),
    ]
}

/// Names that mean something in generated code, as those of schemas of each kind and of properties.
fn words_of_rust() -> Value {
    let words = [
        "self", "super", "crate", "option", "Option", "string", "vec", "box", "Ok", "Err", "Some", "None", "result",
        "error", "default", "clone", "debug", "client", "types", "value", "str", "u8", "bool", "from", "into",
        "builder", "display", "fmt", "defaults", "serde", "std", "impl", "dyn", "async", "gen", "try", "union", "fn",
        "i64", "map", "iter", "usize",
    ];
    let mut schemas = Map::new();
    let mut properties = Map::new();
    for (index, word) in words.into_iter().enumerate() {
        let schema = match index % 3 {
            0 => json!({"type": "string"}),
            1 => json!({"enum": [word, "other"], "default": word}),
            _ => object(json!({"a": {"type": "string"}})),
        };
        // "Option" beside "option" would be one name.
        if word.starts_with(char::is_lowercase) || word.len() < 5 {
            schemas.insert(word.to_owned(), schema);
            properties.insert(word.to_owned(), json!({"$ref": format!("#/components/schemas/{word}")}));
        }
    }
    schemas.insert("Words".to_owned(), object(Value::Object(properties)));
    Value::Object(schemas)
}

pub fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn responses() -> Value {
    json!({"200": {"description": "", "content": {"application/json": {"schema": {}}}}})
}

pub fn operation(parameters: Value) -> Value {
    json!({"parameters": parameters, "responses": responses()})
}

pub fn get(path: &str, parameters: Value) -> Value {
    json!({path: {"get": operation(parameters)}})
}

pub fn body_of(path: &str, component: &str) -> Value {
    let mut operation = operation(json!([]));
    let schema = json!({"$ref": format!("#/components/schemas/{component}")});
    operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    json!({path: {"post": operation}})
}

fn parameter(name: &str, place: &str, required: bool) -> Value {
    json!({"name": name, "in": place, "required": required, "schema": {"type": "string"}})
}

/// A workspace with a document of those kinds, whose operations all are public and answer with one shape.
fn workspace(kinds: &[&Kind]) -> Workspace {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    let mut contract = String::new();
    for kind in kinds {
        paths.extend(kind.paths.as_object().unwrap().clone());
        schemas.extend(kind.schemas.as_object().unwrap().clone());
    }
    for (path, item) in &paths {
        for method in item.as_object().unwrap().keys().filter(|field| *field != "parameters") {
            let (number, method) = (contract.matches("[public").count(), method.to_uppercase());
            contract +=
                &format!("[public.op_{number}]\ncall = \"{method} {path}\"\nanswer = \"APIKey\"\nrepeat = false\n");
        }
    }
    let export = json!({
        "openapi": "3.1.0",
        "info": {"title": "Kinds", "version": "1\n"},
        "paths": paths,
        "components": {"schemas": schemas},
    });
    let workspace = Workspace::new();
    workspace.write("export.json", &export.to_string());
    workspace.write("openapi/library/contract.toml", &contract);
    workspace.write(
        "openapi/library/schemas.json",
        r#"{"APIKey": {"type": "object", "properties": {"key": {"type": "string"}}}}"#,
    );
    workspace
}

const CLIENT: &str = "generated/library-client/src/client.rs";

#[test]
fn each_kind_goes_in_and_is_generated() {
    for kind in &kinds() {
        let workspace = workspace(&[kind]);
        let path = kind.paths.as_object().unwrap().keys().next().unwrap();
        workspace.import().unwrap_or_else(|error| panic!("{path}: {error}"));
        xtask::regenerate(&workspace.backend).unwrap_or_else(|error| panic!("{path}: {error}"));
        // However it is broken into lines.
        let client = workspace.read(CLIENT).split_whitespace().collect::<Vec<_>>().join(" ");
        for part in kind.parts {
            assert!(client.contains(part), "{path}: {part}: {client}");
        }
    }
}

#[test]
fn what_is_generated_compiles() {
    let kinds = kinds();
    let workspace = workspace(&kinds.iter().collect::<Vec<_>>());
    workspace.import().unwrap();
    xtask::regenerate(&workspace.backend).unwrap();
    let output = workspace.check();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
