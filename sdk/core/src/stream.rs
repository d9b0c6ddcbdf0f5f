//! Answers that are read as they come: bytes, and server-sent events.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::call::LiveBody;
use crate::error::{CommonKind, Report};
use crate::failure::Cause;
use crate::operation::Operation;
use crate::request::Platform;
use crate::session::Session;
use crate::sse::{EventDecoder, ServerEvent};

/// The body of an answer, as it comes. After an error it is over. Dropping it closes the connection, and tells the
/// backend nothing else.
#[must_use = "a stream does nothing until it is polled"]
pub struct ByteStream<P> {
    session: Session<P>,
    operation: &'static Operation,
    body: Box<LiveBody>,
}

impl<P: Platform> ByteStream<P> {
    pub(crate) fn new(session: &Session<P>, operation: &'static Operation, body: Box<LiveBody>) -> Self {
        Self { session: session.clone(), operation, body }
    }

    /// How long nothing may come before the stream counts as dead. It does not count while nobody waits for more.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.body.set_silence(limit);
        self
    }

    /// A header of the answer, where it is a text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.body.headers().get(name)?.to_str().ok()
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// If the body breaks off, or if nothing comes for too long.
    pub async fn next(&mut self) -> Option<Result<Bytes, P::Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All of it, where that is no more than so many bytes. `too_large` says what to do where it is.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next), and where it is larger.
    pub async fn whole(mut self, largest: usize, too_large: &str) -> Result<Vec<u8>, P::Error> {
        let mut whole = Vec::new();
        while let Some(piece) = self.next().await {
            let piece = piece?;
            if piece.len() > largest.saturating_sub(whole.len()) {
                let line = format!("it is larger than {largest} bytes; {too_large}");
                return Err(self.report(CommonKind::ResponseTooLarge, line));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    /// Writes it, piece by piece as it comes, however large it is. Returns how many bytes there were. The writer is flushed,
    /// and not shut down.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next), and what the writer fails with. What was written before stays written.
    pub async fn write_to(mut self, writer: &mut (impl AsyncWrite + Unpin + Send)) -> Result<u64, P::Error> {
        let mut written = 0;
        while let Some(piece) = self.next().await {
            let piece = piece?;
            if let Err(error) = writer.write_all(&piece).await {
                return Err(self.unwritten(&error));
            }
            written += piece.len() as u64;
        }
        writer.flush().await.map_err(|error| self.unwritten(&error))?;
        Ok(written)
    }

    fn unwritten(&self, error: &std::io::Error) -> P::Error {
        self.report(CommonKind::Interrupted, format!("it could not be written where it was to be ({error})"))
    }

    /// An error that is this side's own.
    fn report(&self, kind: CommonKind, line: String) -> P::Error {
        P::error(Report::new(P::kind(kind), Some(self.operation), line))
    }

    fn error(&self, cause: Cause) -> P::Error {
        self.session.error(self.body.failure(cause), self.operation)
    }
}

impl<P: Platform> Stream for ByteStream<P> {
    type Item = Result<Bytes, P::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.get_mut();
        let piece = ready!(stream.body.poll_next(context));
        Poll::Ready(piece.map(|piece| piece.map_err(|cause| stream.error(cause))))
    }
}

impl<P: Platform> fmt::Debug for ByteStream<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("operation", &self.operation.id)
            .field("is_over", &self.body.is_over())
            .finish_non_exhaustive()
    }
}

/// The server-sent events of an answer, as they come. Dropping it closes the connection, and tells the backend nothing
/// else.
#[must_use = "a stream does nothing until it is polled"]
pub struct EventStream<P> {
    bytes: ByteStream<P>,
    decoder: EventDecoder,
    /// On the heap, so that a stream without one has hardly any room in it for this.
    rewrite: Option<Box<Rewrite>>,
}

struct Rewrite(Box<Rewriting>);

type Rewriting = dyn FnMut(&[u8]) -> Vec<u8> + Send + Sync;

impl<P: Platform> EventStream<P> {
    /// No event may be larger than a whole answer.
    pub(crate) fn new(bytes: ByteStream<P>) -> Self {
        let largest_event = bytes.session.transport().max_response_bytes();
        Self { bytes, decoder: EventDecoder::new(largest_event), rewrite: None }
    }

    /// Has each piece of the body rewritten before events are read from it, for a backend that does not write them as the
    /// standard has it.
    pub fn rewritten(mut self, rewrite: impl FnMut(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        self.rewrite = Some(Box::new(Rewrite(Box::new(rewrite))));
        self
    }

    /// Takes back an event that is not needed any more, so that the one that is coming has its room.
    pub fn give_back(&mut self, event: ServerEvent) {
        self.decoder.give_back(event);
    }

    /// As for a [`ByteStream`]. Comments, which backends send to keep a stream alive, are signs of life too.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.bytes = self.bytes.silence(limit);
        self
    }

    /// A header of the answer, where it is a text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.bytes.header(name)
    }

    /// The next event; `None` at the end of the body.
    ///
    /// # Errors
    ///
    /// If the body breaks off, or if nothing comes for too long; then it is over. And if an event is larger than the
    /// largest answer that is taken; the events behind it come all the same.
    pub async fn next(&mut self) -> Option<Result<ServerEvent, P::Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<P: Platform> Stream for EventStream<P> {
    type Item = Result<ServerEvent, P::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.get_mut();
        loop {
            if let Some(event) = stream.decoder.next_event() {
                let too_large = |error: crate::sse::EventTooLarge| Cause::TooLarge { bound: error.limit };
                return Poll::Ready(Some(event.map_err(|error| stream.bytes.error(too_large(error)))));
            }
            if stream.bytes.body.is_over() {
                return Poll::Ready(None);
            }
            match ready!(Pin::new(&mut stream.bytes).poll_next(context)) {
                Some(Ok(bytes)) => match &mut stream.rewrite {
                    Some(rewrite) => stream.decoder.feed(&rewrite.0(&bytes)),
                    None => stream.decoder.feed(&bytes),
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                // The last event may lack the blank line behind it.
                None => stream.decoder.finish(),
            }
        }
    }
}

impl<P: Platform> fmt::Debug for EventStream<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("operation", &self.bytes.operation.id)
            .field("is_over", &self.bytes.body.is_over())
            .finish_non_exhaustive()
    }
}

/// The answer to an operation that may be answered with one or the other.
#[derive(Debug)]
pub enum JsonOrEvents<T, P: Platform> {
    /// One JSON value.
    Json(T),
    /// Server-sent events.
    Events(EventStream<P>),
}
