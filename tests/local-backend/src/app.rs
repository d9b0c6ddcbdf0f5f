//! What all requests share, and the frame in which each does its work.

use rusqlite::TransactionBehavior;
use serde_json::Value;
use tokio::sync::watch;

use crate::{
    clock,
    contract::Contract,
    error::Failure,
    inbox::Inbox,
    routes::stream::Timing,
    store::{
        Database, Store, inbox,
        users::{self, UserType},
    },
    token::Key,
};

/// A running backend's insides.
pub(crate) struct App {
    pub(crate) contract: Contract,
    pub(crate) store: Store,
    pub(crate) inbox: Inbox,
    pub(crate) tokens: Key,
    pub(crate) codes: Codes,
    pub(crate) timing: Timing,
    /// Its sender is dropped when the backend stops.
    pub(crate) closing: watch::Receiver<()>,
    /// Every open stream holds a receiver, and nothing is ever sent.
    pub(crate) streams: watch::Sender<()>,
}

impl std::fmt::Debug for App {
    /// Without the key and the codes.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("App").finish_non_exhaustive()
    }
}

/// The codes that registration takes.
#[derive(Clone, Debug)]
pub(crate) struct Codes {
    pub(crate) invite: String,
    pub(crate) one_time: String,
}

impl App {
    /// Waits for the backend to stop.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut closing = self.closing.clone();
        // Nothing is ever sent: the wait ends with the sender.
        async move { while closing.changed().await.is_ok() {} }
    }

    /// Does `work` in one transaction, one request after the other.
    ///
    /// What it has written stays if it succeeds. Whom it woke is told once that is stored.
    pub(crate) fn transact<T>(&self, work: impl FnOnce(&mut Work<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let done = self.store.run(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut frame = Work { app: self, db: Database::of(&transaction), now: clock::now(), woken: Vec::new() };
            let done = work(&mut frame)?;
            let woken = frame.woken;
            transaction.commit()?;
            for user_id in woken {
                self.inbox.wake(&user_id);
            }
            Ok(done)
        });
        done.map_err(Failure::unhandled)?
    }
}

/// One request's work on the database.
pub(crate) struct Work<'a> {
    pub(crate) app: &'a App,
    pub(crate) db: Database<'a>,
    /// One time for all that the request writes.
    pub(crate) now: f64,
    woken: Vec<String>,
}

impl Work<'_> {
    /// Wakes whoever waits for the user's inbox, once the work is stored. People are never woken.
    pub(crate) fn wake(&mut self, user_id: &str, kind: UserType) {
        if kind != UserType::Human {
            self.woken.push(user_id.to_owned());
        }
    }

    /// Puts a notification into the inbox of an agent or an external user, and wakes. People are told of unread chats
    /// and of nothing else.
    pub(crate) fn notify(&mut self, user_id: &str, metadata: &Value) -> Result<(), Failure> {
        let Some(user) = users::find(self.db, user_id)?.filter(|user| user.kind != UserType::Human) else {
            return Ok(());
        };
        inbox::push(self.db, user_id, metadata)?;
        self.wake(user_id, user.kind);
        Ok(())
    }
}
