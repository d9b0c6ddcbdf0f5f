//! A teammate of m8tes: each chat is a run, and each message a turn of it.

use std::fmt;
use std::time::Duration;

use futures::StreamExt;
use m8tes_sdk::runs::{Ask, Question, QuestionRequest, Resolution};
use m8tes_sdk::{
    Client, Error, ErrorKind, PermissionMode, PermissionRequest, Run, RunEvent, RunId, RunStatus, RunStream,
    TeammateId, codes,
};
use tokio::time::Instant;

use crate::desk::{Desk, Halt};
use crate::lent::Trouble;
use crate::reply::{Permission, choice, permission};
use crate::store::Turn;

/// The least time between two notes in a turn.
const BETWEEN_NOTES: Duration = Duration::from_secs(30);

/// How long a run may be silent: m8tes sends a sign of life every 15 seconds.
const SILENCE: Duration = Duration::from_secs(60);

/// How much of what a tool is called with is shown to who is asked.
const SHOWN: usize = 4_000;

/// A teammate of m8tes.
#[derive(Clone, Debug)]
pub(crate) struct M8tes {
    client: Client,
    teammate: TeammateId,
    mode: PermissionMode,
}

impl M8tes {
    pub(crate) fn new(client: Client, teammate: TeammateId, mode: PermissionMode) -> Self {
        Self { client, teammate, mode }
    }

    /// Whether there is the teammate, and the key is accepted.
    pub(crate) async fn check(&self) -> Result<(), Trouble> {
        self.client.teammates().get(self.teammate).await.map(drop).map_err(trouble)
    }

    pub(crate) async fn answer(&self, desk: &Desk) -> Result<String, Trouble> {
        let Some(turn) = desk.turn() else { return Ok(String::new()) };
        match self.begin(desk, &turn).await {
            Ok(stream) => self.follow(desk, stream).await,
            // It was begun by an attempt before, and is over.
            Err(error) if error.code() == Some(codes::IDEMPOTENT_REPLAY_TERMINAL) => match error.run() {
                Some(run) => outcome(desk, run),
                None => Err(trouble(error)),
            },
            Err(error) => match session(&turn) {
                Some(run) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Conflict) => {
                    Err(self.refused(desk, run, &error).await)
                }
                _ => Err(trouble(error)),
            },
        }
    }

    /// Begins the turn, or joins it where it was begun before.
    async fn begin(&self, desk: &Desk, turn: &Turn) -> Result<RunStream, Error> {
        let (runs, key, silence) = (self.client.runs(), key_of(turn), desk.pace.silence.unwrap_or(SILENCE));
        match session(turn) {
            Some(run) => {
                let reply = runs.reply_stream(run, &turn.asked.text).idempotency_key(key).human_in_the_loop(true);
                reply.permission_mode(self.mode.clone()).silence(silence).await
            }
            None => {
                let run = runs.stream(&turn.asked.text).teammate(self.teammate).idempotency_key(key);
                run.human_in_the_loop(true).permission_mode(self.mode.clone()).silence(silence).await
            }
        }
    }

    /// Why the run does not take the turn: it is at work for somebody who talks with it elsewhere, or it is no more.
    async fn refused(&self, desk: &Desk, run: RunId, error: &Error) -> Trouble {
        match self.client.runs().get(run).await {
            Ok(run) if !run.status.is_terminal() => Trouble::Passing("the run is at work for somebody else".to_owned()),
            Err(error) if error.kind() != ErrorKind::NotFound => trouble(error),
            _ => match desk.change_turn(|turn| turn.is_anew = true) {
                Ok(()) => Trouble::Passing(format!("the conversation can't go on ({error}), so another begins")),
                Err(halt) => halt.into(),
            },
        }
    }

    async fn follow(&self, desk: &Desk, mut stream: RunStream) -> Result<String, Trouble> {
        let mut noted: Option<Instant> = None;
        loop {
            while let Some(event) = stream.next().await {
                let event = event.map_err(trouble)?;
                keep(desk, stream.run_id())?;
                match (&event.kind, stream.run_id()) {
                    (RunEvent::ToolCallStart(tool), _) if noted.is_none_or(|time| time.elapsed() >= BETWEEN_NOTES) => {
                        noted = Some(Instant::now());
                        desk.note(format!("… using {}", tool.tool_name.as_deref().unwrap_or("a tool"))).await;
                    }
                    // The stream may stay open meanwhile.
                    (RunEvent::PermissionRequest(_) | RunEvent::AwaitingApproval(_), Some(run)) => {
                        self.decide_all(desk, run).await?;
                    }
                    _ => {}
                }
            }
            keep(desk, stream.run_id())?;
            let (Some(_), Some(run)) = (stream.paused(), stream.run_id()) else { break };
            self.decide_all(desk, run).await?;
            stream.rejoin();
        }
        if let Some(run) = stream.run() {
            return outcome(desk, run);
        }
        stream.finish().await.map_err(trouble)
    }

    /// Has people decide what a run asks, if anything is undecided.
    async fn decide_all(&self, desk: &Desk, run: RunId) -> Result<(), Trouble> {
        let all = self.client.runs().permissions(run).await.map_err(trouble)?;
        for request in all.iter().filter(|request| request.is_pending()) {
            if let Err(trouble) = self.decide(desk, run, request).await {
                if matches!(trouble, Trouble::Lasting(_) | Trouble::Halt(Halt::Unsayable(_))) {
                    // Nobody decides it any more: it would wait for ever, and the chat behind it. One that is over is as well.
                    let _ = self.client.runs().cancel(run).await;
                }
                return Err(trouble);
            }
        }
        Ok(())
    }

    /// Has people decide one. That ends where it is decided elsewhere, or the run asks no more.
    async fn decide(&self, desk: &Desk, run: RunId, request: &PermissionRequest) -> Result<(), Trouble> {
        tokio::select! {
            outcome = self.put_to_people(desk, run, request) => outcome,
            () = self.is_decided(desk, run, &request.request_id) => Ok(()),
        }
    }

    /// Waits until a request is no longer pending.
    async fn is_decided(&self, desk: &Desk, run: RunId, id: &str) {
        loop {
            tokio::time::sleep(desk.pace.longest_pause).await;
            // What goes wrong here goes wrong where it is decided, too.
            let Ok(all) = self.client.runs().permissions(run).await else { continue };
            if !all.iter().any(|request| request.request_id == id && request.is_pending()) {
                return;
            }
        }
    }

    async fn put_to_people(&self, desk: &Desk, run: RunId, request: &PermissionRequest) -> Result<(), Trouble> {
        let id = &request.request_id;
        let resolution: Resolution = match request.ask() {
            Ask::Tool(tool) => {
                let hint = "Please answer yes, no, or always.";
                let input = serde_json::Value::Object(request.tool_input.clone()).to_string();
                let text = format!("May I use {}?\n{}\n{hint}", request.title(), shortened(&input));
                match desk.ask(id, &text, hint, permission).await? {
                    Permission::Once => tool.allow().into(),
                    Permission::Always => tool.allow().remember(true).into(),
                    Permission::No => tool.deny().into(),
                }
            }
            Ask::Plan(plan) => {
                let hint = "Please answer yes, or say what to do instead.";
                let text = format!("This is my plan:\n{}\n{hint}", plan.plan());
                let reply = desk.ask(id, &text, hint, said).await?;
                match permission(&reply) {
                    Some(Permission::Once | Permission::Always) => plan.approve().into(),
                    Some(Permission::No) | None => plan.revise(reply).into(),
                }
            }
            Ask::Question(asked) => self.put(desk, id, &asked).await?,
            _ => return Err(Trouble::Lasting("it asks for something that this bridge does not know".to_owned())),
        };
        match self.client.runs().resolve(run, resolution).await {
            Ok(_) => Ok(()),
            // Somebody has decided it elsewhere, or an attempt before whose answer was lost.
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => Ok(()),
            Err(error) => Err(trouble(error)),
        }
    }

    /// Asks the questions one after the other.
    async fn put(&self, desk: &Desk, id: &str, asked: &QuestionRequest) -> Result<Resolution, Trouble> {
        let mut answers = Vec::new();
        for (number, question) in asked.questions().iter().enumerate() {
            let text = in_words(question);
            let reply = desk.ask(&format!("{id}/{number}"), &text, &text, said).await?;
            let labels: Vec<_> = question.options.iter().map(|option| option.label.as_str()).collect();
            answers.push((question, choice(&reply, &labels)));
        }
        let mut answers = answers.into_iter();
        let first = answers.next().map(|(_, answer)| answer).unwrap_or_default();
        let all = asked.answer(first);
        Ok(answers.fold(all, |all, (question, answer)| all.and(&question.question, answer)).into())
    }
}

