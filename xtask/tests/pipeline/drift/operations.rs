//! Changes of operations: what there is to call, with which parameters, and what authorizes it.

use serde_json::{Value, json};
use xtask::Kind;

use super::{CONTRACT, SCHEMAS, compare, compare_under, document, is_taken_if_harmless, live, summary};

const OPERATION: &str = "/paths/~1a~1{id}/post";

/// What is found after an edit of the live document's operation, or of the whole document.
#[track_caller]
fn finds(edit: impl FnOnce(&mut Value), expected: &[&str]) {
    let mut live = live();
    edit(&mut live);
    let drift = compare(&document(), &live).unwrap();
    assert_eq!(summary(&drift), expected);
    is_taken_if_harmless(&drift, &live);
}

fn operation(live: &mut Value) -> &mut Value {
    live.pointer_mut(OPERATION).unwrap()
}

fn parameters(live: &mut Value) -> &mut Vec<Value> {
    operation(live)["parameters"].as_array_mut().unwrap()
}

#[test]
fn nothing_has_changed() {
    finds(|_| {}, &[]);
    assert_eq!(compare(&document(), &live()).unwrap().verdict(), xtask::Verdict::Unchanged);
}

#[test]
fn a_public_operation_is_gone() {
    finds(|live| drop(live["paths"].as_object_mut().unwrap().remove("/a/{id}")), &["breaking operation"]);
}

#[test]
fn a_public_operation_has_moved() {
    for (path, method) in [("/moved/{id}", "post"), ("/a/{id}", "put")] {
        let mut live = live();
        let operation = live["paths"].as_object_mut().unwrap().remove("/a/{id}").unwrap()["post"].take();
        live["paths"][path] = json!({ method: operation });
        let drift = compare(&document(), &live).unwrap();
        assert_eq!(summary(&drift), ["breaking operation"]);
        assert_eq!(drift.changes[0].was, "POST /a/{id}");
        assert_eq!(drift.changes[0].is, format!("{} {path}", method.to_uppercase()));
    }
}

/// Only the values of a path's parameters are sent.
#[test]
fn a_parameter_of_the_path_has_another_name() {
    finds(
        |live| {
            parameters(live)[0]["name"] = json!("chat_id");
            operation(live)["operationId"] = json!("another");
            let item = live["paths"].as_object_mut().unwrap().remove("/a/{id}").unwrap();
            live["paths"]["/a/{chat_id}"] = item;
        },
        &["harmless name", "harmless operationId"],
    );
}

#[test]
fn private_and_unknown_operations_come_and_go() {
    let item = |id: &str| json!({"get": {"operationId": id, "responses": {}}});
    for path in ["/private/new", "/unknown"] {
        finds(|live| live["paths"][path] = item("new"), &["harmless operation"]);
    }
    finds(|live| drop(live["paths"].as_object_mut().unwrap().remove("/private/old")), &["harmless operation"]);
}

#[test]
fn says_what_the_contract_does_not_classify() {
    for (path, meaning) in [("/private/new", "makes it private"), ("/unknown", "does not classify")] {
        let mut live = live();
        live["paths"][path] = json!({"get": {"operationId": "new", "responses": {}}});
        let drift = compare(&document(), &live).unwrap();
        assert!(drift.changes[0].meaning.contains(meaning), "{drift:?}");
        assert!(drift.changes[0].operations[0].name.is_none());
    }
}

#[test]
fn the_version_is_another() {
    finds(|live| live["info"]["version"] = json!("2"), &["harmless version"]);
}

#[test]
fn prose_does_not_count() {
    finds(
        |live| {
            live["info"]["title"] = json!("Another");
            live["servers"] = json!([{"url": "/"}]);
            let operation = operation(live);
            operation["summary"] = json!("x");
            operation["description"] = json!("x");
            operation["tags"] = json!(["x"]);
            operation["x-order"] = json!(1);
            operation["parameters"][1]["description"] = json!("x");
            operation["parameters"][1]["example"] = json!(1);
            operation["requestBody"]["description"] = json!("x");
            operation["responses"]["200"]["description"] = json!("x");
        },
        &[],
    );
}

