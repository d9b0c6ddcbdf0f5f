//! The contract itself.

use axum::http::Method;
use local_backend_kit::CheckedRequest;

use super::{Handler::Open, Route};
use crate::{
    app::Work,
    error::{Answer, Failure},
};

pub(super) const ROUTES: &[Route] = &[(Method::GET, "/openapi.json", Open(document))];

fn document(work: &mut Work<'_>, _: &CheckedRequest) -> Result<Answer, Failure> {
    Ok(Answer::Json(work.app.promised.shown.clone().into_bytes()))
}
