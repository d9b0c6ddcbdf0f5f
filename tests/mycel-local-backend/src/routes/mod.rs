//! The operations that are served, by resource. The contract says what each expects; the stream alone is not in it.

mod agents;
mod auth;
mod chats;
mod inbox;
mod join_requests;
mod messages;
mod registration;
mod relationships;
mod schema;
pub(crate) mod stream;
mod tasks;
mod workflow;

use axum::http::Method;
use local_backend_kit::CheckedRequest;
use serde::Serialize;

use crate::{
    app::Work,
    auth::Capability,
    error::{Answer, Failure},
    store::users::User,
};

/// What answers an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Handler {
    /// Anybody may ask.
    Open(fn(&mut Work<'_>, &CheckedRequest) -> Result<Answer, Failure>),
    /// Only a user may ask.
    Signed(fn(&mut Work<'_>, &User, &CheckedRequest) -> Result<Answer, Failure>),
    /// Only a user with the capability may ask. Who asks is looked at before what is asked.
    Capable(Capability, fn(&mut Work<'_>, &User, &CheckedRequest) -> Result<Answer, Failure>),
    /// Only a user may ask, and the answer may take its time, which it must not spend in a transaction.
    Waiting(inbox::WaitingHandler),
}

/// Method, path template, handler.
type Route = (Method, &'static str, Handler);

const RESOURCES: [&[Route]; 11] = [
    agents::ROUTES,
    auth::ROUTES,
    chats::ROUTES,
    inbox::ROUTES,
    join_requests::ROUTES,
    messages::ROUTES,
    registration::ROUTES,
    relationships::ROUTES,
    schema::ROUTES,
    tasks::ROUTES,
    workflow::ROUTES,
];

/// What answers `method` at the paths of `template`, if this backend does.
pub(crate) fn handler(method: &Method, template: &str) -> Option<Handler> {
    let mut routes = RESOURCES.into_iter().flatten();
    let route = routes.find(|route| route.0 == *method && route.1 == template);
    route.map(|(_, _, handler)| *handler)
}

/// The answer to a deletion, whether or not there was anything to delete.
#[derive(Serialize)]
struct Deleted {
    status: &'static str,
}

impl Default for Deleted {
    fn default() -> Self {
        Self { status: "deleted" }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{Profile, promised::Promised};

    #[test]
    fn every_operation_that_the_contract_describes_is_served() {
        let promised = Promised::read(Profile::Full).unwrap();
        let document: Value = serde_json::from_str(&promised.shown).unwrap();
        let mut not_served = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let is_meant = |operation: &&local_backend_kit::document::Route<Handler>| {
                    operation.template == *path && operation.method.as_str().eq_ignore_ascii_case(method)
                };
                let operation = promised.document.routes.iter().find(is_meant).unwrap();
                if operation.handler.is_none() {
                    not_served.push(format!("{method} {path}"));
                }
            }
        }
        assert!(
            not_served.is_empty(),
            "nothing in tests/mycel-local-backend/src/routes answers {}: write a handler, and its tests in tests/suite",
            not_served.join(", ")
        );
    }

    #[test]
    fn every_route_is_one_of_the_contract() {
        let promised = Promised::read(Profile::Full).unwrap();
        for (method, template, _) in RESOURCES.into_iter().flatten() {
            let known = |operation: &local_backend_kit::document::Route<Handler>| {
                operation.method == *method && operation.template == *template
            };
            assert!(promised.document.routes.iter().any(known), "{method} {template}");
        }
    }
}
