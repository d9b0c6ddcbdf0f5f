//! What a turn does: a script in place of agents.

use std::{
    fmt, io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::body::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::{Semaphore, mpsc::UnboundedSender};

use crate::{
    buffer::{Buffer, Entry},
    envelope::now,
    turns::Turns,
    webhooks::Webhooks,
};

/// A turn under way, as its script sees it: what was said, and the means to answer.
#[derive(Clone, Debug)]
pub struct Turn(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    asked: Asked,
    frames: UnboundedSender<io::Result<Bytes>>,
    told: Mutex<Told>,
    turns: Arc<Turns>,
    cancelled: Arc<Semaphore>,
    is_streamed: bool,
    /// What is kept of it once it begins, and where.
    asks: Mutex<Option<Entry>>,
    buffer: Arc<Buffer>,
    webhooks: Arc<Webhooks>,
    begun: Instant,
}

/// What a turn is about.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) message: String,
    pub(crate) user: String,
    pub(crate) session: String,
    pub(crate) request: String,
    pub(crate) agent: Option<String>,
    pub(crate) ui_response: Option<Value>,
    /// Where its outcome is posted to, once it is in the background.
    pub(crate) webhook_url: Option<String>,
}

impl Asked {
    /// A message of the turn.
    fn said(&self, role: &str, text: &str) -> Entry {
        Entry {
            role: role.to_owned(),
            text: text.to_owned(),
            user: self.user.clone(),
            session: self.session.clone(),
            agent: Some(self.agent.clone().unwrap_or_else(|| "overlord".to_owned())),
            request: Some(self.request.clone()),
            metadata: Map::new(),
        }
    }
}

/// What a script has told so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) widgets: Vec<Value>,
    pub(crate) artifacts: Vec<Value>,
    pub(crate) metadata: Map<String, Value>,
}

impl Turn {
    /// Begins it.
    pub(crate) fn new(
        asked: Asked,
        frames: UnboundedSender<io::Result<Bytes>>,
        is_streamed: bool,
        (turns, buffer, webhooks): (Arc<Turns>, Arc<Buffer>, Arc<Webhooks>),
    ) -> Self {
        let cancelled = turns.begin(&asked);
        let asks = Mutex::new(Some(asked.said("user", &asked.message)));
        let begun = Instant::now();
        Self(Arc::new(Inner {
            asked,
            frames,
            told: Mutex::default(),
            turns,
            cancelled,
            is_streamed,
            asks,
            buffer,
            webhooks,
            begun,
        }))
    }

    /// Keeps what was said, once. A stream's turn begins with its first token: one that fails before leaves nothing behind.
    pub(crate) fn begin(&self) {
        let asks = self.0.asks.lock().unwrap_or_else(PoisonError::into_inner).take();
        asks.into_iter().for_each(|said| self.0.buffer.push(said));
    }

    /// Keeps what was answered, where there was a beginning.
    pub(crate) fn keep_answer(&self, text: &str) {
        let has_begun = self.0.asks.lock().unwrap_or_else(PoisonError::into_inner).is_none();
        if has_begun && !text.is_empty() {
            self.0.buffer.push(self.asked().said("assistant", text));
        }
    }

    pub(crate) fn asked(&self) -> &Asked {
        &self.0.asked
    }

    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was said.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.asked.message
    }

    /// The user who said it; `0` where none was named.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.0.asked.user
    }

    /// The conversation.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.0.asked.session
    }

    /// The turn's own id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.asked.request
    }

    /// The agent that was asked, if one was.
    #[must_use]
    pub fn agent_id(&self) -> Option<&str> {
        self.0.asked.agent.as_deref()
    }

    /// Whether it is answered as it goes on, and not in one piece.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        self.0.is_streamed
    }

    /// What a person answered to a widget: `{"id": …, "value": …}`.
    #[must_use]
    pub fn widget_answer(&self) -> Option<&Value> {
        self.0.asked.ui_response.as_ref()
    }

    /// Tells a piece of the answer.
    pub fn text(&self, piece: &str) {
        self.told().text.push_str(piece);
        self.token("content", piece, &json!({ "stage": "response_generation", "skip_rephrase": true }));
    }

    /// Tells a piece of the answer as old runtimes do: the bare text.
    pub fn bare_text(&self, piece: &str) {
        self.told().text.push_str(piece);
        self.data(&json!({ "token": piece }));
    }

    /// Tells a token of this type, such as `progress` or `thinking`, with these further fields.
    pub fn token(&self, kind: &str, content: &str, more: &Value) {
        self.begin();
        let asked = self.asked();
        let mut token = json!({
            "request_id": asked.request, "user_id": asked.user, "session_id": asked.session, "type": kind,
            "content": content, "timestamp": now(),
        });
        if let (Some(token), Some(more)) = (token.as_object_mut(), more.as_object()) {
            token.extend(more.clone());
        }
        self.data(&json!({ "token": token }));
    }

    /// Shows a person something beside the answer, at its end.
    pub fn widget(&self, widget: Value) {
        self.told().widgets.push(widget);
    }

    /// Has made something.
    pub fn artifact(&self, artifact: Value) {
        self.told().artifacts.push(artifact);
    }

    /// Tells something about a whole answer.
    pub fn metadata(&self, name: &str, value: Value) {
        self.told().metadata.insert(name.to_owned(), value);
    }

    /// Waits until somebody cancels the turn.
    pub async fn cancelled(&self) {
        // There is no permit: it is closed then.
        let _ = self.0.cancelled.acquire().await;
    }

    /// Where its outcome is to be posted to, should it move to the background.
    #[must_use]
    pub fn webhook_url(&self) -> Option<&str> {
        self.0.asked.webhook_url.as_deref()
    }

    /// Ends a turn that has moved to the background, with this answer, which is posted to its webhook, if it has one.
    pub fn complete(&self, text: &str) {
        self.done(text);
        self.0.webhooks.completion(self.asked(), self.0.begun.elapsed().as_secs_f64(), Ok(text));
    }

    /// Ends a turn that has moved to the background without an answer: with an error's code, such as `processing_failed`, and
    /// what it says. Both are posted to its webhook, if it has one.
    pub fn fail(&self, code: &str, message: &str) {
        self.0.turns.end(self.request_id(), "failed", Some(("error", message.to_owned())));
        let seconds = self.0.begun.elapsed().as_secs_f64();
        self.0.webhooks.completion(self.asked(), seconds, Err((code, message)));
    }

    /// Has a turn that has moved to the background ask something back, by its webhook, if it has one.
    pub fn ask_back(&self, question: &str) {
        self.0.turns.end(self.request_id(), "awaiting_clarification", Some(("result", question.to_owned())));
        self.0.webhooks.clarification(self.asked(), question);
    }

    /// Posts an escalation to the turn's webhook, if it has one: signed with the client key, in the form that is signed.
    pub fn escalate(&self, payload: &Map<String, Value>) {
        self.0.webhooks.escalation(self.asked(), payload);
    }

    /// Ends it with this answer.
    pub(crate) fn done(&self, text: &str) {
        self.0.turns.end(self.request_id(), "completed", Some(("result", text.to_owned())));
    }

    /// Says nothing for so long.
    pub async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn data(&self, data: &Value) {
        self.send(Ok(format!("data: {data}\n\n").into()));
    }

    pub(crate) fn event(&self, name: &str, data: &Value) {
        self.send(Ok(format!("event: {name}\ndata: {data}\n\n").into()));
    }

    pub(crate) fn send(&self, frame: io::Result<Bytes>) {
        // Nobody may be listening.
        let _ = self.0.frames.send(frame);
    }
}

