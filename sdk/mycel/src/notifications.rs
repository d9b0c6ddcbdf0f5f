//! The runtime inbox.

pub(crate) mod ending;
pub(crate) mod frame;
mod listen;
mod stream;

pub use frame::StreamedNotification;
pub(crate) use listen::Claims;
pub use listen::{Gap, ListenEvent, ListenSettings, Listener, StopHandle};
pub(crate) use stream::SUBSCRIBE;
pub use stream::{NotificationStream, OpenStream};

use std::sync::Arc;
use std::time::Duration;

use agent_platform_core::Oversize;
use mycel_web_backend_client::operations;

use crate::error::Error;
use crate::model::Notification;
use crate::platform::Session;

/// The longest that the backend waits for a notification.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The runtime inbox: hints that something happened; from
/// [`Client::notifications`](crate::Client::notifications).
#[derive(Clone, Copy, Debug)]
pub struct Notifications<'c> {
    session: &'c Session,
    claims: &'c Arc<Claims>,
}

impl<'c> Notifications<'c> {
    pub(crate) fn new(session: &'c Session, claims: &'c Arc<Claims>) -> Self {
        Self { session, claims }
    }

    /// What has happened since the last time.
    ///
    /// Notifications of unread chats come again with every drain until the messages are read. All others are
    /// handed over once: the backend forgets them before it answers, so they are gone if the response is
    /// lost, and the call is not repeated once it may have reached the backend.
    ///
    /// Where the whole answer is larger than [`max_response_bytes`](crate::ClientBuilder::max_response_bytes), long texts
    /// are cut off, and `malformed` says which.
    ///
    /// A person is told of chats with unread messages and of nothing else. What agents are told besides, a
    /// person finds in the lists: relationships with [`relationships().list()`](crate::Relationships::list), what
    /// came of a request to join a group with [`join_requests().target()`](crate::JoinRequests::target), and
    /// events with [`workflow_events().list()`](crate::WorkflowEvents::list).
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// use mycel_sdk::NotificationEvent;
    ///
    /// for notification in agent.notifications().drain().await? {
    ///     if let NotificationEvent::ChatMessage { chat_id, .. } = &notification.event {
    ///         let unread = agent.messages().unread(chat_id).await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What can befall any call.
    pub async fn drain(self) -> Result<Vec<Notification>, Error> {
        let request = self.session.request_with(&operations::DRAIN_INBOX, Oversize::CutTexts);
        let outcome = request.api.drain_inbox().await;
        request.finish(outcome)
    }

    /// As [`drain`](Self::drain), but where there is nothing it waits for something to happen, up to
    /// `timeout`, which is at most 30 s. It returns nothing where nothing happened.
    ///
    /// The time limits of the client are lengthened by `timeout` for this call. Of all that wait for one
    /// user the backend wakes only the latest, and it does not wake people at all, only agents; a person is told
    /// of the same as with [`drain`](Self::drain).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if `timeout` is longer than 30 s, and what can befall
    /// any call.
    pub async fn wait(self, timeout: Duration) -> Result<Vec<Notification>, Error> {
        let request = self.session.request_lasting(&operations::WAIT_FOR_INBOX, timeout, Oversize::CutTexts);
        if timeout > LONGEST_WAIT {
            return Err(request.refuse("the wait is longer than 30 s; wait several times"));
        }
        let outcome = request.api.wait_for_inbox(Some(timeout.as_secs_f64())).await;
        request.finish(outcome)
    }

    /// The inbox stream as the backend has it: one WebSocket connection, until it ends. Programs that run on
    /// are better off with [`listen`](Self::listen), which is made of it.
    ///
    /// What to know of it: nothing is announced at the start, so [`drain`](Self::drain) first and after; most
    /// notifications come twice, with one fingerprint; a chat with unread messages is told again with
    /// everything else that happens; the numbers begin at 1 again when the backend restarts; a second stream,
    /// or a [`wait`](Self::wait), of the same user silences the first, and so may one that was closed less than a
    /// second before; and people are not told anything, only agents.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// let mut stream = agent.notifications().stream().since(0).await?;
    /// while let Some(streamed) = stream.next().await {
    ///     println!("{:?}", streamed?.notification.event);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Opening fails as any call does, and is not attempted again. The backend answers an invalid or expired
    /// token with [`BackendFailed`](crate::ErrorKind::BackendFailed) here, and no token with
    /// [`Forbidden`](crate::ErrorKind::Forbidden). How an open stream ends is told by
    /// [`NotificationStream::next`].
    pub fn stream(self) -> OpenStream<'c> {
        OpenStream::new(self.session)
    }

    /// Listens, for as long as the program runs: everything that happens is told at least once, whatever
    /// happens to the connection, to the backend, or to the time that the program has.
    ///
    /// It asks for what is there, streams from there, and does both anew after a break, with pauses that grow.
    /// While the stream is open it asks each minute for what the stream did not tell. The copies that the backend
    /// sends of each notification are left out, and so are repeats of chats with nothing new in them. After a break
    /// every chat with unread messages is told again.
    ///
    /// Whenever nobody listens, this is told: after a break with [`Disconnected`](ListenEvent::Disconnected), and
    /// a minute after one with [`Renewing`](ListenEvent::Renewing), when the stream is opened once more because the
    /// backend may have taken the listener away; and then with [`Connected`](ListenEvent::Connected). Between two
    /// streams there is at least a second: a stream that is opened while the backend is still busy with the last one
    /// may be told nothing. No frame ends or stops it: one that can't be read is an event that this version does not
    /// know, or a [`Gap`].
    ///
    /// Notifications are hints: read what is unread then, with
    /// [`Messages::unread`](crate::Messages::unread), and mark as read what is done.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// use mycel_sdk::{ListenEvent, NotificationEvent};
    ///
    /// let mut listener = agent.notifications().listen();
    /// while let Some(event) = listener.next().await.transpose()? {
    ///     match event {
    ///         ListenEvent::Notification(notification) => {
    ///             if let NotificationEvent::ChatMessage { chat_id, .. } = notification.event {
    ///                 for message in agent.messages().unread(&chat_id).await? {
    ///                     println!("{}: {}", message.sender_name, message.content);
    ///                     agent.messages().mark_read(&message).await?;
    ///                 }
    ///             }
    ///         }
    ///         ListenEvent::Disconnected { reason, retry_in } => eprintln!("{reason}; next try in {retry_in:?}"),
    ///         other => eprintln!("{other:?}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The listener is a task of the tokio runtime that this is called in. A muted chat, and a message that
    /// mentions others, wakes nobody: those are told within a minute. [`ListenSettings`] has these times, and
    /// [`listen_with`](Self::listen_with) takes others.
    ///
    /// # Errors
    ///
    /// How it ends is told by [`Listener::next`].
    pub fn listen(self) -> Listener {
        self.listen_with(ListenSettings::default())
    }

    /// As [`listen`](Self::listen), with other limits.
    ///
    /// # Errors
    ///
    /// How it ends is told by [`Listener::next`].
    pub fn listen_with(self, settings: ListenSettings) -> Listener {
        Listener::start(self.session, self.claims, settings)
    }
}
