//! What has a run go on, and how that is answered: starting it, replying to it, doing it again, and joining it.

use std::{io, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, request::Parts},
    response::Response,
};
use futures::{Stream, stream};
use local_backend_kit::{CheckedRequest, Upload, events};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{super::json as answer, check, check_message, found, limits, not_active, text};
use crate::{
    app::App,
    error::Failure,
    live::Live,
    play::play,
    script::{Attachment, Turn},
    store::{
        Db, files, now,
        runs::{self, Start},
    },
};

/// How often a stream without frames shows that it is alive.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");
const RUN_ID: HeaderName = HeaderName::from_static("x-run-id");

/// What a request begins.
#[derive(Debug)]
pub(in crate::routes) enum Beginning {
    /// A turn of a run.
    Turn(Box<Turn>),
    /// A reply that waits for the end of this run.
    Queued(i64, String),
}

impl Beginning {
    /// Stores a new run.
    pub(in crate::routes) fn start(db: &Db<'_>, start: &Start, attachments: Vec<Attachment>) -> Result<Self, Failure> {
        limits::check(db, start.user_id.as_deref())?;
        let id = super::number(&runs::insert(db, start)?, "id")?;
        files::attach(db, id, &attachments)?;
        Ok(Self::Turn(Box::new(Turn::after(db, id, None, attachments)?)))
    }

    /// Stores a reply without more to it: as the next turn of its run, or as one that waits.
    pub(in crate::routes) fn reply(db: &Db<'_>, id: i64, message: String) -> Result<Self, Failure> {
        if is_busy(db, id)? {
            runs::queue(db, id, &message)?;
            return Ok(Self::Queued(id, message));
        }
        runs::resume(db, id, &message, Some("resumed"))?;
        Ok(Self::Turn(Box::new(Turn::after(db, id, Some(message), Vec::new())?)))
    }

    fn run_id(&self) -> i64 {
        match self {
            Self::Turn(turn) => turn.id,
            Self::Queued(id, _) => *id,
        }
    }

    fn message(&self) -> &str {
        match self {
            Self::Turn(turn) => turn.message(),
            Self::Queued(_, message) => message,
        }
    }
}

/// Whether a run goes on, or is about to.
fn is_busy(db: &Db<'_>, id: i64) -> Result<bool, Failure> {
    Ok(!runs::is_over(&runs::get(db, id)?) || !runs::queued(db, id)?.is_empty())
}

/// The files that came with a request, as a script sees them.
pub(super) fn attachments(call: &CheckedRequest) -> Vec<Attachment> {
    let attachment = |file: &Upload| Attachment {
        name: file.name.clone(),
        content_type: file.content_type.clone(),
        bytes: file.bytes.clone(),
    };
    call.files().iter().map(attachment).collect()
}

/// What tells a request from another with the same key.
fn fingerprint(request: &Parts, call: &CheckedRequest) -> Result<String, Failure> {
    let digest = |file: &Upload| {
        let digest = Sha256::digest(&file.bytes);
        json!({ "name": file.name, "content_type": file.content_type, "sha256": digest.as_slice() })
    };
    let files: Vec<_> = call.files().iter().map(digest).collect();
    Ok(json!({ "path": request.uri.path(), "body": call.body::<Value>()?, "files": files }).to_string())
}

