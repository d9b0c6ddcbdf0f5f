//! What all requests share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::Request,
    http::{HeaderMap, header, request::Parts},
    response::Response,
};
use local_backend_kit::{Backend, CheckedRequest, Closing, Document, Refusal, Store};
use rusqlite::Transaction;
use tokio::sync::Notify;

use crate::{
    error::Failure,
    live::Runs,
    routes::{self, Handler},
    script::Script,
};

/// A running backend's insides.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) document: Document<Handler>,
    pub(crate) store: Store,
    pub(crate) runs: Runs,
    pub(crate) script: Script,
    pub(crate) key: Key,
    /// Whether every request has to name an end user.
    pub(crate) is_strict: AtomicBool,
    /// How long a run that is at its end waits before it takes up a reply that has waited for that.
    pub(crate) before_queued: Duration,
    /// Whether the answer to who starts a run of this message is lost.
    pub(crate) losing: Losing,
    /// Whether webhooks may be on this machine.
    pub(crate) with_loopback: bool,
    /// Something may be there to be delivered.
    pub(crate) told: Notify,
    /// Where it listens, without a slash at the end.
    pub(crate) url: String,
    pub(crate) closing: Closing,
}

/// Which answers are lost, by the message of the run that they start.
#[derive(Clone)]
pub(crate) struct Losing(pub(crate) Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl std::fmt::Debug for Losing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Losing")
    }
}

/// The API key that is taken.
pub(crate) struct Key(pub(crate) String);

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key")
    }
}

impl App {
    /// Does `work` in one transaction, and then `stored`, one request after the other.
    pub(crate) fn transact<T, U>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>,
        stored: impl FnOnce(T) -> U,
    ) -> Result<U, Failure> {
        let done = self.store.transact(work, stored)?;
        // What it had to tell is stored by now.
        self.told.notify_one();
        Ok(done)
    }

    /// Refuses a request that names no end user, where the account wants one.
    pub(crate) fn require_user(&self, user_id: Option<&str>) -> Result<(), Failure> {
        if !self.is_strict.load(Ordering::Relaxed) || user_id.is_some() {
            return Ok(());
        }
        let message = "user_id is required: set require_end_user_id=False in the settings to go without";
        Err(Failure::invalid(message))
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = given.and_then(|value| value.strip_prefix("Bearer "));
        if key == Some(self.key.0.as_str()) { Ok(()) } else { Err(Failure::unauthorized()) }
    }
}

impl Backend for App {
    type Handler = Handler;
    type Failure = Failure;

    fn document(&self) -> &Document<Handler> {
        &self.document
    }

    async fn intercept(self: &Arc<Self>, request: Request) -> Result<Response, Request> {
        routes::outside(self, request).await
    }

    async fn answer(
        self: &Arc<Self>,
        handler: Handler,
        request: Parts,
        call: Result<CheckedRequest, Refusal>,
    ) -> Result<Response, Failure> {
        self.admit(&request.headers)?;
        handler(self, &request, &call?)
    }
}
