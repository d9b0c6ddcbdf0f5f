//! Making a chat.

use std::collections::BTreeSet;

use agent_platform_core::send_on_await;
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::UserId;
use crate::model::CreatedChat;
use crate::platform::Session;

/// The request of [`Chats::create`](crate::Chats::create); `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CreateChat<'c> {
    session: &'c Session,
    others: Vec<UserId>,
    title: Option<String>,
    kind: Option<types::CreateChatBodyKind>,
}

impl<'c> CreateChat<'c> {
    pub(super) fn new(session: &'c Session, others: Vec<UserId>) -> Self {
        Self { session, others, title: None, kind: None }
    }

    /// The title. A direct chat that is there already keeps its own.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Makes a group however many others there are. Without others it needs a title.
    pub fn group(mut self) -> Self {
        self.kind = Some(types::CreateChatBodyKind::Group);
        self
    }

    /// Makes or finds the direct chat with the one other user.
    pub fn direct(mut self) -> Self {
        self.kind = Some(types::CreateChatBodyKind::Direct);
        self
    }

    async fn send(self) -> Result<CreatedChat, Error> {
        let request = self.session.request(&operations::CREATE_CHAT);
        let is_group = self.kind == Some(types::CreateChatBodyKind::Group);
        let is_untitled = self.title.as_deref().is_none_or(|title| title.trim().is_empty());
        if self.others.is_empty() && !is_group {
            return Err(request.refuse("the chat has nobody but the caller; name others, or ask for a titled group"));
        }
        if self.others.is_empty() && is_untitled {
            return Err(request.refuse(
                "an untitled group without others would break the list of chats and the inbox of its maker; \
                 give it a title",
            ));
        }
        let distinct: BTreeSet<&UserId> = self.others.iter().collect();
        if distinct.len() > 1 && self.kind == Some(types::CreateChatBodyKind::Direct) {
            return Err(request.refuse("a direct chat has one other user; ask for a group"));
        }
        let body = types::CreateChatBody {
            user_ids: Some(self.others.into_iter().map(String::from).collect()).filter(|ids: &Vec<_>| !ids.is_empty()),
            title: self.title,
            kind: self.kind,
        };
        let outcome = request.api.create_chat(&body).await;
        request.finish(outcome)
    }
}

send_on_await!(CreateChat, CreatedChat);
