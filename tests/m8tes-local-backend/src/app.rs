//! What all requests share.

use std::{collections::BTreeSet, ops::Deref, sync::Arc, time::Duration};

use axum::{
    extract::Request,
    http::{HeaderMap, header, request::Parts},
    response::Response,
};
use local_backend_kit::{Backend, CheckedRequest, Closing, Document, Refusal, Store};
use rusqlite::Connection;
use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::{
    error::Failure,
    fire::Clock,
    live::Runs,
    routes::{self, Handler},
    script::{Refused, Script},
    store::{Db, accounts, settings},
};

/// A running backend's insides.
#[derive(Debug)]
pub(crate) struct Insides {
    pub(crate) document: Document<Handler>,
    pub(crate) store: Store,
    pub(crate) runs: Runs,
    pub(crate) script: Script,
    /// What teammates, tasks and runs may be given.
    pub(crate) tools: BTreeSet<String>,
    /// How long a run that is at its end waits before it takes up a reply that has waited for that.
    pub(crate) before_queued: Duration,
    /// Which runs are refused.
    pub(crate) refusing: ByMessage<Option<Refused>>,
    /// Whether the answer to who starts a run of this message is lost.
    pub(crate) losing: ByMessage<bool>,
    /// Whether webhooks may be on this machine.
    pub(crate) with_loopback: bool,
    /// Something may be there to be delivered.
    pub(crate) told: Notify,
    /// A schedule may be there to be waited for.
    pub(crate) scheduled: Notify,
    /// What schedules go by.
    pub(crate) clock: Clock,
    /// Where it listens, without a slash at the end.
    pub(crate) url: String,
    pub(crate) closing: Closing,
}

/// A backend as one of its accounts sees it.
#[derive(Clone, Debug)]
pub(crate) struct App {
    insides: Arc<Insides>,
    account: i64,
    /// Whether who asks has to name an end user.
    is_strict: bool,
}

impl Deref for App {
    type Target = Insides;

    fn deref(&self) -> &Insides {
        &self.insides
    }
}

/// What a test says to runs, by what they are asked for.
#[derive(Clone)]
pub(crate) struct ByMessage<T>(Arc<dyn Fn(&str) -> T + Send + Sync>);

impl<T> ByMessage<T> {
    pub(crate) fn new(say: impl Fn(&str) -> T + Send + Sync + 'static) -> Self {
        Self(Arc::new(say))
    }

    pub(crate) fn say(&self, message: &str) -> T {
        (self.0)(message)
    }
}

impl<T> std::fmt::Debug for ByMessage<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ByMessage")
    }
}

impl App {
    /// For what nobody asks for who would have to name an end user.
    pub(crate) fn of(insides: &Arc<Insides>, account: i64) -> Self {
        Self { insides: Arc::clone(insides), account, is_strict: false }
    }

    /// Does `work` in one transaction, and then `stored`, one request after the other.
    pub(crate) fn transact<T, U>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<T, Failure>,
        stored: impl FnOnce(T) -> U,
    ) -> Result<U, Failure> {
        let done = self.store.transact(|transaction| work(&Db::of(transaction, self.account)), stored)?;
        // What it had to tell is stored by now.
        self.told.notify_one();
        Ok(done)
    }

    /// Refuses tools that there are not.
    pub(crate) fn check_tools<'t>(&self, tools: impl IntoIterator<Item = &'t String>) -> Result<(), Failure> {
        match tools.into_iter().find(|tool| !self.tools.contains(*tool)) {
            Some(unknown) => Err(Failure::invalid(format!("body.tools: {unknown:?} is unknown"))),
            None => Ok(()),
        }
    }

    /// The same of the tools that an object is given.
    pub(crate) fn check_tools_of(&self, given: &Map<String, Value>) -> Result<(), Failure> {
        let tools = given.get("tools").and_then(Value::as_array).into_iter().flatten();
        let tools: Vec<_> = tools.filter_map(Value::as_str).map(str::to_owned).collect();
        self.check_tools(&tools)
    }

    /// Refuses a request that names no end user, where the account wants one.
    pub(crate) fn require_user(&self, user_id: Option<&str>) -> Result<(), Failure> {
        if user_id.is_some() || !self.is_strict {
            return Ok(());
        }
        let message = "user_id is required: set require_end_user_id=False in the settings to go without";
        Err(Failure::invalid(message))
    }
}

impl Insides {
    /// Does `work` in one transaction, for no account yet.
    pub(crate) fn transact<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        self.store.transact(|transaction| work(transaction), |done| done)
    }

    /// The backend as the account sees it that the key of a request is of.
    pub(crate) fn admit(self: &Arc<Self>, headers: &HeaderMap) -> Result<App, Failure> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = given.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(Failure::unauthorized)?;
        let admitted = self.transact(|db| {
            let account = accounts::of_key(db, key)?.ok_or_else(Failure::unauthorized)?;
            Ok((account, settings::is_strict(&Db::of(db, account))?))
        });
        let (account, is_strict) = admitted?;
        Ok(App { insides: Arc::clone(self), account, is_strict })
    }
}

impl Backend for Insides {
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
        match handler {
            Handler::Open(answer) => answer(self, &call?),
            Handler::Keyed(answer) => answer(&self.admit(&request.headers)?, &request, &call?),
        }
    }
}
