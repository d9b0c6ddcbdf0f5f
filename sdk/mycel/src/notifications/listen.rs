//! Notifications for a program that runs on.

mod buffer;
mod claim;
mod dedup;
mod position;
mod settings;
mod worker;

pub(crate) use claim::Claims;
pub use settings::ListenSettings;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::error::Error;
use crate::model::Notification;
use crate::platform::Session;
use buffer::Buffer;

/// What a [`Listener`] tells.
#[derive(Debug)]
#[non_exhaustive]
pub enum ListenEvent {
    /// The stream is open, and everything that came before has been asked for. What comes now is told at once.
    Connected,
    /// Something happened.
    Notification(Notification),
    /// The connection is gone. The next try is made by itself.
    Disconnected {
        /// Why.
        reason: Error,
        /// How long until the next try.
        retry_in: Duration,
    },
    /// The stream is opened once more although nothing is wrong with it, a minute after a connection broke off: when
    /// the backend has found out about that one it may have taken the new one's listener away. Nobody listens until
    /// [`Connected`](Self::Connected), and what happens meanwhile is told then.
    Renewing {
        /// How long until the stream is opened again: [`base_delay`](ListenSettings::base_delay).
        retry_in: Duration,
    },
    /// Something may be missing. All chats with unread messages have been asked for since, so no message is
    /// lost; of other things look yourself, at relationships, join requests and workflow events.
    Gap(Gap),
}

/// Why something may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gap {
    /// More happened during a break than the backend holds.
    Overflow {
        /// How many notifications it does not hold any more.
        missed: u64,
    },
    /// The backend was restarted, and holds nothing of what came before.
    Restarted,
    /// Something came that can't be read, or is too large to be taken.
    Unreadable,
}

/// Listens for one user, for as long as it lives; from
/// [`Notifications::listen`](crate::Notifications::listen).
///
/// It is a [`Stream`], and has [`next`](Self::next) for those who need no more than that. The work is done by a
/// task of its own, so the connection is kept while the program is busy. Dropping the listener ends the task
/// and closes the connection.
#[must_use = "what nobody takes from a listener is told to nobody"]
pub struct Listener {
    buffer: Arc<Buffer>,
    stop: Arc<Notify>,
    task: Option<JoinHandle<()>>,
}

impl Listener {
    pub(super) fn start(session: &Session, claims: &Arc<Claims>, settings: ListenSettings) -> Self {
        let buffer = Arc::new(Buffer::new(settings.capacity));
        let stop = Arc::new(Notify::new());
        let Ok(runtime) = Handle::try_current() else {
            buffer.finish(worker::refusal("a listener needs a tokio runtime; call listen() inside of one"));
            return Self { buffer, stop, task: None };
        };
        let (session, claims) = (session.clone(), Arc::clone(claims));
        let task = runtime.spawn(worker::run(session, claims, settings, Arc::clone(&buffer), Arc::clone(&stop)));
        Self { buffer, stop, task: Some(task) }
    }

    /// The next event. After an error there is none.
    ///
    /// # Errors
    ///
    /// What no further try would mend:
    ///
    /// - [`Unauthorized`](crate::ErrorKind::Unauthorized) if the token is not good (any more), or none was set.
    /// - [`ProxyCredentials`](crate::ErrorKind::ProxyCredentials) if the proxy does not accept its credentials.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the user may not listen.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the backend has no stream.
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the user is a person: the backend tells people
    ///   nothing, so ask from time to time ([`drain`](crate::Notifications::drain) says what it brings them); or
    ///   if there is no tokio runtime.
    /// - [`AlreadyListening`](crate::ErrorKind::AlreadyListening) if another listener of this client, or of one
    ///   that shares its connections, listens for the same user.
    /// - [`Stopped`](crate::ErrorKind::Stopped) after [`StopHandle::stop`], or if the tokio runtime that the
    ///   listener was started in has ended.
    pub async fn next(&mut self) -> Option<Result<ListenEvent, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Stops the listener from elsewhere.
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle { stop: Arc::clone(&self.stop) }
    }
}

impl Stream for Listener {
    type Item = Result<ListenEvent, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.buffer.poll_pop(context)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        // The task ends a moment later, but another listener may begin at once.
        self.buffer.release_claim();
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// Stops a [`Listener`]; from [`Listener::stop_handle`].
#[derive(Clone, Debug)]
pub struct StopHandle {
    stop: Arc<Notify>,
}

impl StopHandle {
    /// Ends the listener: what it has to tell already is told, and then
    /// [`Stopped`](crate::ErrorKind::Stopped).
    pub fn stop(&self) {
        self.stop.notify_one();
    }
}
