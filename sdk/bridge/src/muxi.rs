//! A formation of MUXI: each chat is a session, and a user of the formation.

use std::fmt;
use std::time::Duration;

use futures::StreamExt;
use muxi_sdk::{ChatEvent, Error, ErrorKind, FormationClient, RequestStatus, SessionId, SessionMessage};
use serde_json::Value;
use tokio::time::Instant;

use crate::choices;
use crate::desk::Desk;
use crate::lent::Trouble;
use crate::store::Turn;

/// The least time between two notes in a turn.
const BETWEEN_NOTES: Duration = Duration::from_secs(30);

/// How long a turn may be silent: a formation sends a sign of life every second.
const SILENCE: Duration = Duration::from_secs(60);

/// How long it is waited at once for a turn that can't be listened to any more.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// A formation of MUXI.
#[derive(Clone, Debug)]
pub(crate) struct Muxi {
    formation: FormationClient,
}

impl Muxi {
    pub(crate) fn new(formation: FormationClient) -> Self {
        Self { formation }
    }

    /// Whether the formation is there, and the key is accepted.
    pub(crate) async fn check(&self) -> Result<(), Trouble> {
        match self.formation.requests().list().user("agent-bridge").await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Unauthorized => Err(Trouble::Lasting(error.to_string())),
            Err(error) => Err(Trouble::Passing(error.to_string())),
        }
    }

    pub(crate) async fn answer(&self, desk: &Desk, is_new: bool) -> Result<String, Trouble> {
        let Some(turn) = desk.turn() else { return Ok(String::new()) };
        // A stream can't be joined again. What was begun is known by its id, and waited for.
        if !is_new && let Some(answer) = self.begun_before(desk, &turn).await? {
            return Ok(answer);
        }
        let (user, session) = (user_of(desk), session_of(desk, &turn));
        let chosen = turn.choices.as_ref().and_then(|choices| choices::chosen(choices, &turn.asked.text));
        let text = chosen.as_ref().map_or(&turn.asked.text, |chosen| &chosen.text);
        let mut chat = self.formation.chat(text).user(user).session(session).request_id(id_of(&turn));
        if let Some(chosen) = &chosen {
            chat = chat.answer_widget(chosen.id.as_str(), chosen.value.clone());
        }
        let mut stream = match chat.stream().silence(desk.pace.silence.unwrap_or(SILENCE)).await {
            Ok(stream) => stream,
            Err(error) if !error.may_have_been_sent() => return Err(unsent(trouble(error))),
            // It was moved to the background, where it is no stream. As any other it is known by its id.
            Err(error) if error.kind() == ErrorKind::MalformedResponse => {
                desk.change_turn(|turn| turn.has_begun = true)?;
                return Err(Trouble::Passing(error.to_string()));
            }
            Err(error) => return Err(trouble(error)),
        };
        let (mut noted, mut text, mut widgets) = (None::<Instant>, String::new(), Vec::new());
        while let Some(event) = stream.next().await {
            let event = event.map_err(trouble)?;
            if desk.turn().is_some_and(|turn| !turn.has_begun) {
                let session = stream.session_id().map(|session| session.as_str().to_owned());
                desk.change(|state| {
                    state.session = session.or(state.session.take());
                    state.turn.as_mut().map(|turn| turn.has_begun = true)
                })?;
            }
            match event.kind {
                ChatEvent::Progress(progress) if noted.is_none_or(|time| time.elapsed() >= BETWEEN_NOTES) => {
                    noted = Some(Instant::now());
                    desk.note(format!("… {}", progress.text)).await;
                }
                ChatEvent::Text(piece) => text.push_str(&piece),
                ChatEvent::Reset => text.clear(),
                ChatEvent::Ui(shown) => widgets.extend(shown),
                ChatEvent::Completed(completed) if !completed.text.is_empty() => text = completed.text,
                ChatEvent::Failed(reason) | ChatEvent::Cancelled(reason) => return Err(Trouble::Lasting(reason)),
                _ => {}
            }
        }
        let (shown, choices) = choices::shown(&widgets, &turn.asked.sender);
        desk.change(|state| state.choices = choices)?;
        Ok(text + &shown)
    }

    /// The answer of a turn that an attempt before may have begun; `None` where none has.
    async fn begun_before(&self, desk: &Desk, turn: &Turn) -> Result<Option<String>, Trouble> {
        for pause in desk.pace.looks() {
            if let Some(answer) = self.known(desk, turn).await? {
                return Ok(Some(answer));
            }
            if turn.has_begun {
                let lost =
                    "the formation does not know any more what came of it, as when it is restarted; please ask again";
                return Err(Trouble::Lasting(lost.to_owned()));
            }
            // It may still be on its way.
            tokio::time::sleep(pause).await;
        }
        self.known(desk, turn).await
    }

    /// The answer of a turn that the formation knows of. One that is not over is waited for.
    async fn known(&self, desk: &Desk, turn: &Turn) -> Result<Option<String>, Trouble> {
        let requests = || self.formation.requests();
        let state = match requests().get(id_of(turn)).user(user_of(desk)).await {
            Ok(state) if state.status.is_over() => state,
            Ok(_) => {
                desk.change_turn(|turn| turn.has_begun = true)?;
                let interval = Duration::from_secs(1).min(desk.pace.longest_pause);
                let wait = requests().wait(id_of(turn)).user(user_of(desk)).timeout(LONGEST_WAIT).interval(interval);
                match wait.await {
                    Ok(state) => state,
                    // It has been forgotten since.
                    Err(error) if error.code() == Some(UNKNOWN) => return self.remembered(desk, turn).await,
                    Err(error) => return Err(trouble(error)),
                }
            }
            Err(error) if error.code() == Some(UNKNOWN) => return self.remembered(desk, turn).await,
            Err(error) => return Err(trouble(error)),
        };
        match (state.status.clone(), state.text(), state.error.as_ref().and_then(Value::as_str)) {
            (RequestStatus::Failed | RequestStatus::Cancelled, _, Some(reason)) => {
                Err(Trouble::Lasting(reason.to_owned()))
            }
            (RequestStatus::Completed, text, _) => Ok(Some(text.unwrap_or_default().to_owned())),
            // It asks something back.
            (RequestStatus::AwaitingClarification, Some(text), _) => Ok(Some(text.to_owned())),
            (status, ..) => Err(Trouble::Lasting(format!("the turn is {status}"))),
        }
    }

    /// The answer of a turn that is over so long that it is only in the conversation any more.
    async fn remembered(&self, desk: &Desk, turn: &Turn) -> Result<Option<String>, Trouble> {
        let messages = self.formation.sessions().messages(session_of(desk, turn)).user(user_of(desk));
        let is_answer = |message: &SessionMessage| {
            message.role.as_deref() == Some("assistant")
                && message.request_id.as_ref().is_some_and(|id| id.as_str() == id_of(turn))
        };
        let messages = messages.await.map_err(trouble)?;
        Ok(messages.into_iter().find(is_answer).map(|message| message.content))
    }
}

