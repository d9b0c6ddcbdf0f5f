//! Every model is read from MUXI's JSON and written as it, with nothing lost.

use std::fmt::Debug;

use muxi_sdk::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use test_harness::as_they_came;
use test_harness::model_answers::{Contract, models, read_whole};

#[test]
fn every_model_is_read_and_written_as_it_came() {
    let contract = Contract::read("muxi-formation");
    let models = models("muxi/src/model");
    let mut tried = as_they_came! {
        contract, models;
        Agent, AuditEntry, BackgroundTurn, BufferStats, ClearedBuffer, ConfigSummary, ConversationSession, CredentialService, FormationStatus,
        Health, LoggingDestination, LoggingDestinations, McpServer, McpSettings, McpTool, ReloadedSecrets, RequestState,
        ResolvedUser, RestoredSession, ScheduledJob, SchedulerConfig, SessionMessage, Sop, Trigger, TriggerOutcome,
        UserBuffer, UserIdentifier,
    };
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
fn every_model_of_the_server_is_read_and_written_as_it_came() {
    use muxi_sdk::server::*;

    let contract = Contract::read("muxi-server");
    let models = models("muxi/src/server");
    let mut tried = as_they_came! {
        contract, models;
        BundleVersions, CancelledUpdate, DeployedFormation, FormationLogs, ServerHealth, ServerStatus, StoppedFormation,
    };
    tried.sort_unstable();
    assert_eq!(models.keys().collect::<Vec<_>>(), tried, "a model has no case here");
}

#[test]
fn what_no_schema_describes_is_read_and_written_as_it_came_too() {
    fn as_it_came<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: Value) {
        let read: T = serde_json::from_value(json.clone()).unwrap();
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(written, json);
        assert_eq!(serde_json::from_value::<T>(written).unwrap(), read);
    }
    let artifact = json!({
        "type": "image", "format": "png", "filename": "a.png", "content": "x", "data_url": "data:", "new": [1.5, null],
    });
    let widget = json!({"type": "action_link", "id": "ui_1", "label": "Open", "url": "https://a.example"});
    let message = json!({
        "role": "assistant", "content": [{"type": "text", "text": "Hi"}], "artifacts": [artifact], "ui": [widget],
        "metadata": {"session_id": "sess_1"}, "status": "active", "new": {"a": 1},
    });
    let turn = json!({"status": "processing", "request_id": "req_1", "message": "Wait", "poll_url": "/v1", "new": 1});
    for reply in [&message, &turn] {
        as_it_came::<ChatReply>(reply.clone());
        let ids = json!({"user_id": "ada", "session_id": "s", "request_id": "r", "new": 7});
        let mut answer = json!({ "message": reply });
        answer.as_object_mut().unwrap().extend(ids.as_object().unwrap().clone());
        as_it_came::<ChatAnswer>(answer);
    }
    as_it_came::<ChatMessage>(message);
    as_it_came::<Artifact>(artifact);
    as_it_came::<Widget>(widget);
    as_it_came::<ConfigBlock>(json!({"any": [{"thing": null}]}));
    as_it_came::<Ingested>(
        json!({"processing_id": "ing_1", "status": "done", "duplicate": true, "event_id": "e", "new": 1}),
    );
    let memory = |content: Value| {
        json!({
            "id": "m", "content": content, "created_at": "2026-11-28T22:30:11Z", "metadata": {"type": "fact", "a": 1},
            "scope": "user", "scope_id": "7", "new": [1],
        })
    };
    as_it_came::<Memory>(memory(json!("Likes Rust")));
    as_it_came::<Memory>(memory(json!({"type": "preference", "detail": "Likes Rust"})));
    as_it_came::<server::RunningDraft>(json!({"formation_id": "my-bot", "port": 8001, "status": "running"}));
    as_it_came::<server::Progress>(json!({
        "stage": "pulling_runner", "message": "Pulling", "progress": 50.5, "url": "https://x", "version": "1", "attempt": 1,
        "max_attempts": 3, "staging_port": 8001, "new": null,
    }));
    let entry = json!({"name": "sops", "is_folder": true, "size": null});
    as_it_came::<server::DraftEntry>(entry);
    as_it_came::<server::Deployed>(json!({
        "formation_id": "my-bot", "status": "running", "port": 8001, "url": "http://x", "health_url": "http://x/h", "pid": 1,
        "version": "2", "previous_version": "1", "restart_count": 0, "message": "Done", "deployment_type": "update",
    }));
}

#[test]
fn what_stands_deeper_is_kept_there_and_named_by_its_way() {
    let answer = json!({
        "formation": {"id": "a", "new": 1}, "stats": {"running": {"seconds": -1, "new": [2]}, "new": {}}, "new": 3,
    });
    let read: FormationStatus = serde_json::from_value(answer.clone()).unwrap();
    assert_eq!(read.malformed.to_string(), "stats/running/seconds: is no length of time");
    assert_eq!(read.extra["formation"], json!({"new": 1}));
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!(serde_json::from_value::<FormationStatus>(written.clone()).unwrap(), read);
    assert_eq!(written["stats"]["running"], json!({"seconds": -1.0, "new": [2]}));
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
