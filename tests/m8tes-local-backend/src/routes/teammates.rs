//! Teammates.

use std::sync::Arc;

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use local_backend_kit::Call;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Route, Scope, json, page::Page};
use crate::{
    app::App,
    error::Failure,
    store::teammates::{self, Status},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/agents/", create),
    (Method::GET, "/agents/", list),
    (Method::GET, "/agents/{agent_id}", get),
    (Method::PATCH, "/agents/{agent_id}", update),
    (Method::DELETE, "/agents/{agent_id}", |app, _, call| {
        set_status(app, call, Status::Archived).map(|_| StatusCode::NO_CONTENT.into_response())
    }),
    (Method::POST, "/agents/{agent_id}/enable", |app, _, call| set_status(app, call, Status::Enabled)),
    (Method::POST, "/agents/{agent_id}/disable", |app, _, call| set_status(app, call, Status::Disabled)),
    (Method::POST, "/agents/{agent_id}/unarchive", |app, _, call| set_status(app, call, Status::Disabled)),
];

/// What the local backend has no part for, and would have to pretend.
const NOT_SERVED: [&str; 4] = ["email_inbox", "webhook", "from_template", "group_id"];

fn create(app: &Arc<App>, _: &Parts, call: &Call) -> Result<Response, Failure> {
    let mut given: Map<String, Value> = call.body()?;
    let user_id = given.remove("user_id").and_then(|id| id.as_str().map(str::to_owned));
    app.require_user(user_id.as_deref())?;
    let is_set =
        |name: &&&str| given.get(**name).is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)));
    if let Some(name) = NOT_SERVED.iter().find(is_set) {
        return Err(Failure::not_served(&format!("{name} of a teammate")));
    }
    check_name(&given)?;
    let made = app.transact(|db| Ok(teammates::insert(db, user_id.as_deref(), given)?), |made| made)?;
    Ok(json(StatusCode::CREATED, made))
}

fn check_name(given: &Map<String, Value>) -> Result<(), Failure> {
    match given.get("name").and_then(Value::as_str).map(|name| name.chars().count()) {
        Some(0) => Err(Failure::invalid("body.name: String should have at least 1 character")),
        Some(256..) => Err(Failure::invalid("body.name: String should have at most 255 characters")),
        _ => Ok(()),
    }
}

fn list(app: &Arc<App>, _: &Parts, call: &Call) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Filter {
        include_archived: Option<String>,
        fields: Option<String>,
    }

    let (scope, filter, page): (Scope, Filter, Page) = (call.query()?, call.query()?, call.query()?);
    app.require_user(scope.user_id.as_deref())?;
    if filter.fields.is_some() {
        return Err(Failure::not_served("fields=summary"));
    }
    let after = page.after()?;
    let with_archived = filter.include_archived.as_deref() == Some("true");
    let found = app.transact(
        |db| Ok(teammates::list(db, scope.user_id.as_deref(), with_archived, after, page.sought())?),
        |found| found,
    )?;
    Ok(page.of(found))
}

fn get(app: &Arc<App>, _: &Parts, call: &Call) -> Result<Response, Failure> {
    let found = app.transact(|db| found(db, call), |found| found)?;
    Ok(json(StatusCode::OK, found))
}

fn found(db: &rusqlite::Connection, call: &Call) -> Result<Value, Failure> {
    let scope: Scope = call.query()?;
    let found = teammates::find(db, call.path_as("agent_id")?, scope.user_id.as_deref())?;
    found.ok_or_else(|| Failure::not_found("Teammate"))
}

fn update(app: &Arc<App>, _: &Parts, call: &Call) -> Result<Response, Failure> {
    let given: Map<String, Value> = call.body()?;
    check_name(&given)?;
    let updated = app.transact(
        |db| {
            found(db, call)?;
            Ok(teammates::update(db, call.path_as("agent_id")?, given)?)
        },
        |updated| updated,
    )?;
    Ok(json(StatusCode::OK, updated))
}

fn set_status(app: &Arc<App>, call: &Call, status: Status) -> Result<Response, Failure> {
    let changed = app.transact(
        |db| {
            found(db, call)?;
            Ok(teammates::set_status(db, call.path_as("agent_id")?, status)?)
        },
        |changed| changed,
    )?;
    Ok(json(StatusCode::OK, changed))
}
