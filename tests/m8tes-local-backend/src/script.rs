//! What a run does: a script in place of an agent.

use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{Arc, MutexGuard},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    app::App,
    live::{Live, Said},
    steps,
    store::{
        Db, files,
        gates::{self, QUESTION},
        messages,
        runs::{self, Asked, Told},
    },
};

/// A run under way, as its script sees it: what was asked for, and the means to answer.
#[derive(Clone, Debug)]
pub struct Run(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    turn: Turn,
    live: Arc<Live>,
    app: App,
}

/// What a turn of a run is about.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) id: i64,
    teammate_id: i64,
    user_id: Option<String>,
    /// Which of the run it is, from 1.
    number: i64,
    retry_of: Option<i64>,
    asked: Asked,
    attachments: Vec<Attachment>,
}

impl Turn {
    pub(crate) fn message(&self) -> &str {
        &self.asked.message
    }

    /// The turn that a run is in, as it is stored, with what was said last.
    pub(crate) fn after(
        db: &Db<'_>,
        id: i64,
        message: Option<String>,
        attachments: Vec<Attachment>,
    ) -> rusqlite::Result<Self> {
        let (run, mut asked) = (runs::get(db, id)?, runs::asked(db, id)?);
        let number = |name| run.get(name).and_then(Value::as_i64);
        if let Some(message) = message {
            asked.message = message;
        }
        Ok(Self {
            id,
            teammate_id: number("teammate_id").unwrap_or_default(),
            user_id: run.get("user_id").and_then(Value::as_str).map(str::to_owned),
            number: messages::count_of(db, id, "user")?,
            retry_of: number("retry_of_run_id"),
            asked,
            attachments,
        })
    }
}

/// What a run may do beside what it is asked for. Where a request says nothing, it is as the task and then the teammate is set,
/// and on where they say nothing either.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Toggles {
    /// Remembering, and being reminded.
    pub memory: bool,
    /// Knowing of earlier runs.
    pub history: bool,
    /// Making tasks of its own.
    pub task_setup_tools: bool,
    /// Asking for feedback.
    pub feedback: bool,
}

impl Default for Toggles {
    fn default() -> Self {
        Self { memory: true, history: true, task_setup_tools: true, feedback: true }
    }
}

/// A file that a run was given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type, such as `text/csv`.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What people said to a request for permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It may be done.
    Allowed,
    /// It may not, for this reason, if one was told.
    Denied(Option<String>),
}

impl Permission {
    /// Whether it may be done.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
}

/// A question to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    text: String,
    header: String,
    options: Vec<String>,
}

impl Question {
    /// With this text, which is the key of its answer.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), header: String::new(), options: Vec::new() }
    }

    /// With a short title.
    #[must_use]
    pub fn header(mut self, header: impl Into<String>) -> Self {
        self.header = header.into();
        self
    }

    /// With another answer to choose.
    #[must_use]
    pub fn option(mut self, label: impl Into<String>) -> Self {
        self.options.push(label.into());
        self
    }

    fn json(&self) -> Value {
        let options: Vec<_> = self.options.iter().map(|label| json!({ "label": label })).collect();
        json!({ "question": self.text, "header": self.header, "options": options })
    }
}

/// Answers, by the texts of their questions.
pub type Answers = BTreeMap<String, String>;

/// How a request to people was resolved.
#[derive(Debug, Default)]
pub(crate) struct Resolution {
    pub(crate) is_allowed: bool,
    pub(crate) reason: Option<String>,
    pub(crate) answers: Answers,
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

/// How a run is refused before it starts.
#[derive(Clone, Debug)]
pub struct Refused {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) details: Value,
    pub(crate) retry_after: Option<u64>,
}

impl Refused {
    /// With this status and this semantic code, such as 402 and `TRIAL_EXPIRED`.
    pub fn new(status: u16, code: impl Into<String>) -> Self {
        Self { status, code: code.into(), details: json!({}), retry_after: None }
    }

    /// With more to tell: the fields of an object.
    #[must_use]
    pub fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// With a word that it may be asked for again in so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl fmt::Display for RunFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for RunFailure {}

/// The header of a question that is about a plan.
const PLAN: &str = "Plan Approval";

/// What approves a plan.
const APPROVE: &str = "Approve";

impl Run {
    pub(crate) fn new(turn: Turn, live: Arc<Live>, app: App) -> Self {
        Self(Arc::new(Inner { turn, live, app }))
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.live.said()
    }

    fn next_id(&self, kind: &str) -> String {
        let mut said = self.said();
        said.blocks += 1;
        match self.turn() {
            1 => format!("{kind}_{}", said.blocks),
            turn => format!("{kind}_{turn}_{}", said.blocks),
        }
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.0.turn.id
    }

    /// The id of the teammate whose run it is.
    #[must_use]
    pub fn teammate_id(&self) -> i64 {
        self.0.turn.teammate_id
    }

    /// What was asked for, or what the reply says.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.turn.asked.message
    }

    /// Which turn of the run it is: 1 at first, and one more with each reply.
    #[must_use]
    pub fn turn(&self) -> i64 {
        self.0.turn.number
    }

