//! Apps, and the accounts that are connected to them.

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Value, json as value};
use uuid::Uuid;

use super::{Route, json, no_content, number, scope, text};
use crate::{
    app::{App, Insides},
    error::Failure,
    store::{CONNECTIONS, Db, Of, accounts},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/apps/", list),
    (Method::POST, "/apps/{app_name}/connect", connect),
    (Method::POST, "/apps/{app_name}/connect/api-key", connect_by_key),
    (Method::POST, "/apps/{app_name}/connect/complete", complete),
    (Method::DELETE, "/apps/{app_name}/connections", disconnect),
];

const OAUTH: &str = "composio";
const API_KEY: &str = "api_key";

/// Name, display name, category, and how one connects.
const CATALOGUE: [(&str, &str, &str, &str); 8] = [
    ("gmail", "Gmail", "email", OAUTH),
    ("slack", "Slack", "chat", OAUTH),
    ("linear", "Linear", "issues", OAUTH),
    ("notion", "Notion", "documents", OAUTH),
    ("github", "GitHub", "code", OAUTH),
    ("googlecalendar", "Google Calendar", "calendar", OAUTH),
    ("stripe", "Stripe", "payments", OAUTH),
    ("gemini", "Gemini", "ai", API_KEY),
];

/// The names of all of them.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    CATALOGUE.iter().map(|app| app.0)
}

/// The app of a request, which one connects in this way.
fn app_of(call: &CheckedRequest, auth_type: &str) -> Result<String, Failure> {
    let name = known(call)?;
    let is_so = CATALOGUE.iter().any(|app| app.0 == name && app.3 == auth_type);
    let message = || format!("{name} is not connected in this way");
    if is_so { Ok(name.to_owned()) } else { Err(Failure::bad_request(message())) }
}

fn known(call: &CheckedRequest) -> Result<&str, Failure> {
    let name = call.path("app_name")?;
    let is_known = CATALOGUE.iter().any(|app| app.0 == name);
    if is_known { Ok(name) } else { Err(Failure::not_found("App")) }
}

/// The connections of an app in a scope: those that stand, or those that are begun.
fn connections(db: &Db<'_>, user_id: Option<&str>, app: &str, is_complete: bool) -> Result<Vec<Value>, Failure> {
    let is_wanted = |connection: &Value| {
        text(connection, "app") == Some(app) && connection.get("is_complete") == Some(&Value::Bool(is_complete))
    };
    Ok(CONNECTIONS.all(db, Of::Only(user_id), is_wanted)?)
}

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let user_id = scope(app, call)?;
    let apps = app.transact(
        |db| {
            let shown = CATALOGUE.iter().map(|(name, display_name, category, auth_type)| {
                let connected = !connections(db, user_id.as_deref(), name, true)?.is_empty();
                let key_label = (*auth_type == API_KEY).then_some("API key");
                Ok(value!({
                    "name": name, "key": name, "display_name": display_name, "category": category,
                    "use_case_category": category, "connected": connected, "auth_type": auth_type, "kind": "app",
                    "logo_url": null, "api_key_documentation_url": null, "api_key_guidance": null,
                    "api_key_label": key_label, "oauth_available": *auth_type == OAUTH, "region_options": null,
                    "is_popular": *name == "gmail",
                }))
            });
            shown.collect::<Result<Vec<_>, Failure>>()
        },
        |apps| apps,
    )?;
    Ok(json(StatusCode::OK, value!({ "data": apps, "has_more": false, "next_starting_after": null })))
}

fn connect(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Begin {
        redirect_uri: String,
        user_id: Option<String>,
    }

    let Begin { redirect_uri, user_id } = call.body()?;
    app.require_user(user_id.as_deref())?;
    let name = app_of(call, OAUTH)?;
    if redirect_uri.is_empty() {
        return Err(Failure::invalid("body.redirect_uri: String should have at least 1 character"));
    }
    let connection_id = format!("conn_{}", Uuid::new_v4().simple());
    let rest = value!({
        "app": name, "is_complete": false, "connection_id": connection_id,
        "claim_ticket": format!("claim_{}", Uuid::new_v4().simple()), "redirect_uri": redirect_uri,
    });
    app.transact(|db| Ok(CONNECTIONS.insert(db, user_id.as_deref(), &rest)?), drop)?;
    let authorization_url = format!("{}/authorize/{connection_id}", app.url);
    let begun = value!({ "authorization_url": authorization_url, "connection_id": connection_id });
    Ok(json(StatusCode::OK, begun))
}

