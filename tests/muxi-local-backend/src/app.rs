//! What all requests share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::Instant,
};

use axum::{
    Json,
    extract::Request,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use local_backend_kit::{Backend, CheckedRequest, Closing, Document, Refusal, Store};
use serde_json::Value;

use crate::{
    buffer::Buffer,
    caller::{self, Keys},
    envelope::Answer,
    error::Failure,
    proxy,
    routes::{self, Handler, Work},
    script::Script,
    turns::Turns,
    variant::Variant,
};

/// An answer that was given to a key before, or that is being worked out.
pub(crate) type Kept = Arc<tokio::sync::Mutex<Option<(StatusCode, Value)>>>;

/// A running backend's insides.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) document: Document<Handler>,
    pub(crate) store: Store,
    pub(crate) buffer: Arc<Buffer>,
    pub(crate) script: Script,
    pub(crate) keys: Keys,
    pub(crate) variant: Variant,
    pub(crate) formation_id: String,
    pub(crate) started: Instant,
    pub(crate) requests: AtomicU64,
    pub(crate) turns: Arc<Turns>,
    /// What is in the audit log, the oldest first.
    pub(crate) audit: Mutex<Vec<Value>>,
    /// By what an answer is known again: method, path, user and key.
    pub(crate) kept: Mutex<HashMap<[String; 4], Kept>>,
    pub(crate) closing: Closing,
}

impl App {
    /// Does what a request asks for, or gives the answer that its key was given before: who asks with the same key
    /// meanwhile waits for it. An error is not kept. What was begun is done, also if whoever asked has gone away.
    pub(crate) async fn once(
        self: &Arc<Self>,
        parts: &Parts,
        work: impl Future<Output = Result<Answer, Failure>> + Send + 'static,
    ) -> Result<Response, Failure> {
        let key = caller::idempotency_key(&parts.headers).map(str::to_owned);
        let kept = key.as_deref().map(|key| self.kept(parts, key));
        let done = tokio::spawn(async move {
            let Some(kept) = kept else { return work.await.map(|answer| answer.sealed(None)) };
            let mut kept = kept.lock().await;
            match &*kept {
                Some(answer) => Ok(answer.clone()),
                None => Ok(kept.insert(work.await?.sealed(key.as_deref())).clone()),
            }
        });
        let (status, body) = done.await.map_err(Failure::broken)??;
        Ok((status, Json(body)).into_response())
    }

    /// What is kept for a key of a user on a path.
    fn kept(&self, parts: &Parts, key: &str) -> Kept {
        let user = caller::user(&parts.headers).unwrap_or_default();
        let of = [parts.method.as_str(), parts.uri.path(), &user, key].map(str::to_owned);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.entry(of).or_default())
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
            Work::Once(work) => {
                let (app, parts, call) = (Arc::clone(self), request.clone(), call?);
                self.once(&request, async move { work(&app, &parts, &call) }).await
            }
            Work::Unchecked(work) => {
                let call = match &call {
                    Ok(call) => Ok(call),
                    Err(refusal) => Err(refusal.clone()),
                };
                work(self, &request, call).map(IntoResponse::into_response)
            }
            Work::Bare(work) => work(self),
            Work::Chat => routes::chat(self, &request, &call?).await,
            Work::AudioChat => routes::audiochat(self, &request, &call?).await,
            Work::Trigger => routes::fire(self, &request, &call?).await,
        }
    }
}
