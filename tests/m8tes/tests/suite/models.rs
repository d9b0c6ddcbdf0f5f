//! Every model is read from m8tes' JSON and written as it, with nothing lost: by answers that are made from the contract,
//! each with all of its fields, with those that it has to have alone, and with null for the others.

use m8tes_sdk::*;
use serde_json::{Value, json};
use test_harness::as_they_came;
use test_harness::model_answers::{Contract, models, read_whole, sources};

/// The items of pages, as the sources have them.
fn paged() -> Vec<String> {
    let sources = sources("m8tes/src/model");
    let lines = sources.iter().flat_map(|source| source.lines());
    let items = lines.filter_map(|line| line.strip_prefix("page!(")?.split_once(" of ")?.1.split(',').next());
    let mut items: Vec<_> = items.map(str::to_owned).collect();
    items.sort();
    items
}

#[test]
fn every_model_is_read_and_written_as_it_came() {
    let contract = Contract::read("m8tes");
    let models = models("m8tes/src/model");
    let mut tried = as_they_came! {
        contract, models;
        AccountSettings, Answered, App, AppConnectionInitiation, AppConnectionResult, EmailInbox, EndUser, Memory, Notice,
        PermissionPolicy, PermissionRequest, Run, RunFile, RunMessage, RunOutcome, RunUsage, Task, Teammate,
        TeammateWebhook, Trigger, Usage, VerificationStatus, WebhookDelivery,
    };
    macro_rules! read {
        ($($name:ident,)*) => {$({
            let schema = &models[stringify!($name)];
            read_whole::<$name>(&contract, schema, |model| Some(&model.extra).filter(|_| model.malformed.is_empty()));
            tried.push(stringify!($name));
        })*};
    }
    read! { NewToken, SignedUp, Webhook, }
    tried.sort_unstable();
    assert_eq!(models.keys().collect::<Vec<_>>(), tried, "a model has no case here");

    let mut tried = Vec::new();
    macro_rules! pages {
        ($($name:ident,)*) => {$({
            let [row, ..] = contract.answers(&models[stringify!($name)]);
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
    assert_eq!(paged(), tried, "a page has no case here");
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
