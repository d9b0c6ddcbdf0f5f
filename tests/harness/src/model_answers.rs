//! Models are read from a platform's JSON and written as it, with nothing lost: what the suites for that share.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Which fields an answer has.
#[derive(Clone, Copy, PartialEq)]
enum Fields {
    All,
    Required,
    Null,
}

/// The public document of a platform, which answers are made from.
pub struct Contract(Value);

impl Contract {
    /// Reads that of this folder in `openapi`.
    pub fn read(platform: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../openapi/{platform}/public.json"));
        Self(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    /// An answer of this schema with all that it may have, with what it has to have alone, and with null for the rest.
    pub fn answers(&self, schema: &str) -> [Value; 3] {
        [Fields::All, Fields::Required, Fields::Null].map(|fields| self.answer(schema, fields))
    }

    fn answer(&self, schema: &str, fields: Fields) -> Value {
        let schema = &self.0["components"]["schemas"][schema];
        assert_eq!(schema["type"], "object");
        let is_required =
            |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|required| required == name));
        let properties = schema["properties"].as_object().unwrap();
        let kept = properties.iter().filter(|(name, _)| fields != Fields::Required || is_required(name));
        let value = |name: &str, of: &Value| match fields {
            Fields::Null if !is_required(name) => Value::Null,
            _ => self.value(name, of),
        };
        Value::Object(kept.map(|(name, of)| (name.clone(), value(name, of))).collect())
    }

    fn value(&self, name: &str, schema: &Value) -> Value {
        if let Some(name) = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref")) {
            let name = name.as_str().unwrap().rsplit('/').next().unwrap();
            let referred = &self.0["components"]["schemas"][name];
            return match referred["type"].as_str() {
                Some("object") => self.answer(name, Fields::All),
                _ => self.value(name, &referred["oneOf"][0]),
            };
        }
        match schema["type"].as_str() {
            Some("string") if is_time(name) => json!("2026-05-13T12:00:00.5Z"),
            Some("string") => json!(format!("some {name}")),
            Some("boolean") => json!(true),
            Some("integer") => json!(name.len()),
            Some("number") => json!(0.5),
            Some("array") => json!([self.value(name, &schema["items"])]),
            Some("object") if schema["additionalProperties"]["type"] == "string" => json!({"any": "thing"}),
            Some("object") => json!({"any": [1.5, null, {"thing": true}]}),
            // Of any type at all.
            None => json!(["any", {"thing": null}]),
            Some(other) => panic!("{name} is of the type {other}"),
        }
    }
}

/// Whether a text of this name tells a time.
fn is_time(name: &str) -> bool {
    name.ends_with("_at") || ["last_health_check", "next_run", "scheduled_for", "timestamp"].contains(&name)
}

/// The source of a facade's models, file by file: what is in this folder of `sdk`, such as `m8tes/src/model`.
pub fn sources(models: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk").join(models);
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// A facade's models by their names, each with the schema that it is made from, as the [sources] have them.
pub fn models(models: &str) -> BTreeMap<String, String> {
    let sources = sources(models);
    let lines = sources.iter().flat_map(|source| source.lines());
    let defined = lines.filter_map(|line| line.strip_suffix(" {")?.trim().split_once(" from types::"));
    defined.map(|(name, schema)| (name.to_owned(), schema.to_owned())).collect()
}

/// Tries each of these models with `as_it_came`, and is their names.
#[macro_export]
macro_rules! as_they_came {
    ($contract:expr, $models:expr; $($name:ident),* $(,)?) => {
        vec![$({
            let schema = &$models[stringify!($name)];
            $crate::model_answers::as_it_came::<$name>(&$contract, schema, |model| model.malformed.is_empty());
            stringify!($name)
        }),*]
    };
}

/// What is read of each of a schema's answers is written as it, and read as the same again. `is_whole` says whether all of a
/// model could be read.
pub fn as_it_came<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    contract: &Contract,
    schema: &str,
    is_whole: impl Fn(&T) -> bool,
) {
    let [mut all, required, null] = contract.answers(schema);
    all["a field that is new"] = json!({"any": [1.5, null]});
    let read = |answer: &Value| serde_json::from_value::<T>(answer.clone()).unwrap();
    for answer in [&all, &required, &null] {
        let model = read(answer);
        assert!(is_whole(&model), "{model:?}");
        let written = serde_json::to_value(&model).unwrap();
        assert_eq!(read(&written), model);
        if *answer == all {
            assert_eq!(written, all);
        }
    }
    assert_eq!(read(&required), read(&null));
}

/// What is read alone has a field for each that it is told. `extra` says what it has none for, where all of it could be read.
pub fn read_whole<T: DeserializeOwned>(
    contract: &Contract,
    schema: &str,
    extra: impl Fn(&T) -> Option<&Map<String, Value>>,
) {
    let [mut all, ..] = contract.answers(schema);
    all["a field that is new"] = json!(true);
    let model = serde_json::from_value(all).unwrap();
    let names: Vec<_> = extra(&model).unwrap().keys().collect();
    assert_eq!(names, ["a field that is new"], "{schema}");
}
