//! Muting a member.

use std::time::SystemTime;

use agent_platform_core::send_on_await;
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::{ChatId, UserId};
use crate::platform::Session;

/// The request of [`Chats::mute_member`](crate::Chats::mute_member); `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct MuteMember<'c> {
    session: &'c Session,
    chat: ChatId,
    user: UserId,
    until: Option<SystemTime>,
}

impl<'c> MuteMember<'c> {
    pub(super) fn new(session: &'c Session, chat: ChatId, user: UserId) -> Self {
        Self { session, chat, user, until: None }
    }

    /// When the mute ends by itself. It does not unless set.
    ///
    /// Not every backend can: some, those of the communication profile as of May 2026 among them, answer with
    /// a failure, and others store the time but do not end the mute. Where it matters, leave this out and call
    /// [`unmute_member`](crate::Chats::unmute_member).
    pub fn until(mut self, end: impl Into<SystemTime>) -> Self {
        self.until = Some(end.into());
        self
    }

    async fn send(self) -> Result<(), Error> {
        self.send_with(true).await
    }

    pub(super) async fn send_with(self, muted: bool) -> Result<(), Error> {
        let request = self.session.request(&operations::MUTE_CHAT_MEMBER);
        let mute_until = match self.until.map(|end| end.duration_since(SystemTime::UNIX_EPOCH)) {
            None => None,
            Some(Ok(since)) if !since.is_zero() => Some(since.as_secs_f64()),
            // The backend takes 0 for "without end".
            Some(_) => return Err(request.refuse("the end of the mute is not after 1970; leave it out for none")),
        };
        let body = types::MuteChatBody { user_id: self.user.into(), muted, mute_until };
        let outcome = request.api.mute_chat_member(request.segment(&self.chat)?, &body).await;
        request.finish(outcome)
    }
}

send_on_await!(MuteMember, ());
