//! The operations that are served, by resource. The document says what each expects.

mod page;
mod runs;
mod teammates;

use std::sync::Arc;

use axum::{
    Json,
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use local_backend_kit::Call;
use serde::Deserialize;
use serde_json::Value;

use crate::{app::App, error::Failure};

/// What answers an operation.
pub(crate) type Handler = fn(&Arc<App>, &Parts, &Call) -> Result<Response, Failure>;

/// Method, path template, handler.
type Route = (Method, &'static str, Handler);

/// What answers `method` at the paths of `template`, if this backend does.
pub(crate) fn handler(method: &Method, template: &str) -> Option<Handler> {
    let mut routes = teammates::ROUTES.iter().chain(runs::ROUTES);
    let route = routes.find(|route| route.0 == *method && route.1 == template);
    route.map(|(_, _, handler)| *handler)
}

/// Whom a request is for.
#[derive(Deserialize)]
struct Scope {
    user_id: Option<String>,
}

fn json(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use local_backend_kit::Document;

    use super::*;
    use crate::backend::DOCUMENT;

    #[test]
    fn every_route_is_one_of_the_document() {
        let document = Document::read(DOCUMENT, handler).unwrap();
        for (method, template, _) in teammates::ROUTES.iter().chain(runs::ROUTES) {
            let is_known = document.routes.iter().any(|route| route.method == *method && route.template == *template);
            assert!(is_known, "{method} {template}");
        }
    }

    /// The README lists what is not served.
    #[test]
    fn what_is_not_served_is_listed_in_the_readme() {
        let readme = include_str!("../../README.md");
        let document = Document::read(DOCUMENT, handler).unwrap();
        for route in &document.routes {
            let line = format!("`{} {}`", route.method, route.template);
            assert_eq!(readme.contains(&line), route.handler.is_none(), "{line}");
        }
    }
}
