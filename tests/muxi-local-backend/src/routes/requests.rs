//! The turns, as they can be looked up.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde_json::json;

use super::{Route, Work};
use crate::{
    app::App,
    caller::{self, Key},
    envelope::Answer,
    error::Failure,
    turns::Known,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/requests", Key::Either, Work::Now(list)),
    (Method::GET, "/v1/requests/{request_id}", Key::Either, Work::Now(get)),
    (Method::DELETE, "/v1/requests/{request_id}", Key::Either, Work::Now(cancel)),
];

fn list(app: &App, parts: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let user = caller::user_unless_admin(&parts.headers)?.map(|user| app.variant.user(user));
    let requests = app.turns.list(user.as_deref());
    let count = requests.len();
    let data = json!({ "requests": requests, "count": count });
    Ok(Answer::new("request_list", "request.list.retrieved", data))
}

fn get(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let found = found(app, parts, call)?;
    let no_such = || Failure::internal_not_found("REQUEST_NOT_FOUND", "Request not found".to_owned());
    let turn = found.ok_or_else(no_such)?;
    Ok(Answer::new("request_status", "request.status.retrieved", turn.in_full()))
}

fn cancel(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let id = call.path("request_id")?;
    let no_such = || Failure::internal_not_found("NOT_FOUND", format!("Request {id} not found"));
    let turn = found(app, parts, call)?.ok_or_else(no_such)?;
    if matches!(turn.status, "completed" | "failed") {
        return Err(Failure::bad_operation(format!("Cannot cancel request {id}: already {}", turn.status)));
    }
    app.turns.cancel(id);
    let data = json!({
        "request_id": id, "status": "cancelled", "cancellation": "cooperative",
        "message": "Request marked for cancellation; it will stop at the next checkpoint",
    });
    Ok(Answer::new("request_status", "request.cancelled", data))
}

/// The turn, if there is one and the caller may see it.
fn found(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Option<Known>, Failure> {
    let user = caller::user_unless_admin(&parts.headers)?.map(|user| app.variant.user(user));
    let turn = app.turns.get(call.path("request_id")?);
    match (&turn, user) {
        (Some(turn), Some(user)) if turn.user != user => {
            Err(Failure::forbidden_to("Request does not belong to this user"))
        }
        _ => Ok(turn),
    }
}
