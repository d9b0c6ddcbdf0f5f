//! How many runs an end user may have.

use local_backend_kit::clock;
use serde_json::{Value, json};

use crate::{
    error::Failure,
    routes::account::period_end,
    store::{Db, USERS, runs, settings, users},
};

/// Over how many seconds a rate is counted.
const MINUTE: f64 = 60.0;

/// Refuses another run of this end user, where that is more than the user may have: by what is said of the user, or else by
/// the settings.
pub(super) fn check(db: &Db<'_>, user_id: Option<&str>) -> Result<(), Failure> {
    let Some(user_id) = user_id else { return Ok(()) };
    let user = users::find(db, user_id)?.map(|id| USERS.get(db, id)).transpose()?;
    let settings = settings::get(db)?;
    let limit = |of_user: &str, of_all: &str| {
        let own = user.as_ref().and_then(|user| user.get(of_user)).and_then(Value::as_i64);
        own.or_else(|| settings.get(of_all).and_then(Value::as_i64))
    };
    let used = runs::count_of(db, user_id, None)?.0;
    if let Some(limit) = limit("run_limit", "per_end_user_run_limit").filter(|limit| used >= *limit) {
        let details = json!({ "runs_used": used, "runs_limit": limit, "period_end": period_end() });
        let failure = Failure::of_status(axum::http::StatusCode::PAYMENT_REQUIRED, "The end user has no runs left");
        return Err(failure.coded("RUN_LIMIT_REACHED").detailed(details));
    }
    let (lately, oldest) = runs::count_of(db, user_id, Some(clock::iso(clock::now() - MINUTE)))?;
    if limit("rate_per_minute", "per_end_user_rate_per_minute").is_some_and(|limit| lately >= limit) {
        let since = oldest.and_then(|oldest| oldest.parse::<jiff::Timestamp>().ok());
        let since = since.map_or(0.0, |oldest| clock::now() - oldest.as_duration().as_secs_f64());
        let wait = (MINUTE - since).ceil().clamp(1.0, MINUTE) as u64;
        let failure =
            Failure::of_status(axum::http::StatusCode::TOO_MANY_REQUESTS, "The end user starts runs too fast");
        return Err(failure.retry_after(Some(wait)));
    }
    Ok(())
}
