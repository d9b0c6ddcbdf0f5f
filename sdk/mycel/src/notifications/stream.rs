//! The inbox stream as the backend has it.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use agent_platform_core::{AnswerKind, Operation, WebSocket, WebSocketLimits, send_on_await};
use futures::Stream;

use super::ending;
use super::frame::{self, Frame, StreamedNotification};
use crate::error::Error;
use crate::platform::Session;

/// Not in the contract: the backend's schema has no WebSocket routes.
pub(crate) static SUBSCRIBE: Operation = Operation {
    repeatable: true,
    answer: AnswerKind::Messages,
    ..Operation::new("subscribe_inbox", "GET", "/api/runtime/inbox/subscribe")
};

/// The request of [`Notifications::stream`](crate::Notifications::stream); `.await` opens the stream.
#[derive(Clone, Debug)]
#[must_use = "a stream is not opened until it is awaited"]
pub struct OpenStream<'c> {
    session: &'c Session,
    since: Option<u64>,
    limits: WebSocketLimits,
}

impl<'c> OpenStream<'c> {
    pub(super) fn new(session: &'c Session) -> Self {
        Self { session, since: None, limits: WebSocketLimits::default() }
    }

    /// Begins with what came after the notification of this number, as far as the backend still holds it: the
    /// last 256. 0 begins with the oldest of those. Unless set, the stream begins with what comes next.
    pub fn since(mut self, seq: u64) -> Self {
        self.since = Some(seq);
        self
    }

    /// How long nothing at all may come before the connection counts as dead. A ping is sent after half of it.
    /// 40 s unless set.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.limits.silence = limit;
        self
    }

    async fn send(self) -> Result<NotificationStream, Error> {
        let mut socket = self.session.open_websocket(&SUBSCRIBE, self.limits).await?;
        if let Some(seq) = self.since {
            let resume = serde_json::json!({"type": "resume", "since_seq": seq}).to_string();
            socket.send(resume).await.map_err(|end| ending::of_websocket(end, self.session.base_url()))?;
        }
        Ok(NotificationStream { session: self.session.clone(), socket, is_over: false })
    }
}

send_on_await!(OpenStream, NotificationStream);

/// The inbox stream; from [`Notifications::stream`](crate::Notifications::stream).
///
/// It is a [`Stream`], and has [`next`](Self::next) for those who need no more than that. After an error it is
/// over. Dropping it closes the connection.
#[must_use = "a stream does nothing until it is polled"]
pub struct NotificationStream {
    session: Session,
    socket: WebSocket,
    is_over: bool,
}

impl NotificationStream {
    /// The next notification. It does not end by itself: the last item is an error.
    ///
    /// What is odd in a notification spoils its own place alone: half of a character becomes U+FFFD, a number that
    /// no float holds and what is nested deeper than 127 levels become null. A notification without a number of its
    /// own has the number 0; one that is of another form than the known ones is an
    /// [`Other`](crate::NotificationEvent::Other) event. So is a message that can't be read at all, without a name,
    /// a number and metadata: look at everything then, as after a break.
    ///
    /// # Errors
    ///
    /// - [`Closed`](crate::ErrorKind::Closed) if the backend closes the stream;
    ///   [`detail`](Error::detail) is its reason.
    /// - [`ReplayOverflow`](crate::ErrorKind::ReplayOverflow) if it does not hold all that came since the
    ///   number that was asked for.
    /// - [`TimedOut`](crate::ErrorKind::TimedOut) if the connection is dead.
    /// - [`Interrupted`](crate::ErrorKind::Interrupted) if it breaks off.
    /// - [`ResponseTooLarge`](crate::ErrorKind::ResponseTooLarge) if a message of more than 1 MiB comes: open the
    ///   stream [`since`](OpenStream::since) the number after the last one to leave it out.
    /// - [`MalformedResponse`](crate::ErrorKind::MalformedResponse) if the backend does not keep to the WebSocket
    ///   protocol, or sends bytes in place of a text.
    pub async fn next(&mut self) -> Option<Result<StreamedNotification, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl NotificationStream {
    /// As the stream, with `None` for what nobody can read.
    pub(super) fn poll_told(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Option<StreamedNotification>, Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let outcome = loop {
            let Some(message) = ready!(Pin::new(&mut self.socket).poll_next(context)) else {
                self.is_over = true;
                return Poll::Ready(None);
            };
            match message.map_err(|end| ending::of_websocket(end, self.session.base_url())) {
                Err(error) => break Err(error),
                Ok(text) => match frame::read(&text) {
                    Frame::Notify(streamed) => break Ok(Some(streamed)),
                    Frame::Unreadable => break Ok(None),
                    Frame::Unknown => {}
                    Frame::Overflow { since, oldest } => break Err(ending::replay_overflow(since, oldest)),
                },
            }
        };
        self.is_over = outcome.is_err();
        Poll::Ready(Some(outcome))
    }
}

impl Stream for NotificationStream {
    type Item = Result<StreamedNotification, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let told = ready!(self.get_mut().poll_told(context));
        Poll::Ready(told.map(|outcome| outcome.map(|told| told.unwrap_or_else(StreamedNotification::unreadable))))
    }
}

impl fmt::Debug for NotificationStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotificationStream").field("session", &self.session).field("is_over", &self.is_over).finish()
    }
}
