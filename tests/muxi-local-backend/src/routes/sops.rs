//! Standard operating procedures.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde_json::json;

use super::{Route, Work};
use crate::{app::App, caller::Key, envelope::Answer, error::Failure, formation};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/sops", Key::Client, Work::Now(list)),
    (Method::GET, "/v1/sops/{sop_name}", Key::Client, Work::Now(get)),
];

fn list(_: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let mut sops = formation::sops();
    for sop in sops.iter_mut().filter_map(|sop| sop.as_object_mut()) {
        for field in ["content", "metadata", "references"] {
            sop.remove(field);
        }
    }
    let count = sops.len();
    Ok(Answer::new("sop_list", "sops.list", json!({ "sops": sops, "count": count })))
}

fn get(_: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let name = call.path("sop_name")?;
    let found = formation::sops().into_iter().find(|sop| sop.get("name").is_some_and(|known| known == name));
    Ok(Answer::new("sop", "sop.retrieved", found.ok_or_else(|| no_such(name))?))
}

pub(super) fn no_such(name: &str) -> Failure {
    Failure::internal_not_found("SOP_NOT_FOUND", format!("SOP '{name}' not found"))
}
