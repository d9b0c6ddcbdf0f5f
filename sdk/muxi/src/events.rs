//! What happens to a user, as it happens.

use agent_platform_core::{Timestamp, send_on_await, time_from_epoch_seconds};
use muxi_formation_client::operations;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::feed::Feed;
use crate::id::{RequestId, SessionId, UserId};
use crate::model::{text, text_if_any};
use crate::platform::{Session, request_for};

/// Something that happens to a user: to a chat, an agent, a workflow or a task.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FormationEvent {
    /// What happened, by MUXI's own name, such as `chat.response.completed`.
    pub event_type: String,
    /// When it happened.
    pub timestamp: Option<Timestamp>,
    /// What it says.
    pub message: String,
    /// The conversation.
    pub session_id: Option<SessionId>,
    /// The turn.
    pub request_id: Option<RequestId>,
    /// All that it has, by MUXI's own names.
    pub raw: Map<String, Value>,
}

impl FormationEvent {
    fn read(raw: Map<String, Value>) -> Self {
        Self {
            event_type: text(&raw, "type"),
            timestamp: raw.get("timestamp").and_then(Value::as_f64).and_then(time_from_epoch_seconds),
            message: text_if_any(&raw, "message").unwrap_or_else(|| text(&raw, "content")),
            session_id: text_if_any(&raw, "session_id").map(SessionId::from),
            request_id: text_if_any(&raw, "request_id").map(RequestId::from),
            raw,
        }
    }
}

/// What of a user's events is told; from [`FormationClient::events`](crate::FormationClient::events). Awaited, it begins to tell
/// them, as a [`Feed`].
///
/// ```no_run
/// use futures::StreamExt;
///
/// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
/// let mut events = formation.events().user("user_123").await?;
/// while let Some(event) = events.next().await.transpose()? {
///     println!("{} {}", event.event_type, event.message);
/// }
/// # Ok(())
/// # }
/// ```
///
/// It takes either key; with the client key, a user. There is a runtime that does not write its events as the standard has it;
/// they are read all the same.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct StreamEvents<'c> {
    session: &'c Session,
    user: Option<UserId>,
    conversation: Option<SessionId>,
    turn: Option<RequestId>,
}

impl<'c> StreamEvents<'c> {
    pub(crate) fn new(session: &'c Session) -> Self {
        Self { session, user: None, conversation: None, turn: None }
    }

    /// The user of yours whose events they are, instead of the client's.
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Those of this conversation alone.
    pub fn session(mut self, session: impl Into<SessionId>) -> Self {
        self.conversation = Some(session.into());
        self
    }

    /// Those of this turn of a conversation alone: its tokens, as a chat's stream tells them, between `stream_open` and
    /// `stream_completed`, with which the stream ends well. There is a runtime that fails to tell them (500).
    pub fn turn(mut self, session: impl Into<SessionId>, request: impl Into<RequestId>) -> Self {
        (self.conversation, self.turn) = (Some(session.into()), Some(request.into()));
        self
    }

    async fn send(self) -> Result<Feed<FormationEvent>, Error> {
        let Self { session, user, conversation, turn } = self;
        let operation = match (&conversation, &turn) {
            (_, Some(_)) => &operations::STREAM_REQUEST_EVENTS,
            (Some(_), None) => &operations::STREAM_SESSION_EVENTS,
            (None, None) => &operations::STREAM_EVENTS,
        };
        let request = request_for(session, operation, user.as_ref())?;
        let conversation = conversation.as_ref().map(|id| request.segment(id)).transpose()?;
        let turn = turn.as_ref().map(|id| request.segment(id)).transpose()?;
        let outcome = match (conversation, turn) {
            (Some(conversation), Some(turn)) => request.api.stream_request_events(conversation, turn, None).await,
            (Some(conversation), None) => request.api.stream_session_events(conversation, None).await,
            (None, _) => request.api.stream_events(None).await,
        };
        let events = request.finish_events(outcome)?;
        Ok(Feed::new(session, operation, events, FormationEvent::read))
    }
}

type Events = Feed<FormationEvent>;
send_on_await!(StreamEvents, Events);
