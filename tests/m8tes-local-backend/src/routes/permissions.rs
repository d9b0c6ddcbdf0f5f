//! Tools that need no asking any more.

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::json as value;

use super::{Route, json, no_content, page::Page, scope, text};
use crate::{
    app::App,
    error::Failure,
    store::{Of, PERMISSIONS, now, users},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/permissions/", create),
    (Method::GET, "/permissions/", list),
    (Method::DELETE, "/permissions/{permission_id}", delete),
];

fn create(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Create {
        tool: String,
        user_id: Option<String>,
    }

    let Create { tool, user_id } = call.body()?;
    let user_id = user_id.as_deref();
    app.require_user(user_id)?;
    if tool.trim().is_empty() {
        return Err(Failure::invalid("body.tool: String should have at least 1 character"));
    }
    let (status, policy) = app.transact(
        |db| {
            let mut same = PERMISSIONS.all(db, Of::Only(user_id), |policy| text(policy, "tool_name") == Some(&tool))?;
            if let Some(policy) = same.pop() {
                return Ok((StatusCode::OK, policy));
            }
            users::ensure(db, user_id)?;
            let rest = value!({ "tool_name": tool, "created_at": now(), "source": "api" });
            Ok((StatusCode::CREATED, PERMISSIONS.insert(db, user_id, &rest)?))
        },
        |made| made,
    )?;
    Ok(json(status, policy))
}

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (user_id, page): (_, Page) = (scope(app, call)?, call.query()?);
    let (of, range) = (Of::Only(user_id.as_deref()), (page.after()?, page.sought()));
    let found = app.transact(|db| Ok(PERMISSIONS.list(db, of, range, |_| true)?), |found| found)?;
    Ok(page.of(found))
}

fn delete(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (user_id, id) = (scope(app, call)?, call.path_as("permission_id")?);
    app.transact(
        |db| {
            let found = PERMISSIONS.find(db, id, Of::Only(user_id.as_deref()))?;
            found.ok_or_else(|| Failure::not_found("Permission"))?;
            Ok(PERMISSIONS.delete(db, id)?)
        },
        |()| no_content(),
    )
}
