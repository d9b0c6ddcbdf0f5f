//! The account's settings.

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde_json::{Map, Value};

use super::{Route, json};
use crate::{app::App, error::Failure, store::settings};

pub(super) const ROUTES: &[Route] = &[(Method::GET, "/settings/", get), (Method::PATCH, "/settings/", update)];

fn get(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Response, Failure> {
    let settings = app.transact(|db| Ok(settings::get(db)?), |settings| settings)?;
    Ok(json(StatusCode::OK, settings))
}

fn update(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let given: Map<String, Value> = call.body()?;
    let settings = app.transact(|db| Ok(settings::update(db, given)?), |settings| settings)?;
    Ok(json(StatusCode::OK, settings))
}
