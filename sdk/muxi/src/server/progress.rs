//! How a deployment goes on.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use agent_platform_core::{
    Decode, ErrorBody, EventStream, JsonOrEvents, Operation, Report, enums_in_answers, open_enum, placed_model,
};
use futures::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::deployed::Deployed;
use super::id::FormationId;
use super::platform::{Server, Session};
use super::refusal::kind_of;
use crate::error::{Error, ErrorKind};

open_enum! {
    /// What is being done.
    Stage {
        /// The bundle is unpacked.
        Extracting = "extracting",
        /// What it declares is looked at.
        Validating = "validating",
        /// It is worked out which runtime it takes.
        ResolvingRuntime = "resolving_runtime",
        /// The image of the runtime is downloaded, or was before.
        DownloadingSif = "downloading_sif",
        /// What runs images is pulled.
        PullingRunner = "pulling_runner",
        /// The formation is started.
        Spawning = "spawning",
        /// The formation has started, and is asked whether it is well.
        HealthCheck = "health_check",
        /// An update: the new formation is started beside the present one.
        SpawningStaging = "spawning_staging",
        /// The new formation takes the place of the present one.
        Swapping = "swapping",
        /// An update: the formation that was there is stopped.
        StoppingOld = "stopping_old",
        /// A restart: the formation is stopped.
        Stopping = "stopping",
        /// A rollback: the formation of before is started beside the present one.
        SpawningPrevious = "spawning_previous",
        /// A rollback: the present formation is stopped.
        StoppingCurrent = "stopping_current",
    }
}

enums_in_answers!(Server; Stage);

placed_model! {
    Server;
    /// How far it has come.
    Progress from Map<String, Value> {
        /// What is being done.
        stage at "stage": Stage,
        /// The same, in the server's words.
        message at "message": String,
        /// How much of a download is done, from 0 to 100.
        percent at "progress": Option<f64>,
        /// What is downloaded.
        url at "url": Option<String>,
        /// Which version of the runtime it takes.
        version at "version": Option<String>,
        /// How often the formation was asked whether it is well.
        attempt at "attempt": Option<i64>,
        /// How often it will be.
        max_attempts at "max_attempts": Option<i64>,
        /// The port of the new formation until it takes the place of the present one.
        staging_port at "staging_port": Option<i64>,
    }
}

/// The progress of what deploys or starts, as it comes: a [`Stream`] of [`Progress`], from the `stream` of its request.
///
/// It ends once all is done; [`finish`](Self::finish) then says what came of it. Its last item is an error where it failed, or
/// where the stream broke off or ended before all was done: the server may then go on with it, so
/// [look](crate::ServerClient::get) before it is asked again. A server that tells no progress is waited for.
///
/// Dropping it closes the connection, and stops nothing.
#[must_use = "a stream does nothing unless it is read"]
pub struct ProgressStream {
    session: Session,
    operation: &'static Operation,
    /// `None` where there is no more to come.
    events: Option<EventStream<Server>>,
    outcome: Option<Deployed>,
    /// The formation, where it is as good that nothing has to be done for it.
    may_be_unchanged: Option<FormationId>,
}

/// The error of a stream: `{"error", "message", "stage", "details"}`
#[derive(Deserialize, Default)]
#[serde(default)]
struct Failure {
    error: String,
    message: String,
    stage: Value,
    details: Value,
}

impl ProgressStream {
    pub(super) fn new(session: &Session, operation: &'static Operation, begun: JsonOrEvents<Deployed, Server>) -> Self {
        let (events, outcome) = match begun {
            JsonOrEvents::Events(events) => (Some(events), None),
            JsonOrEvents::Json(deployed) => (None, Some(deployed)),
        };
        Self { session: session.clone(), operation, events, outcome, may_be_unchanged: None }
    }

    /// The same, which ends well where there is nothing to do for this formation.
    pub(super) fn or_unchanged(mut self, formation: FormationId) -> Self {
        self.may_be_unchanged = Some(formation);
        self
    }

    /// Takes an error for the end that it is where nothing had to be done.
    fn unless_unchanged(&mut self, error: Error) -> Option<Result<Progress, Error>> {
        match self.may_be_unchanged.take().filter(|_| is_no_change(&error)) {
            Some(formation) => {
                self.outcome = Some(Deployed::unchanged(formation, error.detail()));
                None
            }
            None => Some(Err(error)),
        }
    }

