//! What a run does: a script in place of an agent.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};

use crate::live::Live;

/// A run under way, as its script sees it: what was asked for, and the means to answer.
#[derive(Clone, Debug)]
pub struct Run(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    asked: Asked,
    live: Arc<Live>,
    said: Mutex<Said>,
}

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) id: i64,
    pub(crate) teammate_id: i64,
    pub(crate) message: String,
    pub(crate) tools: Vec<String>,
    pub(crate) user_id: Option<String>,
}

#[derive(Debug, Default)]
struct Said {
    /// All text so far.
    output: String,
    /// How many blocks there are.
    blocks: usize,
    /// The block of text that is not at its end.
    open: Option<String>,
}

impl Said {
    fn next_id(&mut self, kind: &str) -> String {
        self.blocks += 1;
        format!("{kind}_{}", self.blocks)
    }
}

/// How a run fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFailure {
    pub(crate) message: String,
    pub(crate) code: Option<String>,
}

impl RunFailure {
    /// With this text.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: None }
    }

    /// With a semantic code, such as `SANDBOX_UNAVAILABLE`.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}

impl fmt::Display for RunFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for RunFailure {}

impl Run {
    pub(crate) fn new(asked: Asked, live: Arc<Live>) -> Self {
        Self(Arc::new(Inner { asked, live, said: Mutex::default() }))
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.0.asked.id
    }

    /// The id of the teammate whose run it is.
    #[must_use]
    pub fn teammate_id(&self) -> i64 {
        self.0.asked.teammate_id
    }

    /// What was asked for.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.asked.message
    }

    /// The tools of the run, or else of its teammate.
    #[must_use]
    pub fn tools(&self) -> &[String] {
        &self.0.asked.tools
    }

    /// The end user that it is for.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.0.asked.user_id.as_deref()
    }

    /// Says a piece of text. All pieces together are the run's output.
    pub fn text(&self, piece: impl AsRef<str>) {
        let (piece, mut said) = (piece.as_ref(), self.said());
        let id = match said.open.clone() {
            Some(id) => id,
            None => {
                let id = said.next_id("txt");
                self.frame(&json!({ "type": "text-start", "id": id }));
                said.open.insert(id).clone()
            }
        };
        self.frame(&json!({ "type": "text-delta", "id": id, "delta": piece }));
        said.output.push_str(piece);
    }

    /// Calls a tool with this input, which brings this result.
    pub fn tool(&self, name: &str, input: &Value, result: &Value) {
        self.end_text();
        let id = self.said().next_id("toolu");
        self.frame(&json!({ "type": "tool-call-start", "toolCallId": id, "toolName": name }));
        self.frame(&json!({ "type": "tool-call-delta", "toolCallId": id, "delta": input.to_string() }));
        self.frame(&json!({ "type": "tool-call-end", "toolCallId": id }));
        self.frame(&json!({ "type": "tool-result-end", "toolCallId": id, "result": result }));
    }

    /// Waits.
    pub async fn pause(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }

    /// Sends a frame of any kind, as it is.
    pub fn frame(&self, frame: &Value) {
        self.0.live.tell(frame);
    }

    /// Breaks the streams off that are open now, as a bad network does. The run goes on, and can be joined.
    pub fn cut(&self) {
        self.0.live.cut();
    }

    /// Ends the block of text that is open, if one is.
    pub(crate) fn end_text(&self) {
        if let Some(id) = self.said().open.take() {
            self.frame(&json!({ "type": "text-end", "id": id }));
        }
    }

    /// All that it has said.
    pub(crate) fn output(&self) -> String {
        self.said().output.clone()
    }
}

/// What a script does, to its end.
pub(crate) type Playing = Pin<Box<dyn Future<Output = Result<(), RunFailure>> + Send>>;

/// What runs do.
#[derive(Clone)]
pub(crate) struct Script(Arc<dyn Fn(Run) -> Playing + Send + Sync>);

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Script")
    }
}

impl Script {
    pub(crate) fn new<F, P>(script: F) -> Self
    where
        F: Fn(Run) -> P + Send + Sync + 'static,
        P: Future<Output = Result<(), RunFailure>> + Send + 'static,
    {
        Self(Arc::new(move |run| Box::pin(script(run))))
    }

    /// Says what was asked for, word by word and with this pause before each piece, and calls a tool in between.
    pub(crate) fn echo(pause: Duration) -> Self {
        Self::new(move |run: Run| async move {
            for piece in ["Let", " me", " see."] {
                run.pause(pause).await;
                run.text(piece);
            }
            run.pause(pause).await;
            let tool = run.tools().first().map_or("echo", String::as_str);
            run.tool(tool, &json!({ "message": run.message() }), &json!({ "echoed": run.message() }));
            run.text("\n\nYou said: ");
            for word in run.message().split_inclusive(char::is_whitespace) {
                run.pause(pause).await;
                run.text(word);
            }
            Ok(())
        })
    }

    pub(crate) fn play(&self, run: Run) -> Playing {
        (self.0)(run)
    }
}
