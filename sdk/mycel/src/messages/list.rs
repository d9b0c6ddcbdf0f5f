//! Listing a chat's messages.

use agent_platform_core::send_on_await;
use mycel_web_backend_client::operations;

use crate::error::Error;
use crate::id::ChatId;
use crate::model::Message;
use crate::platform::Session;

/// The request of [`Messages::list`](crate::Messages::list); `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ListMessages<'c> {
    session: &'c Session,
    chat: ChatId,
    limit: Option<u32>,
    before: Option<u64>,
}

impl<'c> ListMessages<'c> {
    pub(super) fn new(session: &'c Session, chat: ChatId) -> Self {
        Self { session, chat, limit: None, before: None }
    }

    /// How many messages at the most, from 1 to 200. The backend takes 50 where it is not set.
    pub fn limit(mut self, messages: u32) -> Self {
        self.limit = Some(messages);
        self
    }

    /// Only messages with a lower number than this one, the newest of those.
    pub fn before(mut self, seq: u64) -> Self {
        self.before = Some(seq);
        self
    }

    async fn send(self) -> Result<Vec<Message>, Error> {
        let request = self.session.request(&operations::LIST_MESSAGES);
        if self.limit.is_some_and(|limit| !(1..=200).contains(&limit)) {
            return Err(request.refuse("the limit is not between 1 and 200; ask for several pages with `before`"));
        }
        let chat = request.segment(&self.chat)?;
        let before = self.before.map(|seq| seq.to_string());
        let outcome = request.api.list_messages(chat, before.as_deref(), self.limit.map(i64::from)).await;
        request.finish(outcome)
    }
}

send_on_await!(ListMessages, Vec<Message>);
