//! Listing a chat's messages.

use agent_platform_core::{Oversize, send_on_await};
use mycel_web_backend_client::operations;

use crate::error::{Error, ErrorKind};
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
        let Self { session, chat, mut limit, before } = self;
        loop {
            match page(session, &chat, limit, before).await {
                Err(error) if error.kind() == ErrorKind::ResponseTooLarge => match smaller(limit) {
                    Some(fewer) => limit = Some(fewer),
                    None => return Err(error),
                },
                outcome => return outcome,
            }
        }
    }
}

send_on_await!(ListMessages, Vec<Message>);

/// How many messages the backend gives at once where it is not told.
const USUAL_LIMIT: u32 = 50;

/// Half as many messages as were too large together; `None` where that was one.
pub(super) fn smaller(limit: Option<u32>) -> Option<u32> {
    Some(limit.unwrap_or(USUAL_LIMIT) / 2).filter(|fewer| *fewer > 0)
}

/// Asks for a page, once. A message that is too large by itself comes with as much of its text as there is room for.
pub(super) async fn page(
    session: &Session,
    chat: &ChatId,
    limit: Option<u32>,
    before: Option<u64>,
) -> Result<Vec<Message>, Error> {
    let oversize = if limit == Some(1) { Oversize::FirstRows } else { Oversize::Refuse };
    let request = session.request_with(&operations::LIST_MESSAGES, oversize);
    if limit.is_some_and(|limit| !(1..=200).contains(&limit)) {
        return Err(request.refuse("the limit is not between 1 and 200; ask for several pages with `before`"));
    }
    let chat = request.segment(chat)?;
    let cursor = before.map(|seq| seq.to_string());
    let outcome = request.api.list_messages(chat, cursor.as_deref(), limit.map(i64::from)).await;
    let mut page: Vec<Message> = request.finish(outcome)?;
    number(&mut page, before);
    Ok(page)
}

/// Gives each message whose number can't be read the one that follows from its neighbours': no message that is unknown
/// has a number between the two. Where there is no neighbour, it keeps 0.
pub(super) fn number(page: &mut [Message], before: Option<u64>) {
    let is_odd = |message: &Message| message.malformed.contains("seq");
    if !page.iter().any(is_odd) {
        return;
    }
    let mut last = None;
    for message in page.iter_mut() {
        if is_odd(message) {
            message.seq = last.map_or(0, |last: u64| last.saturating_add(1));
        }
        last = Some(message.seq).filter(|seq| *seq > 0);
    }
    // Those at the beginning are counted down from what comes after them.
    let mut next = before;
    for message in page.iter_mut().rev() {
        if message.seq == 0 {
            message.seq = next.map_or(0, |next| next.saturating_sub(1));
        }
        next = Some(message.seq).filter(|seq| *seq > 0);
    }
}
