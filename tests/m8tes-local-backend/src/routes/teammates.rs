//! Teammates.

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json as value};

use super::{Route, inbound, json, no_content, number, page::Page, scope, without};
use crate::{
    app::App,
    error::Failure,
    store::{
        Db,
        inbound::Owner,
        merge,
        teammates::{self, Status},
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/agents/", create),
    (Method::GET, "/agents/", list),
    (Method::GET, "/agents/{agent_id}", get),
    (Method::PATCH, "/agents/{agent_id}", update),
    (Method::DELETE, "/agents/{agent_id}", |app, _, call| {
        set_status(app, call, Status::Archived).map(|_| no_content())
    }),
    (Method::POST, "/agents/{agent_id}/enable", |app, _, call| set_status(app, call, Status::Enabled)),
    (Method::POST, "/agents/{agent_id}/disable", |app, _, call| set_status(app, call, Status::Disabled)),
    (Method::POST, "/agents/{agent_id}/unarchive", |app, _, call| set_status(app, call, Status::Disabled)),
    (Method::POST, "/agents/{agent_id}/email-inbox", enable_inbox),
    (Method::DELETE, "/agents/{agent_id}/email-inbox", disable_inbox),
];

/// What a teammate of a list has not where its summary is asked for.
const NOT_IN_SUMMARY: [&str; 3] = ["goals", "instructions", "metadata"];

/// What a template says, which is not said beside it.
const OF_TEMPLATE: [&str; 5] = ["name", "instructions", "tools", "role", "goals"];

fn create(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Create {
        user_id: Option<String>,
        from_template: Option<String>,
        #[serde(default)]
        email_inbox: bool,
        #[serde(default)]
        webhook: bool,
    }

    let (create, mut given): (Create, Map<String, Value>) = (call.body()?, call.body()?);
    ["user_id", "from_template", "email_inbox", "webhook"].iter().for_each(|name| drop(given.remove(*name)));
    app.require_user(create.user_id.as_deref())?;
    check(app, &given)?;
    if let Some(slug) = &create.from_template {
        if OF_TEMPLATE.iter().any(|name| given.contains_key(*name)) {
            return Err(Failure::bad_request("A template says what the teammate is").coded("from_template_conflict"));
        }
        given.extend(template(slug).ok_or_else(|| Failure::not_found("Template"))?);
    }
    let made = app.transact(
        |db| {
            let mut made = teammates::insert(db, create.user_id.as_deref(), given)?;
            let id = number(&made, "id")?;
            if create.email_inbox {
                made = set_inbox(db, id, true)?;
            }
            if create.webhook {
                let url = inbound::give(app, db, Owner::Teammate, id)?;
                // This once in full.
                made = teammates::get(db, id)?;
                merge(&mut made, Map::from_iter([("webhook_url".to_owned(), Value::from(url))]));
            }
            Ok(made)
        },
        |made| made,
    )?;
    Ok(json(StatusCode::CREATED, made))
}

/// What a teammate of this template is.
fn template(slug: &str) -> Option<Map<String, Value>> {
    let template = match slug {
        "inbox-assistant" => value!({
            "name": "Inbox assistant", "instructions": "Sort the inbox, and draft what needs an answer.",
            "tools": ["gmail"],
        }),
        "researcher" => value!({
            "name": "Researcher", "instructions": "Look into what is asked, and name your sources.", "tools": [],
        }),
        _ => return None,
    };
    let Value::Object(mut fields) = template else { return None };
    fields.insert("template_slug".to_owned(), Value::from(slug));
    Some(fields)
}

fn check(app: &App, given: &Map<String, Value>) -> Result<(), Failure> {
    app.check_tools_of(given)?;
    check_name(given)?;
    match given.get("group_id") {
        None | Some(Value::Null) => Ok(()),
        // No request makes one.
        Some(_) => Err(Failure::not_found("Group")),
    }
}

fn check_name(given: &Map<String, Value>) -> Result<(), Failure> {
    match given.get("name").and_then(Value::as_str).map(|name| name.chars().count()) {
        Some(0) => Err(Failure::invalid("body.name: String should have at least 1 character")),
        Some(256..) => Err(Failure::invalid("body.name: String should have at most 255 characters")),
        _ => Ok(()),
    }
}

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Filter {
        include_archived: Option<String>,
        fields: Option<String>,
    }

    let (user_id, filter, page): (_, Filter, Page) = (scope(app, call)?, call.query()?, call.query()?);
    let after = page.after()?;
    let with_archived = filter.include_archived.as_deref() == Some("true");
    let found = app.transact(
        |db| Ok(teammates::list(db, user_id.as_deref(), with_archived, after, page.sought())?),
        |found| found,
    )?;
    Ok(page.of(if filter.fields.is_some() { without(found, &NOT_IN_SUMMARY) } else { found }))
}

fn get(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let found = app.transact(|db| found(app, db, call), |found| found)?;
    Ok(json(StatusCode::OK, found))
}

fn found(app: &App, db: &Db<'_>, call: &CheckedRequest) -> Result<Value, Failure> {
    let user_id = scope(app, call)?;
    let found = teammates::find(db, call.path_as("agent_id")?, user_id.as_deref())?;
    found.ok_or_else(|| Failure::not_found("Teammate"))
}

fn update(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let given: Map<String, Value> = call.body()?;
    check(app, &given)?;
    let updated = app.transact(
        |db| {
            found(app, db, call)?;
            Ok(teammates::update(db, call.path_as("agent_id")?, given)?)
        },
        |updated| updated,
    )?;
    Ok(json(StatusCode::OK, updated))
}

/// Switches the e-mail address of a teammate on or off.
fn set_inbox(db: &Db<'_>, id: i64, is_enabled: bool) -> Result<Value, Failure> {
    let address = is_enabled.then(|| format!("mate-{id}@inbox.m8tes.test"));
    let told = [("inbound_email_enabled", Value::Bool(is_enabled)), ("email_address", Value::from(address))];
    let told = told.into_iter().map(|(name, value)| (name.to_owned(), value));
    Ok(teammates::update(db, id, told.collect())?)
}

fn enable_inbox(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let teammate = app.transact(|db| set_inbox(db, number(&found(app, db, call)?, "id")?, true), |made| made)?;
    Ok(json(StatusCode::OK, value!({ "enabled": true, "address": teammate.get("email_address") })))
}

fn disable_inbox(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    app.transact(|db| set_inbox(db, number(&found(app, db, call)?, "id")?, false), |_| no_content())
}

fn set_status(app: &App, call: &CheckedRequest, status: Status) -> Result<Response, Failure> {
    let changed = app.transact(
        |db| {
            found(app, db, call)?;
            Ok(teammates::set_status(db, call.path_as("agent_id")?, status)?)
        },
        |changed| changed,
    )?;
    Ok(json(StatusCode::OK, changed))
}
