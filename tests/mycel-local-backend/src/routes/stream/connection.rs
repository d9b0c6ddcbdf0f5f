//! One open stream.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::{
    super::inbox::take,
    frames::{First, Frame, Unreadable, first},
    keepalive::Keepalive,
};
use crate::{
    app::App,
    auth,
    error::Failure,
    inbox::{Listener, Replay},
};

/// How long a peer has to answer a close.
const CLOSE_WITHIN: Duration = Duration::from_millis(250);

/// The longest reason that a close frame has room for, in bytes.
const REASON_LIMIT: usize = 123;

/// A stream and what it has to do. One task does it all, and waits for a peer that doesn't read: nothing piles up.
pub(super) struct Connection<S> {
    app: Arc<App>,
    user_id: String,
    listener: Listener,
    socket: WebSocketStream<S>,
    keepalive: Keepalive,
    /// When wakes that have been answered come again.
    echoes: VecDeque<Instant>,
    /// Whether the client has sent the one frame that is read.
    has_asked: bool,
}

/// Why a stream ends.
enum End {
    /// The peer is gone, or goes without a word.
    Cut,
    /// The peer is told.
    Close(CloseCode, String),
}

impl From<Unreadable> for End {
    fn from(Unreadable: Unreadable) -> Self {
        Self::Cut
    }
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Close(CloseCode::Error, failure.reason())
    }
}

impl From<Error> for End {
    /// Whatever is wrong with the socket, nobody is left to be told.
    fn from(_: Error) -> Self {
        Self::Cut
    }
}

impl End {
    /// The backend stops.
    fn stopping() -> Self {
        Self::Close(CloseCode::Restart, String::new())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(app: Arc<App>, user_id: String, listener: Listener, socket: WebSocketStream<S>) -> Self {
        let keepalive = Keepalive::new(app.timing);
        Self { app, user_id, listener, socket, keepalive, echoes: VecDeque::new(), has_asked: false }
    }

    /// Serves it to its end.
    pub(super) async fn run(mut self) {
        let end = loop {
            if let Err(end) = self.step().await {
                break end;
            }
        };
        if let End::Close(code, reason) = end {
            self.close(code, reason).await;
        }
    }

    /// Waits for something, and does what it asks for.
    async fn step(&mut self) -> Result<(), End> {
        let echo = self.echoes.front().copied();
        let echoed = async {
            match echo {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // In this order: a pong that has come is seen before it is missed.
            biased;
            () = self.app.closing.closed() => Err(End::stopping()),
            message = self.socket.next() => self.read(message.ok_or(End::Cut)??).await,
            () = sleep_until(self.keepalive.due) => self.ping().await,
            () = echoed => {
                self.echoes.pop_front();
                // Who took over the wakes took over their echoes.
                if self.listener.is_superseded() { Ok(()) } else { self.tell().await }
            }
            () = self.listener.woken() => {
                self.tell().await?;
                self.echoes.push_back(Instant::now() + self.app.timing.echo);
                Ok(())
            }
        }
    }

    async fn read(&mut self, message: Message) -> Result<(), End> {
        match message {
            Message::Pong(payload) => self.keepalive.pong(&payload),
            Message::Text(_) | Message::Binary(_) if self.has_asked => {}
            Message::Text(text) => {
                self.has_asked = true;
                if let First::Resume { since_seq } = first(&text)? {
                    self.replay(since_seq).await?;
                }
            }
            Message::Binary(_) => return Err(End::Cut),
            // The socket answers these by itself, and ends after a close.
            Message::Ping(_) | Message::Close(_) | Message::Frame(_) => {}
        }
        Ok(())
    }

    async fn replay(&mut self, since_seq: i64) -> Result<(), End> {
        match self.app.inbox.replay(&self.user_id, since_seq) {
            Replay::All(notifications) => {
                for notification in &notifications {
                    self.send_frame(&Frame::notify(notification)).await?;
                }
                Ok(())
            }
            Replay::Overflow { oldest_seq } => self.send_frame(&Frame::ReplayOverflow { since_seq, oldest_seq }).await,
        }
    }

    /// Drains the inbox into the stream.
    async fn tell(&mut self) -> Result<(), End> {
        let taken = self.app.transact(|work| take(work, &auth::caller(work.db, &self.user_id)?))?;
        for notification in &taken {
            self.send_frame(&Frame::notify(notification)).await?;
        }
        Ok(())
    }

    async fn ping(&mut self) -> Result<(), End> {
        match self.keepalive.ping() {
            Some(payload) => self.send(Message::Ping(payload)).await,
            None => Err(End::Close(CloseCode::Error, "keepalive ping timeout".to_owned())),
        }
    }

    async fn send_frame(&mut self, frame: &Frame<'_>) -> Result<(), End> {
        let text = serde_json::to_string(frame).map_err(Failure::from)?;
        self.send(Message::text(text)).await
    }

    /// Sends, and waits for the peer to make room: as long as it takes, but no longer than it would take to find out
    /// by a ping that nobody is there.
    async fn send(&mut self, message: Message) -> Result<(), End> {
        let patience = self.app.timing.ping_every + self.app.timing.pong_within;
        tokio::select! {
            sent = timeout(patience, self.socket.send(message)) => Ok(sent.map_err(|_| End::Cut)??),
            () = self.app.closing.closed() => Err(End::stopping()),
        }
    }

    /// Says why, and waits a little for the peer to have heard: a socket with something unread in it takes what was
    /// written last with it when it goes.
    async fn close(&mut self, code: CloseCode, mut reason: String) {
        reason.truncate(reason.floor_char_boundary(REASON_LIMIT));
        let said = async {
            self.socket.close(Some(CloseFrame { code, reason: reason.into() })).await?;
            while self.socket.next().await.transpose()?.is_some() {}
            Ok::<(), Error>(())
        };
        // It goes, whether or not it was heard.
        let _ = timeout(CLOSE_WITHIN, said).await;
    }
}
