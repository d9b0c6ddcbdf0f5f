//! Chats: what is said to a formation.

mod event;
mod stream;

pub use event::{ChatEvent, ChatStatus, ChatStreamEvent, Completed, Progress};
#[cfg(any(fuzzing, test))]
pub(crate) use event::{Frame, Token};
pub use stream::{ChatOutcome, ChatStream};

use std::time::Duration;

use agent_platform_core::{JsonOrEvents, Oversize, RetryPolicy, send_on_await};
use muxi_formation_client::{operations, types};
use serde_json::Value;

use crate::error::Error;
use crate::id::{AgentId, RequestId, SessionId, UserId, WidgetId};
use crate::model::ChatAnswer;
use crate::platform::Session;

/// How much longer a whole answer may take than other answers: MUXI moves a turn to the background where it expects it to take
/// long, and until then it is at work.
pub(crate) const LONGEST_TURN: Duration = Duration::from_secs(300);

/// What is said to a formation; from [`FormationClient::chat`](crate::FormationClient::chat). Awaited, it is answered whole.
///
/// ```no_run
/// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
/// let answer = formation.chat("My name is Ada").user("user_123").await?;
/// let session = answer.session_id.expect("it is a new conversation");
/// let answer = formation.chat("What is my name?").user("user_123").session(session).await?;
/// # let _ = answer;
/// # Ok(())
/// # }
/// ```
///
/// It takes the client key, and up to [five minutes](Self::longest_turn) longer than other calls. It is sent once: where the connection breaks off,
/// [`may_have_been_sent`](Error::may_have_been_sent) says whether the turn may be under way. A turn that makes artifacts can be
/// streamed alone: MUXI fails to write them into a whole answer.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ChatRequest<'c> {
    session: &'c Session,
    user: Option<UserId>,
    key: Option<String>,
    longest: Duration,
    body: types::ChatRequest,
}

impl<'c> ChatRequest<'c> {
    pub(crate) fn new(session: &'c Session, message: String) -> Self {
        let body = types::ChatRequest {
            agent_id: None,
            files: None,
            group_id: None,
            message,
            mode: None,
            request_id: None,
            session_id: None,
            source_channel: None,
            stream: None,
            threshold_seconds: None,
            ui_response: None,
            user_id: None,
            webhook_url: None,
        };
        Self { session, user: None, key: None, longest: LONGEST_TURN, body }
    }

    /// The user of yours that says it, instead of the client's.
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// The conversation that it goes on with; a new one unless it is named. `None` is a new one, too.
    pub fn session(mut self, session: impl Into<Option<SessionId>>) -> Self {
        self.body.session_id = session.into().map(String::from);
        self
    }

    /// What the turn is to be called, so that it can be looked up. MUXI gives it a name unless set.
    pub fn request_id(mut self, id: impl Into<RequestId>) -> Self {
        self.body.request_id = Some(id.into().into());
        self
    }

    /// The agent that is to answer; the formation chooses unless set.
    pub fn agent(mut self, agent: impl Into<AgentId>) -> Self {
        self.body.agent_id = Some(agent.into().into());
        self
    }

    /// Where the outcome is to be posted to, should the turn move to the background.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.body.webhook_url = Some(url.into());
        self
    }

    /// From how long an expected turn is moved to the background, to the millisecond; 30 s unless the formation is configured
    /// otherwise.
    pub fn background_after(mut self, threshold: Duration) -> Self {
        self.body.threshold_seconds = Some(threshold.as_millis() as f64 / 1000.0);
        self
    }

    /// Answers something that a person was shown: its id, and the value that was chosen.
    pub fn answer_widget(mut self, widget: impl Into<WidgetId>, value: impl Into<Value>) -> Self {
        self.body.ui_response = Some(types::UiResponseHint { id: widget.into().into(), value: value.into() });
        self
    }

    /// The key that the turn is to be done once by, where it is answered whole: for a day MUXI answers the same user's chats
    /// with the same key as it answered the first, whatever they say. A new one unless set.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// How much longer than other calls it may take until it is answered whole. Five minutes unless set.
    pub fn longest_turn(mut self, limit: Duration) -> Self {
        self.longest = limit;
        self
    }

    /// Has the answer told as it comes.
    pub fn stream(self) -> StreamChat<'c> {
        StreamChat { request: self, silence: None }
    }

    /// Sends it, once. Its answer is to be a stream, or whole.
    async fn begin(mut self, is_streamed: bool) -> Result<Begun, Error> {
        let session = self.session.with_retry(RetryPolicy::never());
        let wait = if is_streamed { Duration::ZERO } else { self.longest };
        let request = session.request_lasting(&operations::CHAT, wait, Oversize::Refuse);
        let request = request.for_user(self.user.as_ref().map(UserId::as_str))?.with_idempotency_key(self.key);
        self.body.stream = Some(is_streamed);
        let outcome = request.api.chat(&self.body).await;
        request.finish_json_or_events(outcome)
    }

    async fn send(self) -> Result<ChatAnswer, Error> {
        let session = self.session;
        match self.begin(false).await? {
            JsonOrEvents::Json(answer) => Ok(answer),
            JsonOrEvents::Events(_) => {
                Err(session.malformed(&operations::CHAT, 200, "it is a stream, which was not asked for"))
            }
        }
    }
}

send_on_await!(ChatRequest, ChatAnswer);

type Begun = JsonOrEvents<ChatAnswer, crate::platform::Formation>;

/// The request of [`ChatRequest::stream`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct StreamChat<'c> {
    request: ChatRequest<'c>,
    silence: Option<Duration>,
}

impl StreamChat<'_> {
    /// How long nothing at all may come before the stream counts as broken off. MUXI sends a sign of life every second. 60
    /// seconds unless set.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = Some(limit);
        self
    }

    async fn send(self) -> Result<ChatStream, Error> {
        let session = self.request.session;
        match self.request.begin(true).await? {
            JsonOrEvents::Events(events) => {
                let events = match self.silence {
                    Some(limit) => events.silence(limit),
                    None => events,
                };
                Ok(ChatStream::new(session.clone(), events))
            }
            JsonOrEvents::Json(_) => {
                Err(session.malformed(&operations::CHAT, 200, "it is no stream, which was asked for"))
            }
        }
    }
}

send_on_await!(StreamChat, ChatStream);
