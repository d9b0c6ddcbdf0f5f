//! Whatever an export holds, the pipeline ends in a result or a refusal that names a place: no panic, no
//! overflow of the stack, and work in proportion to the document's size.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};
use xtask::{Drift, Error, Kind, Rehearsal, Texts, drift_between, rehearse};

use crate::cpu_time::cpu_time;
use crate::json_parts::pointers;
use crate::workspace::{CONTRACT, EXPORT, SCHEMAS};

/// An export with one operation, whose body is the component `C0`.
fn export(schemas: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": {
            "operationId": "a",
            "requestBody": {"required": true, "content": {"application/json": {"schema": to(0)}}},
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": {}}}}},
        }}},
        "components": {"schemas": schemas},
    })
}

fn name(index: usize) -> String {
    format!("C{index}")
}

fn to(index: usize) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", name(index))})
}

/// As many components as `count`, each made of its index.
fn components(count: usize, schema: impl Fn(usize) -> Value) -> Value {
    Value::Object((0..count).map(|index| (name(index), schema(index))).collect())
}

fn run(export: &Value) -> Result<Rehearsal, Error> {
    checked(rehearse(export.to_string().as_bytes(), None))
}

/// A refusal is one line; and no export differs from what is imported of it.
#[track_caller]
fn checked(result: Result<Rehearsal, Error>) -> Result<Rehearsal, Error> {
    match &result {
        Ok(rehearsal) => assert!(rehearsal.drift.changes.is_empty(), "{:?}", rehearsal.drift),
        Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
    }
    result
}

#[track_caller]
fn refused(export: &Value, kind: Kind, part: &str) {
    let error = run(export).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    let text = error.to_string();
    assert!(text.contains(part), "{part:?} in {}", text.chars().take(500).collect::<String>());
}

/// Compares two exports whose schemas alone differ.
fn drift(old: &Value, new: &Value) -> Result<Drift, Error> {
    let imported = old.to_string();
    let texts = Texts {
        contract: "[public.a]\ncall = \"POST /a\"\nanswer = \"Answer\"\nrepeat = false\n",
        schemas: br#"{"Answer": {"type": "object"}}"#,
        imported: imported.as_bytes(),
    };
    drift_between(texts, new.to_string().as_bytes())
}

// ── Nesting ──────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn nesting_of_any_depth_is_taken_or_refused_by_place() {
    for depth in [10, 40, 47] {
        run(&export(json!({"C0": nested(depth)}))).unwrap();
    }
    for depth in [49, 60, 100] {
        let notes = run(&export(json!({"C0": nested(depth)}))).unwrap().notes;
        assert!(notes[0].starts_with("components/schemas/C0/items") && notes.len() == 1, "{depth}: {}", notes.len());
    }
    refused(&export(json!({"C0": nested(130)})), Kind::NotJson, "127 levels");
    // Deeper than any stack: as text, since a `Value` of that depth could not even be dropped.
    for (open, close) in [("[", "]"), ("{\"items\":", "}"), ("{\"anyOf\":[", "]}")] {
        for depth in [1_000, 100_000] {
            let text = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            let text = export(json!({"C0": "HERE"})).to_string().replace("\"HERE\"", &text);
            let error = rehearse(text.as_bytes(), None).unwrap_err();
            assert!(error.kind() == Kind::NotJson && error.to_string().contains("127 levels"), "{error}");
        }
    }
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!({"type": "string"}), |schema, _| json!({"type": "array", "items": schema}))
}

// ── References ───────────────────────────────────────────────────────────────────────────────────────

#[test]
fn circles_of_references_are_refused_or_taken() {
    // Through a property, a value ends somewhere.
    let through_a_property = |index| json!({"type": "object", "properties": {"next": to((index + 1) % 50)}});
    run(&export(components(50, through_a_property))).unwrap();
    run(&export(json!({"C0": {"type": "object", "properties": {"next": to(0)}}}))).unwrap();

    for wrap in [
        |target| target,
        |target| json!({"allOf": [target]}),
        |target| json!({"anyOf": [target, {"type": "null"}]}),
        |target| json!({"anyOf": [target, {"type": "string"}]}),
        |target| json!({"oneOf": [{"type": "integer"}, {"anyOf": [target]}]}),
    ] {
        for length in [1, 2, 50, 3_000] {
            let circle = export(components(length, |index| wrap(to((index + 1) % length))));
            let error = run(&circle).unwrap_err();
            assert!(matches!(error.kind(), Kind::Unlowerable | Kind::DanglingReference), "{error}");
            assert!(
                error.to_string().contains("components/schemas/C") || error.to_string().contains("POST /a"),
                "{error}"
            );
        }
    }
}

