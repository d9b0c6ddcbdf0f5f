//! Every model is read from m8tes' JSON and written as it, with nothing lost: by answers that are made from the contract,
//! each with all of its fields, with those that it has to have alone, and with null for the others.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use agent_platform_core::Malformed;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::*;

/// An answer of this schema.
#[derive(Clone, Copy, PartialEq)]
enum Fields {
    All,
    Required,
    Null,
}

struct Contract(Value);

impl Contract {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/m8tes/public.json");
        Self(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
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
            Some("string") if name.ends_with("_at") || name == "next_run" => json!("2026-05-13T12:00:00.5Z"),
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

/// The models by their names, each with the schema that it is made from, and the items of pages, as the sources have them.
fn defined() -> (BTreeMap<String, String>, Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model");
    let (mut models, mut paged) = (BTreeMap::new(), Vec::new());
    for file in fs::read_dir(folder).unwrap() {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        for line in source.lines() {
            let model = line.strip_suffix(" {").and_then(|line| line.trim().split_once(" from types::"));
            if let Some((name, schema)) = model {
                models.insert(name.to_owned(), schema.to_owned());
            } else if let Some((_, rest)) = line.strip_prefix("page!(").and_then(|rest| rest.split_once(" of ")) {
                paged.push(rest.split(',').next().unwrap().to_owned());
            }
        }
    }
    paged.sort();
    (models, paged)
}

/// What is read of an answer is written as it, and read as the same again.
fn as_it_came<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    answers: &[Value; 3],
    malformed: impl Fn(&T) -> &Malformed,
) {
    let [all, required, null] = answers;
    for answer in answers {
        let model: T = serde_json::from_value(answer.clone()).unwrap();
        assert!(malformed(&model).is_empty(), "{model:?}");
        let written = serde_json::to_value(&model).unwrap();
        assert_eq!(serde_json::from_value::<T>(written.clone()).unwrap(), model);
        if answer == all {
            assert_eq!(written, *all);
        }
    }
    let read = |answer: &Value| serde_json::from_value::<T>(answer.clone()).unwrap();
    assert_eq!(read(required), read(null));
}

/// What is read alone has a field for each that it is told.
fn read_whole(name: &str, extra: &Map<String, Value>, malformed: &Malformed) {
    assert!(malformed.is_empty(), "{name}: {malformed}");
    assert_eq!(extra.keys().collect::<Vec<_>>(), ["a field that is new"], "{name}");
}

#[test]
fn every_model_is_read_and_written_as_it_came() {
    let contract = Contract::read();
    let (models, paged) = defined();
    let mut tried = Vec::new();
    macro_rules! written {
        ($($name:ident,)*) => {$({
            let schema = &models[stringify!($name)];
            let [mut all, required, null] =
                [Fields::All, Fields::Required, Fields::Null].map(|fields| contract.answer(schema, fields));
            all["a field that is new"] = json!({"any": [1.5, null]});
            as_it_came::<$name>(&[all, required, null], |model| &model.malformed);
            tried.push(stringify!($name));
        })*};
    }
    written! {
        AccountSettings, Answered, App, AppConnectionInitiation, AppConnectionResult, EmailInbox, EndUser, Memory, Notice,
        PermissionPolicy, PermissionRequest, Run, RunFile, RunMessage, RunOutcome, RunUsage, Task, Teammate,
        TeammateWebhook, Trigger, Usage, VerificationStatus, WebhookDelivery,
    }
    macro_rules! read {
        ($($name:ident,)*) => {$({
            let mut answer = contract.answer(&models[stringify!($name)], Fields::All);
            answer["a field that is new"] = json!(true);
            let model: $name = serde_json::from_value(answer).unwrap();
            read_whole(stringify!($name), &model.extra, &model.malformed);
            tried.push(stringify!($name));
        })*};
    }
    read! { NewToken, SignedUp, Webhook, }
    tried.sort_unstable();
    assert_eq!(models.keys().collect::<Vec<_>>(), tried, "a model has no case here");

    let mut tried = Vec::new();
    macro_rules! pages {
        ($($name:ident,)*) => {$({
            let row = contract.answer(&models[stringify!($name)], Fields::All);
            for cursor in [json!(7), json!("7"), json!("schedule_5")] {
                let answer = json!({"data": [row], "has_more": true, "next_starting_after": cursor});
                let page: Page<$name> = serde_json::from_value(answer.clone()).unwrap();
                let text = cursor.as_str().map_or_else(|| cursor.to_string(), str::to_owned);
                assert_eq!(page.next_starting_after, Some(text));
                assert_eq!(serde_json::to_value(&page).unwrap(), answer);
            }
            tried.push(stringify!($name));
        })*};
    }
    pages! { EndUser, Memory, PermissionPolicy, Run, Task, Teammate, WebhookDelivery, }
    // A webhook may hold a secret, so it is not written, alone or on a page.
    tried.push("Webhook");
    tried.sort_unstable();
    assert_eq!(paged, tried, "a page has no case here");
}

#[test]
fn what_is_odd_in_a_run_is_named_and_costs_nothing_else() {
    let run: Run =
        serde_json::from_value(json!({"id": 42, "started_at": "x", "created_at": "x", "usage": {"y": 1}})).unwrap();
    assert_eq!((run.malformed.to_string(), run.status.as_str()), ("created_at: is no point in time".to_owned(), ""));
    assert_eq!((&run.extra["created_at"], &run.extra["started_at"]), (&json!("x"), &json!("x")));
    assert_eq!(run.usage.unwrap().extra["y"], 1);
}

/// What is read of an answer, and what it is written as again.
fn read(answer: &Value) -> (Teammate, Value) {
    let teammate: Teammate = serde_json::from_value(answer.clone()).unwrap();
    let written = serde_json::to_value(&teammate).unwrap();
    assert_eq!(serde_json::from_value::<Teammate>(written.clone()).unwrap(), teammate);
    (teammate, written)
}

#[test]
fn what_has_no_field_of_its_own_and_what_is_unknown_is_an_extra() {
    let answer = json!({
        "id": 7, "name": "bot", "tools": ["gmail"], "metadata": {"a": [1.5]}, "status": "asleep",
        "created_at": "2026-05-13T12:00:00Z", "inbound_email_enabled": true, "webhook_enabled": false,
        "active_run_count": 0, "can_manage": true, "slack_channels": [{"id": "C1"}], "mood": {"good": null},
    });
    let (teammate, written) = read(&answer);
    assert_eq!(written, answer);
    assert_eq!(teammate.status, TeammateStatus::Other("asleep".to_owned()));
    assert_eq!((&teammate.extra["can_manage"], &teammate.extra["mood"]), (&json!(true), &json!({"good": null})));
    assert!(teammate.malformed.is_empty());
}

#[test]
fn a_time_that_is_none_is_told_and_kept() {
    let (teammate, written) = read(&json!({"id": 7, "name": "bot", "created_at": "yesterday"}));
    assert_eq!((teammate.created_at, teammate.malformed.contains("created_at")), (None, true));
    assert_eq!(written["created_at"], "yesterday");
    let (teammate, written) = read(&json!({"id": 7, "name": "bot", "created_at": "2026-05-13T12:00:00.5"}));
    assert_eq!(teammate.created_at.unwrap().to_string(), "2026-05-13T12:00:00.5Z");
    assert_eq!(written["created_at"], "2026-05-13T12:00:00.5Z");
}

#[test]
fn of_the_extras_the_names_are_shown_alone() {
    let answer = json!({"id": 42, "share_token": "shr_secret", "new_token": {"of": "new_secret"}, "retry_count": 7});
    let run: Run = serde_json::from_value(answer).unwrap();
    let shown = format!("{run:?} {run:#?}");
    assert!(shown.contains(r#"extra: {"new_token", "retry_count", "share_token"}"#), "{shown}");
    assert!(!shown.contains("shr_secret") && !shown.contains("new_secret"), "{shown}");
    assert_eq!(serde_json::to_value(&run).unwrap()["share_token"], "shr_secret");
}

#[test]
fn a_page_is_read_and_written_too() {
    let answer = json!({"data": [{"id": 7, "name": "bot"}], "has_more": true, "next_starting_after": 7});
    let page: Page<Teammate> = serde_json::from_value(answer).unwrap();
    let written = serde_json::to_value(&page).unwrap();
    assert_eq!(serde_json::from_value::<Page<Teammate>>(written).unwrap(), page);
}