/// Where the page leads that asks the owner of an account, who agrees.
pub(super) fn authorized(insides: &Insides, connection_id: &str) -> Result<String, Failure> {
    let begun = insides.transact(|db| {
        let is_meant = |connection: &Value| text(connection, "connection_id") == Some(connection_id);
        for account in accounts::all(db)? {
            if let Some(begun) = CONNECTIONS.all(&Db::of(db, account), Of::Anyone(None), is_meant)?.pop() {
                return Ok(Some(begun));
            }
        }
        Ok(None)
    })?;
    let begun = begun.ok_or_else(|| Failure::not_found("Connection"))?;
    let (redirect_uri, ticket) = (text(&begun, "redirect_uri"), text(&begun, "claim_ticket"));
    let (redirect_uri, ticket) = (redirect_uri.unwrap_or_default(), ticket.unwrap_or_default());
    let sign = if redirect_uri.contains('?') { '&' } else { '?' };
    Ok(format!("{redirect_uri}{sign}composio_claim={ticket}"))
}

/// Has a connection stand: beside the others, or in their place.
fn stand(db: &Db<'_>, user_id: Option<&str>, app: &str, is_another: bool) -> Result<(), Failure> {
    if !is_another {
        for other in connections(db, user_id, app, true)? {
            CONNECTIONS.delete(db, number(&other, "id")?)?;
        }
    }
    CONNECTIONS.insert(db, user_id, &value!({ "app": app, "is_complete": true }))?;
    Ok(())
}

fn connected(app: &str) -> Response {
    json(StatusCode::OK, value!({ "status": "active", "app": app }))
}

fn connect_by_key(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct ByKey {
        api_key: String,
        user_id: Option<String>,
        #[serde(default)]
        add_account: bool,
    }

    let ByKey { api_key, user_id, add_account } = call.body()?;
    app.require_user(user_id.as_deref())?;
    let name = app_of(call, API_KEY)?;
    if api_key.is_empty() {
        return Err(Failure::invalid("body.api_key: String should have at least 1 character"));
    }
    app.transact(|db| stand(db, user_id.as_deref(), &name, add_account), |()| connected(&name))
}

fn complete(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Complete {
        connection_id: Option<String>,
        claim_ticket: Option<String>,
        user_id: Option<String>,
        #[serde(default)]
        add_account: bool,
    }

    let Complete { connection_id, claim_ticket, user_id, add_account } = call.body()?;
    app.require_user(user_id.as_deref())?;
    let name = app_of(call, OAUTH)?;
    let (field, given) = match &user_id {
        Some(_) => ("connection_id", connection_id),
        None => ("claim_ticket", claim_ticket),
    };
    let given = given.ok_or_else(|| Failure::bad_request(format!("{field} is required in this scope")))?;
    app.transact(
        |db| {
            let begun = connections(db, user_id.as_deref(), &name, false)?;
            let begun = begun.iter().find(|begun| text(begun, field) == Some(&given));
            CONNECTIONS.delete(db, number(begun.ok_or_else(|| Failure::not_found("Connection"))?, "id")?)?;
            stand(db, user_id.as_deref(), &name, add_account)
        },
        |()| connected(&name),
    )
}

fn disconnect(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (user_id, name) = (scope(app, call)?, known(call)?);
    app.transact(
        |db| match connections(db, user_id.as_deref(), name, true)?.as_slice() {
            [] => Err(Failure::not_found("Connection")),
            [one] => Ok(CONNECTIONS.delete(db, number(one, "id")?)?),
            _ => Err(Failure::conflict("Several accounts are connected")),
        },
        |()| no_content(),
    )
}
