//! What teammates remember.

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json as value};

use super::{Route, json, no_content, number, page::Page, scope, text};
use crate::{
    app::App,
    error::Failure,
    store::{Db, MEMORIES, Of, now, users},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/memories/", create),
    (Method::GET, "/memories/", list),
    (Method::PATCH, "/memories/{memory_id}", update),
    (Method::DELETE, "/memories/{memory_id}", delete),
];

/// How many characters one may have.
const LENGTH: usize = 300;

fn create(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Create {
        content: String,
        user_id: Option<String>,
        audience: Option<String>,
    }

    let Create { content, user_id, audience } = call.body()?;
    app.require_user(user_id.as_deref())?;
    check_content(&content)?;
    let made = app.transact(
        |db| {
            check_new(db, user_id.as_deref(), &content, None)?;
            users::ensure(db, user_id.as_deref())?;
            let rest = value!({
                "content": content, "source": "api", "created_at": now(), "agent_instance_id": null,
                "created_by_agent_instance_id": null, "scope": audience.as_deref().unwrap_or("account"),
                "audience": audience,
            });
            Ok(MEMORIES.insert(db, user_id.as_deref(), &rest)?)
        },
        |made| made,
    )?;
    Ok(json(StatusCode::CREATED, made))
}

fn check_content(content: &str) -> Result<(), Failure> {
    match content.trim().chars().count() {
        0 => Err(Failure::invalid("body.content: String should have at least 1 character")),
        length if length > LENGTH => {
            Err(Failure::invalid(format!("body.content: String should have at most {LENGTH} characters")))
        }
        _ => Ok(()),
    }
}

/// Refuses what is remembered already, but for one that it stands for.
fn check_new(db: &Db<'_>, user_id: Option<&str>, content: &str, but: Option<i64>) -> Result<(), Failure> {
    let sought = folded(content);
    let same = MEMORIES.all(db, Of::Only(user_id), |memory| {
        let is_other = memory.get("id").and_then(Value::as_i64) != but;
        is_other && text(memory, "content").is_some_and(|content| folded(content) == sought)
    })?;
    if same.is_empty() { Ok(()) } else { Err(Failure::conflict("An identical memory exists")) }
}

/// A text without what makes no difference: case, and runs of blanks.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Filter {
        query: Option<String>,
    }

    let (user_id, filter, page): (_, Filter, Page) = (scope(app, call)?, call.query()?, call.query()?);
    let range = (page.after()?, page.sought());
    let query = filter.query.map(|query| query.to_lowercase());
    let is_wanted = |memory: &Value| {
        let content = text(memory, "content").unwrap_or_default().to_lowercase();
        query.as_ref().is_none_or(|query| content.contains(query))
    };
    let found =
        app.transact(|db| Ok(MEMORIES.list(db, Of::Only(user_id.as_deref()), range, is_wanted)?), |found| found)?;
    Ok(page.of(found))
}

fn update(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (user_id, given): (_, Map<String, Value>) = (scope(app, call)?, call.body()?);
    if given.is_empty() {
        return Err(Failure::invalid("body: content or audience is required"));
    }
    let content = given.get("content").and_then(Value::as_str).map(str::to_owned);
    content.as_deref().map_or(Ok(()), check_content)?;
    let updated = app.transact(
        |db| {
            let id = found(db, call, user_id.as_deref())?;
            if let Some(content) = &content {
                check_new(db, user_id.as_deref(), content, Some(id))?;
            }
            let mut given = given;
            if let Some(audience) = given.get("audience").cloned() {
                given.insert("scope".to_owned(), audience);
            }
            Ok(MEMORIES.update(db, id, given)?)
        },
        |updated| updated,
    )?;
    Ok(json(StatusCode::OK, updated))
}

fn found(db: &Db<'_>, call: &CheckedRequest, user_id: Option<&str>) -> Result<i64, Failure> {
    let found = MEMORIES.find(db, call.path_as("memory_id")?, Of::Only(user_id))?;
    number(&found.ok_or_else(|| Failure::not_found("Memory"))?, "id")
}

fn delete(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let user_id = scope(app, call)?;
    app.transact(|db| Ok(MEMORIES.delete(db, found(db, call, user_id.as_deref())?)?), |()| no_content())
}
