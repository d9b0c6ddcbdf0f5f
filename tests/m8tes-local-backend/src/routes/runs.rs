//! Runs.

mod begin;
mod gates;
mod history;
mod limits;
mod options;

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) use self::{
    begin::{Beginning, begin, go},
    options::Options,
};
use super::{Route, Scope, json, number, page::Page, scope, text, without};
use crate::{
    app::App,
    error::Failure,
    store::{
        Db,
        runs::{self, Asked, End, Sought, Start},
        teammates,
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/runs/", create),
    (Method::POST, "/runs/with-files", create),
    (Method::GET, "/runs/", list),
    (Method::GET, "/runs/{run_id}", get),
    (Method::POST, "/runs/{run_id}/cancel", cancel),
    (Method::GET, "/runs/{run_id}/stream", begin::join),
    (Method::POST, "/runs/{run_id}/reply", begin::reply),
    (Method::POST, "/runs/{run_id}/reply/with-files", begin::reply),
    (Method::POST, "/runs/{run_id}/retry", begin::retry),
    (Method::GET, "/runs/{run_id}/permissions", gates::list),
    (Method::POST, "/runs/{run_id}/approve", gates::approve),
    (Method::POST, "/runs/{run_id}/answer", gates::answer),
    (Method::PATCH, "/runs/{run_id}/permission-mode", gates::set_mode),
    (Method::GET, "/runs/{run_id}/outcome", history::outcome),
    (Method::GET, "/runs/{run_id}/messages", history::messages),
    (Method::GET, "/runs/{run_id}/files", history::files),
    (Method::GET, "/runs/{run_id}/files/{filename}/download", history::download),
];

#[derive(Deserialize)]
struct Create {
    message: String,
    stream: bool,
    teammate_id: Option<i64>,
    tools: Option<Vec<String>>,
    name: Option<String>,
    instructions: Option<String>,
    user_id: Option<String>,
    metadata: Option<Value>,
    #[serde(default)]
    email_inbox: bool,
    output_schema: Option<Value>,
    skill: Option<String>,
}

/// Refuses a mode that asks people, where none are in the loop, and turns beyond what there may be.
fn check(mode: Option<&str>, human_in_the_loop: bool, max_turns: Option<i64>) -> Result<(), Failure> {
    if let Some(mode @ ("approval" | "plan")) = mode
        && !human_in_the_loop
    {
        return Err(Failure::invalid(format!("permission_mode {mode} requires human_in_the_loop")));
    }
    if max_turns.is_some_and(|turns| !(1..=2000).contains(&turns)) {
        return Err(Failure::invalid("body.max_turns: Input should be between 1 and 2000"));
    }
    Ok(())
}

impl Create {
    /// The teammate that is to do it: the one that is named, or a new one.
    fn teammate(&self, db: &Db<'_>) -> Result<Value, Failure> {
        if let Some(id) = self.teammate_id {
            let teammate = teammates::find(db, id, None)?.ok_or_else(|| Failure::not_found("Teammate"))?;
            let owner = text(&teammate, "user_id");
            if owner.is_some() && self.user_id.is_some() && owner != self.user_id.as_deref() {
                return Err(Failure::invalid("user_id does not match the scope of the teammate"));
            }
            return Ok(teammate);
        }
        let fields = [
            ("name", self.name.clone().map(Value::from)),
            ("instructions", self.instructions.clone().map(Value::from)),
            ("tools", self.tools.clone().map(Value::from)),
        ];
        let given: Map<String, Value> =
            fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        Ok(teammates::insert(db, self.user_id.as_deref(), given)?)
    }
}

fn create(app: &App, request: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (create, options): (Create, Options) = (call.body()?, call.body()?);
    app.require_user(create.user_id.as_deref())?;
    app.check_tools(create.tools.iter().flatten())?;
    check_message(&create.message)?;
    begin(app, request, call, create.stream, |db| {
        let teammate = create.teammate(db)?;
        let Create { message, tools, user_id, metadata, email_inbox, output_schema, skill, .. } = create;
        let user_id = user_id.or_else(|| text(&teammate, "user_id").map(str::to_owned));
        let mut start = Start { metadata, ..start_of(&teammate, None, user_id, message, options)? };
        start.asked.tools = tools.unwrap_or(start.asked.tools);
        start.asked = Asked { email_inbox, output_schema, skill, ..start.asked };
        Beginning::start(db, &start, begin::attachments(call))
    })
}

/// What a run of a teammate, and maybe of a task of it, is started with.
pub(super) fn start_of(
    teammate: &Value,
    task: Option<&Value>,
    user_id: Option<String>,
    message: String,
    options: Options,
) -> Result<Start, Failure> {
    let (asked, permission_mode) = options.of(teammate, task, message)?;
    let named = |task| Ok::<_, Failure>((number(task, "id")?, text(task, "name").map(str::to_owned)));
    Ok(Start {
        teammate_id: number(teammate, "id")?,
        task: task.map(named).transpose()?,
        user_id,
        metadata: None,
        permission_mode,
        trigger_source: None,
        retry_of: None,
        asked,
    })
}

/// What a run of a list has not where its summary is asked for.
const NOT_IN_SUMMARY: [&str; 4] = ["files", "metadata", "output", "output_data"];

/// Refuses a message that says nothing.
fn check_message(message: &str) -> Result<(), Failure> {
    match message.trim().is_empty() {
        true => Err(Failure::invalid("body.message: String should have at least 1 character")),
        false => Ok(()),
    }
}

/// The tools of a teammate, or of a task.
fn tools_of(object: &Value) -> Vec<String> {
    let tools = object.get("tools").and_then(Value::as_array).into_iter().flatten();
    tools.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Filter {
        teammate_id: Option<i64>,
        task_id: Option<i64>,
        status: Option<String>,
        sort: Option<String>,
        archived: Option<String>,
        include_end_user_runs: Option<String>,
        fields: Option<String>,
    }

    let (scope, filter, page): (Scope, Filter, Page) = (call.query()?, call.query()?, call.query()?);
    app.require_user(scope.user_id.as_deref())?;
    let after = page.after()?;
    // No run here is archived, or billed to the platform.
    if filter.archived.as_deref() == Some("only") {
        return Ok(page.of(Vec::new()));
    }
    let (user_id, status) = (scope.user_id.as_deref(), filter.status.as_deref());
    let (teammate_id, task_id) = (filter.teammate_id, filter.task_id);
    let by_priority = filter.sort.as_deref() == Some("priority");
    let with_end_users = user_id.is_some() || filter.include_end_user_runs.as_deref() != Some("false");
    let limit = page.sought();
    let sought = Sought { user_id, teammate_id, task_id, status, with_end_users, by_priority, after, limit };
    let found = app.transact(|db| Ok(runs::list(db, &sought)?), |found| found)?;
    Ok(page.of(if filter.fields.is_some() { without(found, &NOT_IN_SUMMARY) } else { found }))
}

fn get(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    scope(app, call)?;
    let found = app.transact(|db| found(db, call), |found| found)?;
    Ok(json(StatusCode::OK, found))
}

fn found(db: &Db<'_>, call: &CheckedRequest) -> Result<Value, Failure> {
    let scope: Scope = call.query()?;
    let found = runs::find(db, call.path_as("run_id")?, scope.user_id.as_deref())?;
    found.ok_or_else(|| Failure::not_found("Run"))
}

fn cancel(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    scope(app, call)?;
    let id: i64 = call.path_as("run_id")?;
    let cancelled = app.transact(
        |db| {
            found(db, call)?;
            let told = app.runs.find(id).map(|live| live.said().sayings.clone()).unwrap_or_default();
            if !runs::end(db, id, &End { status: "cancelled", told, ..End::default() })? {
                return Err(not_active("The run is not active"));
            }
            runs::call_off(db, id)?;
            Ok(runs::get(db, id)?)
        },
        |run| {
            if let Some((live, script)) = app.runs.end(id) {
                script.abort();
                live.tell(&serde_json::json!({ "type": "cancelled" }));
                live.finish();
            }
            run
        },
    )?;
    Ok(json(StatusCode::OK, cancelled))
}

/// What is asked of a run that is at its end.
fn not_active(message: &str) -> Failure {
    Failure::conflict(message).coded("run_not_active")
}
