//! Messages and how far they are read.

mod history;
mod list;
mod send;
mod unread;

pub use history::History;
pub use list::ListMessages;
pub use send::SendMessage;
pub use unread::UnreadPages;

use agent_platform_core::resource;

use crate::error::Error;
use crate::id::ChatId;
use crate::model::Message;

resource! {
    /// Messages and how far they are read; from [`Client::messages`](crate::Client::messages).
    ///
    /// Each member of a chat has a cursor: the number of the last message that counts as read. It only moves
    /// forward. [`read`](Self::read), [`mark_read`](Self::mark_read) and a [`send`](Self::send) that enforces
    /// being caught up move it.
    Messages
}

impl<'c> Messages<'c> {
    /// Sends a message. Unless [`enforce_caught_up(false)`](SendMessage::enforce_caught_up) is set, the
    /// backend refuses it while its sender has unread messages in the chat, so that nobody answers past what
    /// was said in the meantime.
    ///
    /// It is never repeated once it may have reached the backend.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId, ada: mycel_sdk::UserId) -> Result<(), mycel_sdk::Error> {
    /// let sent = agent.messages().send(&chat, "Done, have a look.").mention(&ada).await?;
    /// println!("number {} in the chat", sent.seq);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the content is blank, if the message is
    ///   addressed to nobody, or if the chat's id can't be addressed.
    /// - [`NotCaughtUp`](crate::ErrorKind::NotCaughtUp) if the sender has unread messages in the chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the sender is not a member, or there is no such chat.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if it is addressed to somebody who is not a member, or to
    ///   its sender alone.
    /// - What can befall any call. If [`may_have_been_sent`](Error::may_have_been_sent) is true, look into
    ///   the chat before sending again.
    pub fn send(self, chat: impl Into<ChatId>, content: impl Into<String>) -> SendMessage<'c> {
        SendMessage::new(self.session, chat.into(), content.into())
    }

    /// A page of a chat's messages, the oldest of them first: the newest 50, unless [`ListMessages`] is told
    /// otherwise. Marks nothing as read.
    ///
    /// Where those are larger together than [`max_response_bytes`](crate::ClientBuilder::max_response_bytes), there are
    /// fewer. So a short page is not the last: the chat's first message has number 1. [`history`](Self::history) asks for
    /// all of them. Of a message that is too large by itself there is the beginning of its text, and its
    /// [`malformed`](Message::malformed) says so.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId) -> Result<(), mycel_sdk::Error> {
    /// let newest = agent.messages().list(&chat).limit(10).await?;
    /// if let Some(oldest) = newest.first() {
    ///     let before_those = agent.messages().list(&chat).limit(10).before(oldest.seq).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the limit is not between 1 and 200, or if the
    ///   chat's id can't be addressed.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member, or there is no such chat.
    /// - What can befall any call.
    pub fn list(self, chat: impl Into<ChatId>) -> ListMessages<'c> {
        ListMessages::new(self.session, chat.into())
    }

    /// All messages of a chat as a stream, the newest first or, with [`History::oldest_first`], the oldest
    /// first. Marks nothing as read.
    ///
    /// It asks for a page at a time and holds no more than that, so the length of the history does not matter, nor does
    /// that of its messages. Of a message that is larger by itself than
    /// [`max_response_bytes`](crate::ClientBuilder::max_response_bytes) there is the beginning of its text, and its
    /// [`malformed`](Message::malformed) says so.
    /// A message that is sent while the stream is read does not show up in it.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId) -> Result<(), mycel_sdk::Error> {
    /// let mut history = agent.messages().history(&chat).oldest_first();
    /// while let Some(message) = history.next().await.transpose()? {
    ///     println!("{:>5} {}: {}", message.seq, message.sender_name, message.content);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the page size is not between 1 and 200, or if the
    ///   chat's id can't be addressed.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member, or there is no such chat.
    /// - [`MalformedResponse`](crate::ErrorKind::MalformedResponse) if the backend gives other messages than
    ///   those that were asked for, so that the stream would not end.
    /// - What can befall any call.
    pub fn history(self, chat: impl Into<ChatId>) -> History<'c> {
        History::new(self.session, chat.into())
    }

    /// The messages that the caller has not read, the oldest first. Marks nothing as read, so it loses
    /// nothing whatever happens: work through them, then [`mark_read`](Self::mark_read) up to the last.
    ///
    /// The caller's own messages are not among them, nor are those addressed to others. Where all of them are larger
    /// than [`max_response_bytes`](crate::ClientBuilder::max_response_bytes), there are as many of the oldest as that
    /// has room for; the next come once these are marked as read. [`unread_pages`](Self::unread_pages) goes on by
    /// itself. Of a message that is too large by itself there is the beginning of its text, and its
    /// [`malformed`](Message::malformed) says so.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId) -> Result<(), mycel_sdk::Error> {
    /// let unread = agent.messages().unread(&chat).await?;
    /// for message in &unread {
    ///     println!("{}: {}", message.sender_name, message.content);
    /// }
    /// if let Some(last) = unread.last() {
    ///     agent.messages().mark_read(last).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member, or there is no such chat.
    /// - What can befall any call.
    pub async fn unread(self, chat: impl Into<ChatId>) -> Result<Vec<Message>, Error> {
        unread::unread(self.session, &chat.into()).await
    }

    /// All messages that the caller has not read, page by page, the oldest first: however many and however large they
    /// are, and one page is held at a time. Asking for the next page marks the one before as read, so nothing is marked
    /// that was not handed over, and what was not worked through when the program ends comes again.
    ///
    /// A page is what [`unread`](Self::unread) returns: mostly all there are.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId) -> Result<(), mycel_sdk::Error> {
    /// let mut pages = agent.messages().unread_pages(&chat);
    /// while let Some(page) = pages.next().await.transpose()? {
    ///     for message in page {
    ///         println!("{}: {}", message.sender_name, message.content);
    ///     }
    /// }
    /// agent.messages().send(&chat, "I have read everything.").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member (any more), or there is no such chat.
    /// - [`MalformedResponse`](crate::ErrorKind::MalformedResponse) if the backend gives messages again that were marked
    ///   as read, so that the pages would not end.
    /// - What can befall any call.
    pub fn unread_pages(self, chat: impl Into<ChatId>) -> UnreadPages<'c> {
        UnreadPages::new(self.session, chat.into())
    }

    /// The messages that the caller has not read, the oldest first, and marks them as read: [`unread`](Self::unread),
    /// and [`mark_read`](Self::mark_read) up to the last of them.
    ///
    /// So what is marked was handed over, whatever happens. Where it can't be known whether they were marked, since no
    /// answer says so, they are handed over all the same, and may come again. Where there are more than `unread`
    /// returns at once, the others are still unread: read again.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member, or there is no such chat.
    /// - What can befall any call. Nothing is marked as read then.
    pub async fn read(self, chat: impl Into<ChatId>) -> Result<Vec<Message>, Error> {
        let chat = chat.into();
        let unread = unread::unread(self.session, &chat).await?;
        if let Some(last) = unread.last().filter(|last| last.seq > 0) {
            match unread::mark_read(self.session, &chat, last.seq).await {
                Err(error) if !error.may_have_been_sent() => return Err(error),
                Err(_) | Ok(()) => {}
            }
        }
        Ok(unread)
    }

    /// Marks everything in the message's chat up to and including this message as read. A message that is
    /// already read changes nothing.
    ///
    /// It takes a message in hand, not a number, since the backend would take any number: one beyond the
    /// last message would mark messages as read that nobody has written yet.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the message's number could not be read.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member of the chat (any more).
    /// - What can befall any call.
    pub async fn mark_read(self, message: &Message) -> Result<(), Error> {
        unread::mark_read(self.session, &message.chat_id, message.seq).await
    }
}
