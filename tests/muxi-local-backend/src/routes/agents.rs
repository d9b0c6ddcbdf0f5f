//! Agents.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde_json::{Value, json};

use super::{Route, Work};
use crate::{app::App, caller::Key, envelope::Answer, error::Failure};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/agents", Key::Admin, Work::Now(list)),
    (Method::GET, "/v1/agents/{agent_id}", Key::Admin, Work::Now(get)),
];

fn list(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let agents = app.agents();
    let count = agents.len();
    Ok(Answer::new("agent_list", "agent.list", json!({ "agents": agents, "count": count })))
}

fn get(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let id = call.path("agent_id")?;
    let found = app.agents().into_iter().find(|agent| agent.get("id").and_then(Value::as_str) == Some(id));
    let agent = found.ok_or_else(|| Failure::not_found("AGENT_NOT_FOUND", format!("Agent '{id}' not found")))?;
    Ok(Answer::new("agent", "agent.retrieved", agent))
}