/// How a turn ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply(pub(crate) End);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    Completed {
        text: Option<String>,
        status: String,
        is_discontinuous: bool,
        more: Map<String, Value>,
    },
    /// A token of this type is the last.
    Without {
        kind: &'static str,
        text: String,
        more: Map<String, Value>,
    },
    /// Nothing is told of the end but that the stream is over.
    Done,
    Background,
}

impl Reply {
    /// The answer is what was told with [`Turn::text`].
    #[must_use]
    pub fn told() -> Self {
        Self(End::Completed { text: None, status: "success".to_owned(), is_discontinuous: false, more: Map::new() })
    }

    /// The answer is this. It is told at the end alone, unless it was told in pieces before.
    pub fn text(text: impl Into<String>) -> Self {
        let text = Some(text.into());
        Self(End::Completed { text, status: "success".to_owned(), is_discontinuous: false, more: Map::new() })
    }

    /// The answer is this, and whatever was told before does not hold.
    pub fn instead(text: impl Into<String>) -> Self {
        let text = Some(text.into());
        Self(End::Completed { text, status: "success".to_owned(), is_discontinuous: true, more: Map::new() })
    }

    /// There is no answer: it failed, in these words.
    pub fn failed(text: impl Into<String>) -> Self {
        Self(End::Without { kind: "failed", text: text.into(), more: Map::new() })
    }

    /// There is no answer: it was cancelled, in these words.
    pub fn cancelled(text: impl Into<String>) -> Self {
        Self(End::Without { kind: "cancelled", text: text.into(), more: Map::new() })
    }

    /// The stream ends without a token that says so, as with old runtimes.
    #[must_use]
    pub fn done() -> Self {
        Self(End::Done)
    }

    /// The turn goes on in the background, until [`Turn::complete`] ends it; a stream is over with it.
    #[must_use]
    pub fn background() -> Self {
        Self(End::Background)
    }

    /// With another status than `success`, such as `awaiting_clarification`.
    #[must_use]
    pub fn status(mut self, to: impl Into<String>) -> Self {
        if let End::Completed { status, .. } = &mut self.0 {
            *status = to.into();
        }
        self
    }

    /// With a further field in the last token.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        if let End::Completed { more, .. } | End::Without { more, .. } = &mut self.0 {
            more.insert(name.to_owned(), value);
        }
        self
    }
}

/// How a turn is broken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnFailure(pub(crate) Broken);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Raised { name: String, message: String },
    Cut,
}

impl TurnFailure {
    /// By what was raised: its name, such as `RuntimeError`, and what it says.
    pub fn raised(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Broken::Raised { name: name.into(), message: message.into() })
    }

    /// By the network: the connection breaks off.
    #[must_use]
    pub fn cut() -> Self {
        Self(Broken::Cut)
    }
}

impl fmt::Display for TurnFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raised { name, message } => write!(formatter, "{name}: {message}"),
            Self::Cut => formatter.write_str("the connection breaks off"),
        }
    }
}

impl std::error::Error for TurnFailure {}

/// What came of a script.
pub(crate) type Outcome = Result<Reply, TurnFailure>;

type Playing = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// What each turn does.
#[derive(Clone)]
pub(crate) struct Script(Arc<dyn Fn(Turn) -> Playing + Send + Sync>);

impl Script {
    pub(crate) fn new<F, P>(script: F) -> Self
    where
        F: Fn(Turn) -> P + Send + Sync + 'static,
        P: Future<Output = Outcome> + Send + 'static,
    {
        Self(Arc::new(move |turn| Box::pin(script(turn))))
    }

    pub(crate) fn play(&self, turn: Turn) -> Playing {
        (self.0)(turn)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Script")
    }
}
