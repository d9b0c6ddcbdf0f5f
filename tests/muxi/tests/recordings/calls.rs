//! The facade's methods, and all that they return.

use std::time::Duration;

use muxi_sdk::{ChatAnswer, ChatFile, ChatReply, ConfigBlock, Error, FormationClient, PastMessage, Schedule, Secret};
use serde_json::json;

/// What the facade leaves out on purpose.
pub(crate) const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("add_user_identifiers", "/data/count", "the length of the list"),
    ("add_user_identifiers", "/data/muxi_user_id", "what the caller has just said"),
    ("cancel_request", "/data/message", "said to people in each answer"),
    ("cancel_request", "/data/request_id", "what the caller has just said"),
    ("cancel_request", "/data/status", "`cancelled` in each answer"),
    ("clear_audit_log", "/data/cleared_by", "`admin` in each answer"),
    ("clear_audit_log", "/data/message", "said to people in each answer"),
    ("clear_buffer", "/data/message", "said to people in each answer"),
    ("clear_buffer", "/data/user_id", "what the caller has just said"),
    ("clear_session_buffer", "/data/message", "said to people in each answer"),
    ("clear_session_buffer", "/data/session_id", "what the caller has just said"),
    ("clear_session_buffer", "/data/user_id", "what the caller has just said"),
    ("create_secret", "/data/message", "said to people in each answer"),
    ("delete_credential", "/data/credential_id", "what the caller has just said"),
    ("delete_credential", "/data/deleted", "`true` in each answer"),
    ("delete_job", "/data/message", "said to people in each answer"),
    ("delete_memory", "/data/deleted", "what the caller has just said"),
    ("delete_memory", "/data/user_id", "what the caller has just said"),
    ("delete_secret", "/data/message", "said to people in each answer"),
    ("get_audit_log", "/data/limit", "what the caller has just said"),
    ("get_audit_log", "/data/total_entries", "the length of the list"),
    ("list_agents", "/data/count", "the length of the list"),
    ("list_credential_services", "/data/count", "the length of the list"),
    ("list_credentials", "/data/count", "the length of the list"),
    ("list_jobs", "/data/count", "the length of the list"),
    ("list_mcp_servers", "/data/count", "the length of the list"),
    ("list_memories", "/data/count", "the length of the list"),
    ("list_requests", "/data/count", "the length of the list"),
    ("list_secrets", "/data/count", "the length of the list"),
    ("list_session_messages", "/data/count", "the length of the list"),
    ("list_session_messages", "/data/has_more", "there is no way to ask for those behind"),
    ("list_session_messages", "/data/session_id", "what the caller has just said"),
    ("list_sessions", "/data/count", "the length of the list"),
    ("list_sops", "/data/count", "the length of the list"),
    ("list_triggers", "/data/count", "the length of the list"),
    ("list_triggers", "/data/formation_id", "the formation that was asked"),
    ("list_user_identifiers", "/data/count", "the length of the list"),
    ("list_user_identifiers", "/data/internal_user_id", "what tells of the user itself has it"),
    ("list_user_identifiers", "/data/muxi_user_id", "what the caller has just said"),
    ("pause_job", "/data/id", "what the caller has just said"),
    ("reload_secrets", "/data/message", "said to people in each answer"),
    ("remove_user_identifier", "/data/message", "said to people in each answer"),
    ("remove_user_identifier", "/data/muxi_user_id", "nothing but the identifier was meant"),
    ("restore_session", "/data/message", "said to people in each answer"),
    ("resume_job", "/data/id", "what the caller has just said"),
    ("update_secret", "/data/message", "said to people in each answer"),
];

/// All of a block of configuration, whose `Debug` form shows names alone.
fn shown(block: &ConfigBlock) -> String {
    format!("{:?}", block.fields)
}

