//! Whether the formation is well, and what it does.

use std::sync::atomic::Ordering;

use axum::{
    Json,
    http::{Method, request::Parts},
    response::{IntoResponse, Response},
};
use local_backend_kit::CheckedRequest;
use serde_json::json;

use super::{Route, Work};
use crate::{
    app::App,
    caller::Key,
    envelope::{Answer, now},
    error::Failure,
    formation,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/health", Key::None, Work::Bare(health)),
    (Method::GET, "/v1/status", Key::Admin, Work::Now(status)),
];

fn health(app: &App) -> Result<Response, Failure> {
    let uptime = app.started.elapsed().as_secs();
    Ok(Json(json!({ "status": "healthy", "version": formation::VERSION, "uptime_seconds": uptime })).into_response())
}

fn status(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let seconds = app.started.elapsed().as_secs();
    let agents = app.agents();
    let active = agents.iter().filter(|agent| agent.get("active") == Some(&json!(true))).count();
    let data = json!({
        "formation": app.identity(),
        "agents": { "count": agents.len(), "active": active },
        "mcp_servers": { "count": 2, "active": 1 },
        "stats": {
            "running": { "seconds": seconds, "since": now() as u64 - seconds },
            "memory": { "working_memory_mb": 64, "memory_usage_mb": null },
            "requests": { "total": app.requests.load(Ordering::Relaxed), "active": 0 },
            "buffer_size": 20,
            "cpu_percent": null,
        },
    });
    Ok(Answer::new("formation_status", "formation.status.retrieved", data))
}
