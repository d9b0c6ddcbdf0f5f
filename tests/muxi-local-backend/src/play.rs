//! From a turn's script to what the turn tells, and to how it ends.

use std::{io, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    response::{IntoResponse, Response},
};
use futures::stream;
use local_backend_kit::events;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::{
    app::App,
    envelope::Answer,
    error::Failure,
    script::{Asked, Broken, End, Outcome, Told, Turn, TurnFailure},
};

/// How often a stream tells that it is alive.
const ALIVE: Duration = Duration::from_secs(1);

/// Plays a turn, and answers as it goes on. It goes on whoever listens.
pub(crate) fn streamed(app: &Arc<App>, asked: Asked) -> Response {
    let (turn, frames) = begin(app, asked, true);
    turn.send(Ok(Bytes::from_static(b": keepalive\n\n")));
    let (app, closed) = (Arc::clone(app), app.closing.closed());
    tokio::spawn(async move {
        let ended = tokio::select! {
            outcome = play(&app, &turn) => end(&app, &turn, outcome),
            () = closed => Err(Broken::Cut),
        };
        match ended {
            Ok(_) => turn.event("done", &json!({ "finished": true })),
            Err(Broken::Raised { name, message }) => {
                turn.event("error", &json!({ "error": message.replace('\n', " "), "type": name }));
            }
            Err(Broken::Cut) => turn.send(Err(io::Error::other("the stream is cut off"))),
        }
    });
    let frames = stream::unfold(frames, |mut frames| async move { Some((frames.recv().await?, frames)) });
    events::stream(frames, ALIVE).into_response()
}

/// What a request gave its turn names of.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) session: Option<String>,
    pub(crate) request: Option<String>,
}

/// Which conversation an answer tells of, besides the message in it.
#[derive(Debug)]
pub(crate) enum Shows {
    ItsSession,
    /// That which the request named, even with nothing.
    OnlyWhatWasGiven(Option<String>),
}

/// Plays a turn to its end, and answers then.
pub(crate) async fn whole(app: Arc<App>, asked: Asked, named: Named, shows: Shows) -> Result<Answer, Failure> {
    // The one that was named, whoever the turn belongs to.
    let user = asked.user.clone();
    let (turn, _frames) = begin(&app, asked, false);
    let message = message(&app, &turn).await?;
    if !turn.told().artifacts.is_empty() {
        return Err(Failure::internal("Object of type datetime is not JSON serializable"));
    }
    let session = &turn.asked().session;
    let is_background = message.get("status").is_some();
    let session = match shows {
        Shows::OnlyWhatWasGiven(session) => json!(session),
        // A turn that goes on tells no conversation that it was not told itself.
        Shows::ItsSession if is_background => json!(named.session),
        Shows::ItsSession => json!(session),
    };
    let data = json!({ "message": message, "user_id": user, "session_id": session, "request_id": named.request });
    Ok(Answer::new("message", "chat.completed", data).request(named.request))
}

/// Plays a turn to its end; the text that it answers.
pub(crate) async fn text(app: &Arc<App>, asked: Asked) -> Result<Value, Failure> {
    let (turn, _frames) = begin(app, asked, false);
    let mut message = message(app, &turn).await?;
    Ok(message.get_mut("content").map(Value::take).unwrap_or_default())
}

/// Plays a turn of which nothing is told but to who looks it up.
pub(crate) fn in_background(app: &Arc<App>, asked: Asked) {
    let (turn, _) = begin(app, asked, false);
    let app = Arc::clone(app);
    tokio::spawn(async move { message(&app, &turn).await });
}

/// Plays a turn to its end; the message that it answers.
async fn message(app: &App, turn: &Turn) -> Result<Value, Failure> {
    let outcome = play(app, turn).await;
    end(app, turn, outcome).map_err(|broken| match broken {
        Broken::Raised { name, .. } if name == "RbacRejectedError" => Failure::forbidden(),
        Broken::Raised { message, .. } => Failure::internal(message),
        Broken::Cut => Failure::internal("The turn was cut off"),
    })
}

