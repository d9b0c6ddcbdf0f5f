//! What is outside the API: what starts a run from without, and the page that asks whether an app may be connected.

use std::sync::Arc;

use axum::{
    body::to_bytes,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use local_backend_kit::BODY_LIMIT;
use serde::Deserialize;
use serde_json::{Value, json as value};

use super::{apps, json, runs, runs::Options, tasks, text, triggers};
use crate::{
    app::{App, Insides},
    error::Failure,
    store::{
        Db, Of, TASKS,
        inbound::{self, Owner},
        runs::{self as stored, Start},
        teammates,
    },
};

/// Answers what is outside the API: a post to a webhook, an e-mail, an event of an app, and the page that asks whether an app
/// may be connected, where everybody agrees at once.
pub(crate) async fn outside(insides: &Arc<Insides>, request: Request) -> Result<Response, Request> {
    let path = request.uri().path().to_owned();
    let segments: Vec<_> = path.split('/').skip(1).collect();
    let answer = match (request.method().as_str(), segments.as_slice()) {
        ("GET", ["authorize", connection_id]) => apps::authorized(insides, connection_id)
            .map(|location| (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()),
        ("POST", ["webhooks", "agents", token]) => posted(insides, Owner::Teammate, token, request).await,
        ("POST", ["webhooks", "tasks", token]) => posted(insides, Owner::Task, token, request).await,
        ("POST", ["emails", address]) => mailed(insides, address, request).await,
        ("POST", ["events", app, name]) => happened(insides, (app, name), request).await,
        _ => return Err(request),
    };
    Ok(answer.unwrap_or_else(IntoResponse::into_response))
}

async fn body_of(request: Request) -> Result<String, Failure> {
    let body = to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|_| Failure::bad_request("No body"))?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn started(run_id: i64) -> Response {
    json(StatusCode::ACCEPTED, value!({ "run_id": run_id }))
}

/// A run of a teammate that was not asked for through the API.
fn of_teammate(teammate: &Value, message: String, source: &'static str) -> Result<Start, Failure> {
    if text(teammate, "status") != Some("enabled") {
        return Err(Failure::conflict("The teammate is not enabled"));
    }
    let user_id = text(teammate, "user_id").map(str::to_owned);
    Ok(Start { trigger_source: Some(source), ..runs::start_of(teammate, None, user_id, message, Options::default())? })
}

/// A run of a task that was not asked for through the API: with what has come, after what the task says.
pub(super) fn of_task(db: &Db<'_>, task: &Value, more: &str, source: &'static str) -> Result<Start, Failure> {
    if !tasks::is_enabled(db, task)? {
        return Err(Failure::conflict("The task, or its teammate, is not enabled"));
    }
    let mut start = tasks::start_of(db, task, text(task, "user_id"), source, Options::default())?;
    if !more.is_empty() {
        start.asked.message = format!("{}\n\n{more}", start.asked.message);
    }
    Ok(start)
}

/// Starts the run that a post to a webhook asks for.
async fn posted(insides: &Arc<Insides>, owner: Owner, token: &str, request: Request) -> Result<Response, Failure> {
    let payload = body_of(request).await?;
    let found = insides.transact(|db| Ok(inbound::find(db, owner, token)?))?;
    let (account, id) = found.ok_or_else(|| Failure::not_found("Webhook"))?;
    let app = App::of(insides, account);
    let run = app.transact(
        |db| {
            let start = match owner {
                Owner::Teammate => of_teammate(&teammates::get(db, id)?, payload, "webhook")?,
                Owner::Task => of_task(db, &TASKS.get(db, id)?, &payload, "webhook")?,
            };
            runs::Beginning::start(db, &start, Vec::new())
        },
        |beginning| runs::go(&app, beginning),
    )?;
    Ok(started(run))
}

/// An e-mail.
#[derive(Deserialize)]
struct Email {
    from: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
}

impl Email {
    fn message(&self) -> String {
        [self.subject.as_str(), self.text.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    /// Refuses it where others alone may send.
    fn check(&self, allowed: Option<&Value>) -> Result<(), Failure> {
        let mut allowed = match allowed.and_then(Value::as_array) {
            Some(senders) if !senders.is_empty() => senders.iter().filter_map(Value::as_str),
            _ => return Ok(()),
        };
        match allowed.any(|sender| sender.eq_ignore_ascii_case(&self.from)) {
            true => Ok(()),
            false => Err(Failure::of_status(StatusCode::FORBIDDEN, "The sender is not one of those who may send")),
        }
    }
}

/// Takes an e-mail in: to a teammate, to a task, or to a run, of which it is a reply.
async fn mailed(insides: &Arc<Insides>, address: &str, request: Request) -> Result<Response, Failure> {
    let email: Email = serde_json::from_str(&body_of(request).await?)
        .map_err(|error| Failure::invalid(format!("An e-mail is an object with from, subject and text: {error}")))?;
    let nowhere = || Failure::not_found("Address");
    let (kind, id) = address.split_once('@').and_then(|(name, _)| name.split_once('-')).ok_or_else(nowhere)?;
    let (table, id) = match (kind, id.parse::<i64>()) {
        ("mate", Ok(id)) => ("teammates", id),
        ("task", Ok(id)) => ("tasks", id),
        ("run", Ok(id)) => ("runs", id),
        _ => return Err(nowhere()),
    };
    let account = insides.transact(|db| Ok(inbound::account_of(db, table, id)?))?.ok_or_else(nowhere)?;
    let app = App::of(insides, account);
    let message = email.message();
    let run = app.transact(
        |db| match kind {
            "mate" => {
                let teammate = teammates::get(db, id)?;
                if teammate.get("email_address").and_then(Value::as_str) != Some(address) {
                    return Err(nowhere());
                }
                email.check(teammate.get("allowed_senders"))?;
                runs::Beginning::start(db, &of_teammate(&teammate, message, "email")?, Vec::new())
            }
            "task" => {
                let task = TASKS.get(db, id)?;
                let trigger =
                    triggers::stored(db, &task, "email")?.pop().filter(triggers::is_on).ok_or_else(nowhere)?;
                email.check(trigger.get("allowed_senders"))?;
                runs::Beginning::start(db, &of_task(db, &task, &message, "email")?, Vec::new())
            }
            _ => {
                if !stored::asked(db, id)?.email_inbox || stored::address(id) != address {
                    return Err(nowhere());
                }
                let teammate = teammates::get(db, super::number(&stored::get(db, id)?, "teammate_id")?)?;
                email.check(teammate.get("allowed_senders"))?;
                runs::Beginning::reply(db, id, message)
            }
        },
        |beginning| runs::go(&app, beginning),
    )?;
    Ok(started(run))
}

/// Tells the tasks of an account that something happened in an app; the runs that this starts.
async fn happened(insides: &Arc<Insides>, event: (&str, &str), request: Request) -> Result<Response, Failure> {
    let app = insides.admit(request.headers())?;
    let payload = body_of(request).await?;
    let begun = app.transact(
        |db| {
            let mut begun = Vec::new();
            for task in TASKS.all(db, Of::Anyone(None), |_| true)?.iter().rev() {
                for trigger in triggers::stored(db, task, "app")?.iter().filter(|trigger| triggers::is_on(trigger)) {
                    let is_meant =
                        (text(trigger, "app"), text(trigger, "trigger_name")) == (Some(event.0), Some(event.1));
                    if is_meant && tasks::is_enabled(db, task)? {
                        let start = of_task(db, task, &payload, "app")?;
                        begun.push(runs::Beginning::start(db, &start, Vec::new())?);
                    }
                }
            }
            Ok(begun)
        },
        |begun| begun.into_iter().map(|beginning| runs::go(&app, beginning)).collect::<Vec<_>>(),
    )?;
    Ok(json(StatusCode::ACCEPTED, value!({ "run_ids": begun })))
}
