//! What the management server says before a formation is reached.

use axum::{
    Json,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use local_backend_kit::decoded_path;
use serde_json::json;

/// The prefixes that formations are behind.
pub(crate) const PREFIXES: [&str; 2] = ["/api", "/draft"];

/// The answer to a request for a formation that there is not, in the server's own form.
pub(crate) fn other_formation(uri: &Uri, formation: &str) -> Option<Response> {
    let path = decoded_path(uri);
    let named = PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix)?.strip_prefix('/')?.split('/').next());
    let other = named.filter(|named| *named != formation)?;
    let message = format!("No formation with id '{other}'");
    let body = json!({ "error": "Formation not found", "message": message, "code": 404 });
    Some((StatusCode::NOT_FOUND, Json(body)).into_response())
}
