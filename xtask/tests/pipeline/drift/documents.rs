//! Drift of the documents that the workspace has: nothing of what was imported can change unseen.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use xtask::{Drift, Error, Texts, Verdict, drift_between};

use crate::json_parts::{pointers, remove};

/// What a backend's folder holds.
struct Folder {
    name: String,
    contract: String,
    schemas: Vec<u8>,
    imported: String,
    document: Value,
    /// Every part of the public operations and their schemas.
    parts: Vec<String>,
}

static FOLDERS: LazyLock<Vec<Folder>> = LazyLock::new(|| {
    // Of the checkout that the test is run in, not of the one that it was built in.
    let crate_dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let openapi = Path::new(&crate_dir).parent().unwrap().join("openapi");
    let folders = fs::read_dir(openapi).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<_> = folders.filter(|folder| folder.join("contract.toml").is_file()).map(|it| read(&it)).collect();
    assert!(!folders.is_empty());
    folders
});

fn read(folder: &Path) -> Folder {
    let imported = fs::read_to_string(folder.join("backend.json")).unwrap();
    let document: Value = serde_json::from_str(&imported).unwrap();
    let mut parts = Vec::new();
    for root in ["/components", "/paths"] {
        pointers(document.pointer(root).unwrap(), root, &mut parts);
    }
    Folder {
        name: folder.file_name().unwrap().to_string_lossy().into_owned(),
        contract: fs::read_to_string(folder.join("contract.toml")).unwrap(),
        // Not there where the document types all answers.
        schemas: fs::read(folder.join("schemas.json")).unwrap_or_else(|_| b"{}".to_vec()),
        imported,
        document,
        parts,
    }
}

impl Folder {
    fn compare(&self, imported: &str, live: &str) -> Result<Drift, Error> {
        let texts = Texts { contract: &self.contract, schemas: &self.schemas, imported: imported.as_bytes() };
        drift_between(texts, live.as_bytes())
    }
}

