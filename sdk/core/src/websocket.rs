//! WebSocket connections, over the same HTTP client as every call.

mod handshake;
mod peer_close;
mod read_ahead;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::{Sink, SinkExt, Stream};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

use crate::call::Call;
use crate::failure::{Cause, Failure};
use crate::limits::FAR_AWAY;
use crate::operation::Operation;
use crate::redact::Redactor;
use handshake::Handshake;
use peer_close::PeerClose;
use read_ahead::ReadAhead;

/// How much of a connection is read at once while little comes. A listener is idle nearly all the time, and there
/// may be thousands of them.
const READ_BUFFER: usize = 1024;

/// What holds for one WebSocket connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebSocketLimits {
    /// How long nothing at all may come before the connection counts as dead. A ping is sent after half of it,
    /// so a peer that lives always has something to send. 40 s unless set.
    pub silence: Duration,
    /// The largest message that is taken, in bytes. 1 MiB unless set.
    pub max_message_bytes: usize,
}

impl Default for WebSocketLimits {
    fn default() -> Self {
        Self { silence: Duration::from_secs(40), max_message_bytes: 1024 * 1024 }
    }
}

/// How a WebSocket connection ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum WebSocketEnd {
    /// The peer closed it, with a code and a reason where it gave them.
    Closed {
        /// The close code of RFC 6455, such as 1000 or 1011, as the peer gave it: also one that may not be sent.
        code: Option<u16>,
        /// The reason, in the peer's words, without the secrets that the handshake carried.
        reason: String,
    },
    /// The connection broke off without a close.
    Broken(std::io::Error),
    /// Nothing came for so long.
    Silent(Duration),
    /// A message is larger than the bound, in bytes.
    TooLarge(usize),
    /// The peer does not keep to the protocol: the text says how.
    Violated(String),
}

