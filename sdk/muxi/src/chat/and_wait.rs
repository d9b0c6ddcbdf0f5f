//! Chats that are followed to their end.

use std::time::Duration;

use agent_platform_core::{Report, send_on_await};
use muxi_formation_client::operations;

use super::ChatRequest;
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::model::{ChatAnswer, ChatReply, RequestState, RequestStatus};
use crate::platform::Session;
use crate::requests::Requests;

/// Whose turn it is where no user is named.
const NOBODY: &str = "0";

/// The request of [`ChatRequest::and_wait`]: a chat whose answer is awaited, also where its turn moves to the background.
///
/// ```no_run
/// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
/// let answer = formation.chat("Read all of it").user("user_123").and_wait().await?;
/// println!("{}", answer.text().unwrap_or_default());
/// # Ok(())
/// # }
/// ```
///
/// A turn that nobody waits for any more goes on; [`Requests::cancel`] ends it.
///
/// # Errors
///
/// As of the chat, and of [`Requests::wait`]: [`TimedOut`](ErrorKind::TimedOut) if it is not over in time, with how far it is.
/// [`TurnFailed`](ErrorKind::TurnFailed) if it failed, or was cancelled. Each names the turn
/// ([`request_id`](Error::request_id)).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ChatAndWait<'c> {
    chat: ChatRequest<'c>,
    interval: Duration,
    timeout: Duration,
}

impl<'c> ChatAndWait<'c> {
    pub(super) fn new(chat: ChatRequest<'c>) -> Self {
        Self { chat, interval: Duration::from_secs(1), timeout: Duration::from_secs(300) }
    }

    /// How long it waits between two looks, once the turn is in the background. One second unless set.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long it waits for its end, once the turn is in the background. 300 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn send(self) -> Result<ChatAnswer, Error> {
        let Self { chat, interval, timeout } = self;
        let (session, named) = (chat.session, chat.user.clone());
        let asked = chat.body.session_id.clone();
        let mut answer = chat.await?;
        if !matches!(answer.reply, ChatReply::Background(_)) {
            return Ok(answer);
        }
        let Some(id) = answer.request_id.clone() else {
            return Err(session.malformed(
                &operations::CHAT,
                200,
                "it tells of a turn in the background without its id",
            ));
        };
        // With the client key, which chats take, a turn is somebody's.
        let user = named.or_else(|| session.user().map(UserId::from)).unwrap_or_else(|| NOBODY.into());
        let turn = Requests::new(session).wait(&id).user(user).interval(interval).timeout(timeout).await?;
        answer.session_id = answer.session_id.or(asked.map(Into::into));
        match turn.status {
            RequestStatus::Failed | RequestStatus::Cancelled => Err(failed(session, &turn)),
            _ => {
                answer.reply = ChatReply::of_turn(turn);
                Ok(answer)
            }
        }
    }
}

send_on_await!(ChatAndWait, ChatAnswer);

fn failed(session: &Session, turn: &RequestState) -> Error {
    let said = turn.error.as_ref().map(|error| match error.as_str() {
        Some(text) => format!(": {}", text.lines().next().unwrap_or_default()),
        None => format!(": {error}"),
    });
    let said = session.without_secrets(said.unwrap_or_default());
    let line = format!("the turn {} in the background{said}", turn.status);
    let report = Report::new(ErrorKind::TurnFailed, Some(&operations::CHAT), line);
    let request_id = Some(turn.id.clone().into());
    Error::new(Report { attempts: 1, may_have_been_sent: true, request_id, ..report })
}
