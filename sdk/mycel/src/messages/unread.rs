//! What is unread, and marking it as read.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use agent_platform_core::Oversize;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use mycel_web_backend_client::{operations, types};

use super::list::number;
use crate::error::Error;
use crate::id::ChatId;
use crate::model::Message;
use crate::platform::Session;

/// The oldest messages that are unread, as many as there is room for.
pub(super) async fn unread(session: &Session, chat: &ChatId) -> Result<Vec<Message>, Error> {
    let request = session.request_with(&operations::LIST_UNREAD_MESSAGES, Oversize::FirstRows);
    let outcome = request.api.list_unread_messages(request.segment(chat)?).await;
    let mut unread: Vec<Message> = request.finish(outcome)?;
    number(&mut unread, None);
    Ok(unread)
}

/// Marks the messages of a chat as read up to this number.
pub(super) async fn mark_read(session: &Session, chat: &ChatId, up_to_seq: u64) -> Result<(), Error> {
    let request = session.request(&operations::MARK_MESSAGES_READ);
    if up_to_seq == 0 {
        return Err(request.refuse("the message's number could not be read, so nobody knows how far to mark"));
    }
    let body = types::MarkReadBody { up_to_seq };
    let outcome = request.api.mark_messages_read(request.segment(chat)?, &body).await;
    request.finish(outcome)
}

/// The stream of [`Messages::unread_pages`](crate::Messages::unread_pages).
///
/// It is a [`Stream`], and has [`next`](Self::next) for those who need no more than that. Nothing is asked for
/// before the first page is. After an error it is over.
#[must_use = "a stream does nothing until it is polled"]
pub struct UnreadPages<'c> {
    chat: ChatId,
    pages: BoxStream<'c, Result<Vec<Message>, Error>>,
}

impl<'c> UnreadPages<'c> {
    pub(super) fn new(session: &'c Session, chat: ChatId) -> Self {
        let of = chat.clone();
        // What was read of each page is its last number.
        let pages = stream::try_unfold(None, move |read| {
            let chat = of.clone();
            async move {
                if let Some(read) = read {
                    mark_read(session, &chat, read).await?;
                }
                let page = unread(session, &chat).await?;
                if page.first().is_some_and(|message| read.is_some_and(|read| message.seq <= read)) {
                    let problem = "messages are unread that were marked as read";
                    return Err(session.malformed(&operations::LIST_UNREAD_MESSAGES, 200, problem));
                }
                let read = page.last().map(|last| last.seq);
                Ok(read.map(|read| (page, Some(read))))
            }
        });
        Self { chat, pages: pages.boxed() }
    }

    /// The next page, which is never empty; `None` once nothing is unread.
    ///
    /// # Errors
    ///
    /// As for [`Messages::unread_pages`](crate::Messages::unread_pages).
    pub async fn next(&mut self) -> Option<Result<Vec<Message>, Error>> {
        self.pages.next().await
    }
}

impl Stream for UnreadPages<'_> {
    type Item = Result<Vec<Message>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pages.poll_next_unpin(context)
    }
}

impl fmt::Debug for UnreadPages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnreadPages").field("chat", &self.chat).finish_non_exhaustive()
    }
}
