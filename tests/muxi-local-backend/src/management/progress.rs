//! How what is done goes on, and what came of it: as events, or as one answer.

use std::{convert::Infallible, fmt, sync::Arc};

use axum::{
    Json,
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, future::BoxFuture};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Management, error::Refused};

/// What is being done to a formation, as [`Builder::on_stage`](crate::Builder::on_stage) is asked about it.
#[derive(Clone, Debug)]
pub struct DeployStep {
    formation: String,
    stage: &'static str,
}

impl DeployStep {
    /// The formation's id.
    #[must_use]
    pub fn formation_id(&self) -> &str {
        &self.formation
    }

    /// What is being done, such as `health_check`.
    #[must_use]
    pub fn stage(&self) -> &str {
        self.stage
    }
}

type Ask = dyn Fn(DeployStep) -> BoxFuture<'static, Result<(), String>> + Send + Sync;

/// Is asked at each stage, and may let it wait or fail.
#[derive(Clone, Default)]
pub(crate) struct OnStage(Option<Arc<Ask>>);

impl fmt::Debug for OnStage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OnStage")
    }
}

impl OnStage {
    pub(crate) fn new<F, P>(ask: F) -> Self
    where
        F: Fn(DeployStep) -> P + Send + Sync + 'static,
        P: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self(Some(Arc::new(move |step| Box::pin(ask(step)))))
    }
}

/// What failed, and at which stage.
#[derive(Debug)]
pub(super) struct Failed {
    status: StatusCode,
    stage: &'static str,
    error: &'static str,
    message: String,
}

impl Failed {
    pub(super) fn new(status: u16, stage: &'static str, error: &'static str, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, stage, error, message: message.into() }
    }

    /// What failed without anybody's fault.
    pub(super) fn internal(stage: &'static str, message: impl Into<String>) -> Self {
        Self::new(500, stage, error_at(stage), message)
    }
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self::new(refused.status.as_u16(), "validating", "InternalError", refused.message)
    }
}

/// What a stage that fails is called.
fn error_at(stage: &str) -> &'static str {
    match stage {
        "extracting" => "ExtractError",
        "validating" => "ParseError",
        "resolving_runtime" => "ResolveError",
        "downloading_sif" => "DownloadError",
        "health_check" => "HealthCheckFailed",
        "swapping" => "SwitchError",
        "stopping" | "stopping_old" | "stopping_current" => "StopError",
        _ => "SpawnError",
    }
}

/// What went well.
#[derive(Debug)]
pub(super) struct Done {
    /// The status and the data of the plain answer.
    pub(super) status: StatusCode,
    pub(super) data: Value,
    /// The last event.
    pub(super) complete: Value,
}

/// Tells how it goes on.
#[derive(Clone, Debug)]
pub(super) struct Reporter {
    formation: String,
    events: Option<UnboundedSender<Bytes>>,
    on_stage: OnStage,
}

impl Reporter {
    pub(super) async fn stage(&self, stage: &'static str, message: &str) -> Result<(), Failed> {
        self.stage_with(stage, message, json!({})).await
    }

    /// Tells of a stage, and goes on once whoever is asked lets it.
    pub(super) async fn stage_with(&self, stage: &'static str, message: &str, more: Value) -> Result<(), Failed> {
        let mut event = json!({ "stage": stage, "message": message });
        if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
            event.extend(more);
        }
        self.tell("progress", &event);
        let Some(ask) = &self.on_stage.0 else { return Ok(()) };
        let asked = ask(DeployStep { formation: self.formation.clone(), stage }).await;
        asked.map_err(|message| Failed::internal(stage, message))
    }

    fn tell(&self, name: &str, data: &Value) {
        if let Some(events) = &self.events {
            // Nobody may be listening any more.
            let _ = events.send(event(name, data));
        }
    }
}

/// An event, as the server writes it.
pub(super) fn event(name: &str, data: &Value) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}

/// Whether progress is asked for.
fn wants_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/event-stream"))
}

/// Does the work, to its end whether or not anybody listens to it, and answers with how it goes on or with what came of it.
pub(super) async fn answer<W>(
    server: &Management,
    formation: &str,
    headers: &HeaderMap,
    work: impl FnOnce(Reporter) -> W,
) -> Response
where
    W: Future<Output = Result<Done, Failed>> + Send + 'static,
{
    let (sender, receiver) = unbounded_channel();
    let events = wants_events(headers).then_some(sender);
    let is_streamed = events.is_some();
    let reporter = Reporter { formation: formation.to_owned(), events, on_stage: server.on_stage.clone() };
    let work = work(reporter.clone());
    let task = tokio::spawn(async move {
        let outcome = work.await;
        match &outcome {
            Ok(done) => reporter.tell("complete", &done.complete),
            Err(Failed { stage, error, message, .. }) => {
                reporter.tell("error", &json!({ "error": error, "message": message, "stage": stage }));
            }
        }
        outcome
    });
    if is_streamed {
        return stream(server, receiver);
    }
    match task.await {
        Ok(Ok(Done { status, data, .. })) => (status, Json(json!({ "success": true, "data": data }))).into_response(),
        Ok(Err(failed)) => Refused::new(failed.status, failed.message).into_response(),
        Err(error) => Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A stream of these events, until the server ends.
pub(super) fn stream(server: &Management, events: UnboundedReceiver<Bytes>) -> Response {
    let events = futures::stream::unfold(events, async |mut events| {
        let event = events.recv().await?;
        Some((Ok::<_, Infallible>(event), events))
    });
    let mut response = Body::from_stream(events.take_until(Box::pin(server.closing.closed()))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
