//! Tasks.

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json as value};

use super::{Route, inbound, json, no_content, number, page::Page, runs, runs::Options, scope, text, triggers};
use crate::{
    app::App,
    error::Failure,
    store::{Db, Of, TASKS, inbound::Owner, merge, now, runs::Start, teammates, with_nulls},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/tasks/", create),
    (Method::GET, "/tasks/", list),
    (Method::GET, "/tasks/{task_id}", get),
    (Method::PATCH, "/tasks/{task_id}", update),
    (Method::DELETE, "/tasks/{task_id}", archive),
    (Method::POST, "/tasks/{task_id}/runs", run),
];

const ARCHIVED: &str = "archived";

/// What is null of a task unless it is asked for otherwise.
const NULL: [&str; 14] = [
    "effort",
    "enable_feedback",
    "enable_history",
    "enable_memory",
    "enable_task_setup_tools",
    "expected_output",
    "goals",
    "model",
    "name",
    "permission_mode",
    "source_template_task_slug",
    "updated_at",
    "webhook_url",
    "workflow_stage",
];

/// Everything that a task is unless it is asked for otherwise.
fn defaults(teammate_id: i64) -> Value {
    let told = value!({
        "teammate_id": teammate_id, "instructions": "", "tools": [], "status": "enabled", "created_at": now(),
        "source": "api", "is_bootstrap": false, "email_notifications": true, "webhook_enabled": false,
        "app_trigger_count": 0, "is_modified": false, "user_recommends_removal": false, "enable_lessons": true,
    });
    with_nulls(told, &NULL)
}

fn create(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Create {
        teammate_id: i64,
        user_id: Option<String>,
        schedule: Option<String>,
        #[serde(default = "triggers::utc")]
        schedule_timezone: String,
        #[serde(default)]
        webhook: bool,
    }

    let (create, mut given): (Create, Map<String, Value>) = (call.body()?, call.body()?);
    ["user_id", "webhook"].iter().for_each(|name| drop(given.remove(*name)));
    app.require_user(create.user_id.as_deref())?;
    check(app, &given)?;
    let made = app.transact(
        |db| {
            let teammate = teammates::find(db, create.teammate_id, None)?;
            let teammate = teammate.ok_or_else(|| Failure::not_found("Teammate"))?;
            let user_id = one_user(create.user_id.as_deref(), text(&teammate, "user_id"), "teammate")?;
            let mut rest = defaults(create.teammate_id);
            merge(&mut rest, given);
            let mut task = TASKS.insert(db, user_id, &rest)?;
            let id = number(&task, "id")?;
            if let Some(cron) = create.schedule {
                triggers::schedule(app, db, &task, cron, create.schedule_timezone)?;
            }
            if create.webhook {
                let url = inbound::give(app, db, Owner::Task, id)?;
                // This once in full.
                task = TASKS.get(db, id)?;
                merge(&mut task, Map::from_iter([("webhook_url".to_owned(), Value::from(url))]));
            }
            Ok(task)
        },
        |made| made,
    )?;
    app.scheduled.notify_one();
    Ok(json(StatusCode::CREATED, made))
}

/// Whose something is that is `whose`, and is asked for by `asked`.
fn one_user<'a>(asked: Option<&'a str>, whose: Option<&'a str>, what: &str) -> Result<Option<&'a str>, Failure> {
    if asked.is_some() && whose.is_some() && asked != whose {
        return Err(Failure::invalid(format!("user_id does not match the scope of the {what}")));
    }
    Ok(asked.or(whose))
}

fn check(app: &App, given: &Map<String, Value>) -> Result<(), Failure> {
    app.check_tools_of(given)?;
    match given.get("instructions").and_then(Value::as_str) {
        Some(instructions) if instructions.trim().is_empty() => {
            Err(Failure::invalid("body.instructions: String should have at least 1 character"))
        }
        _ => Ok(()),
    }
}

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Filter {
        teammate_id: Option<i64>,
        include_archived: Option<String>,
    }

    let (user_id, filter, page): (_, Filter, Page) = (scope(app, call)?, call.query()?, call.query()?);
    let with_archived = filter.include_archived.as_deref() == Some("true");
    let is_wanted = |task: &Value| {
        let is_of_teammate = filter.teammate_id.is_none_or(|id| task.get("teammate_id") == Some(&Value::from(id)));
        is_of_teammate && (with_archived || text(task, "status") != Some(ARCHIVED))
    };
    let (of, range) = (Of::Anyone(user_id.as_deref()), (page.after()?, page.sought()));
    let found = app.transact(|db| Ok(TASKS.list(db, of, range, is_wanted)?), |found| found)?;
    Ok(page.of(found))
}

/// The task of a request, if it is there for its end user.
pub(super) fn found(db: &Db<'_>, call: &CheckedRequest, user_id: Option<&str>) -> Result<Value, Failure> {
    let found = TASKS.find(db, call.path_as("task_id")?, Of::Anyone(user_id))?;
    found.ok_or_else(|| Failure::not_found("Task"))
}

fn get(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let user_id = scope(app, call)?;
    let found = app.transact(|db| found(db, call, user_id.as_deref()), |found| found)?;
    Ok(json(StatusCode::OK, found))
}

fn change(app: &App, call: &CheckedRequest, given: Map<String, Value>) -> Result<Value, Failure> {
    let user_id = scope(app, call)?;
    app.transact(
        |db| {
            let id = number(&found(db, call, user_id.as_deref())?, "id")?;
            Ok(TASKS.update(db, id, given)?)
        },
        |changed| changed,
    )
}

fn update(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let given: Map<String, Value> = call.body()?;
    check(app, &given)?;
    Ok(json(StatusCode::OK, change(app, call, given)?))
}

fn archive(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    change(app, call, Map::from_iter([("status".to_owned(), Value::from(ARCHIVED))]))?;
    Ok(no_content())
}

fn run(app: &App, request: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Run {
        stream: bool,
        user_id: Option<String>,
        metadata: Option<Value>,
    }

    let (Run { stream, user_id, metadata }, options): (_, Options) = (call.body()?, call.body()?);
    app.require_user(user_id.as_deref())?;
    runs::begin(app, request, call, stream, |db| {
        let task = found(db, call, None)?;
        if text(&task, "status") == Some(ARCHIVED) {
            return Err(Failure::not_found("Task"));
        }
        let user_id = one_user(user_id.as_deref(), text(&task, "user_id"), "task")?;
        let start = Start { metadata, ..start_of(db, &task, user_id, "api", options)? };
        runs::Beginning::start(db, &start, Vec::new())
    })
}

/// Whether a task may be started by what is not a request: it is enabled, and so is its teammate.
pub(super) fn is_enabled(db: &Db<'_>, task: &Value) -> Result<bool, Failure> {
    let teammate = teammates::get(db, number(task, "teammate_id")?)?;
    Ok([task, &teammate].iter().all(|each| text(each, "status") == Some("enabled")))
}

/// A run of a task as the task says, for what this is the source of.
pub(super) fn start_of(
    db: &Db<'_>,
    task: &Value,
    user_id: Option<&str>,
    source: &'static str,
    options: Options,
) -> Result<Start, Failure> {
    let teammate = teammates::get(db, number(task, "teammate_id")?)?;
    let message = text(task, "instructions").unwrap_or_default().to_owned();
    let start = runs::start_of(&teammate, Some(task), user_id.map(str::to_owned), message, options)?;
    Ok(Start { trigger_source: Some(source), ..start })
}