/// Does what `prepare` stores once for an idempotency key, and answers with the run, or with its events if it is to
/// `stream`.
pub(in crate::routes) fn begin(
    app: &App,
    request: &Parts,
    call: &CheckedRequest,
    stream: bool,
    prepare: impl FnOnce(&Db<'_>) -> Result<Beginning, Failure>,
) -> Result<Response, Failure> {
    let key = request.headers.get(KEY).and_then(|key| key.to_str().ok()).filter(|key| !key.is_empty());
    let asked_for = fingerprint(request, call)?;

    let (run, begun) = app.transact(
        |db| {
            if let Some(key) = key
                && let Some((earlier, id)) = runs::started_by(db, key)?
            {
                if earlier != asked_for {
                    let message = "The Idempotency-Key was used with another request";
                    return Err(Failure::conflict(message).coded("idempotency_key_reuse"));
                }
                return Ok((told_of(db, call, id)?, None));
            }
            let begun = prepare(db)?;
            if let Some(refused) = app.refusing.say(begun.message()) {
                return Err(refused.into());
            }
            let id = begun.run_id();
            if let Some(key) = key {
                runs::keep_key(db, key, &asked_for, id)?;
            }
            Ok((told_of(db, call, id)?, Some(begun)))
        },
        // Before anybody else's turn: who finds the run in the database finds it going on.
        |(run, begun)| (run, begun.map(|begun| Begun::of(app, begun))),
    )?;

    let Some(Begun { id, live, is_lost }) = begun else {
        let mut response = answer(StatusCode::OK, run);
        response.headers_mut().insert(REPLAY, HeaderValue::from_static("true"));
        return Ok(response);
    };
    if is_lost {
        return Ok(lost());
    }
    Ok(match live {
        Some(live) if stream => told(id, live.from_start(app.closing.clone())),
        _ => answer(StatusCode::OK, run),
    })
}

/// A run as its start is answered: with its address, if it has one, which is not told later.
fn told_of(db: &Db<'_>, call: &CheckedRequest, id: i64) -> Result<Value, Failure> {
    let mut run = runs::get(db, id)?;
    if call.path("run_id").is_err()
        && runs::asked(db, id)?.email_inbox
        && let Some(address) = run.get_mut("email_address")
    {
        *address = Value::from(runs::address(id));
    }
    Ok(run)
}

/// Has a run go on that nobody waits for; its id.
pub(in crate::routes) fn go(app: &App, beginning: Beginning) -> i64 {
    Begun::of(app, beginning).id
}

/// What a request has begun.
struct Begun {
    id: i64,
    /// Where the run is told.
    live: Option<Arc<Live>>,
    /// Whether nobody is to be told of it.
    is_lost: bool,
}

impl Begun {
    fn of(app: &App, beginning: Beginning) -> Self {
        let id = beginning.run_id();
        let is_lost = app.losing.say(beginning.message());
        let live = match beginning {
            Beginning::Turn(turn) => Some(play(app, *turn)),
            Beginning::Queued(id, _) => app.runs.find(id),
        };
        Self { id, live, is_lost }
    }
}

/// An answer whose connection breaks before its head: the server gives up a body that fails at once with all that it has
/// not sent.
fn lost() -> Response {
    let failed = stream::iter([Err::<Vec<u8>, _>(io::Error::other("the answer is lost"))]);
    Response::new(Body::from_stream(failed))
}

fn told(id: i64, frames: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Response {
    let mut response = events::stream(frames, ALIVE_EVERY);
    response.headers_mut().insert(RUN_ID, HeaderValue::from(id));
    response
}

pub(super) fn join(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let id: i64 = call.path_as("run_id")?;
    let live = app.transact(|db| found(db, call), |_| app.runs.find(id))?;
    let live = live.ok_or_else(|| not_active("The run is no longer executing"))?;
    Ok(told(id, live.joined(app.closing.clone())))
}

#[derive(Deserialize)]
struct Reply {
    message: String,
    stream: bool,
    tools: Option<Vec<String>>,
    permission_mode: Option<String>,
    human_in_the_loop: Option<bool>,
    skill: Option<String>,
    task_setup_tools: Option<bool>,
    feedback: Option<bool>,
}

impl Reply {
    /// Whether it changes how the run goes on.
    fn overrides(&self) -> bool {
        self.tools.is_some()
            || self.permission_mode.is_some()
            || self.human_in_the_loop.is_some()
            || self.skill.is_some()
            || self.task_setup_tools.is_some()
            || self.feedback.is_some()
    }
}

pub(super) fn reply(app: &App, request: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let reply: Reply = call.body()?;
    let attachments = attachments(call);
    app.check_tools(reply.tools.iter().flatten())?;
    check_message(&reply.message)?;
    begin(app, request, call, reply.stream, |db| {
        let run = found(db, call)?;
        let id = super::number(&run, "id")?;
        if is_busy(db, id)? {
            if reply.overrides() || !attachments.is_empty() {
                return Err(Failure::conflict("A reply to a run that goes on can't have files, or change how it does"));
            }
            return Beginning::reply(db, id, reply.message);
        }
        let mut asked = runs::asked(db, id)?;
        let Reply { message, tools, permission_mode, human_in_the_loop, skill, task_setup_tools, feedback, .. } = reply;
        asked.human_in_the_loop = human_in_the_loop.unwrap_or(asked.human_in_the_loop);
        asked.skill = skill;
        asked.tools = tools.unwrap_or(asked.tools);
        asked.toggles.task_setup_tools = task_setup_tools.unwrap_or(asked.toggles.task_setup_tools);
        asked.toggles.feedback = feedback.unwrap_or(asked.toggles.feedback);
        check(permission_mode.as_deref().or_else(|| text(&run, "permission_mode")), asked.human_in_the_loop, None)?;
        if let Some(mode) = permission_mode {
            runs::change(db, id, json!({ "permission_mode": mode }))?;
        }
        runs::keep_asked(db, id, &asked)?;
        runs::resume(db, id, &message, Some("resumed"))?;
        Ok(Beginning::Turn(Box::new(Turn::after(db, id, Some(message), attachments)?)))
    })
}

pub(super) fn retry(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Confirmed {
        confirm: Option<String>,
    }

    let Confirmed { confirm } = call.query()?;
    let again = app.transact(
        |db| {
            let run = found(db, call)?;
            let id = super::number(&run, "id")?;
            let is_so = |name| run.get(name).and_then(Value::as_bool).unwrap_or_default();
            if !is_so("retryable") {
                return Err(Failure::conflict("The run can't be retried").coded("run_not_retryable"));
            }
            if is_so("repeats_actions") && confirm.as_deref() != Some("true") {
                let message = "The run has called tools, which a retry calls again: confirm it";
                return Err(Failure::conflict(message).coded("retry_needs_confirmation"));
            }
            let start = Start {
                teammate_id: super::number(&run, "teammate_id")?,
                task: run.get("task_id").and_then(Value::as_i64).map(|task| (task, owned(&run, "task_name"))),
                user_id: owned(&run, "user_id"),
                metadata: run.get("metadata").filter(|metadata| !metadata.is_null()).cloned(),
                permission_mode: owned(&run, "permission_mode"),
                trigger_source: None,
                retry_of: Some(id),
                asked: runs::asked(db, id)?,
            };
            let beginning = Beginning::start(db, &start, files::attached(db, id)?)?;
            let (new, retries) = (beginning.run_id(), run.get("retry_count").and_then(Value::as_i64));
            runs::change(db, new, json!({ "retry_count": retries.unwrap_or_default() + 1 }))?;
            let retried = json!({ "retried_by_run_id": new, "retried_at": now(), "retryable": false });
            runs::change(db, id, retried)?;
            Ok((runs::get(db, new)?, beginning))
        },
        |(run, beginning)| {
            Begun::of(app, beginning);
            run
        },
    )?;
    Ok(answer(StatusCode::OK, again))
}

fn owned(object: &Value, name: &str) -> Option<String> {
    text(object, name).map(str::to_owned)
}
