//! The bridge: one listener, and work in each chat in which something was said.

use std::collections::HashMap;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use mycel_sdk::{ChatId, Client, Error, ListenEvent, ListenSettings, NotificationEvent, UserId, UserKind};
use tokio::sync::{Notify, RwLock};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::chat;
use crate::desk::{Desk, Halt};
use crate::lent::{Lent, Trouble};
use crate::pause::Pace;
use crate::store::{Store, StoreError};

/// Why the bridge ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BridgeError {
    /// Mycel refuses the agent that it has accepted before, or what would mend itself does not.
    #[error("Mycel: {0}")]
    Mycel(#[from] Error),
    /// What the bridge remembers can't be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It can't work as it is set up, such as with a key that is not accepted.
    #[error("{0}")]
    NotSetUp(String),
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
    pace: Pace,
    listening: ListenSettings,
}

/// How long what is being sent may take when the bridge is to stop.
const LONGEST_SEND: Duration = Duration::from_secs(20);

impl Bridge {
    /// A bridge to the chats of the agent that this client is of.
    pub fn new(mycel: Client, lent: Lent, store: Store) -> Self {
        Self { mycel, lent, store, answers_agents: false, pace: Pace::default(), listening: ListenSettings::default() }
    }

    /// Whether messages are answered that other agents write. Not unless set: two agents that answer each other never end.
    #[must_use]
    pub fn answer_agents(mut self, answer: bool) -> Self {
        self.answers_agents = answer;
        self
    }

    /// How long it waits for what.
    #[must_use]
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// How it listens to Mycel.
    #[must_use]
    pub fn listen_with(mut self, settings: ListenSettings) -> Self {
        self.listening = settings;
        self
    }

    /// Answers until there is a reason to end. Dropping the future ends it at once, and loses nothing that a store in a file
    /// does not bring back.
    ///
    /// # Errors
    ///
    /// If Mycel does not accept the agent (any more), if the token is a person's, if who is lent does not accept the bridge when
    /// it begins, or if what the bridge remembers can't be written.
    pub async fn run(self) -> Result<(), BridgeError> {
        self.run_until(pending()).await
    }

    /// The same until `stop` is over. Then what is just being sent is finished, for 20 seconds at most, and nothing more is
    /// begun. What is in work is gone on with by the next bridge that has the store's file.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), BridgeError> {
        let sending = Arc::new(RwLock::new(()));
        let mut running = pin!(self.serve(Arc::clone(&sending)));
        tokio::select! {
            outcome = &mut running => return outcome,
            () = stop => {}
        }
        if timeout(LONGEST_SEND, sending.write()).await.is_err() {
            eprintln!("what was being sent was not finished in time; it is looked for when the bridge begins again");
        }
        Ok(())
    }

    async fn serve(self, sending: Arc<RwLock<()>>) -> Result<(), BridgeError> {
        let me = self.begin().await?;
        let (wakes, tasks) = (HashMap::new(), JoinSet::new());
        let mut work = Work { bridge: &self, me, sending, wakes, tasks };
        let unfinished = self.store.unfinished();
        if !unfinished.is_empty() {
            eprintln!("in {} chats something is left to do", unfinished.len());
        }
        unfinished.into_iter().for_each(|chat| work.wake(chat));
        let mut listener = self.mycel.notifications().listen_with(self.listening);
        loop {
            tokio::select! {
                event = listener.next() => match event {
                    None => return Ok(()),
                    Some(Err(error)) => return Err(error.into()),
                    Some(Ok(ListenEvent::Notification(notification))) => {
                        if let NotificationEvent::ChatMessage { chat_id, .. } = notification.event {
                            work.wake(chat_id);
                        }
                    }
                    Some(Ok(ListenEvent::Disconnected { reason, retry_in })) => {
                        eprintln!("Mycel: {reason}; trying again in {retry_in:?}");
                    }
                    Some(Ok(_)) => {}
                },
                Some(ended) = work.tasks.join_next() => {
                    let (chat, outcome) = ended.map_err(BridgeError::Work)?;
                    match outcome {
                        Ok(()) => {}
                        // It is gone on with at the next message, should there be one.
                        Err(Halt::Chat(_) | Halt::Unsayable(_)) => {}
                        Err(Halt::Mycel(error)) => return Err(error.into()),
                        Err(Halt::Store(error)) => return Err(error.into()),
                    }
                    work.ended(chat);
                }
            }
        }
    }

    /// Sees to it that the bridge is set up so that it can work; who it is to Mycel.
    async fn begin(&self) -> Result<UserId, BridgeError> {
        let mut pauses = self.pace.pauses();
        let me = loop {
            match self.mycel.me().whoami().await {
                Ok(user) => break user,
                Err(error) if error.is_retryable() => pauses.after("Mycel", &error).await,
                Err(error) => return Err(BridgeError::NotSetUp(format!("Mycel: {error}"))),
            }
        };
        if me.kind == UserKind::Human {
            let problem = "the token is a person's, whom Mycel does not tell what comes; make an external user, and set its token";
            return Err(BridgeError::NotSetUp(format!("Mycel: {problem}")));
        }
        match self.lent.check().await {
            Ok(()) => {}
            Err(Trouble::Lasting(reason)) => return Err(BridgeError::NotSetUp(format!("{}: {reason}", self.lent))),
            // What does not last is waited out when there is something to answer.
            Err(trouble) => eprintln!("{} can't be reached yet: {trouble}", self.lent),
        }
        eprintln!("{} answers as {} ({})", self.lent, me.name, me.id);
        Ok(me.id)
    }
}

/// The work in all chats. A chat in which there is nothing to do has no place in it.
struct Work<'b> {
    bridge: &'b Bridge,
    me: UserId,
    sending: Arc<RwLock<()>>,
    /// By which a chat's work is told that there may be something new.
    wakes: HashMap<ChatId, Arc<Notify>>,
    tasks: JoinSet<(ChatId, Result<(), Halt>)>,
}

impl Work<'_> {
    /// There may be something new in a chat.
    fn wake(&mut self, chat: ChatId) {
        match self.wakes.get(&chat) {
            Some(wake) => wake.notify_one(),
            None => self.begin(chat),
        }
    }

    /// The work in a chat has ended. What it was told last, it may not have heard.
    fn ended(&mut self, chat: ChatId) {
        let wake = self.wakes.remove(&chat);
        if wake.is_some_and(|wake| wake.notified().now_or_never().is_some()) {
            self.begin(chat);
        }
    }

    fn begin(&mut self, chat: ChatId) {
        let wake = Arc::new(Notify::new());
        self.wakes.insert(chat.clone(), Arc::clone(&wake));
        let desk = Desk {
            mycel: self.bridge.mycel.clone(),
            me: self.me.clone(),
            chat: chat.clone(),
            store: self.bridge.store.clone(),
            wake,
            answers_agents: self.bridge.answers_agents,
            pace: self.bridge.pace,
            sending: Arc::clone(&self.sending),
        };
        let lent = self.bridge.lent.clone();
        self.tasks.spawn(async move {
            let outcome = chat::work(&desk, &lent).await;
            if let Err(halt) = &outcome {
                eprintln!("{chat}: {halt}");
            }
            (chat, outcome)
        });
    }
}
