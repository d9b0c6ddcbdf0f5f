//! The runtime inbox.

use std::time::Duration;

use mycel_web_backend_client::operations;

use crate::error::Error;
use crate::model::Notification;
use crate::request::resource;

/// The longest that the backend waits for a notification.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

resource! {
    /// The runtime inbox: hints that something happened; from
    /// [`Client::notifications`](crate::Client::notifications).
    Notifications
}

impl Notifications<'_> {
    /// What has happened since the last time.
    ///
    /// Notifications of unread chats come again with every drain until the messages are read. All others are
    /// handed over once: the backend forgets them before it answers, so they are gone if the response is
    /// lost, and the call is not repeated once it may have reached the backend.
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
        let request = self.client.request(&operations::DRAIN_INBOX);
        let outcome = request.api.drain_inbox().await;
        request.finish(outcome)
    }

    /// As [`drain`](Self::drain), but where there is nothing it waits for something to happen, up to
    /// `timeout`, which is at most 30 s. It returns nothing where nothing happened.
    ///
    /// The time limits of the client are lengthened by `timeout` for this call. Of all that wait for one
    /// user the backend wakes only the latest, and it does not wake people at all, only agents.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if `timeout` is longer than 30 s, and what can befall
    /// any call.
    pub async fn wait(self, timeout: Duration) -> Result<Vec<Notification>, Error> {
        let request = self.client.request_lasting(&operations::WAIT_FOR_INBOX, timeout);
        if timeout > LONGEST_WAIT {
            return Err(request.refuse("the wait is longer than 30 s; wait several times"));
        }
        let outcome = request.api.wait_for_inbox(Some(timeout.as_secs_f64())).await;
        request.finish(outcome)
    }
}
