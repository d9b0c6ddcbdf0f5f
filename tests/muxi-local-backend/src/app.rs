//! What all requests share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::Instant,
};

use axum::{
    extract::Request,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use local_backend_kit::{Backend, CheckedRequest, Closing, Document, Refusal, Store};
use serde_json::Value;

use crate::{
    buffer::Buffer,
    caller::Keys,
    error::Failure,
    proxy,
    routes::{self, Handler, Work},
    script::{Asked, Script},
    turns::Turns,
};

/// An answer that was given to a key before, or that is being worked out.
pub(crate) type Kept = Arc<tokio::sync::Mutex<Option<(StatusCode, Value)>>>;

/// A running backend's insides.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) document: Document<Handler>,
    pub(crate) store: Store,
    pub(crate) buffer: Buffer,
    pub(crate) script: Script,
    pub(crate) keys: Keys,
    pub(crate) formation_id: String,
    pub(crate) started: Instant,
    pub(crate) requests: AtomicU64,
    pub(crate) turns: Arc<Turns>,
    /// What is in the audit log, the oldest first.
    pub(crate) audit: Mutex<Vec<Value>>,
    /// By what an answer is known again: user and key.
    pub(crate) kept: Mutex<HashMap<(String, String), Kept>>,
    /// The jobs that were made, by the same.
    pub(crate) jobs_by_key: Mutex<HashMap<(String, String), Value>>,
    pub(crate) closing: Closing,
}

impl App {
    /// What is kept for a user's key.
    pub(crate) fn kept(&self, user: &str, key: &str) -> Kept {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.entry((user.to_owned(), key.to_owned())).or_default())
    }

    /// The thing that a user's key stands for: the one that was made with it before, or this one, which is `made` then.
    pub(crate) fn once(
        &self,
        user: &str,
        key: Option<&str>,
        thing: Value,
        made: impl FnOnce(&Value) -> Result<(), Failure>,
    ) -> Result<Value, Failure> {
        let Some(key) = key else { return made(&thing).map(|()| thing) };
        let mut jobs = self.jobs_by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = jobs.get(&(user.to_owned(), key.to_owned())) {
            return Ok(before.clone());
        }
        made(&thing)?;
        jobs.insert((user.to_owned(), key.to_owned()), thing.clone());
        Ok(thing)
    }

    /// Whether a turn's conversation was named by who asked.
    pub(crate) fn is_known(&self, asked: &Asked) -> bool {
        !asked.session.starts_with("sess_")
    }
}

impl Backend for App {
    type Handler = Handler;
    type Failure = Failure;

    fn document(&self) -> &Document<Handler> {
        &self.document
    }

    async fn intercept(self: &Arc<Self>, request: Request) -> Result<Response, Request> {
        proxy::other_formation(request.uri(), &self.formation_id).ok_or(request)
    }

    async fn answer(
        self: &Arc<Self>,
        handler: Handler,
        request: Parts,
        call: Result<CheckedRequest, Refusal>,
    ) -> Result<Response, Failure> {
        self.keys.admit(handler.key, &request.headers)?;
        match handler.work {
            Work::Now(work) => work(self, &request, &call?).map(IntoResponse::into_response),
            Work::Bare(work) => work(self),
            Work::Chat => routes::chat(self, &request, &call?).await,
            Work::Trigger => routes::fire(self, &request, &call?).await,
        }
    }
}
