//! Archiving a chat.

use agent_platform_core::send_on_await;
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::ChatId;
use crate::model::Archived;
use crate::platform::Session;

/// The request of [`Chats::archive`](crate::Chats::archive); `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ArchiveChat<'c> {
    session: &'c Session,
    chat: ChatId,
    reason: Option<String>,
}

impl<'c> ArchiveChat<'c> {
    pub(super) fn new(session: &'c Session, chat: ChatId) -> Self {
        Self { session, chat, reason: None }
    }

    /// Why.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    async fn send(self) -> Result<Archived, Error> {
        let request = self.session.request(&operations::ARCHIVE_CHAT);
        let body = types::ArchiveChatBody { archived: true, reason: self.reason };
        let outcome = request.api.archive_chat(request.segment(&self.chat)?, &body).await;
        request.finish(outcome)
    }
}

send_on_await!(ArchiveChat, Archived);
