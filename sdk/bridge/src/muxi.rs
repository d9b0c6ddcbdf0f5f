//! A formation of MUXI: each chat is a session, and a user of the formation.

use std::time::Duration;

use futures::StreamExt;
use muxi_sdk::{ChatEvent, Error, ErrorKind, FormationClient, RequestStatus, SessionId, Widget};
use tokio::time::Instant;

use crate::desk::Desk;
use crate::lent::Trouble;
use crate::store::Turn;

/// The least time between two notes in a turn.
const BETWEEN_NOTES: Duration = Duration::from_secs(30);

/// A formation of MUXI.
#[derive(Clone, Debug)]
pub(crate) struct Muxi {
    formation: FormationClient,
}

impl Muxi {
    pub(crate) fn new(formation: FormationClient) -> Self {
        Self { formation }
    }

    pub(crate) async fn answer(&self, desk: &Desk) -> Result<String, Trouble> {
        let Some(turn) = desk.turn() else { return Ok(String::new()) };
        // A stream can't be joined again. What was begun is known by its id, and waited for.
        if let Some(answer) = self.begun_before(desk, &turn).await? {
            return Ok(answer);
        }
        let user = user_of(desk);
        let session = turn.session.clone().map(SessionId::from);
        let chat = self.formation.chat(&turn.asked.text).user(user).session(session).request_id(id_of(&turn));
        let mut stream = chat.idempotency_key(id_of(&turn)).stream().await.map_err(trouble)?;
        let (mut noted, mut text, mut widgets) = (None::<Instant>, String::new(), Vec::new());
        while let Some(event) = stream.next().await {
            match event.map_err(trouble)?.kind {
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
        if let Some(session) = stream.session_id() {
            desk.keep_session(session.as_str())?;
        }
        Ok(with_choices(text, &widgets))
    }

    /// The answer of a turn that an attempt before has begun; `None` where none has.
    async fn begun_before(&self, desk: &Desk, turn: &Turn) -> Result<Option<String>, Trouble> {
        let state = match self.formation.requests().get(id_of(turn)).user(user_of(desk)).await {
            Ok(state) if state.status.is_over() => state,
            Ok(_) => self.formation.requests().wait(id_of(turn)).user(user_of(desk)).await.map_err(trouble)?,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(trouble(error)),
        };
        match state.status {
            RequestStatus::Completed => Ok(Some(state.text().unwrap_or_default().to_owned())),
            status => Err(Trouble::Lasting(format!("the turn is {status}"))),
        }
    }
}

/// What can be chosen from is part of the answer: the next message chooses.
fn with_choices(mut text: String, widgets: &[Widget]) -> String {
    for widget in widgets {
        match widget {
            Widget::Options { options, .. } => {
                for option in options {
                    text += &format!("\n- {}", option.label);
                }
            }
            Widget::ActionLink { url, .. } => text += &format!("\n{url}"),
            _ => {}
        }
    }
    text
}

/// By which the formation knows the turn.
fn id_of(turn: &Turn) -> String {
    format!("mycel-{}", turn.asked.id)
}

/// The chat is the user: what the formation remembers of it is nobody else's.
fn user_of(desk: &Desk) -> String {
    format!("mycel-{}", desk.chat)
}

fn trouble(error: Error) -> Trouble {
    match error.kind() {
        ErrorKind::TimedOut
        | ErrorKind::Connect
        | ErrorKind::Interrupted
        | ErrorKind::Unavailable
        | ErrorKind::TooManyRequests => Trouble::Passing(error.to_string()),
        _ => Trouble::Lasting(error.to_string()),
    }
}
