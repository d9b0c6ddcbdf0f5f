//! What happens in a formation, as it happens.

pub(crate) mod separator;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use agent_platform_core::{ErrorBody, EventStream, Operation, Report};
use futures::Stream;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};
use crate::platform::{Formation, Session};
use separator::Separators;

/// The type of what is told last of a turn.
const COMPLETE: &str = "stream_completed";

/// What happens in a formation, as it happens: a [`Stream`] without an end, from
/// [`FormationClient::logs`](crate::FormationClient::logs) and [`FormationClient::events`](crate::FormationClient::events).
///
/// MUXI tells what happens while it listens, and nothing of before. Where the connection breaks off, the stream ends with an
/// error, and what happens from then on is not told: whoever asks again has a gap. Nothing may come for as long as nothing
/// happens, so a connection that is dead without a word is noticed only where [a limit](Feed::silence) is set.
///
/// What can't be read is an error, too, behind which the stream goes on.
#[must_use = "a stream does nothing unless it is read"]
pub struct Feed<T> {
    session: Session,
    operation: &'static Operation,
    events: EventStream<Formation>,
    read: fn(Map<String, Value>) -> T,
    /// Whether it was told that nothing more comes.
    is_complete: bool,
    is_over: bool,
}

impl<T> Feed<T> {
    pub(crate) fn new(
        session: &Session,
        operation: &'static Operation,
        events: EventStream<Formation>,
        read: fn(Map<String, Value>) -> T,
    ) -> Self {
        let mut separators = Separators::default();
        let events = events.rewritten(move |bytes| separators.rewrite(bytes)).silence(Duration::MAX);
        Self { session: session.clone(), operation, events, read, is_complete: false, is_over: false }
    }

    /// How long nothing at all may come before the stream counts as broken off. However long, unless set.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.events = self.events.silence(limit);
        self
    }

    /// What an event tells; `None` where that is nothing.
    fn take(&mut self, name: &str, data: &str) -> Option<Result<T, Error>> {
        let told = serde_json::from_str::<Map<String, Value>>(data);
        let is_error = |told: &Map<String, Value>| told.get("error").is_some_and(|error| *error != Value::Bool(false));
        match (name, told) {
            ("error", Ok(told)) => Some(Err(self.failed(&told))),
            ("error", Err(_)) => Some(Err(self.failed(&Map::from_iter([("message".to_owned(), data.into())])))),
            ("message" | "log", Ok(told)) if is_error(&told) => Some(Err(self.failed(&told))),
            ("message" | "log", Ok(told)) => {
                self.is_complete |= told.get("type").is_some_and(|kind| *kind == COMPLETE);
                Some(Ok((self.read)(told)))
            }
            ("message" | "log", Err(_)) => {
                Some(Err(self.session.malformed(self.operation, 200, "an event of the stream is no JSON object")))
            }
            _ => None,
        }
    }

    /// MUXI says that it can tell no more.
    fn failed(&mut self, told: &Map<String, Value>) -> Error {
        let text = |field: &str| told.get(field).and_then(Value::as_str);
        let said = text("message").or_else(|| text("error")).unwrap_or_default();
        let body = ErrorBody::of_text(&self.session.without_secrets(said.to_owned()));
        let line = format!("MUXI has ended the stream: {}", body.text().unwrap_or("it does not say why"));
        self.end(ErrorKind::BackendFailed, line, body)
    }

    fn end(&mut self, kind: ErrorKind, line: String, body: ErrorBody) -> Error {
        self.is_over = true;
        let report = Report::new(kind, Some(self.operation), line);
        Error::new(Report { attempts: 1, may_have_been_sent: true, status: Some(200), body, ..report })
    }
}

impl<T> Stream for Feed<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let feed = self.get_mut();
        while !feed.is_over {
            let told = match ready!(Pin::new(&mut feed.events).poll_next(context)) {
                Some(Ok(event)) => feed.take(&event.event, &event.data),
                Some(Err(error)) => {
                    // Behind an event that is too large there are others.
                    feed.is_over = error.kind() != ErrorKind::ResponseTooLarge;
                    Some(Err(error))
                }
                None if feed.is_complete => return Poll::Ready(None),
                None => {
                    let line = format!(
                        "the stream from {} has ended; what happens from now on is not told",
                        feed.session.base_url()
                    );
                    Some(Err(feed.end(ErrorKind::Interrupted, line, ErrorBody::default())))
                }
            };
            if told.is_some() {
                return Poll::Ready(told);
            }
        }
        Poll::Ready(None)
    }
}

impl<T> fmt::Debug for Feed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("operation", &self.operation.id)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}