/// An open WebSocket connection: a stream of text messages. Pings are answered. After an error it is over.
///
/// Dropping it closes the socket.
pub struct WebSocket<S = TokioIo<Upgraded>> {
    inner: WebSocketStream<ReadAhead<PeerClose<S>>>,
    limits: WebSocketLimits,
    redactor: Redactor,
    /// When something came last.
    heard: Instant,
    /// When to look whether nothing came for half of the limit, and then for another half after the ping. It is set
    /// anew when it is due, not with each message.
    timer: Pin<Box<Sleep>>,
    pinged: bool,
    ended: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Frames what comes over a connection that has been upgraded.
    pub(crate) async fn over(connection: S, limits: WebSocketLimits, redactor: Redactor) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(limits.max_message_bytes))
            .max_frame_size(Some(limits.max_message_bytes));
        let connection = ReadAhead::new(PeerClose::new(connection));
        let inner = WebSocketStream::from_raw_socket(connection, Role::Client, Some(config)).await;
        let heard = Instant::now();
        let timer = Box::pin(tokio::time::sleep_until(half_a_silence_from(heard, &limits)));
        Self { inner, limits, redactor, heard, timer, pinged: false, ended: false }
    }

    /// Sends a text message.
    ///
    /// # Errors
    ///
    /// If the connection is over.
    pub async fn send(&mut self, text: String) -> Result<(), WebSocketEnd> {
        let sent = self.inner.send(Message::text(text)).with_subscriber(Dispatch::none()).await;
        sent.map_err(|error| end(error, &self.limits))
    }

    /// Looks at the clock: pings where it is time to, and tells whether the peer is dead.
    fn poll_alive(&mut self, context: &mut Context<'_>) -> Poll<WebSocketEnd> {
        loop {
            ready!(self.timer.as_mut().poll(context));
            if self.pinged {
                return Poll::Ready(WebSocketEnd::Silent(self.limits.silence));
            }
            let (now, due) = (Instant::now(), half_a_silence_from(self.heard, &self.limits));
            if now < due {
                self.timer.as_mut().reset(due);
                continue;
            }
            self.pinged = true;
            // From now, not from when something was heard: the program may have looked elsewhere since.
            self.timer.as_mut().reset(half_a_silence_from(now, &self.limits));
            let ping = Message::Ping(Bytes::new());
            let mut inner = Pin::new(&mut self.inner);
            // Where the ping can't be put on its way, the connection is stuck, and the clock finds it dead.
            untraced(|| {
                if inner.as_mut().poll_ready(context).is_ready() && inner.as_mut().start_send(ping).is_ok() {
                    let _ = inner.as_mut().poll_flush(context);
                }
            });
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for WebSocket<S> {
    type Item = Result<Utf8Bytes, WebSocketEnd>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let socket = self.get_mut();
        if socket.ended {
            return Poll::Ready(None);
        }
        let outcome = loop {
            match untraced(|| Pin::new(&mut socket.inner).poll_next(context)) {
                Poll::Ready(Some(Ok(message))) => {
                    socket.pinged = false;
                    socket.heard = Instant::now();
                    match message {
                        Message::Text(text) => break Ok(text),
                        Message::Binary(_) => break Err(WebSocketEnd::Violated("a binary message".to_owned())),
                        Message::Close(_) => {
                            let (code, reason) = match socket.inner.get_ref().get_ref().told() {
                                Some((code, reason)) => (Some(code), socket.redactor.text(reason)),
                                None => (None, String::new()),
                            };
                            // The answer to it, as far as that goes without waiting.
                            let _ = untraced(|| Pin::new(&mut socket.inner).poll_flush(context));
                            break Err(WebSocketEnd::Closed { code, reason });
                        }
                        // Pings are answered by the library on the next turn of the loop.
                        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
                    }
                }
                Poll::Ready(Some(Err(error))) => break Err(end(error, &socket.limits)),
                Poll::Ready(None) => break Err(WebSocketEnd::Closed { code: None, reason: String::new() }),
                Poll::Pending => break Err(ready!(socket.poll_alive(context))),
            }
        };
        socket.ended = outcome.is_err();
        Poll::Ready(Some(outcome))
    }
}

impl<S> fmt::Debug for WebSocket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").field("limits", &self.limits).field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// Keeps what tungstenite logs out of the program's traces: it quotes whole messages, and the reason of a close.
/// A program that collects `log` without tracing gets it all the same, under the target `tungstenite`.
fn untraced<T>(work: impl FnOnce() -> T) -> T {
    tracing::dispatcher::with_default(&Dispatch::none(), work)
}

/// When half of the limit is over.
fn half_a_silence_from(start: Instant, limits: &WebSocketLimits) -> Instant {
    start.checked_add(limits.silence / 2).unwrap_or_else(|| start + FAR_AWAY)
}

fn end(error: tungstenite::Error, limits: &WebSocketLimits) -> WebSocketEnd {
    match error {
        tungstenite::Error::Io(error) => WebSocketEnd::Broken(error),
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
            WebSocketEnd::Broken(std::io::ErrorKind::UnexpectedEof.into())
        }
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => {
            WebSocketEnd::Closed { code: None, reason: String::new() }
        }
        tungstenite::Error::Capacity(_) => WebSocketEnd::TooLarge(limits.max_message_bytes),
        tungstenite::Error::Utf8(_) => WebSocketEnd::Violated("a text that is not UTF-8".to_owned()),
        tungstenite::Error::Protocol(error) => WebSocketEnd::Violated(error.to_string()),
        _ => WebSocketEnd::Violated("a message that makes no sense".to_owned()),
    }
}

impl Call {
    /// Opens a WebSocket connection in place of getting a response. It is attempted once, within the limits of
    /// a connection and an attempt.
    ///
    /// # Errors
    ///
    /// What befell the handshake; a status other than 101 is [`Cause::Status`] with its body.
    pub async fn open_websocket(
        self,
        url: &str,
        operation: &'static Operation,
        limits: WebSocketLimits,
    ) -> Result<WebSocket, Failure> {
        let handshake = Handshake::new();
        let redactor = self.redactor();
        let (response, call) = self.upgrade(url, handshake.request(), operation).await?;
        if let Some(problem) = handshake.problem(response.headers()) {
            let problem = format!("its handshake is not one of WebSocket, since {problem}");
            return Err(call.into_failure(Cause::Malformed { status: Some(response.status()), problem }));
        }
        match response.upgrade().await {
            Ok(upgraded) => Ok(WebSocket::over(upgraded, limits, redactor).await),
            Err(cause) => Err(call.into_failure(cause)),
        }
    }
}

#[cfg(test)]
mod tests;
