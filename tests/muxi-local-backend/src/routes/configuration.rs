//! What the formation was declared with.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Route, Work};
use crate::{app::App, caller::Key, envelope::Answer, error::Failure, formation, secrets};

pub(super) const ROUTES: &[Route] = &[
    (
        Method::GET,
        "/v1/config",
        Key::Admin,
        Work::Now(|app, _, _| Ok(Answer::new("formation_config", "formation.config.retrieved", summary(app)?))),
    ),
    (
        Method::GET,
        "/v1/formation",
        Key::Admin,
        Work::Now(|app, _, _| Ok(Answer::new("formation_config", "formation.config.retrieved", app.declared()))),
    ),
    (
        Method::GET,
        "/v1/overlord",
        Key::Admin,
        Work::Now(|_, _, _| Ok(Answer::new("overlord_config", "overlord.config.retrieved", overlord()))),
    ),
    (
        Method::GET,
        "/v1/overlord/soul",
        Key::Admin,
        Work::Now(|_, _, _| Ok(Answer::new("soul", "soul.retrieved", json!({ "soul": formation::SOUL })))),
    ),
    (
        Method::GET,
        "/v1/llm/settings",
        Key::Admin,
        Work::Now(|_, _, _| Ok(Answer::new("llm_settings", "llm.settings.retrieved", block("llm")))),
    ),
    (
        Method::GET,
        "/v1/memory",
        Key::Admin,
        Work::Now(|_, _, _| Ok(Answer::new("memory_config", "memory.config.retrieved", block("memory")))),
    ),
    (
        Method::GET,
        "/v1/async",
        Key::Admin,
        Work::Now(|_, _, _| Ok(Answer::new("async", "async.retrieved", block("async")))),
    ),
    (Method::GET, "/v1/a2a", Key::Admin, Work::Now(|_, _, _| Ok(Answer::new("a2a", "a2a.retrieved", block("a2a"))))),
    (
        Method::GET,
        "/v1/logging",
        Key::Admin,
        Work::Now(|_, _, _| Ok(Answer::new("logging", "logging.retrieved", block("logging")))),
    ),
    (
        Method::GET,
        "/v1/logging/destinations",
        Key::Admin,
        Work::Now(|_, _, _| Ok(Answer::new("logging_destination_list", "logging.destinations.list", destinations()))),
    ),
    (
        Method::GET,
        "/v1/scheduler",
        Key::AdminOnly,
        Work::Now(|_, _, _| Ok(Answer::new("scheduler", "scheduler.retrieved", scheduler()))),
    ),
];

/// How much there is of each thing, and where.
fn summary(app: &App) -> Result<Value, Failure> {
    let (identity, declared) = (app.identity(), app.declared());
    let in_use = secrets::count_in_use(&app.store)?;
    let of = |total: Value, resource: &str| json!({ "total": total, "resource": resource });
    let at = |place: &str| declared.pointer(place).cloned().unwrap_or_default();
    let servers = at("/mcp/servers").as_array().map_or(0, Vec::len);
    Ok(json!({
        "formation_id": app.formation_id, "version": identity.get("version"),
        "description": identity.get("description"), "schema_version": formation::SCHEMA,
        "agents": of(json!(app.agents().len()), "/v1/agents"),
        "secrets": of(json!(in_use), "/v1/secrets"),
        "mcp": {
            "default_retry_attempts": at("/mcp/default_retry_attempts"),
            "default_timeout_seconds": at("/mcp/default_timeout_seconds"),
            "servers": of(json!(servers), "/v1/mcp/servers"),
        },
        "overlord": { "resource": "/v1/overlord" }, "llm": { "resource": "/v1/llm/settings" },
        "memory": { "resource": "/v1/memory" }, "async": { "resource": "/v1/async" },
        "scheduler": { "resource": "/v1/scheduler" }, "a2a": { "resource": "/v1/a2a" },
        "logging": { "resource": "/v1/logging" },
    }))
}

/// Each with a name, and whether it is in use.
fn destinations() -> Value {
    let logging = block("logging");
    let streams = logging.pointer("/conversation/streams").and_then(Value::as_array).into_iter().flatten();
    let destinations: Vec<_> = streams
        .enumerate()
        .map(|(index, stream)| {
            let mut destination = json!({ "id": format!("dest-{index}"), "enabled": true });
            if let (Some(destination), Some(stream)) = (destination.as_object_mut(), stream.as_object()) {
                destination.extend(stream.clone());
            }
            destination
        })
        .collect();
    let conversation = json!({ "destinations": destinations, "count": destinations.len() });
    json!({ "system": logging.get("system"), "conversation": conversation })
}

fn block(name: &str) -> Value {
    formation::blocks().get(name).cloned().unwrap_or_else(|| json!({}))
}

/// With what holds where nothing is declared.
fn overlord() -> Value {
    let mut overlord = block("overlord");
    if let Some(overlord) = overlord.as_object_mut() {
        overlord.insert("llm".to_owned(), json!({}));
        overlord.insert("caching".to_owned(), json!({ "enabled": true, "ttl": 3600 }));
        let workflow = json!({
            "auto_decomposition": true, "plan_approval_threshold": 7, "complexity_method": "heuristic",
            "complexity_threshold": 7.0, "routing_strategy": "capability_based", "enable_agent_affinity": true,
            "error_recovery": "retry_with_backoff", "parallel_execution": true, "max_parallel_tasks": 5,
            "partial_results": true,
        });
        overlord.insert("workflow".to_owned(), workflow);
    }
    overlord
}

/// The same.
fn scheduler() -> Value {
    let mut scheduler = block("scheduler");
    if let Some(scheduler) = scheduler.as_object_mut() {
        scheduler.insert("max_concurrent_jobs".to_owned(), json!(10));
        scheduler.insert("max_failures_before_pause".to_owned(), json!(3));
        scheduler.insert("default_time".to_owned(), json!("09:00"));
    }
    scheduler
}
