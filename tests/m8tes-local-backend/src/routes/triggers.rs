//! What starts a task: a schedule, its webhook, its e-mail address, an event of an app.

use axum::{
    http::{Method, StatusCode, request::Parts},
    response::Response,
};
use jiff::Timestamp;
use local_backend_kit::{CheckedRequest, clock};
use serde_json::{Map, Value, json as value};

use super::{Route, inbound, json, no_content, number, outside, runs, scope, tasks, text};
use crate::{
    app::App,
    error::Failure,
    schedule::{Cron, next_of_interval, point, time_zone},
    store::{Db, Of, TASKS, TRIGGERS, inbound as hooks, inbound::Owner, merge, now},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/tasks/{task_id}/triggers/", create),
    (Method::GET, "/tasks/{task_id}/triggers/", list),
    (Method::PATCH, "/tasks/{task_id}/triggers/{trigger_id}", update),
    (Method::DELETE, "/tasks/{task_id}/triggers/{trigger_id}", delete),
];

/// The three forms of a schedule, of which it has one.
const FORMS: [&str; 3] = ["cron", "interval_seconds", "run_at"];

/// The time zone of a schedule without one.
pub(super) fn utc() -> String {
    "UTC".to_owned()
}

/// Which trigger is meant.
enum Id {
    Webhook,
    Email,
    /// A schedule or an event, by its type and its number.
    Numbered(String, i64),
}

impl Id {
    fn read(text: &str) -> Result<Self, Failure> {
        let numbered = || {
            let (kind, number) = text.split_once('_')?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            (["schedule", "app"].contains(&kind) && is_number)
                .then(|| number.parse().ok())?
                .map(|n| (kind.to_owned(), n))
        };
        match text {
            "webhook" => Ok(Self::Webhook),
            "email" => Ok(Self::Email),
            _ => {
                let malformed = || Failure::invalid("trigger_id: Input should be as schedule_5 or app_5");
                numbered().map(|(kind, number)| Self::Numbered(kind, number)).ok_or_else(malformed)
            }
        }
    }
}

fn create(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (user_id, given): (_, Map<String, Value>) = (scope(app, call)?, call.body()?);
    let kind = given.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let made = app.transact(
        |db| {
            let task = tasks::found(db, call, user_id.as_deref())?;
            match kind.as_str() {
                "webhook" => {
                    let url = inbound::give(app, db, Owner::Task, number(&task, "id")?)?;
                    Ok(webhook(&task, true, Some(url)))
                }
                "email" => match stored(db, &task, "email")?.pop() {
                    Some(there) => Ok(shown(&task, &there)),
                    None => insert(app, db, &task, given),
                },
                "app" => {
                    for name in ["app", "trigger_name"] {
                        if given.get(name).and_then(Value::as_str).is_none_or(str::is_empty) {
                            return Err(Failure::invalid(format!("body.{name}: Field required")));
                        }
                    }
                    let made = insert(app, db, &task, given)?;
                    count_events(db, &task)?;
                    Ok(made)
                }
                _ => insert(app, db, &task, given),
            }
        },
        |made| made,
    )?;
    app.scheduled.notify_one();
    Ok(json(StatusCode::CREATED, made))
}

/// Has a task be started by a cron expression.
pub(super) fn schedule(app: &App, db: &Db<'_>, task: &Value, cron: String, timezone: String) -> Result<(), Failure> {
    let given = [("type", "schedule".to_owned()), ("cron", cron), ("timezone", timezone)];
    let given = given.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    insert(app, db, task, given.collect()).map(drop)
}

fn insert(app: &App, db: &Db<'_>, task: &Value, given: Map<String, Value>) -> Result<Value, Failure> {
    let mut rest = value!({
        "type": null, "enabled": true, "task_id": task.get("id"), "cron": null, "interval_seconds": null,
        "run_at": null, "timezone": utc(), "app": null, "trigger_name": null, "trigger_config": null,
        "allowed_senders": null, "created_at": now(), "due": null,
    });
    merge(&mut rest, given);
    let now = app.clock.now();
    check(&rest, now)?;
    set_due(&mut rest, now);
    let made = TRIGGERS.insert(db, text(task, "user_id"), &rest)?;
    Ok(shown(task, &made))
}

/// Refuses what is no schedule.
fn check(trigger: &Value, now: Timestamp) -> Result<(), Failure> {
    let timezone = text(trigger, "timezone").unwrap_or_default();
    let zone = time_zone(timezone).ok_or_else(|| Failure::invalid(format!("body.timezone: {timezone} is unknown")))?;
    if text(trigger, "type") != Some("schedule") {
        return Ok(());
    }
    let given = FORMS.iter().filter(|form| trigger.get(**form).is_some_and(|value| !value.is_null()));
    if given.count() != 1 {
        return Err(Failure::invalid("A schedule has one of cron, interval_seconds and run_at"));
    }
    if text(trigger, "cron").is_some_and(|cron| Cron::read(cron).is_none()) {
        return Err(Failure::invalid("body.cron: Input should be a cron expression of five fields"));
    }
    if trigger.get("interval_seconds").and_then(Value::as_i64).is_some_and(|seconds| seconds < 1) {
        return Err(Failure::invalid("body.interval_seconds: Input should be greater than 0"));
    }
    match text(trigger, "run_at").map(|run_at| point(run_at, &zone)) {
        Some(None) => Err(Failure::invalid("body.run_at: Input should be a valid datetime")),
        Some(Some(run_at)) if run_at <= now => Err(Failure::invalid("body.run_at: Input should be in the future")),
        _ => Ok(()),
    }
}

