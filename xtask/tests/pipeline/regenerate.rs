//! What `regenerate` writes.

use std::fs;

use serde_json::Value;

use crate::workspace::Workspace;

const CRATE: &str = "generated/library-client";

#[test]
fn lowers_the_whole_document() {
    let workspace = Workspace::regenerated();
    let expected: Value = serde_json::from_str(include_str!("fixture/public.json")).unwrap();
    assert_eq!(workspace.read_json("openapi/library/public.json"), expected);
}

#[test]
fn the_lowered_document_is_openapi_3_0() {
    let workspace = Workspace::regenerated();
    let text = workspace.read("openapi/library/public.json");
    let document: openapiv3::OpenAPI = serde_json::from_str(&text).unwrap();
    assert_eq!(document.openapi, "3.0.3");
    for (path, method, operation) in document.operations() {
        let statuses: Vec<_> = operation.responses.responses.keys().map(ToString::to_string).collect();
        assert_eq!(statuses, ["200"], "{method} {path}");
    }

    // Words of 3.1 that the parser would pass over.
    fn check(value: &Value) {
        match value {
            Value::Object(object) => {
                assert!(!object.contains_key("const") && !object.contains_key("examples"), "{value}");
                assert!(object.get("type").is_none_or(|kind| !kind.is_array() && kind != "null"), "{value}");
                assert!(!object.contains_key("$ref") || object.len() == 1, "{value}");
                assert!(object.get("exclusiveMinimum").is_none_or(Value::is_boolean), "{value}");
                object.values().for_each(check);
            }
            Value::Array(array) => array.iter().for_each(check),
            _ => {}
        }
    }
    check(&serde_json::from_str(&text).unwrap());
}

#[test]
fn the_client_has_a_method_for_each_operation() {
    let workspace = Workspace::regenerated();
    let client = workspace.read(&format!("{CRATE}/src/client.rs"));
    for signature in [
        "pub async fn get_book<'a>(\n        &'a self,\n        book_id: &'a str,\n    ) \
         -> Result<ResponseValue<types::Book>, Error<()>>",
        "before: Option<&'a str>,\n        kind: Option<types::BookKind>,\n        limit: Option<i64>,\n        \
         max_price: Option<f64>,\n        tag: Option<&'a ::std::vec::Vec<::std::string::String>>,\n        \
         x_reader: Option<&'a str>,\n    ) \
         -> Result<ResponseValue<::std::vec::Vec<types::Book>>, Error<()>>",
        "loan_id: i64,\n        body: &'a types::ExtendLoanBody,",
        "pub async fn drain_inbox<'a>(\n        &'a self,\n    ) \
         -> Result<ResponseValue<types::Inbox>, Error<()>>",
    ] {
        assert!(client.contains(signature), "{signature}");
    }
}

#[test]
fn a_body_that_may_be_left_out_is_an_option() {
    let workspace = Workspace::new();
    workspace.edit("export.json", |export| {
        let body = &mut export["paths"]["/api/loans/{loan_id}/extend"]["post"]["requestBody"];
        body.as_object_mut().unwrap().remove("required");
    });
    workspace.import().unwrap();
    xtask::regenerate(&workspace.backend).unwrap();
    let public = workspace.read_json("openapi/library/public.json");
    assert_eq!(public["paths"]["/api/loans/{loan_id}/extend"]["post"]["requestBody"]["required"], false);
    let client = workspace.read(&format!("{CRATE}/src/client.rs"));
    assert!(client.contains("loan_id: i64,\n        body: Option<&'a types::ExtendLoanBody>,"));
    assert!(client.contains("Some(body) => request.json(&body),"));
    assert!(client.contains("None => request,"));
}

#[test]
fn the_types_are_named_and_shaped_for_the_wire() {
    let workspace = Workspace::regenerated();
    let client = workspace.read(&format!("{CRATE}/src/client.rs"));
    // The definition of a type without its documentation, its lines joined.
    let definition = |start: &str| {
        let from = client.find(start).unwrap_or_else(|| panic!("no {start}"));
        let text = &client[from..];
        let to = text.find("\n    }").unwrap();
        let lines = text[..to].lines().map(str::trim).filter(|line| !line.starts_with("///"));
        lines.collect::<Vec<_>>().join(" ")
    };
    for (start, parts) in [
        (
            "pub struct CreateBookBody {",
            vec![
                "pub kind: ::std::option::Option<BookKind>,",
                "pub binding: ::std::option::Option<CreateBookBodyBinding>,",
                "pub signed: ::std::option::Option<bool>,",
                "skip_serializing_if = \"::std::option::Option::is_none\")] pub isbn:",
                // An empty list is a value: what is given is sent.
                "pub tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,",
                "pub metadata: ::std::option::Option<",
                "pub year: ::std::option::Option<u64>,",
                "pub published: ::std::option::Option<::std::string::String>,",
            ],
        ),
        // A field that is required but may be null is sent as null.
        (
            "pub struct UpdateBookBody {",
            vec!["#[serde(deserialize_with = \"::std::option::Option::deserialize\")] pub owner:"],
        ),
        ("pub enum CreateBookBodyShelf {", vec!["String(::std::string::String), Integer(i64),"]),
        ("pub enum Timestamp {", vec!["EpochSeconds(f64), Text(::std::string::String),"]),
        ("pub struct ExtendLoanBody {", vec!["{}"]),
        ("pub struct Notification {", vec!["#[serde(flatten)] pub extra: ::serde_json::Map"]),
        ("pub struct Reader {", vec!["#[serde(default)] pub is_guest: bool,"]),
    ] {
        let definition = definition(start);
        for part in parts {
            assert!(definition.contains(part), "{part} in {definition}");
        }
    }
    let answers = client.split("pub struct Book {").next().unwrap().rsplit("#[derive").next().unwrap();
    assert!(!answers.contains("deny_unknown_fields"), "{answers}");
}

