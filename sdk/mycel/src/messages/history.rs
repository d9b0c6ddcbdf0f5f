//! All messages of a chat, page by page.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures::Stream;
use futures::future::BoxFuture;
use mycel_web_backend_client::operations;

use super::list::{page, smaller};
use crate::error::{Error, ErrorKind};
use crate::id::ChatId;
use crate::model::Message;
use crate::platform::Session;

/// How many messages the backend gives at the most at once.
const LARGEST_PAGE: u32 = 200;

/// The stream of [`Messages::history`](crate::Messages::history).
///
/// It is a [`Stream`], and has [`next`](Self::next) for those who need no more than that. Nothing is asked for
/// before the first message is. After an error it is over.
#[must_use = "a stream does nothing until it is polled"]
pub struct History<'c> {
    session: &'c Session,
    chat: ChatId,
    page_size: u32,
    /// How many are asked for at once now: fewer than `page_size` where so many are too large together.
    limit: u32,
    oldest_first: bool,
    plan: Plan,
    /// What is left of the present page, the oldest message first.
    page: vec::IntoIter<Message>,
    fetching: Option<BoxFuture<'c, Result<Vec<Message>, Error>>>,
}

/// What is to be asked for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// The page before this number, or the newest one; then the page before that.
    Backward { before: Option<u64> },
    /// The newest message, whose number is where a way forward ends.
    FindEnd,
    /// The messages after `after` up to `window` numbers on; then those after them, up to `end`.
    ///
    /// The backend only gives the newest messages below a number. Numbers are mostly without gaps, so those
    /// below `after + window` are as a rule the `window` messages that come next.
    Forward { after: u64, window: u64, end: u64 },
    /// Nothing more.
    Done,
}

impl<'c> History<'c> {
    pub(super) fn new(session: &'c Session, chat: ChatId) -> Self {
        Self {
            session,
            chat,
            page_size: LARGEST_PAGE,
            limit: LARGEST_PAGE,
            oldest_first: false,
            plan: Plan::Backward { before: None },
            page: Vec::new().into_iter(),
            fetching: None,
        }
    }

    /// Begins with the oldest message and ends with the one that is the newest when the first is asked for.
    /// Without it the newest comes first.
    pub fn oldest_first(mut self) -> Self {
        self.oldest_first = true;
        self.plan = Plan::FindEnd;
        self
    }

    /// How many messages are asked for at once, from 1 to 200. 200 unless set. Where so many are larger together than
    /// [`max_response_bytes`](crate::ClientBuilder::max_response_bytes), fewer are.
    pub fn page_size(mut self, messages: u32) -> Self {
        self.page_size = messages;
        self.limit = messages;
        self
    }