/// Whether a trigger is switched on.
pub(super) fn is_on(trigger: &Value) -> bool {
    trigger.get("enabled") == Some(&Value::Bool(true))
}

/// When a schedule starts its task after this, if it is switched on.
fn next_run(trigger: &Value, now: Timestamp) -> Option<Timestamp> {
    if !is_on(trigger) {
        return None;
    }
    let zone = time_zone(text(trigger, "timezone")?)?;
    let interval = trigger.get("interval_seconds").and_then(Value::as_i64);
    match (text(trigger, "cron"), interval, text(trigger, "run_at")) {
        (Some(cron), ..) => Cron::read(cron)?.next(&zone, now),
        (_, Some(seconds), _) => next_of_interval(text(trigger, "created_at")?.parse().ok()?, seconds, now),
        (_, _, Some(run_at)) => point(run_at, &zone).filter(|run_at| *run_at > now),
        _ => None,
    }
}

/// Notes in a trigger when it starts its task after this.
fn set_due(trigger: &mut Value, now: Timestamp) {
    let due = next_run(trigger, now).map(|due| clock::iso(due.as_duration().as_secs_f64()));
    merge(trigger, Map::from_iter([("due".to_owned(), Value::from(due))]));
}

/// When a schedule starts its task next.
fn due(trigger: &Value) -> Option<Timestamp> {
    text(trigger, "due")?.parse().ok()
}

/// The schedules of an account that are to start their tasks, and when.
pub(crate) fn scheduled(db: &Db<'_>) -> Result<Vec<(i64, Timestamp)>, Failure> {
    let found = TRIGGERS.all(db, Of::Anyone(None), |trigger| due(trigger).is_some())?;
    let due = found.iter().filter_map(|trigger| Some((trigger, due(trigger)?)));
    due.map(|(trigger, due)| Ok((number(trigger, "id")?, due))).collect()
}

/// Starts the task of a schedule that is due, if it may be started, and notes when the next time is. Both or neither is
/// stored.
pub(crate) fn fire(app: &App, id: i64) -> Result<Option<Timestamp>, Failure> {
    let now = app.clock.now();
    app.transact(
        |db| {
            // It may have been changed since it was found, or deleted.
            let Some(mut trigger) = TRIGGERS.find(db, id, Of::Anyone(None))? else { return Ok((None, None)) };
            if due(&trigger).is_none_or(|due| due > now) {
                return Ok((due(&trigger), None));
            }
            set_due(&mut trigger, now);
            let next = Map::from_iter([("due".to_owned(), trigger.get("due").cloned().unwrap_or_default())]);
            TRIGGERS.update(db, id, next)?;
            let task = TASKS.get(db, number(&trigger, "task_id")?)?;
            let begun = match tasks::is_enabled(db, &task)? {
                // An end user whose runs are used up has none.
                true => runs::Beginning::start(db, &outside::of_task(db, &task, "", "schedule")?, Vec::new()).ok(),
                false => None,
            };
            Ok((due(&trigger), begun))
        },
        |(next, begun)| {
            begun.map(|begun| runs::go(app, begun));
            next
        },
    )
}

/// A trigger as it is answered.
fn shown(task: &Value, trigger: &Value) -> Value {
    let field = |name: &str| trigger.get(name).cloned().unwrap_or_default();
    let kind = text(trigger, "type").unwrap_or_default();
    let is_email = kind == "email";
    let id = if is_email { kind.to_owned() } else { format!("{kind}_{}", field("id")) };
    let address = is_email.then(|| format!("task-{}@inbox.m8tes.test", field("task_id")));
    value!({
        "id": id, "type": kind, "enabled": field("enabled"), "cron": field("cron"),
        "interval_seconds": field("interval_seconds"), "run_at": field("run_at"), "timezone": field("timezone"),
        "next_run": trigger.get("due"), "url": null, "address": address, "task_id": field("task_id"),
        "task_name": task.get("name"), "app": field("app"), "trigger_name": field("trigger_name"),
        "trigger_config": field("trigger_config"),
    })
}

