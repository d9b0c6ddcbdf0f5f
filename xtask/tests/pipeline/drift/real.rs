//! Drift of the real backend: nothing of what was imported can change unseen.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use xtask::{Backend, Drift, Error, Severity, Source, Texts, Verdict, drift_between};

use super::summary;
use crate::json_parts::{at, pointers, remove};

const IMPORTED: &str = include_str!("../../../../openapi/mycel/backend.json");

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(IMPORTED).unwrap());

static LIVE: LazyLock<String> = LazyLock::new(|| live(DOCUMENT.clone()).to_string());

/// Every part of the public operations and their schemas.
static PARTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut parts = Vec::new();
    for root in ["/components", "/paths"] {
        pointers(DOCUMENT.pointer(root).unwrap(), root, &mut parts);
    }
    parts
});

fn compare(imported: &str, live: &str) -> Result<Drift, Error> {
    let texts = Texts {
        contract: include_str!("../../../../openapi/mycel/contract.toml"),
        schemas: include_bytes!("../../../../openapi/mycel/schemas.json"),
        imported: imported.as_bytes(),
    };
    drift_between(texts, live.as_bytes())
}

/// The imported document as a live one: what was left out is in it again.
fn live(mut document: Value) -> Value {
    for left_out in document["x-left-out"].take().as_array().unwrap() {
        let text = |key| left_out[key].as_str().unwrap();
        let operation = json!({"operationId": text("operationId"), "responses": {}});
        let item = &mut document["paths"][text("path")];
        // A mutant may have anything in the place of a path.
        if item.is_object() || item.is_null() {
            item[text("method").to_lowercase()] = operation;
        }
    }
    document.as_object_mut().unwrap().remove("x-left-out");
    document
}

/// Whether a change of one part is none of the values that are sent or read: prose, one of the ways in
/// which a schema says that it allows everything for another, or one in which a parameter is optional.
fn is_irrelevant(pointer: &str, was: &Value, is: Option<&Value>) -> bool {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    // Of a property that is called so, the value is a schema.
    let is_prose = pointer.contains("/tags") || (matches!(last, "title" | "description") && !was.is_object());
    let says_nothing = |value: Option<&Value>| value.is_none_or(|value| *value == json!({}) || *value == json!(true));
    let is_schema = matches!(last, "additionalProperties" | "items" | "properties" | "schema") && !parent.is_empty();
    // An enum tells of what type its values are.
    let parent_is_enum = DOCUMENT.pointer(parent).is_some_and(|parent| parent.get("enum").is_some());
    let is_told_twice = last == "type" && is.is_none() && parent_is_enum;
    let stays_optional = last == "required" && *was == json!(false) && is != Some(&json!(true));
    // A media type without a schema allows everything, as one with an empty schema does.
    let stays_anything = *was == json!({"schema": {}}) && is == Some(&json!({}));
    is_prose
        || is_told_twice
        || stays_optional
        || stays_anything
        || (is_schema && says_nothing(Some(was)) && says_nothing(is))
}

