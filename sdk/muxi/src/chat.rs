//! Chats: what is said to a formation.

mod and_wait;
mod audio;
mod event;
mod file;
mod stream;

pub use and_wait::ChatAndWait;
pub use audio::AudioChatRequest;
pub use event::{ChatEvent, ChatStatus, ChatStreamEvent, Completed, Progress};
#[cfg(any(fuzzing, test))]
pub(crate) use event::{Frame, Token};
pub use file::ChatFile;
pub use stream::{ChatOutcome, ChatStream, StreamChat};

use std::time::Duration;

use agent_platform_core::{JsonOrEvents, Operation, Oversize, send_on_await};
use muxi_formation_client::{operations, types};
use serde_json::Value;

use crate::error::Error;
use crate::id::{UserId, WidgetId};
use crate::model::ChatAnswer;
use crate::platform::{Formation, Request, Session};

/// How much longer a whole answer may take than other answers: MUXI moves a turn to the background where it expects it to take
/// long, and until then it is at work.
pub(crate) const LONGEST_TURN: Duration = Duration::from_secs(300);

/// What comes of a turn that is begun.
type Begun = JsonOrEvents<ChatAnswer, Formation>;

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
/// [`FormationClient::conversation`](crate::FormationClient::conversation) keeps the conversation by itself.
///
/// It takes the client key, and up to [five minutes](Self::longest_turn) longer than other calls.
///
/// A turn is begun once. It is attempted again only where no turn can have been begun: where no connection was made, and where
/// MUXI refused it for coming too often (429). Where an answer is lost, the error says so
/// ([`may_have_been_sent`](Error::may_have_been_sent)), and it is for you to decide: with an
/// [`idempotency_key`](Self::idempotency_key) of your own, saying the same again is answered with the turn that there was.
///
/// A turn that makes artifacts can be streamed alone ([`stream`](Self::stream)): MUXI fails to write them into a whole answer.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ChatRequest<'c> {
    session: &'c Session,
    user: Option<UserId>,
    key: Option<String>,
    longest: Duration,
    files: Vec<ChatFile>,
    body: types::ChatRequest,
}

/// What can be said of any turn, whether it begins with a text or with audio.
macro_rules! turn {
    ($name:ident) => {
        impl<'c> $name<'c> {
            /// The user of yours that says it, instead of the client's.
            pub fn user(mut self, user: impl Into<$crate::id::UserId>) -> Self {
                self.user = Some(user.into());
                self
            }

            /// The conversation that it goes on with; a new one unless it is named. `None` is a new one, too.
            pub fn session(mut self, session: impl Into<Option<$crate::id::SessionId>>) -> Self {
                self.body.session_id = session.into().map(String::from);
                self
            }

            /// What the turn is to be called, so that it can be looked up. MUXI gives it a name unless set.
            pub fn request_id(mut self, id: impl Into<$crate::id::RequestId>) -> Self {
                self.body.request_id = Some(id.into().into());
                self
            }

            /// The agent that is to answer; the formation chooses unless set.
            pub fn agent(mut self, agent: impl Into<$crate::id::AgentId>) -> Self {
                self.body.agent_id = Some(agent.into().into());
                self
            }

            /// Adds a file.
            pub fn file(mut self, file: $crate::chat::ChatFile) -> Self {
                self.files.push(file);
                self
            }

            /// How much longer than other calls it may take until it is answered whole. Five minutes unless set.
            pub fn longest_turn(mut self, limit: std::time::Duration) -> Self {
                self.longest = limit;
                self
            }

            /// Has the answer told as it comes.
            pub fn stream(self) -> $crate::chat::StreamChat<'c> {
                $crate::chat::StreamChat::new(self.into())
            }

            async fn send(self) -> Result<$crate::model::ChatAnswer, $crate::error::Error> {
                $crate::chat::Turn::from(self).whole().await
            }
        }

        send_on_await!($name, ChatAnswer);
    };
}
pub(crate) use turn;

turn!(ChatRequest);

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
        Self { session, user: None, key: None, longest: LONGEST_TURN, files: Vec::new(), body }
    }

    /// The group that it is said in. MUXI takes it, and makes nothing of it yet.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.body.group_id = Some(group.into());
        self
    }

    /// Where it comes from, such as `slack`.
    pub fn source_channel(mut self, channel: impl Into<String>) -> Self {
        self.body.source_channel = Some(channel.into());
        self
    }

    /// Where the outcome is to be posted to, should the turn move to the background. [`Webhooks::verify`](crate::Webhooks::verify)
    /// reads what is.
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

    /// Follows the turn to its end, should it move to the background.
    pub fn and_wait(self) -> ChatAndWait<'c> {
        ChatAndWait::new(self)
    }

    async fn begin(mut self, is_streamed: bool) -> Result<Begun, Error> {
        let request =
            begin(self.session, &operations::CHAT, (!is_streamed).then_some(self.longest), self.user.as_ref())?;
        let request = request.with_idempotency_key(self.key);
        if !self.files.is_empty() {
            self.body.files = Some(file::sent(&self.files).map_err(|problem| request.refuse(problem))?);
        }
        self.body.stream = Some(is_streamed);
        let outcome = request.api.chat(&self.body).await;
        request.finish_json_or_events(outcome)
    }
}

/// The request that begins a turn whose answer is to be a stream, or whole and may take so long.
fn begin<'c>(
    session: &'c Session,
    operation: &'static Operation,
    longest: Option<Duration>,
    user: Option<&UserId>,
) -> Result<Request<'c>, Error> {
    // The key is looked at where the answer is whole alone, and there a turn that failed would be begun again.
    session
        .request_lasting(operation, longest.unwrap_or_default(), Oversize::Refuse)
        .once()
        .for_user(user.map(UserId::as_str))
}

/// A turn that is yet to begin.
#[derive(Clone, Debug)]
pub(crate) enum Turn<'c> {
    Chat(Box<ChatRequest<'c>>),
    Audio(AudioChatRequest<'c>),
}

impl<'c> Turn<'c> {
    fn operation(&self) -> &'static Operation {
        match self {
            Self::Chat(_) => &operations::CHAT,
            Self::Audio(_) => &operations::AUDIO_CHAT,
        }
    }

    fn session(&self) -> &'c Session {
        match self {
            Self::Chat(chat) => chat.session,
            Self::Audio(chat) => chat.session,
        }
    }

    async fn begin(self, is_streamed: bool) -> Result<Begun, Error> {
        match self {
            Self::Chat(chat) => chat.begin(is_streamed).await,
            Self::Audio(chat) => chat.begin(is_streamed).await,
        }
    }

    /// Has it answered in one piece.
    async fn whole(self) -> Result<ChatAnswer, Error> {
        let (session, operation) = (self.session(), self.operation());
        match self.begin(false).await? {
            JsonOrEvents::Json(answer) => Ok(answer),
            JsonOrEvents::Events(_) => {
                Err(session.malformed(operation, 200, "it is a stream, which was not asked for"))
            }
        }
    }
}

impl<'c> From<ChatRequest<'c>> for Turn<'c> {
    fn from(chat: ChatRequest<'c>) -> Self {
        Self::Chat(Box::new(chat))
    }
}
