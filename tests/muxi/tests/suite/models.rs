//! Every model is read from MUXI's JSON and written as it, with nothing lost.

use muxi_sdk::*;
use serde_json::json;
use test_harness::model_answers::{Contract, as_it_came, models, read_whole};

#[test]
fn every_model_is_read_and_written_as_it_came() {
    let contract = Contract::read("muxi-formation");
    let models = models("muxi");
    let mut tried = Vec::new();
    macro_rules! written {
        ($($name:ident,)*) => {$({
            as_it_came::<$name>(&contract, &models[stringify!($name)], |model| model.malformed.is_empty());
            tried.push(stringify!($name));
        })*};
    }
    written! {
        Agent, AuditEntry, BufferStats, ClearedBuffer, ConversationSession, CredentialService, Health, LoggingDestination,
        McpServer, McpSettings, McpTool, ReloadedSecrets, RequestState, ResolvedUser, RestoredSession, ScheduledJob, SchedulerConfig, Sop,
        Trigger, TriggerOutcome, UserBuffer, UserIdentifier,
    }
    // It holds a secret, so it is not written.
    let stored = &models["StoredCredential"];
    read_whole::<StoredCredential>(&contract, stored, |model| {
        Some(&model.extra).filter(|_| model.malformed.is_empty())
    });
    tried.push("StoredCredential");
    tried.sort_unstable();
    assert_eq!(models.keys().collect::<Vec<_>>(), tried, "a model has no case here");
}

#[test]
fn times_and_lengths_of_time_are_in_seconds_and_what_is_none_is_told_and_kept() {
    let session = json!({"session_id": "1", "last_activity": 1795906817.25, "created_at": 1e300});
    let read: ConversationSession = serde_json::from_value(session).unwrap();
    assert_eq!(read.last_activity.unwrap().to_string(), "2026-11-28T23:00:17.25Z");
    assert_eq!((read.created_at, read.malformed.to_string()), (None, "created_at: is no point in time".to_owned()));
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!((&written["last_activity"], &written["created_at"]), (&json!(1795906817.25), &json!(1e300)));

    let read: Health = serde_json::from_value(json!({"status": "odd", "uptime_seconds": -1.5})).unwrap();
    assert_eq!((read.uptime, read.malformed.contains("uptime_seconds")), (None, true));
    assert_eq!(serde_json::to_value(&read).unwrap()["uptime_seconds"], -1.5);
}

#[test]
fn how_a_server_is_reached_is_written_and_not_shown() {
    let server = json!({"id": "web", "endpoint": "https://x/?key=sk-1", "args": ["sk-2"], "auth": {"token": "sk-3"}});
    let read: McpServer = serde_json::from_value(server).unwrap();
    let shown = format!("{read:?} {read:#?}");
    assert!(!shown.contains("sk-") && shown.contains("command: empty"), "{shown}");
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!((&written["args"], &written["auth"]), (&json!(["sk-2"]), &json!({"token": "sk-3"})));
}