/// No more than a person may be shown at once, which says how much more there is.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => {
            let (shown, left) = text.split_at(end);
            format!("{shown}… (and {} characters more, which are not shown)", left.chars().count())
        }
    }
}

fn said(reply: &str) -> Option<String> {
    Some(reply.trim().to_owned()).filter(|reply| !reply.is_empty())
}

/// A question as a person reads it.
fn in_words(question: &Question) -> String {
    let mut text = question.question.clone();
    for (number, option) in question.options.iter().enumerate() {
        text += &format!("\n{}. {}", number + 1, option.label);
        if let Some(description) = &option.description {
            text += &format!(": {description}");
        }
    }
    text
}

/// The run that the turn is of, unless it begins one.
fn session(turn: &Turn) -> Option<RunId> {
    turn.session.as_deref().filter(|_| !turn.is_anew).and_then(|run| run.parse().ok())
}

/// By which m8tes knows a turn that was begun before.
fn key_of(turn: &Turn) -> String {
    let anew = if turn.is_anew { "-anew" } else { "" };
    format!("mycel-{}{anew}", turn.asked.id)
}

fn keep(desk: &Desk, run: Option<RunId>) -> Result<(), Trouble> {
    run.map_or(Ok(()), |run| Ok(desk.keep_session(&run.to_string())?))
}

/// What a run that is over has brought.
fn outcome(desk: &Desk, run: &Run) -> Result<String, Trouble> {
    keep(desk, Some(run.id))?;
    match run.status {
        RunStatus::Completed => Ok(run.output.clone().unwrap_or_default()),
        _ => {
            let reason = run.error.clone().unwrap_or_else(|| format!("the run is {}", run.status));
            Err(Trouble::Lasting(reason))
        }
    }
}

/// Whether the turn is gone on with later: it can be, as it is known by its key.
fn trouble(error: Error) -> Trouble {
    let passes = error.is_retryable() || error.is_connect() || error.is_timeout() || error.is_interrupted();
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::TooManyRequests | ErrorKind::BackendFailed => {
            Trouble::Passing(error.to_string())
        }
        _ if passes => Trouble::Passing(error.to_string()),
        _ => Trouble::Lasting(error.to_string()),
    }
}

impl fmt::Display for M8tes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "teammate {} of m8tes", self.teammate)
    }
}
