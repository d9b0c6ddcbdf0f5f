//! What all requests share, and the frame in which each does its work.

use local_backend_kit::{Closing, Store, clock};
use rusqlite::Transaction;
use serde_json::Value;
use tokio::sync::watch;

use crate::{
    error::Failure,
    inbox::Inbox,
    promised::Promised,
    routes::stream::Timing,
    store::{
        Database, inbox,
        users::{self, UserType},
    },
    token::Key,
};

/// A running backend's insides.
pub(crate) struct App {
    pub(crate) promised: Promised,
    pub(crate) store: Store,
    pub(crate) inbox: Inbox,
    pub(crate) tokens: Key,
    pub(crate) codes: Codes,
    pub(crate) timing: Timing,
    pub(crate) closing: Closing,
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
    /// Does `work` in one transaction, one request after the other.
    ///
    /// What it has written stays if it succeeds. Whom it woke is told once that is stored.
    pub(crate) fn transact<T>(&self, work: impl FnOnce(&mut Work<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let work = |transaction: &Transaction<'_>| {
            let mut frame = Work { app: self, db: Database::of(transaction), now: clock::now(), woken: Vec::new() };
            let done = work(&mut frame)?;
            Ok((done, frame.woken))
        };
        self.store.transact(work, |(done, woken)| {
            woken.iter().for_each(|user_id| self.inbox.wake(user_id));
            done
        })
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
