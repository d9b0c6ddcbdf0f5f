//! The operations that are served, by resource. The document says what each expects.

mod account;
mod apps;
mod inbound;
mod memories;
mod outside;
mod page;
mod permissions;
mod runs;
mod settings;
mod tasks;
mod teammates;
mod triggers;
mod users;
mod webhooks;

use std::sync::Arc;

use axum::{
    Json,
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    app::{App, Insides},
    error::Failure,
};

pub(crate) use self::{
    apps::names as apps,
    outside::outside,
    triggers::{fire, scheduled},
};

/// What answers an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Handler {
    /// One of an account, which the request's key names.
    Keyed(Keyed),
    /// One that needs no key.
    Open(Open),
}

type Keyed = fn(&App, &Parts, &CheckedRequest) -> Result<Response, Failure>;

type Open = fn(&Arc<Insides>, &CheckedRequest) -> Result<Response, Failure>;

/// Method, path template, handler.
type Route = (Method, &'static str, Keyed);

/// All that need a key.
const RESOURCES: &[&[Route]] = &[
    account::ROUTES,
    apps::ROUTES,
    inbound::ROUTES,
    memories::ROUTES,
    permissions::ROUTES,
    runs::ROUTES,
    settings::ROUTES,
    tasks::ROUTES,
    teammates::ROUTES,
    triggers::ROUTES,
    users::ROUTES,
    webhooks::ROUTES,
];

/// What answers `method` at the paths of `template`, if this backend does.
pub(crate) fn handler(method: &Method, template: &str) -> Option<Handler> {
    let open = account::OPEN.iter().find(|route| route.0 == *method && route.1 == template);
    let keyed = || RESOURCES.iter().copied().flatten().find(|route| route.0 == *method && route.1 == template);
    open.map(|route| Handler::Open(route.2)).or_else(|| keyed().map(|route| Handler::Keyed(route.2)))
}

/// Whom a request is for.
#[derive(Deserialize)]
struct Scope {
    user_id: Option<String>,
}

/// The end user that a request's query names, whom a strict account wants to be told.
fn scope(app: &App, call: &CheckedRequest) -> Result<Option<String>, Failure> {
    let Scope { user_id } = call.query()?;
    app.require_user(user_id.as_deref())?;
    Ok(user_id)
}

fn json(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

/// Objects without these fields.
fn without(mut objects: Vec<Value>, names: &[&str]) -> Vec<Value> {
    for fields in objects.iter_mut().filter_map(Value::as_object_mut) {
        names.iter().for_each(|name| drop(fields.remove(*name)));
    }
    objects
}

/// The answer to what is deleted.
fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name).and_then(Value::as_str)
}

fn number(object: &Value, name: &str) -> Result<i64, Failure> {
    let number = object.get(name).and_then(Value::as_i64);
    number.ok_or_else(|| Failure::Unhandled(format!("{name} is no number")))
}

#[cfg(test)]
mod tests {
    use local_backend_kit::Document;

    use super::*;
    use crate::backend::DOCUMENT;

    #[test]
    fn every_route_is_one_of_the_document() {
        let document = Document::read(DOCUMENT, handler).unwrap();
        let keyed = RESOURCES.iter().copied().flatten().map(|(method, template, _)| (method, template));
        let open = account::OPEN.iter().map(|(method, template, _)| (method, template));
        for (method, template) in keyed.chain(open) {
            let is_known = document.routes.iter().any(|route| route.method == *method && route.template == *template);
            assert!(is_known, "{method} {template}");
        }
    }

    #[test]
    fn every_operation_is_served() {
        let document = Document::read(DOCUMENT, handler).unwrap();
        let unserved = document.routes.iter().filter(|route| route.handler.is_none());
        let unserved: Vec<_> = unserved.map(|route| format!("{} {}", route.method, route.template)).collect();
        assert!(
            unserved.is_empty(),
            "nothing in tests/m8tes-local-backend/src/routes answers {}: write a handler, and its tests in tests/suite",
            unserved.join(", ")
        );
        assert!(document.routes.len() > 70, "{}", document.routes.len());
    }
}
