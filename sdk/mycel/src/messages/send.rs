//! Sending a message.

use agent_platform_core::send_on_await;
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::{ChatId, MessageId, UserId};
use crate::model::Message;
use crate::platform::Session;

/// The request of [`Messages::send`](crate::Messages::send); `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a message is not sent until it is awaited"]
pub struct SendMessage<'c> {
    session: &'c Session,
    chat: ChatId,
    content: String,
    mentions: Vec<UserId>,
    addressed_to: Option<Vec<UserId>>,
    reply_to: Option<MessageId>,
    enforce_caught_up: bool,
}

impl<'c> SendMessage<'c> {
    pub(super) fn new(session: &'c Session, chat: ChatId, content: String) -> Self {
        Self {
            session,
            chat,
            content,
            mentions: Vec::new(),
            addressed_to: None,
            reply_to: None,
            enforce_caught_up: true,
        }
    }

    /// Mentions a user; call it once for each. Where a message mentions somebody, only those agents are
    /// woken by it; for the others it is an unread message like any other. The backend does not check that
    /// the user exists or is a member.
    pub fn mention(mut self, user: impl Into<UserId>) -> Self {
        self.mentions.push(user.into());
        self
    }

    /// Addresses the message to some of the members: for the others it does not count as unread and wakes
    /// nobody. That is about attention, not privacy: every member can read it in the chat's history.
    ///
    /// A second call adds to the first.
    pub fn addressed_to(mut self, users: impl IntoIterator<Item = impl Into<UserId>>) -> Self {
        self.addressed_to.get_or_insert_default().extend(users.into_iter().map(Into::into));
        self
    }

    /// Marks the message as a reply. The backend stores that, but does not tell it again, and does not check
    /// that there is such a message.
    pub fn reply_to(mut self, message: impl Into<MessageId>) -> Self {
        self.reply_to = Some(message.into());
        self
    }

    /// Whether the backend is to refuse the message while its sender has unread messages in the chat. `true`
    /// unless set. With `false` the message is sent in any case, and the sender's cursor stays where it is.
    pub fn enforce_caught_up(mut self, enforce: bool) -> Self {
        self.enforce_caught_up = enforce;
        self
    }

    async fn send(self) -> Result<Message, Error> {
        let request = self.session.request(&operations::SEND_MESSAGE);
        let chat = request.segment(&self.chat)?;
        if self.content.trim().is_empty() {
            return Err(request.refuse("the content is blank; the backend takes no message without a text"));
        }
        if self.addressed_to.as_ref().is_some_and(Vec::is_empty) {
            return Err(request.refuse("the message is addressed to nobody; name a member, or leave addressed_to out"));
        }
        let texts = |ids: Vec<UserId>| ids.into_iter().map(String::from).collect::<Vec<_>>();
        let body = types::SendMessageBody {
            content: self.content,
            mentioned_ids: Some(texts(self.mentions)).filter(|ids| !ids.is_empty()),
            delivery_scope: self.addressed_to.is_some().then_some(types::SendMessageBodyDeliveryScope::Addressed),
            addressed_to_user_ids: self.addressed_to.map(texts),
            reply_to: self.reply_to.map(String::from),
            enforce_caught_up: Some(self.enforce_caught_up),
        };
        let outcome = request.api.send_message(chat, &body).await;
        request.finish(outcome)
    }
}

send_on_await!(SendMessage, Message);
