//! What Mycel's document does not show: its backend's suite tests the rest.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Bound, Checked, Problem, check, lax};
use crate::{
    Document,
    document::{Absent, Unknown, not_understood},
    routing::{Found, find},
};

fn document() -> String {
    let run = json!({ "type": "object", "required": ["message"], "additionalProperties": false, "properties": {
        "message": { "type": "string" },
        "memory": { "type": ["boolean", "null"] },
        "tools": { "type": ["array", "null"], "items": { "type": "string" } },
        "cursor": { "oneOf": [{ "type": "integer" }, { "type": "string" }, { "type": "null" }] }
    } });
    let parameters = json!([
        { "name": "run_id", "in": "path", "required": true, "schema": { "type": "integer", "format": "int64" } },
        { "name": "name", "in": "path", "required": true, "schema": { "type": "string" } },
        { "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 100 } },
        { "name": "order", "in": "query", "schema": { "anyOf": [{ "type": "string", "pattern": "^(asc|desc)$" }] } },
        { "name": "Idempotency-Key", "in": "header", "schema": { "type": "string" } }
    ]);
    let body = |required: bool| {
        json!({ "required": required, "content": {
        "application/json": { "schema": { "$ref": "#/components/schemas/Run" } } } })
    };
    let objects = json!({ "type": "object", "properties": {
        "model": { "type": "object", "properties": { "name": { "type": "string" } } },
        "closed": { "type": "object", "additionalProperties": false },
        "map": { "type": "object" },
        "texts": { "type": "object", "additionalProperties": { "type": "string" } },
        "size": { "anyOf": [{ "type": "null" }, { "type": "integer" }] }
    } });
    let filter = json!({ "name": "q", "in": "query", "required": true, "schema": { "type": "string" } });
    json!({
        "paths": { "/runs/{run_id}/{name}": {
            "post": { "parameters": parameters, "requestBody": body(true) },
            "put": { "requestBody": body(false) },
            "patch": { "requestBody": { "required": true, "content": { "application/json": { "schema": objects } } } },
            "get": { "parameters": [filter] }
        } },
        "components": { "schemas": { "Run": run } }
    })
    .to_string()
}

fn checked(method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Result<Checked, Vec<String>> {
    let mut document = Document::read(&document(), |_, _| Some(())).unwrap();
    (document.unknown_parameters, document.absent) = (Unknown::Refused, Absent::Left);
    let Found::Route(route, values) = find(&document, &method, path) else { panic!("{path}") };
    let query: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let checked = check(&document, route, &values, &query, body);
    checked.map_err(|issues| issues.iter().map(ToString::to_string).collect())
}

#[test]
fn what_is_absent_stays_absent_and_null_stays_null() {
    let body = json!({ "message": "go", "memory": null, "cursor": null });
    let checked = checked(Method::POST, "/runs/7/x", &[], Some(body.clone())).unwrap();
    assert_eq!((checked.query, checked.body), (json!({}), body));
}

#[test]
fn a_paths_parameters_are_what_the_document_says() {
    let body = || Some(json!({ "message": "go" }));
    let right = checked(Method::POST, "/runs/007/8", &[], body()).unwrap();
    assert_eq!(Value::Object(right.path), json!({ "run_id": 7 }));
    let wrong = checked(Method::POST, "/runs/x/8", &[("limit", "101")], body()).unwrap_err();
    let problems = [
        "path.run_id: Input should be a valid integer, unable to parse string as an integer",
        "query.limit: Input should be less than or equal to 100",
    ];
    assert_eq!(wrong, problems);
}

#[test]
fn a_query_parameter_that_nobody_knows_is_refused_by_name() {
    let body = Some(json!({ "message": "go" }));
    let wrong = checked(Method::POST, "/runs/7/x", &[("limt", "1"), ("limit", "1"), ("name", "")], body).unwrap_err();
    assert_eq!(wrong, ["query.limt: Unknown query parameter", "query.name: Unknown query parameter"]);
}

#[test]
fn any_of_several_types_is_taken() {
    for (cursor, read) in [(json!(7), json!(7)), (json!("x"), json!("x")), (json!("7"), json!("7"))] {
        let body = json!({ "message": "go", "cursor": cursor, "tools": ["a"] });
        assert_eq!(checked(Method::POST, "/runs/7/x", &[], Some(body)).unwrap().body["cursor"], read);
    }
    let body = json!({ "message": "go", "cursor": [], "memory": "perhaps", "tools": [1], "more": 1 });
    let wrong = checked(Method::POST, "/runs/7/x", &[], Some(body)).unwrap_err();
    let problems = [
        "body.cursor: Input should be a valid integer",
        "body.memory: Input should be a valid boolean, unable to interpret input",
        "body.tools.0: Input should be a valid string",
        "body.more: Extra inputs are not permitted",
    ];
    assert_eq!(wrong, problems);
}

#[test]
fn a_body_may_be_left_out_where_the_document_says_so() {
    assert_eq!(checked(Method::PUT, "/runs/7/x", &[], None).unwrap().body, Value::Null);
    assert_eq!(checked(Method::POST, "/runs/7/x", &[], None).unwrap_err(), ["body: Field required"]);
}

#[test]
fn what_would_not_be_checked_is_told() {
    let document = document();
    assert_eq!(not_understood(&document).unwrap(), [""; 0]);
    let extended = document.replace(r#""maximum":100"#, r#""x-maximum":100"#);
    assert_eq!(not_understood(&extended).unwrap(), [""; 0]);
    let longer = document.replace(r#""maximum":100"#, r#""multipleOf":100"#);
    assert_eq!(not_understood(&longer).unwrap(), ["/runs/{run_id}/{name}/multipleOf"]);
    let dangling = document.replace(r#""Run":"#, r#""Walk":"#);
    assert_eq!(not_understood(&dangling).unwrap(), ["/runs/{run_id}/{name}/$ref"]);
}

#[test]
fn a_text_matches_its_pattern() {
    let checked = |order| checked(Method::POST, "/runs/7/x", &[("order", order)], Some(json!({ "message": "go" })));
    assert_eq!(checked("desc").unwrap().query, json!({ "order": "desc" }));
    assert_eq!(checked("des").unwrap_err(), ["query.order: String should match pattern '^(asc|desc)$'"]);
}

#[test]
fn what_has_to_be_there_is_looked_at_first() {
    let body = json!({ "cursor": {}, "message": 1 });
    let wrong = checked(Method::POST, "/runs/7/x", &[], Some(body)).unwrap_err();
    let places: Vec<_> = wrong.iter().filter_map(|issue| issue.split(':').next()).collect();
    assert_eq!(places, ["body.message", "body.cursor"]);
}

#[test]
fn a_query_parameter_may_have_to_be_there() {
    assert_eq!(checked(Method::GET, "/runs/7/x", &[("q", "a")], None).unwrap().query, json!({ "q": "a" }));
    assert_eq!(checked(Method::GET, "/runs/7/x", &[], None).unwrap_err(), ["query.q: Field required"]);
}

#[test]
fn a_model_has_fields_of_its_own_and_a_map_has_what_it_is_given() {
    let body =
        json!({ "model": { "name": "a", "more": 1 }, "closed": {}, "map": { "more": 1 }, "texts": { "a": "b" } });
    let right = checked(Method::PATCH, "/runs/7/x", &[], Some(body)).unwrap().body;
    let read = json!({ "model": { "name": "a" }, "closed": {}, "map": { "more": 1 }, "texts": { "a": "b" } });
    assert_eq!(right, read);
    let body = json!({ "model": 1, "closed": 1, "map": 1, "texts": { "a": 1 } });
    let wrong = checked(Method::PATCH, "/runs/7/x", &[], Some(body)).unwrap_err();
    let problems = [
        "body.closed: Input should be a valid dictionary or object to extract fields from",
        "body.map: Input should be a valid dictionary",
        "body.model: Input should be a valid dictionary or object to extract fields from",
        "body.texts.a: Input should be a valid string",
    ];
    assert_eq!(wrong, problems);
}

/// Null as one of several takes null alone, wherever it stands among them.
#[test]
fn null_beside_another_type_takes_nothing_else() {
    let size = |size: Value| checked(Method::PATCH, "/runs/7/x", &[], Some(json!({ "size": size })));
    for taken in [json!(null), json!(7)] {
        assert_eq!(size(taken.clone()).unwrap().body, json!({ "size": taken }));
    }
    assert_eq!(size(json!([])).unwrap_err(), ["body.size: Input should be a valid integer"]);
}

#[test]
fn a_float_is_an_integer_within_64_bits() {
    let below = 9_223_372_036_854_774_784.0;
    for (float, read) in [
        (below, Ok(9_223_372_036_854_774_784_i64.into())),
        (-below, Ok((-9_223_372_036_854_774_784_i64).into())),
        (9_223_372_036_854_775_808.0, Err(Problem::TooLong)),
        (0.5, Err(Problem::NotWhole)),
    ] {
        assert_eq!(lax::integer(&json!(float)), read, "{float}");
    }
}

#[test]
fn what_pydantic_tells_besides() {
    let bound = |of_integers| Bound { at: 2.0, of_integers };
    for (problem, context) in [
        (Problem::InvalidJson("no".to_owned()), Some(json!({ "error": "no" }))),
        (Problem::NotOneOf(vec!["a".to_owned(), "b".to_owned()]), Some(json!({ "expected": "'a' or 'b'" }))),
        (Problem::NotMatching("^(a)$".to_owned()), Some(json!({ "pattern": "^(a)$" }))),
        (Problem::Below(bound(true)), Some(json!({ "ge": 2 }))),
        (Problem::Above(bound(false)), Some(json!({ "le": 2.0 }))),
        (Problem::Missing, None),
    ] {
        assert_eq!(problem.context(), context, "{problem:?}");
    }
}