    /// The id of the run that this one is to do again.
    #[must_use]
    pub fn retry_of(&self) -> Option<i64> {
        self.0.turn.retry_of
    }

    /// The tools of the run, or else of its teammate.
    #[must_use]
    pub fn tools(&self) -> &[String] {
        &self.0.turn.asked.tools
    }

    /// The end user that it is for.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.0.turn.user_id.as_deref()
    }

    /// The skill that is to be used.
    #[must_use]
    pub fn skill(&self) -> Option<&str> {
        self.0.turn.asked.skill.as_deref()
    }

    /// What the run's data are to look like. The local backend does not hold them against it.
    #[must_use]
    pub fn output_schema(&self) -> Option<&Value> {
        self.0.turn.asked.output_schema.as_ref()
    }

    /// The model that is to be used, if anybody says.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.0.turn.asked.model.as_deref()
    }

    /// How much effort is to be made, if anybody says.
    #[must_use]
    pub fn effort(&self) -> Option<&str> {
        self.0.turn.asked.effort.as_deref()
    }

    /// How many turns of its model the run may take, if that is said.
    #[must_use]
    pub fn max_turns(&self) -> Option<i64> {
        self.0.turn.asked.max_turns
    }

    /// What the run may do beside what it is asked for.
    #[must_use]
    pub fn toggles(&self) -> Toggles {
        self.0.turn.asked.toggles
    }

    /// The files that came with what was asked for.
    #[must_use]
    pub fn attachments(&self) -> &[Attachment] {
        &self.0.turn.attachments
    }

    /// Whether the run is in this permission mode now.
    pub(crate) fn is_in_mode(&self, mode: &str) -> bool {
        let run = self.0.app.transact(|db| Ok(runs::get(db, self.id())?), |run| run);
        run.is_ok_and(|run| run.get("permission_mode").is_some_and(|current| current == mode))
    }

    /// Says a piece of text. All pieces together are the run's output.
    pub fn text(&self, piece: impl AsRef<str>) {
        let piece = piece.as_ref();
        let open = self.said().open.clone();
        let id = open.unwrap_or_else(|| {
            let id = self.next_id("txt");
            self.frame(&json!({ "type": "text-start", "id": id }));
            let mut said = self.said();
            said.sayings.blocks.push(json!({ "type": "text", "text": "" }));
            said.open.insert(id).clone()
        });
        self.frame(&json!({ "type": "text-delta", "id": id, "delta": piece }));
        let mut said = self.said();
        said.sayings.output.push_str(piece);
        if let Some(Value::String(text)) = said.sayings.blocks.last_mut().and_then(|block| block.get_mut("text")) {
            text.push_str(piece);
        }
    }

    /// Calls a tool with this input, which brings this result.
    ///
    /// In the mode `approval` people are asked first, unless they have allowed the tool for good. If they deny it, the result
    /// is an error in its place.
    pub async fn tool(&self, name: &str, input: &Value, result: &Value) -> Permission {
        self.end_text();
        let id = self.next_id("toolu");
        self.frame(&json!({ "type": "tool-call-start", "toolCallId": id, "toolName": name }));
        self.frame(&json!({ "type": "tool-call-delta", "toolCallId": id, "delta": input.to_string() }));
        self.frame(&json!({ "type": "tool-call-end", "toolCallId": id }));
        self.keep(json!({ "type": "tool_use", "id": id, "name": name, "input": input }));
        let permission = match self.is_in_mode("approval") {
            true => self.ask(name, input, &id).await,
            false => Permission::Allowed,
        };
        let denied = json!({ "error": "Permission denied" });
        let result = if permission.is_allowed() { result } else { &denied };
        self.frame(&json!({ "type": "tool-result-end", "toolCallId": id, "result": result }));
        self.keep(json!({ "type": "tool_result", "tool_use_id": id, "content": result }));
        permission
    }

    fn keep(&self, block: Value) {
        self.said().sayings.blocks.push(block);
    }

    /// Asks people whether this tool may be called with this input, in whatever mode, unless they have allowed it for good.
    /// The run is `awaiting_approval` until they say.
    ///
    /// Where this is dropped before (by a timeout, say), the request is cancelled.
    pub async fn ask_permission(&self, tool: &str, input: &Value) -> Permission {
        self.end_text();
        let id = self.next_id("toolu");
        self.ask(tool, input, &id).await
    }

    async fn ask(&self, tool: &str, input: &Value, tool_use_id: &str) -> Permission {
        let granted = self.0.app.transact(|db| Ok(gates::is_granted(db, self.user_id(), tool)?), |granted| granted);
        if granted.unwrap_or_default() {
            return Permission::Allowed;
        }
        let Resolution { is_allowed, reason, .. } = self.wait_for(tool, input, tool_use_id).await;
        if is_allowed { Permission::Allowed } else { Permission::Denied(reason) }
    }

    /// Asks people questions. The run is `awaiting_approval` until they answer.
    ///
    /// Where this is dropped before (by a timeout, say), the run goes on without: who answers then is told
    /// `auto_continued`.
    pub async fn ask_questions(&self, questions: impl IntoIterator<Item = Question>) -> Answers {
        self.end_text();
        let questions: Vec<_> = questions.into_iter().map(|question| question.json()).collect();
        let id = self.next_id("toolu");
        self.wait_for(QUESTION, &json!({ "questions": questions }), &id).await.answers
    }

    /// Asks people a question; the answer, if it was answered.
    pub async fn question(&self, question: Question) -> Option<String> {
        let text = question.text.clone();
        self.ask_questions([question]).await.remove(&text)
    }

    /// Asks people whether to go on by this plan.
    pub async fn propose_plan(&self, plan: impl Into<String>) -> bool {
        let plan = plan.into();
        let question = Question::new(plan.clone()).header(PLAN).option(APPROVE).option("Reject");
        let answers = self.ask_questions([question]).await;
        answers.get(PLAN).or_else(|| answers.get(&plan)).is_some_and(|answer| answer == APPROVE)
    }

    /// Has streams end while people are waited for, as a server may that has nothing to tell: those that are open at a
    /// request, and those that are opened until it is resolved. Otherwise they stay open.
    pub fn end_streams_at_requests(&self) {
        self.said().ends_at_gates = true;
    }

    async fn wait_for(&self, tool: &str, input: &Value, tool_use_id: &str) -> Resolution {
        let asked = self.0.app.transact(
            |db| Ok(gates::open(db, self.id(), tool, input, tool_use_id)?),
            |gate| gate.map(|gate| (self.0.live.ask(&gate), Waiting { run: self, gate })),
        );
        match asked {
            Ok(Some((resolution, _waiting))) => match resolution.await {
                Ok(resolution) => resolution,
                Err(_) => std::future::pending().await,
            },
            // The run is over: its script ends where it waits.
            _ => std::future::pending().await,
        }
    }

    /// Makes a file. One of the same name is replaced.
    ///
    /// # Errors
    ///
    /// If the name is empty or has a slash in it, which names in a run's list have not.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<(), RunFailure> {
        if name.is_empty() || name.contains('/') {
            return Err(RunFailure::new(format!("{name:?} is no name of a file of a run")));
        }
        let put = self.0.app.transact(|db| Ok(files::put(db, self.id(), name, bytes.as_ref())?), |()| ());
        put.map_err(|_| RunFailure::new(format!("{name} can't be stored")))
    }

    /// Tells what the turn has cost so far: tokens that went in and out, and dollars as a decimal number.
    pub fn usage(&self, input_tokens: u64, output_tokens: u64, cost_usd: &str) {
        self.frame(&json!({
            "type": "run_metrics", "input_tokens_used": input_tokens, "output_tokens_used": output_tokens,
            "claude_token_cost_usd": cost_usd,
        }));
        self.said().sayings.usage = Some(json!({
            "input_tokens": input_tokens, "output_tokens": output_tokens, "cache_read_tokens": 0,
            "cache_creation_tokens": 0, "total_tokens": input_tokens + output_tokens, "cost_usd": cost_usd,
        }));
    }

    /// Sets the run's data, an object, beside its text.
    pub fn output_data(&self, data: Value) {
        self.said().sayings.output_data = Some(data);
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
        let open = self.said().open.take();
        if let Some(id) = open {
            self.frame(&json!({ "type": "text-end", "id": id }));
        }
    }

    /// All that it has said.
    pub(crate) fn told(&self) -> Told {
        self.said().sayings.clone()
    }
}

