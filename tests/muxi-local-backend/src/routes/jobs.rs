//! What is done at set times. No clock does it here.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Route, Work, users::UNKNOWN};
use crate::{
    app::App,
    caller::{self, Key},
    cron,
    envelope::{Answer, written_now},
    error::Failure,
    ids,
    things::JOBS,
    users,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/scheduler/jobs", Key::Either, Work::Now(list)),
    (Method::POST, "/v1/scheduler/jobs", Key::AdminOnly, Work::Once(create)),
    (Method::GET, "/v1/scheduler/jobs/{job_id}", Key::AdminOnly, Work::Now(get)),
    (Method::PUT, "/v1/scheduler/jobs/{job_id}", Key::AdminOnly, Work::Now(update)),
    (Method::DELETE, "/v1/scheduler/jobs/{job_id}", Key::AdminOnly, Work::Now(delete)),
    (
        Method::POST,
        "/v1/scheduler/jobs/{job_id}/pause",
        Key::AdminOnly,
        Work::Now(|app, _, call| switch(app, call, ("ACTIVE", "PAUSED"), "scheduler.job.paused")),
    ),
    (
        Method::POST,
        "/v1/scheduler/jobs/{job_id}/resume",
        Key::AdminOnly,
        Work::Now(|app, _, call| switch(app, call, ("PAUSED", "ACTIVE"), "scheduler.job.resumed")),
    ),
];

fn list(app: &App, parts: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let user = caller::user_unless_admin(&parts.headers)?;
    let jobs = JOBS.list(&app.store, user.as_deref())?;
    let count = jobs.len();
    Ok(Answer::new("scheduled_job_list", "scheduler.jobs.list", json!({ "jobs": jobs, "count": count })))
}

fn create(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Create {
        #[serde(rename = "type")]
        kind: String,
        schedule: String,
        message: String,
    }

    let Create { kind, schedule, message } = call.body()?;
    let is_recurring = match kind.as_str() {
        "recurring" => true,
        "one_time" => false,
        other => {
            let message = format!("Invalid job type '{other}'. Must be 'one_time' or 'recurring'");
            return Err(Failure::bad_value(message));
        }
    };
    let time = if is_recurring { checked_cron(&schedule).map(|()| None) } else { future(&schedule).map(Some) }?;
    if message.is_empty() {
        return Err(Failure::internal("Failed to create scheduled job: the message is empty"));
    }
    let user = caller::user(&parts.headers).unwrap_or_else(|| "0".to_owned());
    let id = ids::fresh("job_").chars().take(20).collect::<String>();
    let written = written_now();
    let job = json!({
        "id": id, "user_id": user, "title": message, "original_prompt": message, "execution_prompt": message,
        "is_recurring": is_recurring, "cron_expression": is_recurring.then_some(&schedule),
        "scheduled_for": time.map(|time| time.to_string()), "exclusion_rules": [], "status": "ACTIVE",
        "created_at": written, "updated_at": written, "last_run_at": null, "last_run_status": null,
        "last_run_failure_message": null, "total_runs": 0, "total_failures": 0, "consecutive_failures": 0,
        "job_metadata": {},
    });
    JOBS.insert(&app.store, &id, &user, &job)?;
    users::resolve(&app.store, &user, UNKNOWN, &written)?;
    Ok(Answer::new("scheduled_job", "scheduler.job.created", job).created())
}

fn get(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let id = call.path("job_id")?;
    let job = JOBS.get(&app.store, id)?.ok_or_else(|| no_such(id, ""))?;
    Ok(Answer::new("scheduled_job", "scheduler.job.retrieved", job))
}

fn checked_cron(schedule: &str) -> Result<(), Failure> {
    let Some(problem) = cron::problem(schedule) else { return Ok(()) };
    let (message, expected) =
        ("Invalid cron expression for recurring job", "Valid cron expression (e.g., '0 9 * * 1')");
    Err(Failure::bad_schedule(message, schedule, expected, Some(&problem)))
}