#[test]
fn references_that_lead_nowhere_are_refused_by_place() {
    for target in ["", "#", "C0", "#/components/schemas/", "#/components/schemas/None", "http://a/b#/c", "#/paths/~1a"]
    {
        let schema = json!({"type": "object", "properties": {"a": {"$ref": target}}});
        refused(&export(json!({"C0": schema})), Kind::DanglingReference, "components/schemas/C0");
    }
}

#[test]
fn references_that_fan_out_are_followed_once() {
    // Written out, these would be 10^40 schemas.
    let fan = |index: usize| {
        let next: Map<String, Value> = (0..10).map(|number| (format!("p{number}"), to(index + 1))).collect();
        if index == 40 { json!({"type": "string"}) } else { json!({"type": "object", "properties": next}) }
    };
    let old = export(components(41, fan));
    run(&old).unwrap();
    let mut new = old.clone();
    new["components"]["schemas"]["C40"]["maxLength"] = json!(3);
    assert_eq!(drift(&old, &new).unwrap().changes.len(), 1);

    let all_of =
        |index| if index == 40 { json!({"type": "string"}) } else { json!({"allOf": vec![to(index + 1); 10]}) };
    run(&export(components(41, all_of))).unwrap();
    let any_of =
        |index| if index == 40 { json!({"type": "string"}) } else { json!({"anyOf": vec![to(index + 1); 10]}) };
    run(&export(components(41, any_of))).unwrap();
    // Two parts each, which are the next two: each of 2^40 ways to write it out is another one.
    let two = |index: usize| match index {
        0..80 => json!({"allOf": [to(index + 1), to(index + 2), {"properties": {name(index): to(index + 1)}}]}),
        _ => json!({"type": "object"}),
    };
    run(&export(components(82, two))).unwrap();
}

/// Circles whose lengths have no common divisor meet in as many pairs as their product.
#[test]
fn a_comparison_of_circles_out_of_step_is_bounded() {
    let circle = |length: usize| {
        export(components(length, |index| json!({"type": "object", "properties": {"n": to((index + 1) % length)}})))
    };
    assert!(drift(&circle(13), &circle(17)).unwrap().changes.is_empty());
    let error = drift(&circle(1_999), &circle(2_003)).unwrap_err();
    assert_eq!(error.kind(), Kind::Incomparable);
    assert!(error.to_string().starts_with("components/schemas/C"), "{error}");
}

/// A union that stands within what it is compared with, out of step: nothing recurses through references.
#[test]
fn a_comparison_through_long_chains_does_not_recurse() {
    let chain =
        |length: usize, wrap: fn(Value) -> Value| {
            export(components(length, |index| {
                if index + 1 == length { json!({"type": "string"}) } else { wrap(to(index + 1)) }
            }))
        };
    let wraps: [fn(Value) -> Value; 4] = [
        |target| target,
        |target| json!({"anyOf": [target, {"type": "integer"}]}),
        |target| json!({"allOf": [target, {"minLength": 1}]}),
        |target| json!({"type": "object", "properties": {"n": {"type": "object", "properties": {"n": target}}}}),
    ];
    for old in wraps {
        for new in wraps {
            let _ = drift(&chain(3_000, old), &chain(2_000, new)).map_err(|error| {
                assert!(matches!(error.kind(), Kind::Incomparable | Kind::DanglingReference), "{error}");
            });
        }
    }
}

