//! The webhooks of teammates and tasks: URLs to post to, which start a run.

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json as value};

use super::{Route, json, no_content, number, scope};
use crate::{
    app::App,
    error::Failure,
    store::{
        Db, Of, TASKS,
        inbound::{self, Owner},
        teammates,
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/agents/{agent_id}/webhook", |app, _, call| enable(app, call, Owner::Teammate)),
    (Method::PATCH, "/agents/{agent_id}/webhook", |app, _, call| set_enabled(app, call, Owner::Teammate)),
    (Method::DELETE, "/agents/{agent_id}/webhook", |app, _, call| disable(app, call, Owner::Teammate)),
    (Method::POST, "/tasks/{task_id}/webhook", |app, _, call| enable(app, call, Owner::Task)),
    (Method::PATCH, "/tasks/{task_id}/webhook", |app, _, call| set_enabled(app, call, Owner::Task)),
    (Method::DELETE, "/tasks/{task_id}/webhook", |app, _, call| disable(app, call, Owner::Task)),
];

/// The URL of a webhook, with its token or with what hides it.
fn url(app: &App, owner: Owner, token: &str) -> String {
    format!("{}/webhooks/{}/{token}", app.url, owner.text())
}

/// The same as it is read later.
fn masked(app: &App, owner: Owner) -> String {
    url(app, owner, "****")
}

/// The id of the teammate or the task of a request, if it is there for its end user.
fn found(db: &Db<'_>, call: &CheckedRequest, owner: Owner, user_id: Option<&str>) -> Result<i64, Failure> {
    let (found, what) = match owner {
        Owner::Teammate => (teammates::find(db, call.path_as("agent_id")?, user_id)?, "Teammate"),
        Owner::Task => (TASKS.find(db, call.path_as("task_id")?, Of::Anyone(user_id))?, "Task"),
    };
    number(&found.ok_or_else(|| Failure::not_found(what))?, "id")
}

/// Gives a teammate or a task a new URL, which is told here alone.
pub(super) fn give(app: &App, db: &Db<'_>, owner: Owner, id: i64) -> Result<String, Failure> {
    let token = inbound::enable(db, owner, id)?;
    tell(db, owner, id, true, Some(masked(app, owner)))?;
    Ok(url(app, owner, &token))
}

/// Has the teammate or the task tell how its webhook is.
fn tell(db: &Db<'_>, owner: Owner, id: i64, is_enabled: bool, url: Option<String>) -> Result<(), Failure> {
    let told = Map::from_iter([
        ("webhook_enabled".to_owned(), Value::Bool(is_enabled)),
        ("webhook_url".to_owned(), Value::from(url)),
    ]);
    match owner {
        Owner::Teammate => teammates::update(db, id, told)?,
        Owner::Task => TASKS.update(db, id, told)?,
    };
    Ok(())
}

fn enable(app: &App, call: &CheckedRequest, owner: Owner) -> Result<Response, Failure> {
    let user_id = scope(app, call)?;
    let url = app.transact(|db| give(app, db, owner, found(db, call, owner, user_id.as_deref())?), |url| url)?;
    Ok(json(StatusCode::OK, value!({ "enabled": true, "url": url })))
}

fn set_enabled(app: &App, call: &CheckedRequest, owner: Owner) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Toggle {
        enabled: bool,
    }

    let (user_id, Toggle { enabled }) = (scope(app, call)?, call.body()?);
    app.transact(
        |db| {
            let id = found(db, call, owner, user_id.as_deref())?;
            if !inbound::set_enabled(db, owner, id, enabled)? {
                return Err(Failure::bad_request("There is no webhook to switch on or off"));
            }
            tell(db, owner, id, enabled, Some(masked(app, owner)))
        },
        |()| json(StatusCode::OK, value!({ "enabled": enabled, "url": masked(app, owner) })),
    )
}

fn disable(app: &App, call: &CheckedRequest, owner: Owner) -> Result<Response, Failure> {
    let user_id = scope(app, call)?;
    app.transact(
        |db| {
            let id = found(db, call, owner, user_id.as_deref())?;
            inbound::disable(db, owner, id)?;
            tell(db, owner, id, false, None)
        },
        |()| no_content(),
    )
}
