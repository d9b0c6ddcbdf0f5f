//! Webhooks, which are told what runs do.

use std::net::IpAddr;

use axum::{
    http::{Method, StatusCode, Uri, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json as value};
use uuid::Uuid;

use super::{Route, json, no_content, number, page::Page, scope, text};
use crate::{
    app::App,
    error::Failure,
    store::{DELIVERIES, Db, Of, WEBHOOKS, deliveries, now},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/webhooks/", create),
    (Method::GET, "/webhooks/", list),
    (Method::GET, "/webhooks/{webhook_id}", get),
    (Method::PATCH, "/webhooks/{webhook_id}", update),
    (Method::DELETE, "/webhooks/{webhook_id}", delete),
    (Method::GET, "/webhooks/{webhook_id}/deliveries", list_deliveries),
];

const EVENTS: [&str; 10] = [
    "run.started",
    "run.completed",
    "run.failed",
    "run.cancelled",
    "run.awaiting_input",
    "run.message_received",
    "run.message_cancelled",
    "balance.low",
    "balance.critical",
    "balance.depleted",
];

/// What one is told that does not say.
const DEFAULT_EVENTS: [&str; 3] = ["run.completed", "run.failed", "run.cancelled"];

/// How much of a secret is shown later.
const SHOWN: usize = 4;

fn new_secret() -> String {
    format!("whsec_{}", Uuid::new_v4().simple())
}

/// A webhook as it is read later.
fn masked(mut webhook: Value) -> Value {
    let start: String = text(&webhook, "secret").unwrap_or_default().chars().take(SHOWN).collect();
    if let Some(secret) = webhook.get_mut("secret") {
        *secret = Value::from(format!("{start}..."));
    }
    webhook
}

fn check(app: &App, given: &Map<String, Value>) -> Result<(), Failure> {
    if let Some(url) = given.get("url").and_then(Value::as_str)
        && !is_taken(url, app.with_loopback)
    {
        return Err(Failure::invalid("body.url: URL should be a public one with the scheme https"));
    }
    let events = given.get("events").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    match events.into_iter().find(|event| !EVENTS.contains(event)) {
        Some(unknown) => Err(Failure::invalid(format!("body.events: {unknown} is unknown"))),
        None => Ok(()),
    }
}

/// Whether deliveries may go to this URL: over TLS to a public host, or where that is wanted to this machine.
fn is_taken(url: &str, with_loopback: bool) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let Some(host) = uri.host() else { return false };
    if with_loopback && deliveries::is_loopback(host) {
        return uri.scheme_str() == Some("http");
    }
    uri.scheme_str() == Some("https") && is_public(host)
}

fn is_public(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    match host.parse() {
        Ok(IpAddr::V4(ip)) => {
            !(ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified() || ip.is_broadcast())
        }
        Ok(IpAddr::V6(ip)) => {
            !(ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local())
        }
        Err(_) => host != "localhost" && ![".localhost", ".internal", ".local"].iter().any(|end| host.ends_with(end)),
    }
}

fn create(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Create {
        url: String,
        events: Option<Vec<String>>,
        user_id: Option<String>,
    }

    let (Create { url, events, user_id }, given): (Create, Map<String, Value>) = (call.body()?, call.body()?);
    app.require_user(user_id.as_deref())?;
    check(app, &given)?;
    let events = events.unwrap_or_else(|| DEFAULT_EVENTS.map(str::to_owned).to_vec());
    let rest = value!({
        "url": url, "events": events, "secret": new_secret(), "active": true, "created_at": now(), "updated_at": null,
    });
    let made = app.transact(|db| Ok(WEBHOOKS.insert(db, user_id.as_deref(), &rest)?), |made| made)?;
    Ok(json(StatusCode::CREATED, made))
}

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (user_id, page): (_, Page) = (scope(app, call)?, call.query()?);
    let (of, range) = (Of::Anyone(user_id.as_deref()), (page.after()?, page.sought()));
    let found = app.transact(|db| Ok(WEBHOOKS.list(db, of, range, |_| true)?), |found| found)?;
    Ok(page.of(found.into_iter().map(masked).collect()))
}

fn found(db: &Db<'_>, call: &CheckedRequest, user_id: Option<&str>) -> Result<Value, Failure> {
    let found = WEBHOOKS.find(db, call.path_as("webhook_id")?, Of::Anyone(user_id))?;
    found.ok_or_else(|| Failure::not_found("Webhook"))
}

fn get(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let user_id = scope(app, call)?;
    let found = app.transact(|db| found(db, call, user_id.as_deref()), |found| found)?;
    Ok(json(StatusCode::OK, masked(found)))
}

fn update(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (user_id, mut given): (_, Map<String, Value>) = (scope(app, call)?, call.body()?);
    check(app, &given)?;
    let is_rotated = given.remove("rotate_secret") == Some(Value::Bool(true));
    if is_rotated {
        given.insert("secret".to_owned(), Value::from(new_secret()));
    }
    let updated = app.transact(
        |db| {
            let id = number(&found(db, call, user_id.as_deref())?, "id")?;
            Ok(WEBHOOKS.update(db, id, given)?)
        },
        |updated| updated,
    )?;
    Ok(json(StatusCode::OK, if is_rotated { updated } else { masked(updated) }))
}

fn delete(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let user_id = scope(app, call)?;
    app.transact(
        |db| {
            let id = number(&found(db, call, user_id.as_deref())?, "id")?;
            Ok(WEBHOOKS.delete(db, id)?)
        },
        |()| no_content(),
    )
}

fn list_deliveries(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (user_id, page): (_, Page) = (scope(app, call)?, call.query()?);
    let range = (page.after()?, page.sought());
    let found = app.transact(
        |db| {
            let webhook = found(db, call, user_id.as_deref())?;
            let is_wanted = |delivery: &Value| delivery.get("webhook_endpoint_id") == webhook.get("id");
            Ok(DELIVERIES.list(db, Of::Anyone(None), range, is_wanted)?)
        },
        |found| found,
    )?;
    Ok(page.of(found.into_iter().map(deliveries::shown).collect()))
}