    /// The next message; `None` after the last.
    ///
    /// # Errors
    ///
    /// As for [`Messages::history`](crate::Messages::history).
    pub async fn next(&mut self) -> Option<Result<Message, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The request for what is to be asked for next; `None` where that is nothing.
    fn next_request(&self) -> Option<BoxFuture<'c, Result<Vec<Message>, Error>>> {
        let (limit, before) = match self.plan {
            Plan::Backward { before } => (self.limit, before),
            // One message is enough, but a page size that is none has to be refused from the beginning.
            Plan::FindEnd if (1..=LARGEST_PAGE).contains(&self.page_size) => (1, None),
            Plan::FindEnd => (self.page_size, None),
            Plan::Forward { after, window, .. } => (self.limit, Some(after.saturating_add(window).saturating_add(1))),
            Plan::Done => return None,
        };
        let (session, chat) = (self.session, self.chat.clone());
        Some(Box::pin(async move { page(session, &chat, Some(limit), before).await }))
    }

    /// Asks for fewer messages at once from here on; `false` where it is one already.
    fn ask_for_fewer(&mut self) -> bool {
        let fewer = smaller(Some(self.limit)).filter(|_| self.plan != Plan::FindEnd);
        if let Some(fewer) = fewer {
            self.limit = fewer;
            if let Plan::Forward { window, .. } = &mut self.plan {
                *window = fewer.into();
            }
        }
        fewer.is_some()
    }

    /// How many messages to ask for after this page: more again, where twice as much would have been taken.
    fn next_limit(&self, page: &[Message]) -> u32 {
        let length: usize = page.iter().map(|message| message.content.len()).sum();
        let has_room = length.saturating_mul(2) <= self.session.transport().max_response_bytes();
        if has_room { self.limit.saturating_mul(2).min(self.page_size) } else { self.limit }
    }

    /// Takes a page in and plans the next request. The error says how the page is not what was asked for.
    fn take(&mut self, mut page: Vec<Message>) -> Result<(), &'static str> {
        if !page.is_sorted_by(|earlier, later| earlier.seq < later.seq) {
            return Err("the messages are not in the order of their numbers");
        }
        let (asked, limit) = (self.limit as usize, self.next_limit(&page));
        self.limit = limit;
        self.plan = match self.plan {
            Plan::Backward { before } => {
                let moved_on = match (before, page.last()) {
                    (Some(before), Some(newest)) => newest.seq < before,
                    _ => true,
                };
                if !moved_on {
                    return Err("the cursor does not move: messages came that were not before the one asked for");
                }
                let next = match page.first() {
                    Some(oldest) if page.len() >= asked && oldest.seq > 1 => {
                        Plan::Backward { before: Some(oldest.seq) }
                    }
                    _ => Plan::Done,
                };
                self.page = page.into_iter();
                next
            }
            Plan::FindEnd => match page.last() {
                Some(newest) => Plan::Forward { after: 0, window: limit.into(), end: newest.seq },
                None => Plan::Done,
            },
            Plan::Forward { after, window, end } => {
                let reached = after.saturating_add(window);
                if page.last().is_some_and(|newest| newest.seq > reached) {
                    return Err("the cursor does not move: messages came that were not before the one asked for");
                }
                let fresh = page.partition_point(|message| message.seq <= after);
                let is_whole = page.len() - fresh < asked || window <= asked as u64;
                if is_whole {
                    let nothing = fresh == page.len();
                    page.truncate(page.partition_point(|message| message.seq <= end));
                    page.drain(..fresh.min(page.len()));
                    self.page = page.into_iter();
                    // A gap in the numbers is crossed in steps that grow, so that its length does not matter.
                    let window = if nothing { window.saturating_mul(2) } else { limit.into() };
                    if reached >= end { Plan::Done } else { Plan::Forward { after: reached, window, end } }
                } else {
                    // More messages than a page holds: the step across the gap went too far.
                    let window = (window / 2).max(limit.into());
                    Plan::Forward { after, window, end }
                }
            }
            Plan::Done => Plan::Done,
        };
        Ok(())
    }
}

impl Stream for History<'_> {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let history = self.get_mut();
        loop {
            let next = if history.oldest_first { history.page.next() } else { history.page.next_back() };
            if let Some(message) = next {
                return Poll::Ready(Some(Ok(message)));
            }
            if history.fetching.is_none() {
                let Some(request) = history.next_request() else {
                    return Poll::Ready(None);
                };
                history.fetching = Some(request);
            }
            let Some(fetching) = &mut history.fetching else { continue };
            let outcome = ready!(fetching.as_mut().poll(context));
            history.fetching = None;
            let is_too_large = outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::ResponseTooLarge);
            if is_too_large && history.ask_for_fewer() {
                continue;
            }
            let taken = outcome.and_then(|page| {
                history
                    .take(page)
                    .map_err(|problem| history.session.malformed(&operations::LIST_MESSAGES, 200, problem))
            });
            if let Err(error) = taken {
                history.plan = Plan::Done;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl fmt::Debug for History<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("chat", &self.chat)
            .field("page_size", &self.page_size)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}
