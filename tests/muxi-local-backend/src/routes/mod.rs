//! The operations that are served, by resource. The document says what each expects.

mod agents;
mod audit;
mod buffers;
mod chat;
mod configuration;
mod health;
mod jobs;
mod mcp;
mod memories;
mod requests;
mod secrets;
mod sessions;
mod sops;
mod triggers;

use axum::{
    http::{Method, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;

use crate::{app::App, caller::Key, envelope::Answer, error::Failure};

pub(crate) use chat::{audiochat, chat};
pub(crate) use triggers::fire;

/// What answers an operation, and to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handler {
    pub(crate) key: Key,
    pub(crate) work: Work,
}

/// What answers an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// What comes in an envelope, at once.
    Now(fn(&App, &Parts, &CheckedRequest) -> Result<Answer, Failure>),
    /// The same, and the same answer again to whoever has the same key.
    Once(fn(&App, &Parts, &CheckedRequest) -> Result<Answer, Failure>),
    /// What comes in none.
    Bare(fn(&App) -> Result<Response, Failure>),
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
    health::ROUTES,
    jobs::ROUTES,
    mcp::ROUTES,
    memories::ROUTES,
    requests::ROUTES,
    secrets::ROUTES,
    sessions::ROUTES,
    sops::ROUTES,
    triggers::ROUTES,
];

/// What answers `method` at the paths of `template`, if this backend does.
pub(crate) fn handler(method: &Method, template: &str) -> Option<Handler> {
    let route = RESOURCES.iter().copied().flatten().find(|route| route.0 == *method && route.1 == template);
    route.map(|(_, _, key, work)| Handler { key: *key, work: *work })
}

#[cfg(test)]
mod tests {
    use local_backend_kit::Document;

    use super::*;
    use crate::backend::DOCUMENT;

    #[test]
    fn every_route_is_one_of_the_document() {
        let document = Document::read(DOCUMENT, handler).unwrap();
        for (method, template, ..) in RESOURCES.iter().copied().flatten() {
            let is_known = document.routes.iter().any(|route| route.method == *method && route.template == *template);
            assert!(is_known, "{method} {template}");
        }
    }

    /// The README lists what is served.
    #[test]
    fn what_is_served_is_listed_in_the_readme() {
        let readme = include_str!("../../README.md");
        let document = Document::read(DOCUMENT, handler).unwrap();
        for route in &document.routes {
            let line = format!("`{} {}`", route.method, route.template);
            assert_eq!(readme.contains(&line), route.handler.is_some(), "{line}");
        }
    }
}