fn begin(app: &App, mut asked: Asked, is_streamed: bool) -> (Turn, UnboundedReceiver<io::Result<Bytes>>) {
    asked.user = app.variant.user(asked.user);
    let (sender, frames) = mpsc::unbounded_channel();
    let kept = (Arc::clone(&app.turns), Arc::clone(&app.buffer), Arc::clone(&app.webhooks));
    (Turn::new(asked, sender, is_streamed, kept), frames)
}

/// A task of its own, so that a panic of a test's script is a failure of the turn.
async fn play(app: &App, turn: &Turn) -> Outcome {
    if !turn.is_streamed() {
        turn.begin();
    }
    let tell = |event_type, message, data| app.happenings.tell("info", event_type, message, turn.asked(), data);
    tell("chat.request.received", "Message received", json!({}));
    let agent = turn.agent_id().unwrap_or("helper");
    tell("agent.message.processing", "Agent is working", json!({ "agent_id": agent }));
    let playing = tokio::spawn(app.script.play(turn.clone()));
    playing.await.unwrap_or_else(|panicked| Err(TurnFailure::raised("ScriptPanicked", panicked.to_string())))
}

/// Tells the end of a turn, and makes the message of it.
fn end(app: &App, turn: &Turn, outcome: Outcome) -> Result<Value, Broken> {
    let reply = outcome.map_err(|TurnFailure(broken)| {
        app.turns.end(turn.request_id(), "failed", Some(("error", broken.to_string())));
        app.happenings.tell("error", "agent.message.failed", &broken.to_string(), turn.asked(), json!({}));
        broken
    })?;
    app.happenings.tell("info", "chat.response.completed", "Answer sent", turn.asked(), json!({}));
    let told = turn.told().clone();
    let text = match reply.0 {
        End::Completed { text, status, is_discontinuous, more } => {
            let text = text.unwrap_or_else(|| told.text.clone());
            turn.token("completed", &text, &completed(turn, &status, is_discontinuous, &told, more));
            turn.done(&text);
            text
        }
        End::Without { kind, text, more } => {
            turn.token(kind, &text, &Value::Object(more));
            app.turns.end(turn.request_id(), kind, None);
            String::new()
        }
        End::Done => {
            turn.done(&told.text);
            told.text.clone()
        }
        End::Background => {
            let request = turn.request_id();
            let (delivery, place, value) = match turn.webhook_url() {
                Some(url) => ("webhook", "webhook_url", url.to_owned()),
                None => ("polling", "poll_url", format!("/v1/requests/{request}")),
            };
            return Ok(json!({
                "status": "processing", "request_id": request, "message": "Moved to the background",
                "delivery": delivery, place: value,
            }));
        }
    };
    if !told.widgets.is_empty() {
        turn.event("ui", &json!({ "ui": told.widgets }));
    }
    turn.keep_answer(&text);
    let mut metadata = told.metadata;
    metadata.insert("session_id".to_owned(), json!(turn.session_id()));
    let mut message = json!({ "role": "assistant", "content": text, "artifacts": null, "metadata": metadata });
    if let (Some(message), false) = (message.as_object_mut(), told.widgets.is_empty()) {
        message.insert("ui".to_owned(), Value::Array(told.widgets));
    }
    Ok(message)
}

/// What the token of the end has besides.
fn completed(turn: &Turn, status: &str, is_discontinuous: bool, told: &Told, more: Map<String, Value>) -> Value {
    let mut fields =
        Map::from_iter([("status".to_owned(), json!(status)), ("processing_time_ms".to_owned(), json!(7))]);
    if !told.artifacts.is_empty() {
        fields.insert("artifacts".to_owned(), json!(told.artifacts));
    }
    if status == "success" {
        fields.insert("agent_used".to_owned(), json!(turn.agent_id().unwrap_or("helper")));
    }
    if is_discontinuous {
        fields.insert("stream_discontinuity".to_owned(), json!(true));
    }
    fields.extend(more);
    Value::Object(fields)
}
