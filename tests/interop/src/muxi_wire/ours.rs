//! The official client's calls, by our client.

use futures::StreamExt;
use muxi_sdk::{ChatFile, FormationClient, LogLevel, PastMessage, Schedule};
use serde_json::{Map, Value};

use crate::problem::Problem;

/// Makes the call that this method of the official client makes. What comes of it does not count.
pub async fn call(formation: &FormationClient, method: &str, arguments: &Map<String, Value>) -> Result<(), Problem> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let limit = || arguments.get("limit").and_then(Value::as_u64).and_then(|limit| u32::try_from(limit).ok());
    let within = |name: &str, field: &str| {
        arguments.get(name).and_then(|of| of.get(field)).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let named = text("user_id");
    // One call names a user of MUXI's by it.
    let is_of_a_user = !named.is_empty() && method != "get_user_identifiers_for_user";
    let formation = &if is_of_a_user { formation.for_user(named.as_str()) } else { formation.clone() };
    let configuration = formation.configuration();
    match method {
        "health" => drop(formation.health().await),
        "get_status" => drop(formation.status().await),
        "get_config" => drop(configuration.summary().await),
        "get_formation_info" => drop(configuration.formation().await),
        "get_overlord_config" => drop(configuration.overlord().await),
        "get_overlord_soul" => drop(configuration.overlord_soul().await),
        "get_llm_settings" => drop(configuration.llm().await),
        "get_memory_config" => drop(configuration.memory().await),
        "get_scheduler_config" => drop(configuration.scheduler().await),
        "get_async_config" => drop(configuration.background().await),
        "get_a2a_config" => drop(configuration.a2a().await),
        "get_logging_config" => drop(configuration.logging().await),
        "get_logging_destinations" => drop(configuration.logging_destinations().await),
        "get_agents" => drop(formation.agents().list().await),
        "get_agent" => drop(formation.agents().get(text("agent_id")).await),
        "get_mcp_servers" => drop(formation.mcp().servers().await),
        "get_mcp_server" => drop(formation.mcp().server(text("server_id")).await),
        "get_mcp_tools" => drop(formation.mcp().tools().await),
        "get_secrets" => drop(formation.secrets().list().await),
        "get_secret" => drop(formation.secrets().get(text("key")).await),
        "set_secret" => drop(formation.secrets().set(text("key"), text("value")).await),
        "delete_secret" => drop(formation.secrets().delete(text("key")).await),
        "chat" => drop(formation.chat(within("payload", "message")).await),
        "chat_stream" => {
            if let Ok(mut stream) = formation.chat(within("payload", "message")).stream().await {
                while stream.next().await.is_some() {}
            }
        }
        // What stands there in base 64.
        "audio_chat" => drop(formation.audio_chat(ChatFile::new("a.ogg", "audio/ogg", "OggS")).await),
        "audio_chat_stream" => {
            if let Ok(mut stream) = formation.audio_chat(ChatFile::new("a.ogg", "audio/ogg", "OggS")).stream().await {
                while stream.next().await.is_some() {}
            }
        }
        "get_sessions" => {
            let request = formation.sessions().list();
            drop(match limit() {
                Some(limit) => request.limit(limit).await,
                None => request.await,
            });
        }
        "get_session" => drop(formation.sessions().get(text("session_id")).await),
        "get_session_messages" => drop(formation.sessions().messages(text("session_id")).await),
        "restore_session" => {
            let messages = arguments.get("messages").and_then(Value::as_array).into_iter().flatten();
            let messages = messages.map(|message| {
                let text = |field: &str| message.get(field).and_then(Value::as_str).unwrap_or_default();
                let time = text("timestamp").parse().map_err(Problem::because("a timestamp"))?;
                Ok(PastMessage::new(text("role"), text("content"), time))
            });
            let messages = messages.collect::<Result<Vec<_>, Problem>>()?;
            drop(formation.sessions().restore(text("session_id"), messages).await);
        }
        "get_requests" => drop(formation.requests().list().await),
        "get_request_status" => drop(formation.requests().get(text("request_id")).await),
        "cancel_request" => drop(formation.requests().cancel(text("request_id")).await),
        "get_memories" => {
            let request = formation.memories().list();
            drop(match limit() {
                Some(limit) => request.limit(limit).await,
                None => request.await,
            });
        }
        "add_memory" => drop(formation.memories().create(text("detail")).kind(text("mem_type")).await),
        "delete_memory" => drop(formation.memories().delete(text("memory_id")).await),
        "get_user_buffer" => drop(formation.buffers().get().await),
        "clear_user_buffer" => drop(formation.buffers().clear().await),
        "clear_session_buffer" => drop(formation.buffers().clear_session(text("session_id")).await),
        "clear_all_buffers" => drop(formation.buffers().clear_all().await),
        "get_buffer_stats" => drop(formation.buffers().stats().await),
        "get_scheduler_jobs" => drop(formation.jobs().list().await),
        "get_scheduler_job" => drop(formation.jobs().get(text("job_id")).await),
        "create_scheduler_job" => {
            drop(formation.jobs().create(text("message"), Schedule::cron(text("schedule"))).await);
        }
        "update_scheduler_job" => drop(formation.jobs().update(text("job_id")).title(text("title")).await),
        "delete_scheduler_job" => drop(formation.jobs().delete(text("job_id")).await),
        "pause_scheduler_job" => drop(formation.jobs().pause(text("job_id")).await),
        "resume_scheduler_job" => drop(formation.jobs().resume(text("job_id")).await),
        "get_triggers" => drop(formation.triggers().list().await),
        "get_trigger" => drop(formation.triggers().get(text("name")).await),
        "fire_trigger" => {
            let request = formation.triggers().fire(text("name"));
            let in_background = arguments.get("async_mode") == Some(&Value::Bool(true));
            drop(request.data(arguments.get("data")).in_background(in_background).await);
        }
        "get_sops" => drop(formation.sops().list().await),
        "get_sop" => drop(formation.sops().get(text("name")).await),
        "list_credential_services" => drop(formation.credentials().services().await),
        "list_credentials" => drop(formation.credentials().list().await),
        "get_credential" => drop(formation.credentials().get(text("credential_id")).await),
        "delete_credential" => drop(formation.credentials().delete(text("credential_id")).await),
        "create_credential" => {
            let credential = arguments.get("payload").and_then(|payload| payload.get("credential"));
            let request = formation.credentials().create(within("payload", "service"), credential);
            drop(request.name(within("payload", "name")).await);
        }
        "resolve_user" => drop(formation.users().resolve(text("identifier")).await),
        "link_user_identifier" => {
            let identifiers = arguments.get("identifiers").and_then(Value::as_array).into_iter().flatten();
            let identifiers = identifiers.filter_map(Value::as_str);
            drop(formation.users().link(text("muxi_user_id"), identifiers).await);
        }
        "unlink_user_identifier" => drop(formation.users().remove(text("identifier")).await),
        "get_user_identifiers_for_user" => drop(formation.users().identifiers(named).await),
        "stream_events" => drop(formation.events().await),
        "stream_request" => drop(formation.events().turn(text("session_id"), text("request_id")).await),
        "stream_logs" => drop(formation.logs().level(LogLevel::from(within("filters", "level"))).await),
        "get_audit_log" => drop(formation.audit().list().await),
        "clear_audit_log" => drop(formation.audit().clear().await),
        other => return Err(Problem::new(format!("src/muxi_wire/ours.rs has no call of {other}"))),
    }
    Ok(())
}
