//! End users.

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde_json::{Map, Value};

use super::{Route, json, no_content, page::Page};
use crate::{
    app::App,
    error::Failure,
    store::{Db, Of, USERS, users},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/users/", create),
    (Method::GET, "/users/", list),
    (Method::GET, "/users/{user_id}", get),
    (Method::PATCH, "/users/{user_id}", update),
    (Method::DELETE, "/users/{user_id}", delete),
];

fn create(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let mut given: Map<String, Value> = call.body()?;
    let user_id = given.remove("user_id").and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default();
    if user_id.is_empty() {
        return Err(Failure::invalid("body.user_id: String should have at least 1 character"));
    }
    let made = app.transact(
        |db| {
            if users::find(db, &user_id)?.is_some() {
                return Err(Failure::conflict("The user exists already"));
            }
            Ok(users::insert(db, &user_id, given)?)
        },
        |made| made,
    )?;
    Ok(json(StatusCode::CREATED, made))
}

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let page: Page = call.query()?;
    let range = (page.after()?, page.sought());
    let found = app.transact(|db| Ok(USERS.list(db, Of::Anyone(None), range, |_| true)?), |found| found)?;
    Ok(page.of(found))
}

fn found(db: &Db<'_>, call: &CheckedRequest) -> Result<i64, Failure> {
    users::find(db, call.path("user_id")?)?.ok_or_else(|| Failure::not_found("User"))
}

fn get(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let found = app.transact(|db| Ok(USERS.get(db, found(db, call)?)?), |found| found)?;
    Ok(json(StatusCode::OK, found))
}

fn update(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let given: Map<String, Value> = call.body()?;
    let updated = app.transact(|db| Ok(USERS.update(db, found(db, call)?, given)?), |updated| updated)?;
    Ok(json(StatusCode::OK, updated))
}

fn delete(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    app.transact(|db| Ok(USERS.delete(db, found(db, call)?)?), |()| no_content())
}
