//! The operations that are served, by resource. The document says what each expects.

mod agents;
mod audit;
mod bare;
mod buffers;
mod chat;
mod configuration;
mod credentials;
mod happenings;
mod health;
mod jobs;
mod mcp;
mod memories;
mod requests;
mod secrets;
mod sessions;
mod sops;
mod triggers;
mod users;

use std::sync::Arc;

use axum::{
    http::{Method, request::Parts},
    response::Response,
};
use local_backend_kit::{
    CheckedRequest, Document, Refusal,
    document::{RequestBody, Schema},
};

use crate::{app::App, backend::DOCUMENT, caller::Key, envelope::Answer, error::Failure, variant::Variant};

pub(crate) use chat::{audiochat, chat};
pub(crate) use triggers::fire;

/// What answers an operation, and to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handler {
    pub(crate) key: Key,
    pub(crate) work: Work,
}

/// What was sent, or what is wrong with it.
type Sent<'a> = Result<&'a CheckedRequest, Refusal>;

/// What answers an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// What comes in an envelope, at once.
    Now(fn(&App, &Parts, &CheckedRequest) -> Result<Answer, Failure>),
    /// The same, and the same answer again to whoever has the same key.
    Once(fn(&App, &Parts, &CheckedRequest) -> Result<Answer, Failure>),
    /// What looks itself at whether what was sent is right.
    Unchecked(fn(&App, &Parts, Sent<'_>) -> Result<Answer, Failure>),
    /// What comes in none.
    Bare(fn(&App) -> Result<Response, Failure>),
    /// What is told as it happens.
    Stream(fn(&Arc<App>, &Parts, &CheckedRequest) -> Result<Response, Failure>),
    /// What a turn answers.
    Chat,
    /// What a turn that was recorded answers.
    AudioChat,
    /// What the turn of a trigger answers.
    Trigger,
}

/// Method, path template, key, work.
type Route = (Method, &'static str, Key, Work);

/// All that are served.
const RESOURCES: &[&[Route]] = &[
    agents::ROUTES,
    audit::ROUTES,
    buffers::ROUTES,
    chat::ROUTES,
    configuration::ROUTES,
    credentials::ROUTES,
    happenings::ROUTES,
    health::ROUTES,
    jobs::ROUTES,
    mcp::ROUTES,
    memories::ROUTES,
    requests::ROUTES,
    secrets::ROUTES,
    sessions::ROUTES,
    sops::ROUTES,
    triggers::ROUTES,
    users::ROUTES,
];

/// What the formation promises, and what of it answers.
pub(crate) fn document(variant: Variant) -> Result<Document<Handler>, serde_json::Error> {
    let mut document = Document::read(DOCUMENT, |method, template| handler(variant, method, template))?;
    // Its body is one that the document does not have.
    for route in document.routes.iter_mut().filter(|route| route.template == users::RESOLVE) {
        route.body = Some(RequestBody { required: false, schema: Schema::default(), is_form: false });
    }
    Ok(document)
}

/// What answers `method` at the paths of `template`, if this backend does.
fn handler(variant: Variant, method: &Method, template: &str) -> Option<Handler> {
    let mut routes = RESOURCES.iter().copied().flatten();
    let (_, _, key, work) = routes.find(|route| route.0 == *method && route.1 == template)?;
    let instead = if variant == Variant::Bare { bare::work(method, template) } else { None };
    Some(Handler { key: *key, work: instead.unwrap_or(*work) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_one_of_the_document() {
        let document = document(Variant::Full).unwrap();
        for (method, template, ..) in RESOURCES.iter().copied().flatten() {
            let is_known = document.routes.iter().any(|route| route.method == *method && route.template == *template);
            assert!(is_known, "{method} {template}");
        }
    }

    #[test]
    fn what_answers_instead_is_in_the_place_of_something() {
        for (method, template) in bare::routes() {
            assert!(handler(Variant::Full, method, template).is_some(), "{method} {template}");
        }
    }

    /// What the document leaves out may be served, too.
    #[test]
    fn what_the_document_has_is_served_and_the_readme_lists_what_is_served() {
        let readme = include_str!("../../README.md");
        let export: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
        for route in &document(Variant::Full).unwrap().routes {
            let call = format!("{} {}", route.method, route.template);
            let operation = &export["paths"][&route.template][route.method.as_str().to_lowercase()];
            assert!(
                route.handler.is_some() || operation.is_null(),
                "nothing in tests/muxi-local-backend/src/routes answers {call}: write a handler, and its tests in tests/suite"
            );
            let is_listed = readme.contains(&format!("`{call}`"));
            assert_eq!(is_listed, route.handler.is_some(), "whether tests/muxi-local-backend/README.md lists `{call}`");
        }
    }
}
