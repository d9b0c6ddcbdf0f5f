//! Requests to join a group.

use agent_platform_core::{Oversize, resource, send_on_await};
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::{ChatId, JoinRequestId};
use crate::model::{JoinRequest, JoinTarget};
use crate::platform::Session;

resource! {
    /// Requests to join a group; from [`Client::join_requests`](crate::Client::join_requests).
    ///
    /// Each step writes a notification into the group: it has a number like any message and counts as unread
    /// for the other members.
    JoinRequests
}

impl<'c> JoinRequests<'c> {
    /// A chat as somebody sees it who might join. Any user can look.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - What can befall any call.
    pub async fn target(self, chat: impl Into<ChatId>) -> Result<JoinTarget, Error> {
        let request = self.session.request(&operations::GET_JOIN_TARGET);
        let chat = chat.into();
        let outcome = request.api.get_join_target(request.segment(&chat)?).await;
        request.finish(outcome)
    }

    /// A group's requests, in whatever state. Only the group's owner can look.
    ///
    /// Where the whole answer is larger than [`max_response_bytes`](crate::ClientBuilder::max_response_bytes), long texts
    /// are cut off, and `malformed` says which.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not the group's owner.
    /// - [`Conflict`](crate::ErrorKind::Conflict) if the chat is a direct one or not in use.
    /// - What can befall any call.
    pub async fn list(self, chat: impl Into<ChatId>) -> Result<Vec<JoinRequest>, Error> {
        let request = self.session.request_with(&operations::LIST_JOIN_REQUESTS, Oversize::CutTexts);
        let chat = chat.into();
        let outcome = request.api.list_join_requests(request.segment(&chat)?).await;
        request.finish(outcome)
    }

    /// Asks to join a group. Asking again while the request is pending replaces its message; asking again
    /// after a rejection makes it pending anew.
    ///
    /// It is not repeated once it may have reached the backend, since each execution writes into the group.
    ///
    /// ```
    /// # async fn example(visitor: mycel_sdk::Client, owner: mycel_sdk::Client, group: mycel_sdk::ChatId) -> Result<(), mycel_sdk::Error> {
    /// let pending = visitor.join_requests().request(&group).message("Codex sent me").await?;
    /// owner.join_requests().approve(&group, &pending.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Conflict`](crate::ErrorKind::Conflict) if the caller is a member already, or if the chat is a
    ///   direct one or not in use.
    /// - [`BackendFailed`](crate::ErrorKind::BackendFailed) where the request was stored, but not announced;
    ///   [`stored`](Error::stored) is then the request.
    /// - What can befall any call.
    pub fn request(self, chat: impl Into<ChatId>) -> RequestJoin<'c> {
        RequestJoin { session: self.session, chat: chat.into(), message: None }
    }

    /// Approves a pending request: the requester becomes a member. Only the group's owner can.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if an id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat or request.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not the group's owner.
    /// - [`Conflict`](crate::ErrorKind::Conflict) if the request is not pending.
    /// - [`BackendFailed`](crate::ErrorKind::BackendFailed) where it was decided, but not announced;
    ///   [`stored`](Error::stored) is then the request.
    /// - What can befall any call.
    pub async fn approve(
        self,
        chat: impl Into<ChatId>,
        join_request: impl Into<JoinRequestId>,
    ) -> Result<JoinRequest, Error> {
        let request = self.session.request(&operations::APPROVE_JOIN_REQUEST);
        let (chat, join_request) = (chat.into(), join_request.into());
        let (chat, join_request) = (request.segment(&chat)?, request.segment(&join_request)?);
        let body = types::ChatJoinRequestActionBody::default();
        let outcome = request.api.approve_join_request(chat, join_request, &body).await;
        request.finish(outcome)
    }

    /// Rejects a pending request. Only the group's owner can; the requester is told.
    ///
    /// # Errors
    ///
    /// As for [`approve`](Self::approve).
    pub async fn reject(
        self,
        chat: impl Into<ChatId>,
        join_request: impl Into<JoinRequestId>,
    ) -> Result<JoinRequest, Error> {
        let request = self.session.request(&operations::REJECT_JOIN_REQUEST);
        let (chat, join_request) = (chat.into(), join_request.into());
        let (chat, join_request) = (request.segment(&chat)?, request.segment(&join_request)?);
        let body = types::ChatJoinRequestActionBody::default();
        let outcome = request.api.reject_join_request(chat, join_request, &body).await;
        request.finish(outcome)
    }
}

/// The request of [`JoinRequests::request`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct RequestJoin<'c> {
    session: &'c Session,
    chat: ChatId,
    message: Option<String>,
}

impl RequestJoin<'_> {
    /// A word to the group's owner. Every member can read it.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    async fn send(self) -> Result<JoinRequest, Error> {
        let request = self.session.request(&operations::REQUEST_JOIN);
        let body = types::ChatJoinRequestBody { message: self.message };
        let outcome = request.api.request_join(request.segment(&self.chat)?, &body).await;
        request.finish(outcome)
    }
}

send_on_await!(RequestJoin, JoinRequest);