fn replacement() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        3 => Just(None),
        5 => prop::sample::select(vec![
            json!(null),
            json!(true),
            json!(false),
            json!(0),
            json!(-1.5),
            json!("string"),
            json!("x"),
            json!([]),
            json!({}),
            json!({"type": "null"}),
            json!({"$ref": "#/components/schemas/LoginRequest"}),
            json!({"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}),
            json!([{"type": "string"}, {"$ref": "#/components/schemas/SendMessageBody"}]),
        ])
        .prop_map(Some),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_part_changes_unseen(part: Index, replacement in replacement()) {
        let pointer = part.get(&PARTS);
        let was = DOCUMENT.pointer(pointer).unwrap().clone();
        let mut mutant = DOCUMENT.clone();
        match &replacement {
            Some(value) => *mutant.pointer_mut(pointer).unwrap() = value.clone(),
            None => remove(&mut mutant, pointer),
        }
        let mutant_lives = live(mutant.clone()).to_string();
        let is_seen = match compare(IMPORTED, &mutant_lives) {
            Ok(drift) => !drift.changes.is_empty(),
            Err(_) => true,
        };
        let is_same = mutant == *DOCUMENT || is_irrelevant(pointer, &was, replacement.as_ref());
        prop_assert!(is_seen || is_same, "{pointer}: {was} became {replacement:?}");
        // The other way round nothing is demanded but an end; and of itself a document never differs.
        let mutant = mutant.to_string();
        let _ = compare(&mutant, &LIVE);
        if let Ok(drift) = compare(&mutant, &mutant_lives) {
            prop_assert!(drift.changes.is_empty(), "{pointer} as {replacement:?}: {:?}", drift.changes);
        }
    }
}

/// Replaces a part, which must be there, and hands out what is found.
#[track_caller]
fn finds(pointer: &str, value: Value, expected: &[&str]) -> Drift {
    let mut mutant = live(DOCUMENT.clone());
    let (parent, key) = at(pointer);
    mutant.pointer_mut(&parent).unwrap_or_else(|| panic!("no {parent}"))[key] = value;
    let drift = compare(IMPORTED, &mutant.to_string()).unwrap();
    assert_eq!(summary(&drift), expected, "{pointer}");
    drift
}

#[test]
fn nothing_has_changed() {
    assert_eq!(compare(IMPORTED, &LIVE).unwrap().verdict(), Verdict::Unchanged);
}

/// Changes such as a backend's developers make them.
#[test]
fn weighs_changes_of_the_real_backend() {
    let schemas = "/components/schemas";
    let messages = "/paths/~1api~1chats~1{chat_id}~1messages/get";
    finds(&format!("{messages}/parameters/1/schema/maximum"), json!(100), &["breaking maximum"]);
    finds(&format!("{messages}/parameters/1/schema/maximum"), json!(500), &["harmless maximum"]);
    finds(&format!("{messages}/parameters/1/schema/default"), json!(20), &["harmless default"]);
    finds(&format!("{messages}/parameters/2/required"), json!(true), &["breaking required"]);
    finds(&format!("{messages}/security"), json!([{"HTTPBearer": []}]), &["breaking security"]);
    finds(&format!("{schemas}/SendMessageBody/properties/content/maxLength"), json!(4000), &["breaking maxLength"]);
    finds(
        &format!("{schemas}/SendMessageBody/properties/new_field"),
        json!({"type": "string"}),
        &["harmless property"],
    );
    finds(&format!("{schemas}/LoginRequest/additionalProperties"), json!(false), &["harmless additionalProperties"]);
    finds(&format!("{schemas}/CreateChatBody/properties/kind/enum"), json!(["auto", "direct"]), &["breaking enum"]);
    let more = json!(["auto", "direct", "group", "channel"]);
    finds(&format!("{schemas}/CreateChatBody/properties/kind/enum"), more, &["harmless enum"]);
    let drift = finds(&format!("{schemas}/LoginRequest/required"), json!(["identifier"]), &["harmless required"]);
    assert_eq!(drift.changes[0].operations[0].name.as_deref(), Some("login"));
    assert_eq!(drift.changes[0].severity, Severity::Harmless);
}

/// The local backend serves what it was built from.
#[test]
fn the_local_backend_has_not_drifted() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let local = runtime.block_on(mycel_local_backend::start()).unwrap();
    // Of the checkout that the test is run in, not of the one that it was built in.
    let crate_dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let workspace = std::path::Path::new(&crate_dir).parent().unwrap();
    let source = Source::Url(format!("{}/openapi.json", local.url()));
    let drift = xtask::drift(&Backend::mycel(workspace), &source).unwrap();
    runtime.block_on(local.shutdown());
    let breaking: Vec<_> = drift.changes.iter().filter(|change| change.severity == Severity::Breaking).collect();
    assert!(breaking.is_empty(), "{breaking:?}");
}
