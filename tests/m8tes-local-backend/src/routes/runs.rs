//! Runs.

use std::{sync::Arc, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue, Method, StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::{Call, events};
use rusqlite::Transaction;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Route, Scope, json, number, page::Page, text};
use crate::{
    app::App,
    error::Failure,
    live::Live,
    play::play,
    script::Asked,
    store::{
        runs::{self, End, Sought, Start},
        teammates,
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/runs/", create),
    (Method::GET, "/runs/", list),
    (Method::GET, "/runs/{run_id}", get),
    (Method::POST, "/runs/{run_id}/cancel", cancel),
    (Method::GET, "/runs/{run_id}/stream", join),
];

/// How often a stream without frames shows that it is alive.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");
const RUN_ID: HeaderName = HeaderName::from_static("x-run-id");

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
    human_in_the_loop: Option<bool>,
    permission_mode: Option<String>,
    max_turns: Option<i64>,
    #[serde(default)]
    email_inbox: bool,
    output_schema: Option<Value>,
    skill: Option<String>,
}

impl Create {
    /// Refuses what can't be, and what the local backend would have to pretend.
    fn check(&self, app: &App) -> Result<(), Failure> {
        app.require_user(self.user_id.as_deref())?;
        if let Some(mode @ ("approval" | "plan")) = self.permission_mode.as_deref() {
            if self.human_in_the_loop != Some(true) {
                return Err(Failure::invalid(format!("permission_mode {mode} requires human_in_the_loop")));
            }
            return Err(Failure::not_served(&format!("permission_mode {mode}")));
        }
        if self.max_turns.is_some_and(|turns| !(1..=2000).contains(&turns)) {
            return Err(Failure::invalid("body.max_turns: Input should be between 1 and 2000"));
        }
        let unserved = [
            ("email_inbox of a run", self.email_inbox),
            ("output_schema of a run", self.output_schema.is_some()),
            ("skill of a run", self.skill.is_some()),
        ];
        match unserved.iter().find(|(_, is_asked_for)| *is_asked_for) {
            Some((what, _)) => Err(Failure::not_served(what)),
            None => Ok(()),
        }
    }

