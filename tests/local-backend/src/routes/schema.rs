//! The contract itself.

use axum::http::Method;

use super::{Handler::Open, Route};
use crate::{
    app::Work,
    error::{Answer, Failure},
    request::Call,
};

pub(super) const ROUTES: &[Route] = &[(Method::GET, "/openapi.json", Open(document))];

fn document(work: &mut Work<'_>, _: &Call) -> Result<Answer, Failure> {
    Ok(Answer::Json(work.app.contract.document.clone().into_bytes()))
}