/// Calls an operation on whatever there is. All that the facade makes of the answer is returned.
pub(crate) async fn call(formation: &FormationClient, operation: &str) -> Result<String, Error> {
    let configuration = formation.configuration();
    let said = PastMessage::new("user", "Hi", "2026-01-02T10:00:00Z".parse().unwrap());
    let every_morning = Schedule::cron("0 9 * * *");
    Ok(match operation {
        "get_health" => format!("{:?}", formation.health().await?),
        "get_status" => {
            let status = formation.status().await?;
            format!("{status:?} {:?}", status.extra)
        }
        "get_config" => {
            let summary = configuration.summary().await?;
            format!("{summary:?} {:?}", summary.extra)
        }
        "get_formation" => shown(&configuration.formation().await?),
        "get_overlord" => shown(&configuration.overlord().await?),
        "get_overlord_soul" => configuration.overlord_soul().await?,
        "get_llm_settings" => shown(&configuration.llm().await?),
        "get_memory_config" => shown(&configuration.memory().await?),
        "get_async_config" => shown(&configuration.background().await?),
        "get_a2a_config" => shown(&configuration.a2a().await?),
        "get_logging_config" => shown(&configuration.logging().await?),
        "get_scheduler_config" => format!("{:?}", configuration.scheduler().await?),
        "list_logging_destinations" => {
            let found = configuration.logging_destinations().await?;
            let places: Vec<_> = found.conversation.iter().map(|one| &one.destination).collect();
            format!("{found:?} {places:?} {:?}", found.extra)
        }
        "list_agents" => {
            let agents = formation.agents().list().await?;
            format!("{agents:?} {:?}", agents.iter().map(agent).collect::<Vec<_>>())
        }
        "get_agent" => {
            let found = formation.agents().get("helper").await?;
            format!("{found:?} {}", agent(&found))
        }
        "list_mcp_servers" => {
            let servers = formation.mcp().servers().await?;
            format!("{servers:?} {:?}", servers.iter().map(server).collect::<Vec<_>>())
        }
        "get_mcp_server" => {
            let found = formation.mcp().server("files").await?;
            format!("{found:?} {}", server(&found))
        }
        "get_mcp_settings" => {
            let settings = formation.mcp().settings().await?;
            format!("{settings:?} {:?}", settings.servers.iter().map(server).collect::<Vec<_>>())
        }
        "list_mcp_tools" => format!("{:?}", formation.mcp().tools().await?),
        "list_secrets" => format!("{:?}", formation.secrets().list().await?),
        "create_secret" | "update_secret" => format!("{:?}", formation.secrets().set("TOKEN", "zq-8203-wv").await?),
        "delete_secret" => format!("{:?}", formation.secrets().delete("TOKEN").await?),
        "reload_secrets" => format!("{:?}", formation.secrets().reload().await?),
        "chat" => answer(&formation.chat("Hi").longest_turn(Duration::ZERO).await?),
        "audio_chat" => {
            let spoken = ChatFile::new("a.ogg", "audio/ogg", "x");
            answer(&formation.audio_chat(spoken).longest_turn(Duration::ZERO).await?)
        }
        "list_sessions" => format!("{:?}", formation.sessions().list().await?),
        "get_session" => format!("{:?}", formation.sessions().get("s").await?),
        "list_session_messages" => {
            let mut messages = formation.sessions().messages("s").await?;
            // Of an embedding no number is looked at.
            messages.iter_mut().for_each(|message| drop(message.extra.remove("embedding")));
            format!("{messages:?} {:?}", messages.iter().map(|message| &message.extra).collect::<Vec<_>>())
        }
        "restore_session" => format!("{:?}", formation.sessions().restore("s", [said]).await?),
        "list_requests" => format!("{:?}", formation.requests().list().await?),
        "get_request" => format!("{:?}", formation.requests().get("r").await?),
        "cancel_request" => format!("{:?}", formation.requests().cancel("r").await?),
        "list_memories" => format!("{:?}", formation.memories().list().await?),
        "create_memory" => format!("{:?}", formation.memories().create("likes tea").await?),
        "delete_memory" => format!("{:?}", formation.memories().delete("m").await?),
        "get_buffer" => format!("{:?}", formation.buffers().get().await?),
        "clear_buffer" => format!("{:?}", formation.buffers().clear().await?),
        "clear_session_buffer" => format!("{:?}", formation.buffers().clear_session("s").await?),
        "clear_all_buffers" => format!("{:?}", formation.buffers().clear_all().await?),
        "get_memory_stats" => format!("{:?}", formation.buffers().stats().await?),
        "list_triggers" => format!("{:?}", formation.triggers().list().await?),
        "get_trigger" => format!("{:?}", formation.triggers().get("static").await?),
        "fire_trigger" => format!("{:?}", formation.triggers().fire("static").data(json!({})).await?),
        "list_jobs" => format!("{:?}", formation.jobs().list().await?),
        "create_job" => format!("{:?}", formation.jobs().create("report", every_morning).await?),
        "get_job" => format!("{:?}", formation.jobs().get("j").await?),
        "update_job" => format!("{:?}", formation.jobs().update("j").title("Report").await?),
        "delete_job" => format!("{:?}", formation.jobs().delete("j").await?),
        "pause_job" => format!("{:?}", formation.jobs().pause("j").await?),
        "resume_job" => format!("{:?}", formation.jobs().resume("j").await?),
        "list_credential_services" => format!("{:?}", formation.credentials().services().await?),
        "list_credentials" => {
            format!("{:?}", formation.credentials().list().await?.iter().map(credential).collect::<Vec<_>>())
        }
        "create_credential" => {
            credential(&formation.credentials().create("github", json!({"token": "zq-8204-wv"})).await?)
        }
        "get_credential" => credential(&formation.credentials().get("c").await?),
        "delete_credential" => format!("{:?}", formation.credentials().delete("c").await?),
        "resolve_user" => format!("{:?}", formation.users().resolve("ada@example.com").await?),
        "get_user" => format!("{:?}", formation.users().get("ada@example.com").await?),
        "list_user_identifiers" => format!("{:?}", formation.users().identifiers("u").await?),
        "add_user_identifiers" => format!("{:?}", formation.users().link("u", ["ada@example.com"]).await?),
        "remove_user_identifier" => format!("{:?}", formation.users().remove("ada@example.com").await?),
        "list_sops" => format!("{:?}", formation.sops().list().await?),
        "get_sop" => format!("{:?}", formation.sops().get("refund").await?),
        "get_audit_log" => format!("{:?}", formation.audit().list().await?),
        "clear_audit_log" => format!("{:?}", formation.audit().clear().await?),
        other => panic!("tests/muxi/tests/recordings/calls.rs has no call of {other}: say there which method makes it"),
    })
}