/// The webhook of a task as a trigger.
fn webhook(task: &Value, is_enabled: bool, url: Option<String>) -> Value {
    let trigger = value!({ "type": "webhook", "enabled": is_enabled, "timezone": utc(), "task_id": task.get("id") });
    let mut shown = shown(task, &trigger);
    let told = [("id", Value::from("webhook")), ("url", Value::from(url))];
    merge(&mut shown, told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    shown
}

/// The same, where the task has one.
fn webhook_of(task: &Value) -> Option<Value> {
    let url = text(task, "webhook_url")?.to_owned();
    Some(webhook(task, task.get("webhook_enabled") == Some(&Value::Bool(true)), Some(url)))
}

/// The triggers of a task that are of this type, the newest first.
pub(super) fn stored(db: &Db<'_>, task: &Value, kind: &str) -> Result<Vec<Value>, Failure> {
    let is_wanted = |trigger: &Value| trigger.get("task_id") == task.get("id") && text(trigger, "type") == Some(kind);
    Ok(TRIGGERS.all(db, Of::Anyone(None), is_wanted)?)
}

fn count_events(db: &Db<'_>, task: &Value) -> Result<(), Failure> {
    let count = Value::from(stored(db, task, "app")?.len());
    TASKS.update(db, number(task, "id")?, Map::from_iter([("app_trigger_count".to_owned(), count)]))?;
    Ok(())
}

/// The schedules first, and each kind in the order in which they were made.
fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let user_id = scope(app, call)?;
    let found = app.transact(
        |db| {
            let task = tasks::found(db, call, user_id.as_deref())?;
            let mut found = Vec::new();
            for kind in ["schedule", "email", "app"] {
                found.extend(stored(db, &task, kind)?.iter().rev().map(|trigger| shown(&task, trigger)));
            }
            found.extend(webhook_of(&task));
            Ok(found)
        },
        |found| found,
    )?;
    Ok(json(StatusCode::OK, Value::from(found)))
}

/// The trigger of a task with this number and type.
fn numbered(db: &Db<'_>, task: &Value, kind: &str, id: i64) -> Result<Value, Failure> {
    let found = TRIGGERS.find(db, id, Of::Anyone(None))?;
    let is_meant = |trigger: &Value| trigger.get("task_id") == task.get("id") && text(trigger, "type") == Some(kind);
    found.filter(is_meant).ok_or_else(|| Failure::not_found("Trigger"))
}

fn update(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (user_id, given): (_, Map<String, Value>) = (scope(app, call)?, call.body()?);
    let id = Id::read(call.path("trigger_id")?)?;
    let is_schedule = matches!(&id, Id::Numbered(kind, _) if kind == "schedule");
    if !is_schedule && given.keys().any(|name| name != "enabled") {
        return Err(Failure::invalid("Only a schedule has anything to change but enabled"));
    }
    let updated = app.transact(
        |db| {
            let task = tasks::found(db, call, user_id.as_deref())?;
            let not_found = || Failure::not_found("Trigger");
            let trigger = match id {
                Id::Webhook => {
                    let task_id = number(&task, "id")?;
                    let mut shown = webhook_of(&task).ok_or_else(not_found)?;
                    if let Some(enabled) = given.get("enabled").and_then(Value::as_bool) {
                        hooks::set_enabled(db, Owner::Task, task_id, enabled)?;
                        let told = Map::from_iter([("webhook_enabled".to_owned(), Value::Bool(enabled))]);
                        TASKS.update(db, task_id, told)?;
                    }
                    merge(&mut shown, given);
                    return Ok(shown);
                }
                Id::Email => stored(db, &task, "email")?.pop().ok_or_else(not_found)?,
                Id::Numbered(kind, id) => numbered(db, &task, &kind, id)?,
            };
            let mut given = given;
            if FORMS.iter().any(|form| given.contains_key(*form)) {
                for form in FORMS {
                    given.entry(form).or_insert(Value::Null);
                }
            }
            let (id, now) = (number(&trigger, "id")?, app.clock.now());
            let mut updated = TRIGGERS.update(db, id, given.clone())?;
            // What is past stays as it is, unless it is changed.
            if given.keys().any(|name| name != "enabled") {
                check(&updated, now)?;
            }
            set_due(&mut updated, now);
            let due = Map::from_iter([("due".to_owned(), updated.get("due").cloned().unwrap_or_default())]);
            Ok(shown(&task, &TRIGGERS.update(db, id, due)?))
        },
        |updated| updated,
    )?;
    app.scheduled.notify_one();
    Ok(json(StatusCode::OK, updated))
}

fn delete(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let user_id = scope(app, call)?;
    let Id::Numbered(kind, id) = Id::read(call.path("trigger_id")?)? else {
        return Err(Failure::invalid("A webhook is deleted by its own endpoint, and an e-mail address is not deleted"));
    };
    app.transact(
        |db| {
            let task = tasks::found(db, call, user_id.as_deref())?;
            numbered(db, &task, &kind, id)?;
            TRIGGERS.delete(db, id)?;
            if kind == "app" { count_events(db, &task) } else { Ok(()) }
        },
        |()| no_content(),
    )
}