    /// What came of it, once the stream has ended without an error.
    pub fn outcome(&self) -> Option<&Deployed> {
        self.outcome.as_ref()
    }

    /// Reads on to the end: what came of it.
    ///
    /// # Errors
    ///
    /// What ends the stream with an error. [`code`](Error::code) is the server's name for what failed, such as
    /// `HealthCheckFailed`, and [`detail_object`](Error::detail_object) has the `stage` that it failed at.
    pub async fn finish(mut self) -> Result<Deployed, Error> {
        while self.next().await.transpose()?.is_some() {}
        self.outcome.ok_or_else(|| {
            let line = "the stream had ended with an error before";
            Error::new(Report::new(ErrorKind::Interrupted, Some(self.operation), line))
        })
    }

    /// What it failed with.
    fn failed(&self, data: &str) -> Error {
        let told = serde_json::from_str(data).unwrap_or_default();
        let told = serde_json::from_value(self.session.json_without_secrets(told));
        let Failure { error, message, stage, details } = told.unwrap_or_default();
        let body = ErrorBody::of_text(&message).with_code(&error);
        let at = stage.as_str().map(|stage| format!(" at stage `{}`", stage.escape_debug())).unwrap_or_default();
        let said = body.text().or(body.code()).unwrap_or("the server does not say why").to_owned();
        let object = [("stage", stage), ("details", details)];
        let object = object.into_iter().filter(|(_, value)| !value.is_null());
        let body = body.with_object(object.map(|(name, value)| (name.to_owned(), value)).collect());
        let kind = kind_of(&error);
        let report = Report::new(kind, Some(self.operation), format!("the server gave up{at}: {said}"));
        let may_have_been_sent = kind == ErrorKind::BackendFailed;
        Error::new(Report { attempts: 1, may_have_been_sent, status: Some(200), body, ..report })
    }

    fn ended_early(&self) -> Error {
        let line = format!(
            "the stream from {} ended before all was done; the server may go on, so look before you repeat it",
            self.session.base_url()
        );
        let report = Report::new(ErrorKind::Interrupted, Some(self.operation), line);
        Error::new(Report { attempts: 1, may_have_been_sent: true, status: Some(200), ..report })
    }
}

/// Whether the server has found that what it was sent is what it has. Its plain answers have no codes.
pub(super) fn is_no_change(error: &Error) -> bool {
    let says_so = || error.detail().is_some_and(|text| text.starts_with("Source is identical"));
    error.code() == Some("NoChange") || (error.kind() == ErrorKind::Conflict && says_so())
}

impl Stream for ProgressStream {
    type Item = Result<Progress, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.get_mut();
        let item = loop {
            let Some(events) = &mut stream.events else { return Poll::Ready(None) };
            match ready!(Pin::new(events).poll_next(context)) {
                Some(Ok(event)) => match &*event.event {
                    "progress" => match Progress::decode(serde_json::from_str(&event.data).unwrap_or_default()) {
                        Ok(progress) => return Poll::Ready(Some(Ok(progress))),
                        Err(problem) => break Some(Err(stream.session.malformed(stream.operation, 200, &problem))),
                    },
                    "complete" => match Deployed::of_event(&event.data) {
                        Ok(deployed) => {
                            stream.outcome = Some(deployed);
                            break None;
                        }
                        Err(problem) => break Some(Err(stream.session.malformed(stream.operation, 200, &problem))),
                    },
                    "error" => {
                        let error = stream.failed(&event.data);
                        break stream.unless_unchanged(error);
                    }
                    // One that a later server may have.
                    _ => {}
                },
                Some(Err(error)) => break Some(Err(error)),
                None => break Some(Err(stream.ended_early())),
            }
        };
        stream.events = None;
        Poll::Ready(item)
    }
}

impl fmt::Debug for ProgressStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressStream")
            .field("operation", &self.operation.id)
            .field("outcome", &self.outcome)
            .field("is_over", &self.events.is_none())
            .finish_non_exhaustive()
    }
}