    /// The teammate that is to do it: the one that is named, or a new one.
    fn teammate(&self, db: &Transaction<'_>) -> Result<Value, Failure> {
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

/// A run that was started by a request, or by an earlier one with the same key.
struct Started {
    run: Value,
    id: i64,
    /// Where it is told, unless it is an earlier one.
    live: Option<Arc<Live>>,
}

fn create(app: &Arc<App>, request: &Parts, call: &Call) -> Result<Response, Failure> {
    let create: Create = call.body()?;
    create.check(app)?;
    let key = request.headers.get(KEY).and_then(|key| key.to_str().ok()).filter(|key| !key.is_empty());
    let asked_for = call.body::<Value>()?.to_string();

    let started = app.transact(
        |db| {
            if let Some(key) = key
                && let Some((earlier, id)) = runs::started_by(db, key)?
            {
                if earlier != asked_for {
                    let message = "The Idempotency-Key was used with another request";
                    return Err(Failure::conflict(message).coded("idempotency_key_reuse"));
                }
                return Ok((runs::get(db, id)?, id, None));
            }
            let teammate = create.teammate(db)?;
            let teammate_id = number(&teammate, "id")?;
            let user_id = create.user_id.as_deref().or_else(|| text(&teammate, "user_id"));
            let (message, metadata) = (create.message.as_str(), create.metadata.as_ref());
            let permission_mode = create.permission_mode.as_deref();
            let run = runs::insert(db, &Start { teammate_id, user_id, message, metadata, permission_mode })?;
            let id = number(&run, "id")?;
            if let Some(key) = key {
                runs::keep_key(db, key, &asked_for, id)?;
            }
            let tools = create.tools.clone().unwrap_or_else(|| tools(&teammate));
            let user_id = user_id.map(str::to_owned);
            Ok((run, id, Some(Asked { id, teammate_id, message: message.to_owned(), tools, user_id })))
        },
        // Before anybody else's turn: who finds the run in the database finds it going on.
        |(run, id, asked)| Started { run, id, live: asked.map(|asked| play(app, asked)) },
    )?;

    let Started { run, id, live } = started;
    match live {
        None => {
            let mut response = json(StatusCode::OK, run);
            response.headers_mut().insert(REPLAY, HeaderValue::from_static("true"));
            Ok(response)
        }
        Some(live) if create.stream => {
            Ok(with_run_id(events::stream(live.from_start(app.closing.clone()), ALIVE_EVERY), id))
        }
        Some(_) => Ok(json(StatusCode::OK, run)),
    }
}

fn tools(teammate: &Value) -> Vec<String> {
    let tools = teammate.get("tools").and_then(Value::as_array).into_iter().flatten();
    tools.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn with_run_id(mut response: Response, id: i64) -> Response {
    response.headers_mut().insert(RUN_ID, HeaderValue::from(id));
    response
}

fn list(app: &Arc<App>, _: &Parts, call: &Call) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Filter {
        teammate_id: Option<i64>,
        task_id: Option<i64>,
        status: Option<String>,
        sort: Option<String>,
        archived: Option<String>,
        exclude_platform_runs: Option<String>,
        include_end_user_runs: Option<String>,
        fields: Option<String>,
    }

    let (scope, filter, page): (Scope, Filter, Page) = (call.query()?, call.query()?, call.query()?);
    app.require_user(scope.user_id.as_deref())?;
    let unserved = [
        ("sort=priority", filter.sort.as_deref() == Some("priority")),
        ("exclude_platform_runs", filter.exclude_platform_runs.is_some()),
        ("include_end_user_runs", filter.include_end_user_runs.is_some()),
        ("fields=summary", filter.fields.is_some()),
    ];
    if let Some((what, _)) = unserved.iter().find(|(_, is_asked_for)| *is_asked_for) {
        return Err(Failure::not_served(what));
    }
    let after = page.after()?;
    // No run here is archived, or belongs to a task.
    if filter.archived.as_deref() == Some("only") || filter.task_id.is_some() {
        return Ok(page.of(Vec::new()));
    }
    let (user_id, status) = (scope.user_id.as_deref(), filter.status.as_deref());
    let sought = Sought { user_id, teammate_id: filter.teammate_id, status, after, limit: page.sought() };
    let found = app.transact(|db| Ok(runs::list(db, &sought)?), |found| found)?;
    Ok(page.of(found))
}

fn get(app: &Arc<App>, _: &Parts, call: &Call) -> Result<Response, Failure> {
    let found = app.transact(|db| found(db, call), |found| found)?;
    Ok(json(StatusCode::OK, found))
}

fn found(db: &Transaction<'_>, call: &Call) -> Result<Value, Failure> {
    let scope: Scope = call.query()?;
    let found = runs::find(db, call.path_as("run_id")?, scope.user_id.as_deref())?;
    found.ok_or_else(|| Failure::not_found("Run"))
}

fn cancel(app: &Arc<App>, _: &Parts, call: &Call) -> Result<Response, Failure> {
    let id: i64 = call.path_as("run_id")?;
    let cancelled = app.transact(
        |db| {
            found(db, call)?;
            let (output, error, error_code, stop_reason) = (None, None, None, None);
            if !runs::end(db, id, &End { status: "cancelled", output, error, error_code, stop_reason })? {
                return Err(Failure::conflict("The run is not active").coded("run_not_active"));
            }
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

fn join(app: &Arc<App>, _: &Parts, call: &Call) -> Result<Response, Failure> {
    let id: i64 = call.path_as("run_id")?;
    let live = app.transact(|db| found(db, call), |_| app.runs.find(id))?;
    let over = || Failure::conflict("The run is no longer executing").coded("run_not_active");
    let live = live.ok_or_else(over)?;
    Ok(with_run_id(events::stream(live.joined(app.closing.clone()), ALIVE_EVERY), id))
}
