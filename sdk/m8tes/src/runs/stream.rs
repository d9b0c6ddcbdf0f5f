//! The stream of a run's work.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use agent_platform_core::EventStream;
use futures::Stream;

use super::event::{Gate, RunStreamEvent};
use super::progress::{End, Progress};
use crate::error::{Error, ErrorKind};
use crate::id::RunId;
use crate::platform::M8tes;

/// The header that says which run it is, before the first event.
const RUN_ID: &str = "x-run-id";

/// The work of a run, event by event: a [`Stream`], from [`Runs::stream`](super::Runs::stream).
///
/// How it ends:
///
/// - The turn is over: the stream ends. [`errors`](Self::errors) says what went wrong in it, if anything did.
/// - The run waits for a person: the stream ends, and [`paused`](Self::paused) has what it waits for.
/// - The stream broke off: the last item is an error ([`Interrupted`](ErrorKind::Interrupted) or
///   [`TimedOut`](ErrorKind::TimedOut)) that names the run. The run itself probably goes on: wait for it with
///   [`Runs::wait`](super::Runs::wait), and don't start it once more.
///
/// Dropping it closes the connection, and stops nothing.
#[must_use = "a stream does nothing unless it is read"]
pub struct RunStream {
    events: Option<EventStream<M8tes>>,
    progress: Progress,
    paused: Option<Gate>,
}

impl RunStream {
    pub(super) fn new(events: EventStream<M8tes>) -> Self {
        let run_id = events.header(RUN_ID).and_then(|id| id.parse().ok()).filter(|id: &RunId| id.get() > 0);
        Self::of(run_id, events)
    }

    /// The stream of a run that was under way before.
    pub(super) fn joined(run_id: RunId, events: EventStream<M8tes>) -> Self {
        Self::of(Some(run_id), events)
    }

    fn of(run_id: Option<RunId>, events: EventStream<M8tes>) -> Self {
        Self { events: Some(events), progress: Progress::of(run_id), paused: None }
    }

    /// The run's id, as soon as it is known.
    pub fn run_id(&self) -> Option<RunId> {
        self.progress.run_id
    }

    /// All text so far.
    pub fn text(&self) -> &str {
        &self.progress.text
    }

    /// What went wrong so far, and was not taken back.
    pub fn errors(&self) -> &[String] {
        &self.progress.errors
    }

    /// What the run waits for, once the stream has ended because it waits for a person.
    pub fn paused(&self) -> Option<&Gate> {
        self.paused.as_ref()
    }

    /// What the end of the body means.
    fn end(&mut self, broken: Option<Error>) -> Option<Error> {
        match self.progress.end(broken.is_none()) {
            End::Ended => None,
            End::Paused(gate) => {
                self.paused = Some(gate);
                None
            }
            End::Interrupted => {
                let kind = broken.as_ref().map_or(ErrorKind::Interrupted, Error::kind);
                let reason = broken.map(|error| format!(" ({error})")).unwrap_or_default();
                let what_to_do = match self.progress.run_id {
                    Some(id) => format!("run {id} probably goes on, so wait for it rather than start it again"),
                    None => "the run probably goes on, so look for it in the list of runs rather than start it again"
                        .to_owned(),
                };
                Some(Error::without_call(kind, format!("the stream broke off before its end{reason}; {what_to_do}")))
            }
        }
    }
}

impl Stream for RunStream {
    type Item = Result<RunStreamEvent, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.get_mut();
        loop {
            let Some(events) = &mut stream.events else { return Poll::Ready(None) };
            let broken = match ready!(Pin::new(events).poll_next(context)) {
                Some(Ok(event)) => match RunStreamEvent::read(&event.data) {
                    Some(event) => {
                        stream.progress.take(&event);
                        return Poll::Ready(Some(Ok(event)));
                    }
                    None => continue,
                },
                Some(Err(error)) => Some(error),
                None => None,
            };
            stream.events = None;
            return Poll::Ready(stream.end(broken).map(Err));
        }
    }
}

impl fmt::Debug for RunStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunStream")
            .field("run_id", &self.progress.run_id)
            .field("is_over", &self.events.is_none())
            .finish_non_exhaustive()
    }
}