#[test]
fn parameters_come_go_and_change() {
    let query = |required: bool| json!({"name": "q", "in": "query", "required": required, "schema": {}});
    finds(|live| drop(parameters(live).remove(1)), &["breaking parameter"]);
    finds(|live| parameters(live).push(query(false)), &["harmless parameter"]);
    finds(|live| parameters(live).push(query(true)), &["breaking parameter"]);
    finds(|live| parameters(live)[1]["required"] = json!(true), &["breaking required"]);
    finds(|live| parameters(live)[1]["deprecated"] = json!(true), &["harmless deprecated"]);
    finds(|live| parameters(live)[1]["schema"]["maximum"] = json!(100), &["breaking maximum"]);
    finds(|live| parameters(live)[1]["schema"]["maximum"] = json!(300), &["harmless maximum"]);
    finds(|live| parameters(live)[1]["schema"]["default"] = json!(50), &["harmless default"]);
    finds(|live| parameters(live)[1]["style"] = json!("deepObject"), &["breaking style"]);
    finds(|live| parameters(live).reverse(), &[]);
    // One that moves is one that goes and one that comes.
    finds(|live| parameters(live)[1]["in"] = json!("header"), &["breaking parameter", "harmless parameter"]);
    // Null is never sent in a query.
    finds(
        |live| {
            let schema = parameters(live)[1]["schema"].take();
            parameters(live)[1]["schema"] = json!({"anyOf": [schema, {"type": "null"}]});
        },
        &["harmless null"],
    );
}

/// The client sends none, so that only one that it has to send matters.
#[test]
fn cookies_come_and_go() {
    let cookie = |required: bool| json!({"name": "c", "in": "cookie", "required": required, "schema": {}});
    finds(|live| parameters(live).push(cookie(false)), &["harmless parameter"]);
    finds(|live| parameters(live).push(cookie(true)), &["breaking parameter"]);
    let mut imported = document();
    parameters(&mut imported).push(cookie(false));
    let against = |cookies: &[Value]| {
        let mut live = live();
        parameters(&mut live).extend(cookies.iter().cloned());
        summary(&compare(&imported, &live).unwrap())
    };
    assert_eq!(against(&[]), ["harmless parameter"]);
    assert_eq!(against(&[json!({"name": "c", "in": "cookie", "schema": {"type": "integer"}})]), [""; 0]);
    assert_eq!(against(&[cookie(true)]), ["breaking required"]);
}

#[test]
fn a_parameter_may_be_shared_or_a_component() {
    finds(
        |live| {
            let shared = parameters(live).remove(1);
            live["components"]["parameters"] = json!({"Limit": shared});
            live["paths"]["/a/{id}"]["parameters"] = json!([{"$ref": "#/components/parameters/Limit"}]);
        },
        &[],
    );
    let mut live = live();
    parameters(&mut live).push(json!({"$ref": "#/components/parameters/None"}));
    assert_eq!(compare(&document(), &live).unwrap_err().kind(), Kind::DanglingReference);
}

/// Only schemas have names by which a change of one is told once; what else operations share is told at each.
#[test]
fn a_change_of_a_shared_parameter_is_told_at_each_operation() {
    let contract = CONTRACT.to_owned() + "[public.again]\ncall = \"POST /b\"\nanswer = \"Answer\"\nrepeat = false\n";
    let mut imported = document();
    let limit = parameters(&mut imported)[1].take();
    parameters(&mut imported)[1] = json!({"$ref": "#/components/parameters/Limit"});
    let shared = json!([parameters(&mut imported)[1]]);
    let responses = imported["paths"]["/a/{id}"]["post"]["responses"].clone();
    imported["paths"]["/b"] = json!({"post": {"operationId": "b", "parameters": shared, "responses": responses}});
    imported["components"]["parameters"] = json!({"Limit": limit});
    let mut live = imported.clone();
    live["components"]["parameters"]["Limit"]["schema"]["maximum"] = json!(100);

    let drift = compare_under(&contract, SCHEMAS, &imported, &live).unwrap();
    let changes = drift.changes.iter().filter(|change| change.what == "maximum");
    let places: Vec<_> = changes.map(|change| (change.place.as_str(), change.operations.len())).collect();
    assert_eq!(places, [("POST /a/{id} query parameter limit", 1), ("POST /b query parameter limit", 1)]);
}

