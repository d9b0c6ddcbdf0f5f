//! The proxy that formations are behind.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use local_backend_kit::pass_on;

use super::{Management, error::of_phrase};
use crate::{FORMATION_ID, app::App};

/// A formation that is deployed.
pub(super) async fn live(server: &Management, own: &Arc<App>, id: &str, request: Request) -> Response {
    let row = match server.registry.get(id) {
        Ok(Some(row)) => row,
        Ok(None) => return not_found(id),
        Err(refused) => return refused.into_response(),
    };
    if row.status != "running" {
        let message = format!("Formation '{id}' is not running (status: {})", row.status);
        return of_phrase(StatusCode::SERVICE_UNAVAILABLE, "Formation unavailable", &message);
    }
    let app = if row.is_own { Some(Arc::clone(own)) } else { server.hosting.app(id) };
    let Some(app) = app else {
        return of_phrase(StatusCode::BAD_GATEWAY, "Bad gateway", "Formation did not respond");
    };
    let asked = format!("{} {}", request.method(), below(request.uri()));
    let response = pass_on(&app, shortened(request)).await;
    server.logs.formation(id, &format!("{asked} {}", response.status().as_u16()));
    response
}

/// A formation that was started for its development, as the one was that is served without a bundle.
pub(super) async fn draft(server: &Management, own: &Arc<App>, id: &str, request: Request) -> Response {
    match server.draft_app(id) {
        Some(app) => pass_on(&app, shortened(request)).await,
        None if id == FORMATION_ID => pass_on(own, shortened(request)).await,
        None => not_found(id),
    }
}

fn not_found(id: &str) -> Response {
    of_phrase(StatusCode::NOT_FOUND, "Formation not found", &format!("No formation with id '{id}'"))
}

/// The request as the formation is sent it.
fn shortened(mut request: Request) -> Request {
    let below = below(request.uri());
    let target = match request.uri().query() {
        Some(query) => format!("{below}?{query}"),
        None => below,
    };
    if let Ok(uri) = target.parse() {
        *request.uri_mut() = uri;
    }
    request
}

/// What is behind the prefix and the formation's id.
fn below(uri: &Uri) -> String {
    let rest: Vec<&str> = uri.path().split('/').skip(3).collect();
    format!("/{}", rest.join("/"))
}