/// A time that is yet to come.
fn future(schedule: &str) -> Result<jiff::Timestamp, Failure> {
    let time = time(schedule).map_err(|problem| {
        let (message, expected) =
            ("Invalid datetime format for one_time job", "ISO 8601 datetime (e.g., '2025-10-25T14:00:00Z')");
        Failure::bad_schedule(message, schedule, expected, Some(&problem.to_string()))
    })?;
    if time <= jiff::Timestamp::now() {
        let (message, expected) = ("Schedule datetime must be in the future", "Future ISO 8601 datetime");
        return Err(Failure::bad_schedule(message, schedule, expected, None));
    }
    Ok(time)
}

/// As the runtime's database keeps it: what the clock shows is taken for UTC, whatever the offset.
fn time(schedule: &str) -> Result<jiff::Timestamp, jiff::Error> {
    let shown = jiff::fmt::temporal::Pieces::parse(schedule)?;
    let shown = shown.date().to_datetime(shown.time().unwrap_or_default());
    Ok(shown.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp())
}

/// A job that is told something else becomes another.
fn update(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Update {
        message: Option<String>,
        schedule: Option<String>,
        title: Option<String>,
    }

    let (id, Update { message, schedule, title }) = (call.path("job_id")?, call.body()?);
    let user = caller::user(&parts.headers).unwrap_or_else(|| "0".to_owned());
    let failed = |why: String| Failure::internal(format!("Failed to update scheduled job: {why}"));
    let mut job = JOBS.get(&app.store, id)?.ok_or_else(|| no_such(id, ""))?;
    if job.get("user_id").is_none_or(|owner| *owner != user) {
        return Err(failed(format!("User {user} does not have permission to update job {id}")));
    }
    let is_recurring = job.get("is_recurring") == Some(&json!(true));
    if is_recurring && schedule.as_deref().is_some_and(|schedule| cron::problem(schedule).is_some()) {
        return Err(failed("Invalid cron expression".to_owned()));
    }
    if message.is_some() && !is_recurring {
        return Err(failed("the time is no time".to_owned()));
    }
    let old = job.get("title").and_then(Value::as_str).unwrap_or_default();
    let title = title.or_else(|| message.as_ref().map(|_| format!("Updated: {old}")));
    let mut set = |field: &str, value: Option<Value>| {
        if let (Some(value), Some(job)) = (value, job.as_object_mut()) {
            job.insert(field.to_owned(), value);
        }
    };
    let other = message.as_ref().map(|_| ids::fresh("job_").chars().take(20).collect::<String>());
    set("title", title.map(Value::from));
    set(if is_recurring { "cron_expression" } else { "scheduled_for" }, schedule.map(Value::from));
    set("original_prompt", message.clone().map(Value::from));
    set("execution_prompt", message.map(Value::from));
    set("updated_at", Some(Value::from(written_now())));
    set("id", other.clone().map(Value::from));
    match other {
        Some(other) => {
            JOBS.delete(&app.store, id)?;
            JOBS.insert(&app.store, &other, &user, &job)?;
        }
        None => {
            JOBS.change(&app.store, id, |_| Some(job.clone()))?;
        }
    }
    Ok(Answer::new("scheduled_job", "scheduler.job.updated", job))
}

fn delete(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let id = call.path("job_id")?;
    if !JOBS.delete(&app.store, id)? {
        return Err(no_such(id, ""));
    }
    let data = json!({ "message": format!("Scheduled job '{id}' removed successfully") });
    Ok(Answer::new("message", "scheduler.job.deleted", data))
}

fn switch(app: &App, call: &CheckedRequest, (from, to): (&str, &str), event: &'static str) -> Result<Answer, Failure> {
    let id = call.path("job_id")?;
    let changed = JOBS.change(&app.store, id, |mut job| {
        let status = job.get_mut("status").filter(|status| **status == from)?;
        *status = Value::from(to);
        Some(job)
    })?;
    changed.ok_or_else(|| no_such(id, &format!(" or not in {from} state")))?;
    Ok(Answer::new("scheduled_job", event, json!({ "id": id, "status": to })))
}

fn no_such(id: &str, more: &str) -> Failure {
    Failure::not_found("RESOURCE_NOT_FOUND", format!("Scheduled job '{id}' not found{more}"))
}