#[test]
fn the_table_has_a_row_for_each_operation() {
    let workspace = Workspace::regenerated();
    let operations = workspace.read(&format!("{CRATE}/src/operations.rs"));
    assert!(operations.contains(
        "/// `GET /api/books/{book_id}`\npub const GET_BOOK: Operation = Operation {\n    id: \"get_book\",\n    \
         method: \"GET\",\n    path: \"/api/books/{book_id}\",\n    repeatable: true,\n    answer: AnswerKind::Json,\n    \
         enveloped: false,\n    idempotency_key: false,\n    credentials: &[],\n};\n"
    ));
    assert!(operations.contains("        \"drain_inbox\" => Some(&DRAIN_INBOX),\n"));
    assert_eq!(operations.matches("\n    &").count(), 9);
}

#[test]
fn every_file_of_code_says_where_it_comes_from() {
    let workspace = Workspace::regenerated();
    for file in ["client", "hooks", "lib", "operations"] {
        let code = workspace.read(&format!("{CRATE}/src/{file}.rs"));
        let header = "// Generated by cargo xtask regenerate from openapi/library; do not edit.\n";
        assert!(code.starts_with(header), "{file}");
        syn::parse_file(&code).unwrap();
    }
}

#[test]
fn two_runs_write_the_same_bytes_and_the_second_touches_nothing() {
    let workspace = Workspace::regenerated();
    let before = workspace.snapshot();
    assert_eq!(xtask::regenerate(&workspace.backend).unwrap(), 0);
    assert_eq!(workspace.snapshot(), before);

    fs::remove_dir_all(workspace.path("generated")).unwrap();
    fs::remove_file(workspace.path("openapi/library/public.json")).unwrap();
    xtask::regenerate(&workspace.backend).unwrap();
    assert_eq!(workspace.snapshot(), before);
}

#[test]
fn a_check_of_what_is_current_finds_nothing() {
    let workspace = Workspace::regenerated();
    assert_eq!(xtask::stale(&workspace.backend, workspace.root()).unwrap(), "");
}

#[test]
fn a_check_shows_what_is_stale_and_writes_nothing() {
    let workspace = Workspace::regenerated();
    workspace.replace(&format!("{CRATE}/src/operations.rs"), "repeatable: true", "repeatable: false");
    workspace.replace("openapi/library/public.json", "\"3.0.3\"", "\"3.0.2\"");
    fs::remove_file(workspace.path(&format!("{CRATE}/src/hooks.rs"))).unwrap();
    workspace.write(&format!("{CRATE}/src/extra.rs"), "// by hand\n");
    fs::create_dir_all(workspace.path(&format!("{CRATE}/tests"))).unwrap();
    workspace.write(&format!("{CRATE}/tests/left_over.rs"), "");
    fs::create_dir_all(workspace.path(&format!("{CRATE}/target"))).unwrap();
    workspace.write(&format!("{CRATE}/target/artifact"), "");
    let before = workspace.snapshot();

    let diff = xtask::stale(&workspace.backend, workspace.root()).unwrap();
    for line in [
        &format!("--- a/{CRATE}/src/operations.rs\n+++ b/{CRATE}/src/operations.rs\n@@"),
        "-    repeatable: false,\n+    repeatable: true,",
        "-  \"openapi\": \"3.0.2\",\n+  \"openapi\": \"3.0.3\",",
        &format!("--- /dev/null\n+++ b/{CRATE}/src/hooks.rs\n@@"),
        &format!("--- a/{CRATE}/src/extra.rs\n+++ /dev/null\n@@ -1 +0,0 @@\n-// by hand\n"),
        &format!("--- a/{CRATE}/tests/left_over.rs\n+++ /dev/null\n"),
    ] {
        assert!(diff.contains(line), "{line:?} in\n{diff}");
    }
    assert!(!diff.contains("artifact"));
    assert_eq!(workspace.snapshot(), before);

    assert_eq!(xtask::regenerate(&workspace.backend).unwrap(), 5);
    assert_eq!(xtask::stale(&workspace.backend, workspace.root()).unwrap(), "");
    assert!(!workspace.path(&format!("{CRATE}/tests")).exists());
    assert!(workspace.path(&format!("{CRATE}/target/artifact")).exists());
}

#[test]
fn a_change_of_the_contract_makes_the_rest_stale() {
    let workspace = Workspace::regenerated();
    workspace.replace("openapi/library/contract.toml", "[public.get_book]", "[public.read_book]");
    let diff = xtask::stale(&workspace.backend, workspace.root()).unwrap();
    assert!(diff.contains("+        \"operationId\": \"read_book\""), "{diff}");
    assert!(diff.contains("+pub const READ_BOOK"), "{diff}");
}
