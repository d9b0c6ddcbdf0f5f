//! The runs that go on: what each has told so far, and who listens.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;
use futures::Stream;
use local_backend_kit::{Closing, events::event};
use serde_json::{Map, Value, json};
use tokio::{
    sync::{oneshot, watch},
    task::AbortHandle,
};

use crate::{script::Resolution, store::runs::Told as Sayings};

/// The runs that go on, by id.
#[derive(Debug, Default)]
pub(crate) struct Runs(Mutex<HashMap<i64, (Arc<Live>, AbortHandle)>>);

impl Runs {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, (Arc<Live>, AbortHandle)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self, id: i64, live: Arc<Live>, script: AbortHandle) {
        self.lock().insert(id, (live, script));
    }

    pub(crate) fn find(&self, id: i64) -> Option<Arc<Live>> {
        self.lock().get(&id).map(|(live, _)| Arc::clone(live))
    }

    /// Forgets a run that is over, and gives what was known of it.
    pub(crate) fn end(&self, id: i64) -> Option<(Arc<Live>, AbortHandle)> {
        self.lock().remove(&id)
    }
}

/// What a run has told so far.
#[derive(Debug)]
pub(crate) struct Live {
    told: Mutex<Told>,
    said: Mutex<Said>,
    /// Whom the script waits for, by request.
    waiting: Mutex<HashMap<String, oneshot::Sender<Resolution>>>,
    /// Anything that changes is announced.
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Told {
    frames: Vec<Bytes>,
    is_over: bool,
    /// Whether streams end where nothing more is told yet, since a person is waited for.
    is_paused: bool,
    /// How often those who listened were cut off.
    cuts: usize,
}

/// What a script has said so far.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) sayings: Sayings,
    /// How many blocks there are.
    pub(crate) blocks: usize,
    /// The block of text that is not at its end.
    pub(crate) open: Option<String>,
    /// Whether streams end while a person is waited for.
    pub(crate) ends_at_gates: bool,
}

impl Live {
    pub(crate) fn new() -> Self {
        let (told, said, waiting) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { told, said, waiting, changed: watch::Sender::new(()) }
    }

    pub(crate) fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Resolution>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of a request to people, and what will be told how it is resolved.
    pub(crate) fn ask(&self, gate: &Value) -> oneshot::Receiver<Resolution> {
        let (sender, receiver) = oneshot::channel();
        if let Some(request_id) = gate.get("request_id").and_then(Value::as_str) {
            self.waiting().insert(request_id.to_owned(), sender);
        }
        let mut frame = Map::new();
        for field in ["request_id", "tool_name", "tool_input", "tool_use_id"] {
            frame.insert(field.to_owned(), gate.get(field).cloned().unwrap_or_default());
        }
        for kind in ["permission_request", "awaiting_approval"] {
            frame.insert("type".to_owned(), json!(kind));
            self.tell(&Value::Object(frame.clone()));
        }
        let ends_at_gates = self.said().ends_at_gates;
        self.change(|told| told.is_paused = ends_at_gates);
        receiver
    }

    /// Tells how a request was resolved, those who listen and the script. `goes_on`: whether nobody is waited for any more.
    pub(crate) fn resolve(&self, gate: &Value, decision: &str, resolution: Resolution, goes_on: bool) {
        let (request_id, tool_use_id) = (gate.get("request_id"), gate.get("tool_use_id"));
        if goes_on {
            self.change(|told| told.is_paused = false);
        }
        self.tell(&json!({
            "type": "permission_resolved", "request_id": request_id, "tool_use_id": tool_use_id, "decision": decision,
        }));
        let waiting = request_id.and_then(Value::as_str).and_then(|request_id| self.waiting().remove(request_id));
        if let Some(waiting) = waiting {
            // A script that has stopped waiting is told nothing.
            let _ = waiting.send(resolution);
        }
    }

    fn change(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told());
        self.changed.send_replace(());
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells a frame.
    pub(crate) fn tell(&self, frame: &Value) {
        self.change(|told| told.frames.push(event(&frame.to_string())));
    }

    /// Tells that no frame comes any more.
    pub(crate) fn finish(&self) {
        self.change(|told| {
            told.frames.push(event("[DONE]"));
            told.is_over = true;
        });
    }

    /// Breaks the streams off that are open now. The run goes on.
    pub(crate) fn cut(&self) {
        self.change(|told| told.cuts += 1);
    }

    /// All frames from the first, and then those to come.
    pub(crate) fn from_start(self: Arc<Self>, closing: Closing) -> impl Stream<Item = io::Result<Bytes>> + Send {
        self.frames(closing, None)
    }

    /// All frames so far, a word that these were they, and then those to come.
    pub(crate) fn joined(self: Arc<Self>, closing: Closing) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let history = self.told().frames.len();
        self.frames(closing, Some(history))
    }

    fn frames(
        self: Arc<Self>,
        closing: Closing,
        history: Option<usize>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let cuts = self.told().cuts;
        let listener =
            Listener { changes: self.changed.subscribe(), cuts, live: self, next: 0, history, is_cut: false };
        futures::stream::unfold(listener, move |mut listener| {
            let closed = closing.closed();
            async move {
                let frame = tokio::select! {
                    frame = listener.next() => frame?,
                    () = closed => listener.cut_off(),
                };
                Some((frame, listener))
            }
        })
    }
}

/// Somebody who listens to a run.
struct Listener {
    live: Arc<Live>,
    changes: watch::Receiver<()>,
    /// How often others had been cut off before.
    cuts: usize,
    /// The frame that comes next.
    next: usize,
    /// How many frames were there already, until that is told.
    history: Option<usize>,
    is_cut: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if self.is_cut {
                return None;
            }
            if self.history == Some(self.next) {
                self.history = None;
                return Some(Ok(event(&json!({ "type": "replay_complete" }).to_string())));
            }
            let (frame, is_at_end, cuts) = {
                let told = self.live.told();
                (told.frames.get(self.next).cloned(), told.is_over || told.is_paused, told.cuts)
            };
            if cuts != self.cuts {
                return Some(self.cut_off());
            }
            if let Some(frame) = frame {
                self.next += 1;
                return Some(Ok(frame));
            }
            if is_at_end || self.changes.changed().await.is_err() {
                return None;
            }
        }
    }

    /// The end of a body that breaks its connection off.
    fn cut_off(&mut self) -> io::Result<Bytes> {
        self.is_cut = true;
        Err(io::Error::other("the stream is cut off"))
    }
}