#[test]
fn bodies_come_go_and_change() {
    finds(|live| drop(operation(live).as_object_mut().unwrap().remove("requestBody")), &["breaking requestBody"]);
    finds(|live| operation(live)["requestBody"]["required"] = json!(false), &["harmless required"]);
    let rename = |live: &mut Value, keep: bool| {
        let content = operation(live)["requestBody"]["content"].as_object_mut().unwrap();
        content.insert("text/plain".to_owned(), json!({"schema": {"type": "string"}}));
        if !keep {
            content.remove("application/json");
        }
    };
    let respell = |live: &mut Value| {
        for part in ["requestBody", "responses/200"] {
            let content = operation(live).pointer_mut(&format!("/{part}/content")).unwrap().as_object_mut().unwrap();
            let media = content.remove("application/json").unwrap();
            content.insert("application/json; charset=utf-8".to_owned(), media);
        }
    };
    finds(respell, &[]);
    // JSON is what the client sends, whatever else there is.
    let mut imported = document();
    rename(&mut imported, true);
    assert_eq!(summary(&compare(&imported, &live()).unwrap()), ["harmless media type"]);
    let mut other = live();
    rename(&mut other, true);
    operation(&mut other)["requestBody"]["content"]["text/plain"]["schema"] = json!({"type": "integer"});
    assert_eq!(summary(&compare(&imported, &other).unwrap()), ["harmless media type"]);
    finds(|live| rename(live, true), &["harmless media type"]);
    finds(|live| rename(live, false), &["breaking media type", "harmless media type"]);

    let mut imported = document();
    operation(&mut imported).as_object_mut().unwrap().remove("requestBody");
    assert_eq!(summary(&compare(&imported, &live()).unwrap()), ["breaking requestBody"]);
    let mut live = live();
    operation(&mut live)["requestBody"]["required"] = json!(false);
    assert_eq!(summary(&compare(&imported, &live).unwrap()), ["harmless requestBody"]);
}

#[test]
fn answers_come_go_and_change() {
    let responses = |live: &mut Value| operation(live)["responses"].take();
    let replace = |from: &'static str, to: &'static str| {
        move |live: &mut Value| {
            let mut all = responses(live);
            let response = all.as_object_mut().unwrap().remove(from).unwrap();
            all[to] = response;
            operation(live)["responses"] = all;
        }
    };
    finds(replace("200", "201"), &["breaking status", "breaking status"]);
    finds(
        |live| drop(operation(live).as_object_mut().unwrap().remove("responses")),
        &["breaking status", "harmless status"],
    );
    finds(replace("422", "400"), &["harmless status", "harmless status"]);
    finds(|live| operation(live)["responses"]["202"] = json!({"description": ""}), &["breaking status"]);
    finds(|live| operation(live)["responses"]["404"] = json!({"description": ""}), &["harmless status"]);
    finds(|live| operation(live)["responses"]["200"]["content"]["text/html"] = json!({}), &["harmless media type"]);
    finds(
        |live| operation(live)["responses"]["200"]["content"] = json!({"text/html": {}}),
        &["breaking media type", "harmless media type"],
    );
    finds(
        |live| operation(live)["responses"]["200"]["headers"] = json!({"X-Total": {"schema": {}}}),
        &["harmless header"],
    );
}

/// One status and all of them (2XX) are compared where one of them covers the other.
#[test]
fn a_status_may_be_promised_among_all_of_them() {
    let with = |mut document: Value, status: &str, kind: &str| {
        let response = operation(&mut document)["responses"]["200"].take();
        operation(&mut document)["responses"] = json!({ status: response });
        document["components"]["schemas"]["Read"]["properties"]["it"]["type"] = json!(kind);
        document
    };
    for (was, is, expected) in
        [("2XX", "200", ["breaking type", "harmless status"]), ("200", "2XX", ["breaking status", "breaking type"])]
    {
        let (imported, live) = (with(document(), was, "string"), with(live(), is, "integer"));
        assert_eq!(summary(&compare(&imported, &live).unwrap()), expected, "{was} became {is}");
    }
}

