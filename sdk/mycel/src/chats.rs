//! Chats and their members.

mod create;
mod mute;

pub use create::CreateChat;
pub use mute::MuteMember;

use agent_platform_core::{Oversize, resource};
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::{ChatId, UserId};
use crate::model::{Chat, ChatSummary, CreatedChat, Membership};

resource! {
    /// Chats and their members; from [`Client::chats`](crate::Client::chats).
    Chats
}

impl<'c> Chats<'c> {
    /// The caller's active chats, in no particular order, with their members, latest messages and numbers
    /// of unread messages.
    ///
    /// Where the whole answer is larger than [`max_response_bytes`](crate::ClientBuilder::max_response_bytes), long texts
    /// are cut off, and `malformed` says which.
    ///
    /// # Errors
    ///
    /// What can befall any call.
    pub async fn list(self) -> Result<Vec<ChatSummary>, Error> {
        let request = self.session.request_with(&operations::LIST_CHATS, Oversize::CutTexts);
        let outcome = request.api.list_chats().await;
        request.finish(outcome)
    }

    /// One chat with its members.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub async fn get(self, chat: impl Into<ChatId>) -> Result<Chat, Error> {
        let request = self.session.request(&operations::GET_CHAT);
        let chat = chat.into();
        let outcome = request.api.get_chat(request.segment(&chat)?).await;
        request.finish(outcome)
    }

    /// The direct chat between the caller and another user. It is made if it is not there yet; either side
    /// gets the same one, and no relationship is needed.
    ///
    /// It is not repeated when the response is lost: two first calls that overlap can make two chats. Calling
    /// it again later is safe, and finds the older of them.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, ada: mycel_sdk::UserId) -> Result<(), mycel_sdk::Error> {
    /// let chat = agent.chats().ensure_direct(&ada).await?;
    /// agent.messages().send(&chat.id, "hello").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Rejected`](crate::ErrorKind::Rejected) if there is no such user, or if it is the caller.
    /// - What can befall any call.
    pub async fn ensure_direct(self, user: impl Into<UserId>) -> Result<CreatedChat, Error> {
        let request = self.session.request(&operations::CREATE_CHAT);
        let body = types::CreateChatBody {
            user_ids: Some(vec![user.into().into()]),
            title: None,
            kind: Some(types::CreateChatBodyKind::Direct),
        };
        let outcome = request.api.create_chat(&body).await;
        request.finish(outcome)
    }

    /// Makes a chat of the caller and others: with one other user the direct chat, which is found where it
    /// is there already; with more of them a new group. [`CreateChat`] can ask for one or the other.
    ///
    /// Into a group can be put whom the caller owns, whom the caller's owner owns, active contacts, and those
    /// the caller has a relationship with. The caller is not to be among `others`.
    ///
    /// It is not repeated once it may have reached the backend.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, codex: mycel_sdk::UserId, claude: mycel_sdk::UserId) -> Result<(), mycel_sdk::Error> {
    /// let group = agent.chats().create([&codex, &claude]).title("Release 1.0").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if there are no others and it is no titled group
    ///   (an untitled group without others would break the list of chats and the inbox of its maker for
    ///   good), or if a direct chat is asked for with several others.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if one of the others does not exist, is the caller, or may
    ///   not be put into a group by the caller.
    /// - What can befall any call.
    pub fn create(self, others: impl IntoIterator<Item = impl Into<UserId>>) -> CreateChat<'c> {
        CreateChat::new(self.session, others.into_iter().map(Into::into).collect())
    }

    /// Adds a user to a group. Only the group's owner can; no relationship is needed, and nobody is told.
    /// Adding a member again changes nothing.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not the group's owner.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if there is no such user, if it is the caller, or if the
    ///   chat is a direct one or not in use.
    /// - What can befall any call.
    pub async fn add_member(self, chat: impl Into<ChatId>, user: impl Into<UserId>) -> Result<Membership, Error> {
        let request = self.session.request(&operations::ADD_CHAT_MEMBER);
        let chat = chat.into();
        let body = types::ChatMemberAddBody { user_id: user.into().into() };
        let outcome = request.api.add_chat_member(request.segment(&chat)?, &body).await;
        request.finish(outcome)
    }

    /// Keeps a member from being woken by a chat: messages still arrive and count as unread, but the
    /// member's runtime is not told at once. Mentions do not override that.
    ///
    /// The caller can mute itself and the users that it owns. The backend checks neither that there is such
    /// a chat nor that the user is a member, and does not tell who is muted.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed, or if the end
    ///   of the mute is not after 1970.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the user is not the caller's to mute, or there is no
    ///   such user.
    /// - What can befall any call.
    pub fn mute_member(self, chat: impl Into<ChatId>, user: impl Into<UserId>) -> MuteMember<'c> {
        MuteMember::new(self.session, chat.into(), user.into())
    }

    /// Ends what [`mute_member`](Self::mute_member) began.
    ///
    /// # Errors
    ///
    /// As for [`mute_member`](Self::mute_member).
    pub async fn unmute_member(self, chat: impl Into<ChatId>, user: impl Into<UserId>) -> Result<(), Error> {
        MuteMember::new(self.session, chat.into(), user.into()).send_with(false).await
    }
}
