//! What `import` keeps.

use std::fs;

use serde_json::{Value, json};

use xtask::Source;

use crate::cpu_time::cpu_time;
use crate::workspace::Workspace;

const CONTRACT: &str = "openapi/library/contract.toml";

#[test]
fn counts_what_it_found() {
    let workspace = Workspace::new();
    let imported = workspace.import().unwrap();
    assert_eq!((imported.operations, imported.public), (13, 9));
    assert!(imported.written);
}

#[test]
fn keeps_the_public_operations_and_the_schemas_that_they_reach() {
    let workspace = Workspace::new();
    workspace.import().unwrap();
    let imported = workspace.read_json("openapi/library/backend.json");
    let paths: Vec<_> = imported["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/api/auth/login",
            "/api/books",
            "/api/books/{book_id}",
            "/api/inbox/drain",
            "/api/loans",
            "/api/loans/{loan_id}/extend",
        ]
    );
    let schemas = imported["components"]["schemas"].as_object().unwrap();
    assert!(schemas.contains_key("ValidationError"), "reached through an error response");
    assert!(schemas.contains_key("BookKind"), "reached through a parameter");
    assert!(!schemas.keys().any(|name| name.starts_with("Body_upload")));
}

#[test]
fn keeps_them_as_exported_but_without_prose() {
    let workspace = Workspace::new();
    workspace.import().unwrap();
    let exported = workspace.read_json("export.json");
    let imported = workspace.read_json("openapi/library/backend.json");
    assert_eq!(imported["openapi"], "3.1.0");
    assert_eq!(imported["info"], json!({"title": "Lending Library", "version": "0.4.0"}));

    let mut list = exported["paths"]["/api/books"]["get"].clone();
    list.as_object_mut().unwrap().remove("summary");
    list["parameters"][0].as_object_mut().unwrap().remove("description");
    list["parameters"][0]["schema"].as_object_mut().unwrap().remove("description");
    assert_eq!(imported["paths"]["/api/books"]["get"], list);

    let body = &imported["components"]["schemas"]["CreateBookBody"];
    assert_eq!(
        body["properties"]["description"],
        json!({"type": "string", "title": "Description", "default": ""}),
        "a property that is called description is no prose"
    );
    assert_eq!(body["examples"], Value::Null);
}

#[test]
fn records_what_it_left_out() {
    let workspace = Workspace::new();
    workspace.import().unwrap();
    let imported = workspace.read_json("openapi/library/backend.json");
    assert_eq!(
        imported["x-left-out"],
        json!([
            {"method": "POST", "path": "/api/admin/reindex", "operationId": "reindex_api_admin_reindex_post"},
            {"method": "GET", "path": "/api/admin/stats", "operationId": "stats_api_admin_stats_get"},
            {
                "method": "PUT",
                "path": "/api/books/{book_id}/cover",
                "operationId": "upload_cover_api_books__book_id__cover_put",
            },
            {
                "method": "GET",
                "path": "/api/books/{book_id}/events",
                "operationId": "stream_book_events_api_books__book_id__events_get",
            },
        ])
    );
}

#[test]
fn writes_the_same_bytes_whatever_the_order_of_the_export() {
    fn reversed(value: &Value) -> String {
        match value {
            Value::Object(object) => {
                let members: Vec<_> =
                    object.iter().rev().map(|(key, value)| format!("{}:{}", json!(key), reversed(value))).collect();
                format!("{{{}}}", members.join(","))
            }
            Value::Array(array) => format!("[{}]", array.iter().map(reversed).collect::<Vec<_>>().join(",")),
            scalar => scalar.to_string(),
        }
    }
    let workspace = Workspace::new();
    workspace.import().unwrap();
    let first = workspace.read("openapi/library/backend.json");
    workspace.write("export.json", &reversed(&workspace.read_json("export.json")));
    let again = workspace.import().unwrap();
    assert_eq!(workspace.read("openapi/library/backend.json"), first);
    assert!(!again.written);
    assert!(first.ends_with("}\n"));
}

#[test]
fn does_not_touch_a_file_that_is_equal() {
    let workspace = Workspace::new();
    workspace.import().unwrap();
    let modified = || {
        let metadata = fs::metadata(workspace.path("openapi/library/backend.json")).unwrap();
        metadata.modified().unwrap()
    };
    let before = modified();
    assert!(!workspace.import().unwrap().written);
    assert_eq!(modified(), before);
}

#[test]
fn a_named_operation_is_public_even_where_a_private_pattern_covers_it() {
    let workspace = Workspace::new();
    workspace.replace("openapi/library/contract.toml", "\"* /api/admin/**\"", "\"* /api/admin/**\", \"* /api/**\"");
    assert_eq!(workspace.import().unwrap().public, 9);
}