/// A script that waits for people.
struct Waiting<'a> {
    run: &'a Run,
    gate: Value,
}

impl Drop for Waiting<'_> {
    /// Calls a request off that nobody waits for any more. One that is resolved stays as it is, and so does one that the
    /// backend takes with it.
    fn drop(&mut self) {
        if self.run.0.app.closing.is_closed() {
            return;
        }
        let Some(request_id) = self.gate.get("request_id").and_then(Value::as_str) else { return };
        let status = if gates::is_question(&self.gate) { "timeout" } else { "cancelled" };
        // A database that is closed has no requests any more.
        let _ = self.run.0.app.transact(
            |db| Ok(gates::resolve(db, self.run.id(), request_id, status, true)?),
            |resolved| {
                if let Some(goes_on) = resolved {
                    self.run.0.live.resolve(&self.gate, status, Resolution::default(), goes_on);
                }
            },
        );
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
            let (input, result) = (json!({ "message": run.message() }), json!({ "echoed": run.message() }));
            if !run.tool(tool, &input, &result).await.is_allowed() {
                run.text("\n\nThe tool was denied.");
            }
            run.text("\n\nYou said: ");
            for word in run.message().split_inclusive(char::is_whitespace) {
                run.pause(pause).await;
                run.text(word);
            }
            Ok(())
        })
    }

    /// Does what the message says where each of its lines is a step, and otherwise what this does.
    pub(crate) fn or_as_the_message_says(self) -> Self {
        Self::new(move |run: Run| {
            let other = self.clone();
            async move { if steps::play(&run).await? { Ok(()) } else { other.play(run).await } }
        })
    }

    pub(crate) fn play(&self, run: Run) -> Playing {
        (self.0)(run)
    }
}