// ── Names and keys ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn names_without_end_are_refused() {
    let long = "n".repeat(5_000);
    let object = json!({"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {}}}}});
    refused(&export(json!({"C0": {"type": "object", "properties": {&long: object}}})), Kind::Unlowerable, "1000");
    let mut document = export(json!({"C0": object}));
    let item = document["paths"]["/a"].take();
    document["paths"] = json!({format!("/{}", "n".repeat(999)): item});
    run(&document).unwrap();
    document["paths"] = json!({format!("/{}", "n".repeat(1_000)): item});
    refused(&document, Kind::NotOpenApi, "longer than 1000 characters");
}

#[test]
fn a_key_that_an_object_has_twice_is_refused_by_place() {
    let text = export(json!({"C0": {"type": "object"}})).to_string();
    let twice = text.replace(r#""C0":{"#, r#""C0":{"type":"string","#);
    assert_ne!(text, twice);
    let error = rehearse(twice.as_bytes(), None).unwrap_err();
    assert!(
        error.to_string().contains(r#"has the key "type" twice in the object at "/components/schemas/C0""#),
        "{error}"
    );
}

#[test]
fn odd_numbers_are_taken_or_refused() {
    for number in ["1e308", "-0", "-0.0", "18446744073709551615", "-9223372036854775808", "1e-400", "0.1e1"] {
        for keyword in ["minimum", "exclusiveMaximum", "multipleOf", "maxLength", "const"] {
            let schema =
                format!(r#"{{"type":"object","properties":{{"a":{{"type":"integer","{keyword}":{number}}}}}}}"#);
            let text = export(json!({"C0": "HERE"})).to_string().replace("\"HERE\"", &schema);
            let _ = checked(rehearse(text.as_bytes(), None));
        }
    }
}

// ── Growth ───────────────────────────────────────────────────────────────────────────────────────────

/// How much more work it takes if a document is four times as large; the least of several tries, since caches may be
/// shared with something else.
fn growth(document: &impl Fn(usize) -> (Value, Value)) -> f64 {
    const SIZE: usize = 800;
    let least = |size| {
        let (old, new) = document(size);
        let (old, new) = (old.to_string(), new.to_string());
        let texts = Texts {
            contract: "[public.a]\ncall = \"POST /a\"\nanswer = \"Answer\"\nrepeat = false\n",
            schemas: br#"{"Answer": {"type": "object"}}"#,
            imported: old.as_bytes(),
        };
        let once = |_| {
            let start = cpu_time();
            let _ = rehearse(old.as_bytes(), None);
            let _ = drift_between(texts, new.as_bytes());
            cpu_time().saturating_sub(start)
        };
        (0..3).map(once).min().unwrap_or(Duration::MAX)
    };
    least(4 * SIZE).as_secs_f64() / least(SIZE).as_secs_f64()
}

/// With the square of the size it would take sixteen times as long, however often it is tried.
#[track_caller]
fn is_linear(what: &str, document: impl Fn(usize) -> (Value, Value)) {
    let ratios: Vec<_> = (0..3).map(|_| growth(&document)).take_while(|ratio| *ratio >= 10.0).collect();
    assert!(ratios.len() < 3, "{what}: {ratios:?} times as long for 4 times as much");
}

fn both(document: Value) -> (Value, Value) {
    (document.clone(), document)
}

#[test]
fn the_work_grows_with_the_document() {
    let text = || json!({"type": "string"});
    let properties = |count: usize, schema: &dyn Fn(usize) -> Value| -> Value {
        Value::Object((0..count).map(|index| (format!("p{index}"), schema(index))).collect())
    };
    is_linear("operations", |count| {
        let mut document = export(json!({"C0": {"type": "object"}}));
        let operation = document["paths"]["/a"]["post"].clone();
        for index in 0..count {
            let mut operation = operation.clone();
            operation["operationId"] = json!(format!("o{index}"));
            document["paths"][format!("/o/{index}")] = json!({ "post": operation });
        }
        (export(json!({"C0": {"type": "object"}})), document)
    });
    is_linear("parameters", |count| {
        let mut document = export(json!({"C0": {"type": "object"}}));
        let parameter = |index| json!({"name": format!("p{index}"), "in": "query", "schema": text()});
        document["paths"]["/a"]["post"]["parameters"] = (0..count).map(parameter).collect();
        both(document)
    });
    is_linear("properties", |count| {
        both(export(json!({"C0": {"type": "object", "properties": properties(count, &|_| text())}})))
    });
    is_linear("properties that all change", |count| {
        let with = |schema: Value| {
            export(json!({"C0": {"type": "object", "properties": properties(count, &|_| schema.clone())}}))
        };
        (with(text()), with(json!({"type": "integer"})))
    });
    is_linear("a chain of components", |count| {
        both(export(components(count, |index| {
            let next = if index + 1 == count { text() } else { to(index + 1) };
            json!({"type": "object", "properties": {"next": next}})
        })))
    });
    is_linear("a chain of references", |count| {
        both(export(components(count, |index| if index + 1 == count { text() } else { to(index + 1) })))
    });
    is_linear("references to one component", |count| {
        let mut document = export(json!({"C0": {}, "C1": {"type": "object"}}));
        document["components"]["schemas"]["C0"] =
            json!({"type": "object", "properties": properties(count, &|_| to(1))});
        both(document)
    });
    is_linear("values of an enum", |count| {
        let values: Vec<_> = (0..count).map(|index| format!("v{index}")).collect();
        let more: Vec<_> = (0..count).map(|index| format!("v{}", index + 1)).collect();
        let with = |values| export(json!({"C0": {"type": "object", "properties": {"a": {"enum": values}}}}));
        (with(values), with(more))
    });
    is_linear("members of a union", |count| {
        let with = |first: usize| -> Value {
            let members: Vec<_> =
                (0..count).map(|index| json!({"type": "object", "required": [(first + index).to_string()]})).collect();
            export(json!({"C0": {"type": "object", "properties": {"a": {"anyOf": members}}}}))
        };
        (with(0), with(1))
    });
    is_linear("keywords nobody knows", |count| {
        let mut schema = properties(count, &|_| json!(1));
        schema["type"] = json!("string");
        both(export(json!({"C0": {"type": "object", "properties": {"a": schema}}})))
    });
}

// ── Anything ─────────────────────────────────────────────────────────────────────────────────────────

/// Any JSON, made of words that mean something to the pipeline.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "type",
        "object",
        "string",
        "array",
        "integer",
        "null",
        "properties",
        "items",
        "required",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
        "#/components/schemas/C0",
        "additionalProperties",
        "default",
        "nullable",
        "minimum",
        "exclusiveMinimum",
        "pattern",
        "a",
        "",
        "é",
        "/",
        "not",
        "name",
        "in",
        "query",
        "schema",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        word.clone().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let object = prop::collection::btree_map(word.clone(), inner.clone(), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            object.prop_map(|object| object.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

/// A schema that refers to some of as many components.
fn any_schema(count: usize) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => (0..count).prop_map(to),
        1 => Just(json!({"type": "string"})),
        1 => Just(json!({"type": "null"})),
        1 => Just(json!({"enum": ["a", "b", null]})),
        1 => Just(json!(true)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        let keyword = prop::sample::select(vec!["anyOf", "oneOf", "allOf", "prefixItems"]);
        let one = prop::sample::select(vec!["items", "additionalProperties", "not"]);
        let properties = prop::collection::btree_map(prop::sample::select(vec!["a", "b", "c"]), inner.clone(), 1..3);
        prop_oneof![
            (keyword, list).prop_map(|(keyword, members)| json!({keyword: members})),
            (one, inner.clone()).prop_map(|(keyword, schema)| json!({"type": "array", keyword: schema})),
            properties.prop_map(|properties| json!({"type": "object", "properties": properties, "required": ["a"]})),
            (inner, Just("$ref")).prop_map(|(mut schema, keyword)| {
                if let Some(object) = schema.as_object_mut() {
                    object.insert(keyword.to_owned(), json!("#/components/schemas/C0"));
                }
                schema
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end_in_a_result_or_a_refusal(bytes in prop::collection::vec(any::<u8>(), 0..200), json in any_json()) {
        let _ = checked(rehearse(&bytes, None));
        let _ = run(&json);
        let mut document = export(json!({"C0": json}));
        let _ = run(&document);
        document["paths"]["/a"]["post"]["parameters"] = json;
        let _ = run(&document);
    }

    #[test]
    fn schemas_that_refer_to_each_other_in_any_way_end_in_a_result_or_a_refusal(
        old in prop::collection::vec(any_schema(5), 5),
        new in prop::collection::vec(any_schema(5), 5),
    ) {
        let of = |schemas: &[Value]| export(components(schemas.len(), |index| schemas[index].clone()));
        let (old, new) = (of(&old), of(&new));
        let _ = run(&old);
        let _ = drift(&old, &new);
        if let Ok(drift) = drift(&old, &old) {
            prop_assert!(drift.changes.is_empty(), "{:?}", drift.changes);
        }
    }

    #[test]
    fn an_export_with_any_json_at_any_place_ends_in_a_result_or_a_refusal(part in any::<Index>(), json in any_json()) {
        let mut document: Value = serde_json::from_str(EXPORT).unwrap();
        let mut parts = Vec::new();
        pointers(&document, "", &mut parts);
        *document.pointer_mut(part.get(&parts).as_str()).unwrap() = json;
        let text = document.to_string();
        let _ = checked(rehearse(text.as_bytes(), Some((CONTRACT, SCHEMAS.as_bytes()))));
        let _ = checked(rehearse(text.as_bytes(), None));
    }
}