#[test]
fn parameters_that_a_path_shares_belong_to_each_of_its_operations() {
    let workspace = Workspace::new();
    workspace.edit("export.json", |export| {
        let path = &mut export["paths"]["/api/books/{book_id}"];
        let shared = path["get"]["parameters"].take();
        for method in ["get", "patch", "delete"] {
            path[method].as_object_mut().unwrap().remove("parameters");
        }
        path["parameters"] = shared;
    });
    workspace.import().unwrap();
    let imported = workspace.read_json("openapi/library/backend.json");
    for method in ["get", "patch", "delete"] {
        assert_eq!(imported["paths"]["/api/books/{book_id}"][method]["parameters"][0]["name"], "book_id");
    }
}

#[test]
fn what_an_operation_refers_to_stands_in_its_place() {
    let workspace = Workspace::new();
    workspace.import().unwrap();
    let first = workspace.read("openapi/library/backend.json");
    workspace.edit("export.json", |export| {
        let list = &mut export["paths"]["/api/books"]["get"];
        let parameter = list["parameters"][0].take();
        list["parameters"][0] = json!({"$ref": "#/components/parameters/Before"});
        let answer = list["responses"]["200"].take();
        list["responses"]["200"] = json!({"$ref": "#/components/responses/Books"});
        let body = export["paths"]["/api/books"]["post"]["requestBody"].take();
        export["paths"]["/api/books"]["post"]["requestBody"] = json!({"$ref": "#/components/requestBodies/Book"});
        export["components"]["parameters"] = json!({"Before": parameter});
        export["components"]["responses"] = json!({"Books": answer});
        export["components"]["requestBodies"] = json!({"Book": body});
    });
    workspace.import().unwrap();
    assert_eq!(workspace.read("openapi/library/backend.json"), first);
}

#[test]
fn notes_a_body_that_is_left_out() {
    let workspace = Workspace::new();
    assert_eq!(workspace.import().unwrap().notes, [""; 0]);
    workspace.edit("export.json", |export| {
        let body = &mut export["paths"]["/api/loans/{loan_id}/extend"]["post"]["requestBody"];
        *body = json!({"content": {"image/*": {"schema": {}}}});
    });
    assert_eq!(
        workspace.import().unwrap().notes,
        [
            "POST /api/loans/{loan_id}/extend requestBody: is left out, as it may: it has no media type that the client can send (image/*)"
        ]
    );
}

/// It is what a GET would answer with, which a client does not get.
#[test]
fn a_shape_that_only_a_head_names_is_taken() {
    let workspace = Workspace::new();
    workspace.write(
        "export.json",
        &json!({
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"head": {"responses": {"200": {"description": ""}}}}},
        })
        .to_string(),
    );
    workspace.write(
        "openapi/library/contract.toml",
        "crate = \"library-client\"\n[public.a]\ncall = \"HEAD /a\"\nanswer = \"A\"\nrepeat = true\n",
    );
    workspace.write("openapi/library/schemas.json", r#"{"A": {"type": "object", "properties": {"a": {}}}}"#);
    workspace.import().unwrap();
    xtask::regenerate(&workspace.backend).unwrap();
}

#[test]
fn a_large_export_takes_time_in_proportion() {
    let workspace = Workspace::new();
    workspace.edit("export.json", |export| {
        for index in 0..10_000 {
            let name = format!("Private{index}");
            let next = format!("#/components/schemas/Private{}", index + 1);
            export["components"]["schemas"][&name] = json!({
                "type": "object",
                "description": "prose ".repeat(100),
                "properties": {"next": {"$ref": next}, "all": {"enum": vec![name.clone(); 10]}},
            });
            export["paths"][format!("/api/admin/{index}")] = json!({
                "get": {"operationId": name, "responses": {"200": {"description": "ok"}}},
            });
        }
    });
    let bytes = fs::metadata(workspace.path("export.json")).unwrap().len();
    assert!(bytes > 9_000_000, "{bytes}");
    let started = cpu_time();
    assert_eq!(workspace.import().unwrap().operations, 10_013);
    // Seconds, even without optimization; what is quadratic takes minutes here.
    let took = cpu_time().saturating_sub(started);
    assert!(took.as_secs() < 30, "{took:?}");
}

#[test]
fn keeps_what_authorizes_every_operation() {
    let workspace = Workspace::new();
    let security = json!([{"Bearer": []}]);
    let schemes = json!({"Bearer": {"type": "http", "scheme": "bearer"}});
    workspace.edit("export.json", |export| {
        export["security"] = security.clone();
        export["components"]["securitySchemes"] = schemes.clone();
    });
    workspace.import().unwrap();
    let imported = workspace.read_json("openapi/library/backend.json");
    assert_eq!((&imported["security"], &imported["components"]["securitySchemes"]), (&security, &schemes));
    xtask::regenerate(&workspace.backend).unwrap();
}

