//! What formations, and the server itself, have written.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use agent_platform_core::{EventStream, JsonOrEvents, open_enum, send_on_await};
use futures::Stream;
use muxi_server_client::operations;
use serde_json::Value;

use super::id::FormationId;
use super::model::FormationLogs;
use super::platform::{Server, Session};
use crate::error::Error;

/// How many lines can be asked for.
const MOST_LINES: u32 = 10_000;

open_enum! {
    /// What a formation has written to.
    LogSource {
        /// Its standard output.
        Stdout = "stdout",
        /// Its standard error.
        Stderr = "stderr",
        /// Both.
        All = "all",
    }
}

/// The request of [`ServerClient::logs`](crate::ServerClient::logs).
///
/// Awaited, it fails with [`NotFound`](crate::ErrorKind::NotFound) if no formation is deployed with that id.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct GetLogs<'c> {
    session: &'c Session,
    formation: FormationId,
    lines: Option<u32>,
    source: Option<LogSource>,
    silence: Duration,
}

impl<'c> GetLogs<'c> {
    pub(super) fn new(session: &'c Session, formation: FormationId) -> Self {
        Self { session, formation, lines: None, source: None, silence: Duration::MAX }
    }

    /// How many of the last lines: 1 to 10,000, of either output; 100 unless set.
    pub fn lines(mut self, lines: u32) -> Self {
        self.lines = Some(lines);
        self
    }

    /// What was written to; both unless set.
    pub fn source(mut self, source: LogSource) -> Self {
        self.source = Some(source);
        self
    }

    /// How long nothing may come of a log that is followed before it counts as dead. Any time unless set, since the server
    /// gives no sign of life while nothing is written.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = limit;
        self
    }

    /// Tells what is written from now on, line by line.
    ///
    /// # Errors
    ///
    /// As where it is awaited.
    pub async fn follow(self) -> Result<LogStream, Error> {
        let silence = self.silence;
        match self.get(Some(true)).await? {
            (_, JsonOrEvents::Events(events)) => Ok(LogStream { events: events.silence(silence) }),
            (session, JsonOrEvents::Json(_)) => {
                let problem = "it is no stream, although one was asked for";
                Err(session.malformed(&operations::GET_FORMATION_LOGS, 200, problem))
            }
        }
    }

    async fn send(self) -> Result<FormationLogs, Error> {
        match self.get(None).await? {
            (_, JsonOrEvents::Json(logs)) => Ok(logs),
            (session, JsonOrEvents::Events(_)) => {
                let problem = "it is a stream, which was not asked for";
                Err(session.malformed(&operations::GET_FORMATION_LOGS, 200, problem))
            }
        }
    }

    async fn get(self, follow: Option<bool>) -> Result<(&'c Session, JsonOrEvents<FormationLogs, Server>), Error> {
        let request = self.session.request(&operations::GET_FORMATION_LOGS);
        if let Some(problem) = self.lines.and_then(problem_of_lines) {
            return Err(request.refuse(problem));
        }
        let (lines, source) = (self.lines.map(i64::from), self.source.as_ref().map(LogSource::as_str));
        let outcome = request.api.get_formation_logs(request.segment(&self.formation)?, follow, lines, source).await;
        Ok((self.session, request.finish_json_or_events(outcome)?))
    }
}

send_on_await!(GetLogs, FormationLogs);

fn problem_of_lines(lines: u32) -> Option<&'static str> {
    (!(1..=MOST_LINES).contains(&lines)).then_some("the number of lines has to be from 1 to 10,000")
}

/// What a formation writes, line by line as it comes: a [`Stream`], from [`GetLogs::follow`].
///
/// It ends where the server ends it; one that breaks off ends with an error. A line that is larger than the client's
/// `max_response_bytes` is an error, too, behind which the stream goes on. Dropping it closes the connection.
#[must_use = "a stream does nothing unless it is read"]
pub struct LogStream {
    events: EventStream<Server>,
}

impl Stream for LogStream {
    type Item = Result<String, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let events = &mut self.get_mut().events;
        loop {
            match ready!(Pin::new(&mut *events).poll_next(context)) {
                Some(Ok(event)) if event.event == "log" => {
                    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
                    // One that is not as it should be is told as it is.
                    let line = data.get("line").and_then(Value::as_str).map_or(event.data, str::to_owned);
                    return Poll::Ready(Some(Ok(line)));
                }
                // That it is connected.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl fmt::Debug for LogStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogStream").field("events", &self.events).finish()
    }
}

/// The request of [`ServerClient::server_logs`](crate::ServerClient::server_logs): the lines, of which each is a JSON object as
/// a rule.
///
/// It fails with [`ResponseTooLarge`](crate::ErrorKind::ResponseTooLarge) where they are larger than the client's
/// `max_response_bytes`: ask for fewer then.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct GetServerLogs<'c> {
    session: &'c Session,
    lines: Option<u32>,
}

impl<'c> GetServerLogs<'c> {
    pub(super) fn new(session: &'c Session) -> Self {
        Self { session, lines: None }
    }

    /// How many of the last lines: 1 to 10,000; 100 unless set.
    pub fn lines(mut self, lines: u32) -> Self {
        self.lines = Some(lines);
        self
    }

    async fn send(self) -> Result<Vec<String>, Error> {
        let request = self.session.request(&operations::GET_SERVER_LOGS);
        if let Some(problem) = self.lines.and_then(problem_of_lines) {
            return Err(request.refuse(problem));
        }
        let outcome = request.api.get_server_logs(self.lines.map(i64::from)).await;
        Ok(request.finish_text(outcome)?.lines().map(str::to_owned).collect())
    }
}

send_on_await!(GetServerLogs, Vec<String>);