/// An answer, with what its `Debug` form leaves out.
fn answer(answer: &ChatAnswer) -> String {
    let extra = match &answer.reply {
        ChatReply::Message(message) => {
            let artifacts: Vec<_> = message.artifacts.iter().map(|artifact| &artifact.extra).collect();
            format!("{:?} {artifacts:?}", message.extra)
        }
        ChatReply::Background(turn) => format!("{:?}", turn.extra),
        other => panic!("{other:?}"),
    };
    format!("{answer:?} {:?} {extra}", answer.extra)
}

/// What the `Debug` form of an agent leaves out.
fn agent(agent: &muxi_sdk::Agent) -> String {
    format!("{:?} {:?} {:?} {:?}", agent.system_message, agent.author, agent.version, agent.extra)
}

/// A credential, with the part that its `Debug` form does not show.
fn credential(credential: &muxi_sdk::StoredCredential) -> String {
    format!("{credential:?} {:?}", credential.preview.as_ref().map(Secret::expose_secret))
}

/// What the `Debug` form of an MCP server leaves out.
fn server(server: &muxi_sdk::McpServer) -> String {
    let muxi_sdk::McpServer { endpoint, command, args, timeout_seconds, auth, extra, .. } = server;
    format!("{endpoint:?} {command:?} {args:?} {timeout_seconds:?} {auth:?} {extra:?}")
}
