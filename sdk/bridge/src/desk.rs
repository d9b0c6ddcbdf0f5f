//! One chat, as who works in it sees it: what was asked, and the means to say something, each of them once.

use std::sync::Arc;

use mycel_sdk::{ChatId, ChatKind, Client, Error, ErrorKind, UserId};
use tokio::sync::{Notify, RwLock};

use crate::pause::{Pace, Pauses};
use crate::store::{Asked, ChatState, Prompt, Store, StoreError, Turn};

/// How many messages may wait to be answered in a chat. What is more stays unread in Mycel meanwhile.
const MOST_WAITING: usize = 100;

/// What people are told who are asked something in a group.
const CALL_ME: &str = "(Mention me when you answer.)";

/// Why a chat can't be worked in any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Halt {
    /// The chat is gone, or its agent is no member any more. Others go on.
    #[error("the chat can't be reached any more ({0})")]
    Chat(Error),
    /// Mycel does not take what is to be said.
    #[error("it can't be said here ({0})")]
    Unsayable(Error),
    /// Mycel does not accept the agent.
    #[error(transparent)]
    Mycel(Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A chat with what it takes to work in it.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) mycel: Client,
    pub(crate) me: UserId,
    pub(crate) chat: ChatId,
    pub(crate) store: Store,
    /// Told whenever there may be something new in the chat.
    pub(crate) wake: Arc<Notify>,
    /// Whether messages are answered that other agents write.
    pub(crate) answers_agents: bool,
    pub(crate) pace: Pace,
    /// Read by who is sending something. Who stops the bridge writes.
    pub(crate) sending: Arc<RwLock<()>>,
}

impl Desk {
    pub(crate) fn state(&self) -> ChatState {
        self.store.get(&self.chat)
    }

