//! The audit log, into which hardly anything is written.

use std::sync::PoisonError;

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Route, Work};
use crate::{
    app::App,
    caller::Key,
    envelope::{Answer, written_now},
    error::Failure,
    ids,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/audit", Key::Admin, Work::Now(list)),
    (Method::DELETE, "/v1/audit", Key::Admin, Work::Now(clear)),
];

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Filter {
        limit: usize,
        action: Option<String>,
        resource_type: Option<String>,
        since: Option<String>,
    }

    let Filter { limit, action, resource_type, since } = call.query()?;
    let not_since = |_| Failure::bad_parameter("Invalid 'since' timestamp");
    let since: Option<jiff::Timestamp> = since.map(|since| since.parse().map_err(not_since)).transpose()?;
    let log = app.audit.lock().unwrap_or_else(PoisonError::into_inner);
    let text = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
    let is_meant = |entry: &&Value| {
        let time = text(entry, "timestamp").and_then(|time| time.parse().ok());
        (action.is_none() || text(entry, "action") == action)
            && (resource_type.is_none() || text(entry, "resource_type") == resource_type)
            && (since.is_none() || time >= since)
    };
    let entries: Vec<_> = log.iter().rev().filter(is_meant).collect();
    let total = entries.len();
    let entries: Vec<_> = entries.into_iter().take(limit).collect();
    let data = json!({ "entries": entries, "total_entries": total, "limit": limit });
    Ok(Answer::new("audit_log", "audit.retrieved", data))
}

/// Clears it, and writes that into it.
fn clear(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Clear {
        confirm: Option<String>,
    }

    let Clear { confirm } = call.query()?;
    if confirm.as_deref() != Some("clear-audit-log") {
        return Err(Failure::bad_request("Confirmation required: add ?confirm=clear-audit-log to delete"));
    }
    let mut log = app.audit.lock().unwrap_or_else(PoisonError::into_inner);
    let (count, request) = (log.len(), ids::fresh("req_"));
    log.clear();
    log.push(json!({
        "timestamp": written_now().replace('Z', "+00:00"), "request_id": request, "action": "audit.cleared",
        "resource_type": "audit_log", "resource_id": app.formation_id, "user": "admin", "ip": null, "result": "success",
        "status_code": 200, "message": format!("Audit log cleared by admin ({count} entries removed)"),
        "data": { "previous_entries_count": count },
    }));
    let message = format!("Audit log cleared ({count} entries removed)");
    let data = json!({ "previous_entries_count": count, "cleared_by": "admin", "message": message });
    Ok(Answer::new("audit_log", "audit.cleared", data).request(Some(request)))
}