/// The imported document as a live one: what was left out is in it again.
fn live(mut document: Value) -> Value {
    for left_out in document["x-left-out"].take().as_array().unwrap() {
        let text = |key| left_out[key].as_str().unwrap();
        let operation = json!({"operationId": left_out["operationId"], "responses": {}});
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
fn is_irrelevant(document: &Value, pointer: &str, was: &Value, is: Option<&Value>) -> bool {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    // Of a property that is called so, the value is a schema.
    let is_prose = pointer.contains("/tags")
        || pointer.contains("/x-")
        // A hint to people of what a token looks like.
        || (last == "bearerFormat" && pointer.contains("/securitySchemes/"))
        || (matches!(last, "title" | "description") && !was.is_object());
    let says_nothing = |value: Option<&Value>| value.is_none_or(|value| *value == json!({}) || *value == json!(true));
    let is_schema = matches!(last, "additionalProperties" | "items" | "properties" | "schema") && !parent.is_empty();
    // An enum tells of what type its values are.
    let parent_is_enum = document.pointer(parent).is_some_and(|parent| parent.get("enum").is_some());
    let is_told_twice = last == "type" && is.is_none() && parent_is_enum;
    let stays_optional = last == "required" && *was == json!(false) && is != Some(&json!(true));
    let still_requires_nothing = last == "required" && *was == json!([]) && is.is_none();
    // A media type without a schema allows everything, as one with an empty schema does.
    let stays_anything = *was == json!({"schema": {}}) && is == Some(&json!({}));
    // 0 and 0.0 are one number.
    let same_number = was.as_f64().is_some() && was.as_f64() == is.and_then(Value::as_f64);
    // An object that has prose and one that has none, where all else is equal.
    let without_prose = |value: &Value| {
        let members = value.as_object()?.iter();
        let is_prose = |name: &str, value: &Value| matches!(name, "title" | "description") && value.is_string();
        let others = members.filter(|(name, value)| !is_prose(name, value));
        Some(others.map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>())
    };
    let same_but_prose = without_prose(was).is_some() && without_prose(was) == is.and_then(without_prose);
    is_prose
        || same_number
        || same_but_prose
        || is_told_twice
        || stays_optional
        || still_requires_nothing
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
            json!({"$ref": "#/components/schemas/A"}),
            json!({"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}),
            json!([{"type": "string"}, {"type": "object"}]),
        ])
        .prop_map(Some),
    ]
}

/// What differs in notation or in prose alone: each of these was drawn once.
#[test]
fn what_is_irrelevant_is_known() {
    let document = json!({"paths": {}});
    let (number, response) = ("/a/schema/minimum", "/paths/~1a/delete/responses/2XX");
    let hint = "/components/securitySchemes/bearerAuth/bearerFormat";
    for (pointer, was, is) in [
        (number, json!(0.0), Some(json!(0))),
        (hint, json!("m8_..."), None),
        (hint, json!("m8_..."), Some(json!([]))),
        (response, json!({"description": "Done."}), Some(json!({}))),
    ] {
        assert!(is_irrelevant(&document, pointer, &was, is.as_ref()), "{pointer}");
    }
    for (pointer, was, is) in [
        (number, json!(0.0), Some(json!(1))),
        (number, json!(0), None),
        (response, json!({"description": "Done."}), None),
        ("/a/properties", json!({"title": {"type": "string"}}), Some(json!({}))),
    ] {
        assert!(!is_irrelevant(&document, pointer, &was, is.as_ref()), "{pointer}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_part_changes_unseen(folder: Index, part: Index, replacement in replacement()) {
        let folder = folder.get(&FOLDERS);
        let (name, document) = (&folder.name, &folder.document);
        let pointer = part.get(&folder.parts);
        let was = document.pointer(pointer).unwrap().clone();
        let mut mutant = document.clone();
        match &replacement {
            Some(value) => *mutant.pointer_mut(pointer).unwrap() = value.clone(),
            None => remove(&mut mutant, pointer),
        }
        let mutant_lives = live(mutant.clone()).to_string();
        let is_seen = match folder.compare(&folder.imported, &mutant_lives) {
            Ok(drift) => !drift.changes.is_empty(),
            Err(_) => true,
        };
        let is_same = mutant == *document || is_irrelevant(document, pointer, &was, replacement.as_ref());
        prop_assert!(is_seen || is_same, "{name} {pointer}: {was} became {replacement:?}");
        // The other way round nothing is demanded but an end; and of itself a document never differs.
        let mutant = mutant.to_string();
        let _ = folder.compare(&mutant, &live(document.clone()).to_string());
        if let Ok(drift) = folder.compare(&mutant, &mutant_lives) {
            prop_assert!(drift.changes.is_empty(), "{name} {pointer} as {replacement:?}: {:?}", drift.changes);
        }
    }
}

/// The names of required properties are texts; what else a list has there is no schema any more.
#[test]
fn what_is_required_without_being_a_name_is_seen() {
    for folder in FOLDERS.iter() {
        let is_empty_list =
            |pointer: &&String| pointer.ends_with("/required") && folder.document.pointer(pointer) == Some(&json!([]));
        for pointer in folder.parts.iter().filter(is_empty_list).take(2) {
            for odd in [json!([{"type": "string"}]), json!([7]), json!([null])] {
                let mut mutant = folder.document.clone();
                *mutant.pointer_mut(pointer).unwrap() = odd.clone();
                let drift = folder.compare(&folder.imported, &live(mutant).to_string());
                let is_seen = drift.map_or(true, |drift| !drift.changes.is_empty());
                assert!(is_seen, "{} {pointer}: {odd}", folder.name);
            }
        }
    }
}

#[test]
fn nothing_has_changed() {
    for folder in FOLDERS.iter() {
        let drift = folder.compare(&folder.imported, &live(folder.document.clone()).to_string()).unwrap();
        assert_eq!(drift.verdict(), Verdict::Unchanged, "{}: {drift:?}", folder.name);
    }
}
