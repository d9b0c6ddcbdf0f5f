//! What the account is, and what it has used.

use std::sync::Arc;

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::{CheckedRequest, clock};
use serde_json::json as value;

use super::{Route, json};
use crate::{app::App, error::Failure, store::runs};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/usage/", usage),
    (Method::GET, "/verify/status", |_, _, _| Ok(json(StatusCode::OK, value!({ "is_verified": true })))),
    (Method::POST, "/verify/resend", |_, _, _| {
        Ok(json(StatusCode::OK, value!({ "message": "The e-mail address is verified already" })))
    }),
];

/// How long a period lasts.
const PERIOD_IN_SECONDS: f64 = 30.0 * 24.0 * 60.0 * 60.0;

/// Runs are counted; there is no limit, and nothing costs.
fn usage(app: &Arc<App>, _: &Parts, _: &CheckedRequest) -> Result<Response, Failure> {
    let (all, running) = app.transact(|db| Ok(runs::count(db)?), |counts| counts)?;
    let usage = value!({
        "plan": "local", "runs_used": all, "runs_limit": 0, "cost_used": "0.00", "cost_limit": "0.00",
        "period_end": clock::iso(clock::now() + PERIOD_IN_SECONDS), "subscription_status": null,
        "subscription_billing_period": null, "free_path_available": false, "overage_enabled": false,
        "overage_used_cents": 0, "overage_cap_cents": 0, "overage_rate_cents": 0, "trial_ends_at": null,
        "unlimited_runs": true, "concurrent_runs": running, "concurrent_runs_limit": null,
    });
    Ok(json(StatusCode::OK, usage))
}