/// None of it is called.
#[test]
fn what_is_private_is_not_judged() {
    let workspace = Workspace::new();
    workspace.replace(CONTRACT, "\"* /api/admin/**\"", "\"* /api/admin/**\", \"GET /api/gone/*\"");
    workspace.edit("export.json", |export| {
        export["webhooks"] = json!({"sent": {"post": 3}});
        let paths = export["paths"].as_object_mut().unwrap();
        for (path, item) in [
            ("/api/admin/a", json!({"get": {}, "post": {}})),
            ("/api/admin/b", json!({"get": {"operationId": "same"}, "post": {"operationId": "same"}})),
            ("/api/admin/c", json!({"servers": [{"url": "/v2"}], "get": {"callbacks": 3}})),
            ("/api/admin/d", json!({"$ref": "elsewhere"})),
            ("/api/admin/e", json!({"get": 3, "parameters": 3})),
            ("/api/admin/f", json!({"fetch": {}, "trace": {"requestBody": 3, "parameters": 3}})),
            ("/api/admin/g", json!(3)),
        ] {
            paths.insert(path.to_owned(), item);
        }
    });
    let imported = workspace.import().unwrap();
    assert_eq!(imported.public, 9);
    assert_eq!(imported.notes, ["contract.toml: the private \"GET /api/gone/*\" matches nothing any more"]);
    let left_out = &workspace.read_json("openapi/library/backend.json")["x-left-out"];
    assert_eq!(left_out[0], json!({"method": "GET", "path": "/api/admin/a"}));
    xtask::regenerate(&workspace.backend).unwrap();
    let drift = xtask::drift(&workspace.backend, &Source::File(workspace.path("export.json"))).unwrap();
    assert!(drift.changes.is_empty(), "{drift:?}");
}

/// Nothing goes by the names that the export has for its operations.
#[test]
fn public_operations_need_no_operation_id_of_their_own() {
    let workspace = Workspace::new();
    workspace.edit("export.json", |export| {
        let paths = &mut export["paths"];
        paths["/api/books"]["get"].as_object_mut().unwrap().remove("operationId");
        paths["/api/books"]["post"]["operationId"] = json!("same");
        paths["/api/loans"]["get"]["operationId"] = json!("same");
    });
    workspace.import().unwrap();
    xtask::regenerate(&workspace.backend).unwrap();
    let drift = xtask::drift(&workspace.backend, &Source::File(workspace.path("export.json"))).unwrap();
    assert!(drift.changes.is_empty(), "{drift:?}");
}

#[test]
fn a_version_may_be_any_text() {
    let workspace = Workspace::new();
    workspace.edit("export.json", |export| export["info"]["version"] = json!("1\n\u{e9}"));
    workspace.import().unwrap();
    xtask::regenerate(&workspace.backend).unwrap();
}

/// As it may be by everybody who calls it.
#[test]
fn an_optional_parameter_that_cannot_be_sent_is_left_out_with_a_note() {
    let workspace = Workspace::new();
    workspace.import().unwrap();
    let before = workspace.read("openapi/library/backend.json");
    workspace.edit("export.json", |export| {
        let list = export["paths"]["/api/books"]["get"]["parameters"].as_array_mut().unwrap();
        list.extend([
            json!({"name": "session", "in": "cookie", "schema": {"type": "string"}}),
            json!({"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}}),
            json!({"name": "a b", "in": "header", "required": false, "schema": {"type": "string"}}),
            json!({"name": "sort", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}),
        ]);
    });
    let drift = xtask::drift(&workspace.backend, &Source::File(workspace.path("export.json"))).unwrap();
    assert_eq!(drift.verdict(), xtask::Verdict::Harmless);
    let notes = workspace.import().unwrap().notes;
    assert_ne!(workspace.read("openapi/library/backend.json"), before);
    for (note, part) in
        notes.iter().zip(["cookie parameter session", "query parameter filter", "header parameter a b", "sort"])
    {
        let why = note.split_once("is left out, as it may: it ").map(|(_, why)| why);
        assert!(note.starts_with("GET /api/books ") && note.contains(part), "{note}");
        assert!(why.is_some_and(|why| why.contains(' ')), "{note}");
    }
    assert_eq!(notes.len(), 4);
    xtask::regenerate(&workspace.backend).unwrap();
    let public = workspace.read("openapi/library/public.json");
    assert!(!public.contains("session") && !public.contains("deepObject"));
}