impl fmt::Display for Muxi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the formation of MUXI at {}", self.formation.base_url())
    }
}

/// What a formation says of a turn that it does not know. A proxy that does not know the formation says something else.
const UNKNOWN: &str = "REQUEST_NOT_FOUND";

/// By which the formation knows the turn.
fn id_of(turn: &Turn) -> String {
    format!("mycel-{}", turn.asked.id)
}

/// The chat is the user: what the formation remembers of it is nobody else's.
fn user_of(desk: &Desk) -> String {
    format!("mycel-{}", desk.chat)
}

/// One and the same for a chat, whatever becomes of its first turn.
fn session_of(desk: &Desk, turn: &Turn) -> SessionId {
    turn.session.clone().unwrap_or_else(|| user_of(desk)).into()
}

fn unsent(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Passing(reason) => Trouble::Unsent(reason),
        other => other,
    }
}

fn trouble(error: Error) -> Trouble {
    match error.kind() {
        ErrorKind::TimedOut
        | ErrorKind::Connect
        | ErrorKind::Interrupted
        | ErrorKind::Unavailable
        | ErrorKind::TooManyRequests => Trouble::Passing(error.to_string()),
        // A server does not know the formation: it is being deployed, I hope.
        ErrorKind::NotFound if error.code().is_none() => Trouble::Passing(error.to_string()),
        _ => Trouble::Lasting(error.to_string()),
    }
}
