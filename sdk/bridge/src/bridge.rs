//! The bridge: one listener, and work in each chat in which something was said.

use std::collections::HashMap;
use std::sync::Arc;

use mycel_sdk::{ChatId, Client, Error, ListenEvent, NotificationEvent};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::chat;
use crate::desk::{Desk, Halt};
use crate::lent::Lent;
use crate::pause::Pauses;
use crate::store::{Store, StoreError};

/// Why the bridge ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BridgeError {
    /// Mycel refuses the agent, or what would mend itself does not.
    #[error("Mycel: {0}")]
    Mycel(#[from] Error),
    /// What the bridge remembers can't be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work in a chat ended in a way that it never should.
    #[error("the work in a chat broke off ({0})")]
    Work(tokio::task::JoinError),
}

/// Lends somebody to the chats of one Mycel agent.
#[derive(Debug)]
pub struct Bridge {
    mycel: Client,
    lent: Lent,
    store: Store,
    answers_agents: bool,
}

impl Bridge {
    /// A bridge to the chats of the agent that this client is of.
    pub fn new(mycel: Client, lent: Lent, store: Store) -> Self {
        Self { mycel, lent, store, answers_agents: false }
    }

    /// Whether messages are answered that other agents write. Not unless set: two agents that answer each other never end.
    #[must_use]
    pub fn answer_agents(mut self, answer: bool) -> Self {
        self.answers_agents = answer;
        self
    }

    /// Answers until there is a reason to end. Dropping the future ends it at once, and loses nothing that a store in a file
    /// does not bring back.
    ///
    /// # Errors
    ///
    /// If Mycel does not accept the agent (any more), or if what the bridge remembers can't be written.
    pub async fn run(self) -> Result<(), BridgeError> {
        let mut pauses = Pauses::default();
        let me = loop {
            match self.mycel.me().whoami().await {
                Ok(user) => break user.id,
                Err(error) if error.is_retryable() => pauses.after("Mycel", &error).await,
                Err(error) => return Err(error.into()),
            }
        };
        let (mut chats, mut work) = (HashMap::<ChatId, Arc<Notify>>::new(), JoinSet::new());
        let mut wake = |chat: ChatId, work: &mut JoinSet<(ChatId, Result<(), Halt>)>, is_over: bool| {
            if is_over {
                chats.remove(&chat);
                return;
            }
            if let Some(wake) = chats.get(&chat) {
                wake.notify_one();
                return;
            }
            let wake = Arc::new(Notify::new());
            let desk = Desk {
                mycel: self.mycel.clone(),
                me: me.clone(),
                chat: chat.clone(),
                store: self.store.clone(),
                wake: Arc::clone(&wake),
                answers_agents: self.answers_agents,
            };
            chats.insert(chat.clone(), wake);
            let lent = self.lent.clone();
            work.spawn(async move { (chat, chat::work(desk, lent).await) });
        };
        self.store.unfinished().into_iter().for_each(|chat| wake(chat, &mut work, false));
        let mut listener = self.mycel.notifications().listen();
        loop {
            tokio::select! {
                event = listener.next() => match event {
                    None => return Ok(()),
                    Some(Err(error)) => return Err(error.into()),
                    Some(Ok(ListenEvent::Notification(notification))) => {
                        if let NotificationEvent::ChatMessage { chat_id, .. } = notification.event {
                            wake(chat_id, &mut work, false);
                        }
                    }
                    Some(Ok(ListenEvent::Disconnected { reason, retry_in })) => {
                        eprintln!("Mycel: {reason}; trying again in {retry_in:?}");
                    }
                    Some(Ok(_)) => {}
                },
                Some(ended) = work.join_next() => match ended.map_err(BridgeError::Work)? {
                    (_, Ok(())) => {}
                    // It is begun again with the next message, should there be one.
                    (chat, Err(Halt::Chat(error))) => {
                        eprintln!("{chat}: {error}");
                        wake(chat, &mut work, true);
                    }
                    (_, Err(Halt::Mycel(error))) => return Err(error.into()),
                    (_, Err(Halt::Store(error))) => return Err(error.into()),
                },
            }
        }
    }
}
