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
use serde_json::{Map, Value, json};

use crate::{
    backend::Separators,
    buffer::Buffer,
    caller::{self, Keys},
    envelope::Answer,
    error::Failure,
    fault::{self, Fault, Faults},
    formation,
    happenings::Happenings,
    management::Management,
    routes::{self, Handler, Work},
    script::Script,
    turns::Turns,
    variant::Variant,
    webhooks::Webhooks,
};

/// An answer that was given to a key before, or that is being worked out.
pub(crate) type Kept = Arc<tokio::sync::Mutex<Option<(StatusCode, Value)>>>;

/// A running backend's insides.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) document: Document<Handler>,
    pub(crate) store: Arc<Store>,
    pub(crate) buffer: Arc<Buffer>,
    pub(crate) script: Script,
    pub(crate) keys: Keys,
    pub(crate) variant: Variant,
    pub(crate) formation_id: String,
    /// What the bundle declares that it was deployed from, if it was.
    pub(crate) bundle: Option<Value>,
    /// The management server, which the formation that is served without a bundle alone is with.
    pub(crate) management: Option<Arc<Management>>,
    pub(crate) started: Instant,
    pub(crate) requests: AtomicU64,
    pub(crate) turns: Arc<Turns>,
    pub(crate) happenings: Happenings,
    pub(crate) webhooks: Arc<Webhooks>,
    /// How events are set apart.
    pub(crate) separators: Separators,
    /// What is in the audit log, the oldest first.
    pub(crate) audit: Mutex<Vec<Value>>,
    /// By what an answer is known again: method, path, user and key.
    pub(crate) kept: Mutex<HashMap<[String; 4], Kept>>,
    /// What is to go wrong.
    pub(crate) faults: Faults,
    pub(crate) closing: Closing,
}

impl App {
    /// What the formation is.
    pub(crate) fn identity(&self) -> Value {
        let Some(bundle) = &self.bundle else { return formation::identity(&self.formation_id) };
        let id = &self.formation_id;
        let text = |field: &str, other: &str| bundle.get(field).cloned().unwrap_or_else(|| json!(other));
        json!({
            "id": id, "name": text("name", id), "description": text("description", ""),
            "version": text("version", "1.0.0"),
        })
    }

    /// Its agents, as they are shown.
    pub(crate) fn agents(&self) -> Vec<Value> {
        let Some(bundle) = &self.bundle else { return formation::agents() };
        let agents = bundle.get("agents").and_then(Value::as_array).cloned().unwrap_or_default();
        agents.into_iter().filter_map(declared_agent).collect()
    }

    /// All that it is declared with.
    pub(crate) fn declared(&self) -> Value {
        self.bundle.clone().unwrap_or_else(|| formation::declared(&self.formation_id))
    }

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

/// An agent of a bundle, which may be its id alone, or the name of the file that declares it.
fn declared_agent(agent: Value) -> Option<Value> {
    let mut shown = Map::from_iter([("schema".to_owned(), json!("1.0.0")), ("active".to_owned(), Value::Bool(true))]);
    match agent {
        Value::String(id) => drop(shown.insert("id".to_owned(), json!(id.trim_end_matches(".afs")))),
        Value::Object(agent) => shown.extend(agent),
        _ => return None,
    }
    let id = shown.get("id")?.clone();
    for field in ["name", "description"] {
        shown.entry(field).or_insert_with(|| id.clone());
    }
    Some(Value::Object(shown))
}

impl Backend for App {
    type Handler = Handler;
    type Failure = Failure;

    fn document(&self) -> &Document<Handler> {
        &self.document
    }

    async fn intercept(self: &Arc<Self>, request: Request) -> Result<Response, Request> {
        match &self.management {
            Some(server) => server.answer(self, request).await,
            None => Err(request),
        }
    }

    async fn answer(
        self: &Arc<Self>,
        handler: Handler,
        request: Parts,
        call: Result<CheckedRequest, Refusal>,
    ) -> Result<Response, Failure> {
        match self.faults.next() {
            Some(Fault::Refused { status, retry_after }) => Err(Failure::on_purpose(status, retry_after)),
            Some(Fault::LostAnswer) => {
                // Whatever it is: nobody gets it.
                drop(self.answered(handler, &request, call).await);
                Ok(fault::lost())
            }
            None => self.answered(handler, &request, call).await,
        }
    }
}

impl App {
    async fn answered(
        self: &Arc<Self>,
        handler: Handler,
        request: &Parts,
        call: Result<CheckedRequest, Refusal>,
    ) -> Result<Response, Failure> {
        self.keys.admit(handler.key, &request.headers)?;
        match handler.work {
            Work::Now(work) => work(self, request, &call?).map(IntoResponse::into_response),
            Work::Once(work) => {
                let (app, parts, call) = (Arc::clone(self), request.clone(), call?);
                self.once(request, async move { work(&app, &parts, &call) }).await
            }
            Work::Unchecked(work) => {
                let call = match &call {
                    Ok(call) => Ok(call),
                    Err(refusal) => Err(refusal.clone()),
                };
                work(self, request, call).map(IntoResponse::into_response)
            }
            Work::Bare(work) => work(self),
            Work::Stream(work) => work(self, request, &call?),
            Work::Chat => routes::chat(self, request, &call?).await,
            Work::AudioChat => routes::audiochat(self, request, &call?).await,
            Work::Trigger => routes::fire(self, request, &call?).await,
        }
    }
}