    /// What is in work. There is no work without.
    pub(crate) fn turn(&self) -> Option<Turn> {
        self.state().turn
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut ChatState) -> T) -> Result<T, Halt> {
        Ok(self.store.change(&self.chat, change)?)
    }

    pub(crate) fn change_turn(&self, change: impl FnOnce(&mut Turn)) -> Result<(), Halt> {
        self.change(|state| state.turn.as_mut().map(change)).map(drop)
    }

    /// The session that further turns go on with.
    pub(crate) fn keep_session(&self, session: &str) -> Result<(), Halt> {
        if self.state().session.as_deref() == Some(session) {
            return Ok(());
        }
        self.change(|state| state.session = Some(session.to_owned()))
    }

    /// Says what is being done. It is no answer, and where it does not arrive nothing is lost.
    pub(crate) async fn note(&self, text: String) {
        let _sending = self.sending.read().await;
        if let Err(error) = self.mycel.messages().send(&self.chat, text).enforce_caught_up(false).await {
            eprintln!("{}: a note did not arrive: {error}", self.chat);
        }
    }

    /// Says this once, for as long as it takes, and tells its number; `is_new` unless it may have been said by an earlier
    /// process. That it was said, and what follows from it, has to be kept in one change: else it is looked for once more,
    /// behind itself.
    pub(crate) async fn say(&self, text: &str, is_new: bool) -> Result<u64, Halt> {
        // Mycel can't store it, and people can't see it.
        let text = text.replace('\0', "");
        let (mut is_new, mut pauses) = (is_new, self.pace.pauses());
        loop {
            match self.try_to_say(&text, is_new).await {
                Ok(seq) => return Ok(seq),
                Err(error) => {
                    is_new &= !error.may_have_been_sent();
                    self.pause_or_halt(&mut pauses, error).await?;
                }
            }
        }
    }

    async fn try_to_say(&self, text: &str, is_new: bool) -> Result<u64, Error> {
        let Some(turn) = self.turn() else { return Ok(0) };
        if !is_new {
            for pause in self.pace.looks() {
                tokio::time::sleep(pause).await;
                if let Some(seq) = self.said(text, turn.said).await? {
                    return Ok(seq);
                }
            }
        }
        let _sending = self.sending.read().await;
        let sent = self.mycel.messages().send(&self.chat, text).reply_to(&turn.asked.id).enforce_caught_up(false);
        Ok(sent.await?.seq)
    }

    /// The number under which this was said already, behind that one.
    async fn said(&self, text: &str, behind: u64) -> Result<Option<u64>, Error> {
        let mut latest = self.mycel.messages().history(&self.chat).page_size(50);
        let mut found = None;
        while let Some(message) = latest.next().await.transpose()? {
            if message.seq <= behind {
                break;
            }
            if message.sender_id == self.me && message.content == text {
                found = Some(message.seq);
            }
        }
        Ok(found)
    }

    /// Asks who asked, and waits for a reply that `read` makes sense of. `id` is by which the request is known, so that
    /// nobody is asked twice.
    pub(crate) async fn ask<T>(
        &self,
        id: &str,
        text: &str,
        hint: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Halt> {
        let put = |text: &str, seq| Prompt { id: id.to_owned(), text: text.to_owned(), seq, reply: None };
        let in_group = self.turn().is_some_and(|turn| turn.asked.in_group);
        let in_full = |text: &str| if in_group { format!("{text}\n{CALL_ME}") } else { text.to_owned() };
        let mut is_new = false;
        loop {
            let prompt = self.turn().and_then(|turn| turn.prompt).filter(|prompt| prompt.id == id);
            match prompt {
                None => {
                    is_new = true;
                    self.change_turn(|turn| turn.prompt = Some(put(&in_full(text), None)))?;
                }
                Some(Prompt { reply: Some(reply), .. }) => match read(&reply) {
                    Some(meant) => return Ok(meant),
                    // What makes no sense is asked about once more, in a new message.
                    None => {
                        is_new = true;
                        self.change_turn(|turn| turn.prompt = Some(put(&in_full(hint), None)))?;
                    }
                },
                Some(Prompt { seq: None, text, .. }) => {
                    let seq = self.say(&text, is_new).await?;
                    self.change_turn(|turn| {
                        turn.said = seq;
                        turn.prompt = Some(put(&text, Some(seq)));
                    })?;
                    eprintln!("{}: somebody is asked, and waited for", self.chat);
                }
                Some(_) => self.take_reply().await?,
            }
        }
    }

    /// Waits for what the one says who asked. What others say stays in the queue.
    async fn take_reply(&self) -> Result<(), Halt> {
        loop {
            let taken = self.change(|state| {
                let turn = state.turn.as_mut()?;
                let prompt = turn.prompt.as_mut()?;
                let is_reply = |asked: &Asked| asked.sender == turn.asked.sender && asked.seq > prompt.seq.unwrap_or(0);
                let place = state.queue.iter().position(is_reply)?;
                prompt.reply = Some(state.queue.remove(place)?.text);
                Some(())
            })?;
            if taken.is_some() {
                return Ok(());
            }
            self.wake.notified().await;
            self.take_in(usize::MAX).await?;
        }
    }

    /// Puts what is unread into the queue, which tells whether that was all; no more than may wait. When it is kept, it is
    /// marked as read.
    pub(crate) async fn take_in_some(&self) -> Result<bool, Halt> {
        self.take_in(MOST_WAITING).await
    }

    async fn take_in(&self, most: usize) -> Result<bool, Halt> {
        let mut pauses = self.pace.pauses();
        loop {
            match self.try_to_take_in(most).await? {
                Ok(is_all) => return Ok(is_all),
                Err(error) => self.pause_or_halt(&mut pauses, error).await?,
            }
        }
    }

    async fn try_to_take_in(&self, most: usize) -> Result<Result<bool, Error>, Halt> {
        let mut pages = self.mycel.messages().unread_pages(&self.chat);
        loop {
            if self.state().queue.len() >= most {
                return Ok(Ok(false));
            }
            let page = match pages.next().await.transpose() {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(Ok(true)),
                Err(error) => return Ok(Err(error)),
            };
            let Some(last) = page.last() else { continue };
            let chat = match self.mycel.chats().get(&self.chat).await {
                Ok(chat) => chat,
                Err(error) => return Ok(Err(error)),
            };
            let for_me =
                page.iter().filter(|message| crate::chat::is_for(message, &chat, &self.me, self.answers_agents));
            let asked: Vec<_> = for_me
                .map(|message| Asked {
                    id: message.id.clone(),
                    seq: message.seq,
                    sender: message.sender_id.clone(),
                    text: message.content.clone(),
                    in_group: chat.kind != ChatKind::Direct,
                })
                .collect();
            self.change(|state| {
                let seen = state.seen;
                state.queue.extend(asked.into_iter().filter(|asked| asked.seq > seen));
                state.seen = seen.max(last.seq);
            })?;
            if let Err(error) = self.mycel.messages().mark_read(last).await {
                return Ok(Err(error));
            }
        }
    }

    /// Waits after an error that passes.
    pub(crate) async fn pause_or_halt(&self, pauses: &mut Pauses, error: Error) -> Result<(), Halt> {
        match error.kind() {
            ErrorKind::Unauthorized => Err(Halt::Mycel(error)),
            ErrorKind::InvalidInput | ErrorKind::Rejected | ErrorKind::RequestTooLarge => Err(Halt::Unsayable(error)),
            ErrorKind::Forbidden | ErrorKind::NotFound => Err(Halt::Chat(error)),
            _ => {
                pauses.after(self.chat.as_str(), &error).await;
                Ok(())
            }
        }
    }
}
