//! What the account is, and what it has used.

use std::sync::Arc;

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::{CheckedRequest, clock};
use serde::Deserialize;
use serde_json::json as value;

use super::{Open, Route, json};
use crate::{
    app::{App, Insides},
    error::Failure,
    store::{
        accounts::{self, Owner},
        runs,
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/usage/", usage),
    (Method::GET, "/verify/status", verification),
    (Method::POST, "/verify/resend", resend),
];

/// What needs no key.
pub(super) const OPEN: &[(Method, &str, Open)] = &[(Method::POST, "/signup", sign_up), (Method::POST, "/token", token)];

/// The product whose accounts are strict unless they say otherwise.
const API: &str = "api";

/// How long a period lasts. The first one began with 1970.
const PERIOD_IN_SECONDS: f64 = 30.0 * 24.0 * 60.0 * 60.0;

/// When the present period ends.
pub(super) fn period_end() -> String {
    let periods = (clock::now() / PERIOD_IN_SECONDS).floor();
    clock::iso((periods + 1.0) * PERIOD_IN_SECONDS)
}

/// Runs are counted; there is no limit, and nothing costs.
fn usage(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Response, Failure> {
    let (all, running) = app.transact(|db| Ok(runs::count(db)?), |counts| counts)?;
    let usage = value!({
        "plan": "local", "runs_used": all, "runs_limit": 0, "cost_used": "0.00", "cost_limit": "0.00",
        "period_end": period_end(), "subscription_status": null,
        "subscription_billing_period": null, "free_path_available": false, "overage_enabled": false,
        "overage_used_cents": 0, "overage_cap_cents": 0, "overage_rate_cents": 0, "trial_ends_at": null,
        "unlimited_runs": true, "concurrent_runs": running, "concurrent_runs_limit": null,
    });
    Ok(json(StatusCode::OK, usage))
}

/// An address without what makes no difference.
fn address(email: &str) -> String {
    email.trim().to_lowercase()
}

fn is_address(email: &str) -> bool {
    email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !email.contains(char::is_whitespace)
}

/// Makes an account. One that is made for the API is strict unless it says otherwise; one without a password can't be logged
/// in to.
fn sign_up(insides: &Arc<Insides>, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Signup {
        email: String,
        first_name: String,
        #[serde(default)]
        last_name: String,
        password: Option<String>,
        product: Option<String>,
        require_end_user_id: Option<bool>,
    }

    let Signup { email, first_name, last_name, password, product, require_end_user_id } = call.body()?;
    let email = address(&email);
    if !is_address(&email) {
        return Err(Failure::invalid("body.email: value is not a valid email address"));
    }
    if first_name.trim().is_empty() {
        return Err(Failure::invalid("body.first_name: String should have at least 1 character"));
    }
    if password.as_deref() == Some("") {
        return Err(Failure::invalid("body.password: String should have at least 1 character"));
    }
    let product = product.as_deref().unwrap_or(API);
    let owner = Owner {
        email: &email,
        password: password.as_deref(),
        first_name: &first_name,
        last_name: &last_name,
        product,
        is_strict: require_end_user_id.unwrap_or(product == API),
    };
    let key = insides.transact(|db| Ok(accounts::sign_up(db, &owner)?))?;
    let key = key.ok_or_else(|| Failure::conflict("The e-mail address is known already"))?;
    let message = "The account is made. Its e-mail address is yet to be verified.";
    let made = value!({ "api_key": key, "email": email, "message": message, "verification": "pending" });
    Ok(json(StatusCode::CREATED, made))
}

fn token(insides: &Arc<Insides>, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Login {
        email: String,
        password: String,
    }

    let Login { email, password } = call.body()?;
    let email = address(&email);
    let key = insides.transact(|db| Ok(accounts::new_key_of(db, &email, &password)?))?;
    let key = key.ok_or_else(|| Failure::not_authenticated("Invalid e-mail address or password"))?;
    let message = "This is the account's key from now on. The one of before is dead.";
    Ok(json(StatusCode::OK, value!({ "api_key": key, "email": email, "message": message })))
}

fn verification(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Response, Failure> {
    let (_, is_verified) = app.transact(|db| Ok(accounts::address(db, db.account)?), |address| address)?;
    Ok(json(StatusCode::OK, value!({ "is_verified": is_verified })))
}

/// Nothing is sent by e-mail: who asks for the message again is taken to have read it.
fn resend(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Response, Failure> {
    let message = app.transact(
        |db| {
            let (email, is_verified) = accounts::address(db, db.account)?;
            accounts::verify(db, db.account)?;
            Ok(match email {
                Some(email) if !is_verified => format!("A message to {email} was sent, and its link followed"),
                _ => "The e-mail address is verified already".to_owned(),
            })
        },
        |message| message,
    )?;
    Ok(json(StatusCode::OK, value!({ "message": message })))
}
