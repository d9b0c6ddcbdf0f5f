//! What a formation answers that has no memory, no database, no scheduler, no secrets and no procedures.

use axum::http::Method;
use local_backend_kit::CheckedRequest;
use serde_json::json;

use super::Work;
use crate::{caller, envelope::Answer, error::Failure};

type Instead = (Method, &'static str, Work);

macro_rules! unavailable {
    ($message:literal) => {
        // It is refused before anybody looks at what was sent.
        Work::Unchecked(|_, _, _| Err(Failure::unavailable($message)))
    };
}

macro_rules! empty {
    ($object:literal, $event:literal, $data:tt) => {
        Work::Now(|_, _, _| Ok(Answer::new($object, $event, json!($data))))
    };
}

/// What answers in place of what answers elsewhere, to the same keys.
const ROUTES: &[Instead] = &[
    (Method::GET, "/v1/memories", empty!("memory_list", "memory.list", { "memories": [], "count": 0 })),
    (Method::POST, "/v1/memories", unavailable!("Persistent memory not configured")),
    (Method::DELETE, "/v1/memories/{memory_id}", unavailable!("Persistent memory not configured")),
    (
        Method::GET,
        "/v1/memory/stats",
        empty!("memory", "memory.retrieved", {
            "total_entries": 0, "total_users": 0, "total_sessions": 0, "buffer_size_kb": 0, "max_size": 0,
            "utilization": 0.0,
        }),
    ),
    (
        Method::GET,
        "/v1/memory/buffer",
        Work::Now(|_, parts, _| {
            let user = caller::required_user(&parts.headers)?;
            let data = json!({ "user_id": user, "total_messages": 0, "sessions": [], "buffer_size_kb": 0 });
            Ok(Answer::new("memory", "memory.retrieved", data))
        }),
    ),
    (Method::DELETE, "/v1/memory/buffer", unavailable!("Buffer memory is not available")),
    (Method::DELETE, "/v1/memory/buffer/{session_id}", unavailable!("Buffer memory is not available")),
    (Method::GET, "/v1/sessions", empty!("session_list", "session.list", { "sessions": [], "count": 0 })),
    (Method::GET, "/v1/sessions/{session_id}/messages", Work::Now(|_, _, call| messages(call))),
    (Method::POST, "/v1/sessions/{session_id}/restore", unavailable!("Buffer memory is not available")),
    (Method::GET, "/v1/secrets", empty!("secret_list", "secret.list", { "secrets": {}, "count": 0 })),
    (Method::POST, "/v1/secrets", unavailable!("Secrets manager not available")),
    (Method::PUT, "/v1/secrets/{key}", unavailable!("Secrets manager not available")),
    (Method::DELETE, "/v1/secrets/{key}", unavailable!("Secrets manager not available")),
    (
        Method::GET,
        "/v1/scheduler/jobs",
        empty!("scheduled_job_list", "scheduler.jobs.list", { "jobs": [], "count": 0 }),
    ),
    (Method::POST, "/v1/scheduler/jobs", Work::Unchecked(|_, _, _| Err(needs_memory()))),
    (Method::GET, "/v1/scheduler/jobs/{job_id}", unavailable!("Scheduler is not available or not enabled")),
    (Method::PUT, "/v1/scheduler/jobs/{job_id}", unavailable!("Scheduler is not available or not enabled")),
    (Method::DELETE, "/v1/scheduler/jobs/{job_id}", unavailable!("Scheduler is not available or not enabled")),
    (Method::POST, "/v1/scheduler/jobs/{job_id}/pause", unavailable!("Scheduler is not available or not enabled")),
    (Method::POST, "/v1/scheduler/jobs/{job_id}/resume", unavailable!("Scheduler is not available or not enabled")),
    (
        Method::GET,
        "/v1/credentials",
        empty!("credential_list", "credentials.listed", { "credentials": [], "count": 0 }),
    ),
    (
        Method::POST,
        "/v1/credentials",
        unavailable!("Credential service is not available. Ensure persistent memory is configured."),
    ),
    (Method::GET, "/v1/credentials/{credential_id}", unavailable!("Credential service is not available")),
    (Method::DELETE, "/v1/credentials/{credential_id}", unavailable!("Credential service is not available")),
    (Method::POST, "/v1/users/resolve", unavailable!("Database service is not available")),
    (Method::GET, "/v1/users/{identifier}", unavailable!("Database service is not available")),
    (Method::GET, "/v1/users/identifiers/{user_id}", unavailable!("Database service is not available")),
    (Method::POST, "/v1/users/identifiers", unavailable!("Database service is not available")),
    (Method::DELETE, "/v1/users/identifiers/{identifier}", unavailable!("Database service is not available")),
    (Method::GET, "/v1/sops", empty!("sop_list", "sops.list", { "sops": [], "count": 0 })),
    (Method::GET, "/v1/sops/{sop_name}", Work::Now(|_, _, call| no_such_sop(call))),
];

/// What answers `method` at the paths of `template` instead, if something does.
pub(super) fn work(method: &Method, template: &str) -> Option<Work> {
    ROUTES.iter().find(|route| route.0 == *method && route.1 == template).map(|route| route.2)
}

fn messages(call: &CheckedRequest) -> Result<Answer, Failure> {
    let data = json!({ "session_id": call.path("session_id")?, "messages": [], "count": 0, "has_more": false });
    Ok(Answer::new("session", "session.retrieved", data))
}

fn no_such_sop(call: &CheckedRequest) -> Result<Answer, Failure> {
    Err(super::sops::no_such(call.path("sop_name")?))
}

fn needs_memory() -> Failure {
    let data = json!({
        "reason": "Formation has no persistent memory configured",
        "required": "Configure memory.persistent in formation (PostgreSQL or MySQL)",
    });
    Failure::unprocessable_since("UNPROCESSABLE_ENTITY", "Scheduler jobs require persistent memory", data)
}

#[cfg(test)]
pub(super) fn routes() -> impl Iterator<Item = (&'static Method, &'static str)> {
    ROUTES.iter().map(|(method, template, _)| (method, *template))
}