/// A media type that is no object is equal or not.
#[test]
fn a_media_type_that_is_no_object() {
    let (body, answer) = ("/requestBody/content/application~1json", "/responses/200/content/text~1html");
    let with = |mut document: Value, pointer: &str, media: Value| {
        operation(&mut document)["responses"]["200"]["content"]["text/html"] = json!({});
        *operation(&mut document).pointer_mut(pointer).unwrap() = media;
        document
    };
    for (pointer, was, is, expected) in [
        (body, json!({}), json!(5), &["breaking media type"][..]),
        (answer, json!({}), json!(5), &["harmless media type"]),
        (answer, json!(5), json!(6), &["harmless media type"]),
        (answer, json!(5), json!(5), &[]),
    ] {
        let drift = compare(&with(document(), pointer, was.clone()), &with(live(), pointer, is.clone())).unwrap();
        assert_eq!(summary(&drift), expected, "{pointer}: {was} became {is}");
    }
}

/// The client reads an untyped answer as schemas.json has it.
#[test]
fn an_answer_that_becomes_typed_has_to_fit_what_the_client_reads() {
    let mut imported = document();
    let schema = "/paths/~1a~1{id}/post/responses/200/content/application~1json/schema";
    *imported.pointer_mut(schema).unwrap() = json!({});
    for (properties, required, expected) in [
        (json!({"id": {"type": "string"}, "n": {"type": "integer"}}), json!(["id", "n"]), &["harmless type"][..]),
        (json!({"id": {"type": "string"}, "n": {}, "x": {}}), json!(["id"]), &["breaking type", "harmless type"]),
        (
            json!({"id": {"type": "integer"}, "n": {"type": "integer"}}),
            json!(["id"]),
            &["breaking type", "harmless type"],
        ),
        (json!({"id": {"type": "string"}}), json!(["id"]), &["breaking property", "harmless type"]),
        (
            json!({"id": {"type": "string"}, "n": {"type": "integer"}}),
            json!([]),
            &["breaking required", "harmless type"],
        ),
    ] {
        let mut live = live();
        *live.pointer_mut(schema).unwrap() = json!({"type": "object", "properties": properties, "required": required});
        let drift = compare(&imported, &live).unwrap();
        assert_eq!(summary(&drift), expected, "{properties}");
        assert!(drift.changes.iter().all(|change| change.operations[0].name.as_deref() == Some("act")), "{drift:?}");
    }
}

/// An object of any shape is no type yet.
#[test]
fn an_answer_of_which_nothing_is_told_is_read_as_before() {
    let schema = "/paths/~1a~1{id}/post/responses/200/content/application~1json/schema";
    let against = |old: &Value, new: &Value| {
        let (mut imported, mut live) = (document(), live());
        *imported.pointer_mut(schema).unwrap() = old.clone();
        *live.pointer_mut(schema).unwrap() = new.clone();
        summary(&compare(&imported, &live).unwrap())
    };
    let object = json!({"type": "object", "additionalProperties": true, "title": "T"});
    let unfit = json!({"type": "object", "properties": {"id": {"type": "integer"}, "n": {"type": "integer"}}});
    assert_eq!(against(&json!({}), &object), ["harmless type"]);
    assert_eq!(against(&object, &object), [""; 0]);
    for untyped in [json!({}), object] {
        let found = against(&untyped, &unfit);
        assert!(found.contains(&"breaking type".to_owned()), "{untyped}: {found:?}");
    }
}

#[test]
fn a_change_is_shown_as_it_was_and_as_it_is() {
    type Edit = fn(&mut Value);
    let cases: [(Edit, &str, Value, Value); 6] = [
        (|live| operation(live)["deprecated"] = json!(true), "deprecated", json!(false), json!(true)),
        (|live| parameters(live)[1]["deprecated"] = json!(true), "deprecated", json!(false), json!(true)),
        (|live| drop(parameters(live).remove(1)), "parameter", json!("optional"), json!(null)),
        (
            |live| parameters(live).push(json!({"name": "q", "in": "query", "required": true, "schema": {}})),
            "parameter",
            json!(null),
            json!("required"),
        ),
        (|live| operation(live)["responses"]["200"]["content"] = json!([]), "content", json!("any"), json!([])),
        (
            |live| live["security"] = json!([{"Bearer": []}, {"Other": ["read"]}]),
            "security",
            json!(null),
            json!([r#""Other"["read",]"#, r#"{"scheme":"bearer","type":"http",}"#]),
        ),
    ];
    for (edit, what, was, is) in cases {
        let mut live = live();
        edit(&mut live);
        let drift = compare(&document(), &live).unwrap();
        let change = drift.changes.iter().find(|change| change.what == what);
        let change = change.unwrap_or_else(|| panic!("{what}: {drift:?}"));
        assert_eq!(change.is, is, "{what}");
        assert!(change.was == was || was == "any", "{what}: {}", change.was);
    }
}

/// Names of headers are the same in letters of any case; those of a query are not.
#[test]
fn a_header_may_be_spelled_otherwise() {
    for (location, is_same) in [("header", true), ("query", false)] {
        let named = |name: &str| json!({"name": name, "in": location, "schema": {"type": "string"}});
        let (mut imported, mut live) = (document(), live());
        parameters(&mut imported).push(named("X-Shelf"));
        parameters(&mut live).push(named("x-shelf"));
        let found = summary(&compare(&imported, &live).unwrap());
        assert_eq!(!found.contains(&"breaking parameter".to_owned()), is_same, "{location}: {found:?}");
    }
}

#[test]
fn what_authorizes_a_call() {
    let bearer = || json!([{"Bearer": []}]);
    // As it is: nothing is said of it.
    finds(|live| live["security"] = json!([]), &[]);
    finds(|live| live["security"] = json!([{}]), &["harmless security"]);
    finds(|live| live["security"] = bearer(), &["breaking security"]);
    finds(|live| operation(live)["security"] = bearer(), &["breaking security"]);

    let mut imported = document();
    imported["security"] = bearer();
    let against = |security: Value, scheme: Value| {
        let mut live = live();
        live["security"] = security;
        live["components"]["securitySchemes"]["Bearer"] = scheme;
        summary(&compare(&imported, &live).unwrap())
    };
    let http = || json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "x"});
    assert_eq!(against(bearer(), http()), [""; 0]);
    assert_eq!(against(json!([]), http()), ["harmless security"]);
    assert_eq!(against(json!([{"Bearer": []}, {"Other": []}]), http()), ["harmless security"]);
    assert_eq!(against(json!([{"Bearer": [], "Other": []}]), http()), ["breaking security"]);
    assert_eq!(against(json!([{"Bearer": ["admin"]}]), http()), ["breaking security"]);
    assert_eq!(against(bearer(), json!({"type": "apiKey", "in": "header", "name": "x"})), ["breaking security"]);
    imported["security"] = json!([{"Bearer": ["read"]}]);
    let mut other = live();
    other["security"] = json!([{"Bearer": ["admin"]}]);
    assert_eq!(summary(&compare(&imported, &other).unwrap()), ["breaking security"]);
}

#[test]
fn what_it_does_not_know_counts_as_breaking() {
    finds(|live| operation(live)["callbacks"] = json!({"done": {}}), &["breaking callbacks"]);
    finds(|live| operation(live)["servers"] = json!([{"url": "/v2"}]), &["breaking servers"]);
}

#[test]
fn documents_that_cannot_be_compared_are_refused() {
    let refused = |edit: &dyn Fn(&mut Value)| {
        let mut live = live();
        edit(&mut live);
        let error = compare(&document(), &live).unwrap_err();
        assert_eq!(error.to_string().lines().count(), 1);
        error.kind()
    };
    assert_eq!(refused(&|live| *live = json!([])), Kind::NotOpenApi);
    assert_eq!(refused(&|live| live["openapi"] = json!("3.0.3")), Kind::Version);
    assert_eq!(refused(&|live| operation(live)["responses"] = json!([])), Kind::NotOpenApi);
    assert_eq!(refused(&|live| operation(live)["parameters"] = json!([1])), Kind::NotOpenApi);
    let dangling = json!({"$ref": "#/components/schemas/None"});
    assert_eq!(refused(&|live| live["components"]["schemas"]["Body"] = dangling.clone()), Kind::DanglingReference);
    let circle = json!({"$ref": "#/components/schemas/Body"});
    assert_eq!(refused(&|live| live["components"]["schemas"]["Body"] = circle.clone()), Kind::DanglingReference);
}

/// What the contract says has to be what was imported.
#[test]
fn an_import_under_another_contract_is_refused() {
    let mut imported = document();
    imported["paths"].as_object_mut().unwrap().remove("/a/{id}");
    assert_eq!(compare(&imported, &live()).unwrap_err().kind(), Kind::MissingOperation);
}
