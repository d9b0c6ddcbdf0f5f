//! Logs, as they are written.

use agent_platform_core::{Oversize, Timestamp, open_enum, send_on_await, time_from_epoch_seconds};
use muxi_formation_client::operations;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::feed::Feed;
use crate::id::{AgentId, RequestId, SessionId, UserId};
use crate::model::{text, text_if_any};
use crate::platform::Session;

open_enum! {
    /// How grave an entry of the log is.
    LogLevel {
        /// For who looks for a fault.
        Debug = "debug",
        /// What goes its way.
        Info = "info",
        /// What may become a fault.
        Warning = "warning",
        /// What went wrong.
        Error = "error",
        /// What keeps the formation from its work.
        Critical = "critical",
    }
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LogEntry {
    /// When it was written.
    pub timestamp: Option<Timestamp>,
    /// How grave it is.
    pub level: LogLevel,
    /// What happened, by MUXI's own name, such as `chat.request.received`.
    pub event_type: String,
    /// The user that it is about.
    pub user_id: Option<UserId>,
    /// The conversation.
    pub session_id: Option<SessionId>,
    /// The turn.
    pub request_id: Option<RequestId>,
    /// The agent.
    pub agent_id: Option<AgentId>,
    /// What it says.
    pub message: String,
    /// What belongs to it.
    pub data: Map<String, Value>,
    /// All that it has, by MUXI's own names.
    pub raw: Map<String, Value>,
}

impl LogEntry {
    fn read(raw: Map<String, Value>) -> Self {
        Self {
            timestamp: raw.get("timestamp").and_then(Value::as_f64).and_then(time_from_epoch_seconds),
            level: text(&raw, "level").to_ascii_lowercase().into(),
            event_type: text(&raw, "event_type"),
            user_id: text_if_any(&raw, "user_id").map(UserId::from),
            session_id: text_if_any(&raw, "session_id").map(SessionId::from),
            request_id: text_if_any(&raw, "request_id").map(RequestId::from),
            agent_id: text_if_any(&raw, "agent_id").map(AgentId::from),
            message: text(&raw, "message"),
            data: raw.get("data").and_then(Value::as_object).cloned().unwrap_or_default(),
            raw,
        }
    }
}

/// Which entries of the log are told; from [`FormationClient::logs`](crate::FormationClient::logs). Awaited, it begins to tell
/// them, as a [`Feed`].
///
/// ```no_run
/// use futures::StreamExt;
/// use muxi_sdk::LogLevel;
///
/// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
/// let mut logs = formation.logs().level(LogLevel::Warning).await?;
/// while let Some(entry) = logs.next().await.transpose()? {
///     println!("{} {}", entry.event_type, entry.message);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Entries have to be of all that is named, and something has to be. It takes the admin key.
///
/// # Errors
///
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) if nothing is named, before anything is sent.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct StreamLogs<'c> {
    session: &'c Session,
    user: Option<UserId>,
    conversation: Option<SessionId>,
    turn: Option<RequestId>,
    agent: Option<AgentId>,
    level: Option<LogLevel>,
    event_type: Option<String>,
}

impl<'c> StreamLogs<'c> {
    pub(crate) fn new(session: &'c Session) -> Self {
        Self { session, user: None, conversation: None, turn: None, agent: None, level: None, event_type: None }
    }

    /// Those about this user of yours.
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Those about this conversation.
    pub fn session(mut self, session: impl Into<SessionId>) -> Self {
        self.conversation = Some(session.into());
        self
    }

    /// Those about this turn.
    pub fn request(mut self, request: impl Into<RequestId>) -> Self {
        self.turn = Some(request.into());
        self
    }

    /// Those about this agent. There are runtimes that find none.
    pub fn agent(mut self, agent: impl Into<AgentId>) -> Self {
        self.agent = Some(agent.into());
        self
    }

    /// Those that are this grave, or more.
    pub fn level(mut self, level: LogLevel) -> Self {
        self.level = Some(level);
        self
    }

    /// Those of this type, in which `*` stands for anything: `chat.*`.
    pub fn event_type(mut self, pattern: impl Into<String>) -> Self {
        self.event_type = Some(pattern.into());
        self
    }

    async fn send(self) -> Result<Feed<LogEntry>, Error> {
        let Self { session, user, conversation, turn, agent, level, event_type } = self;
        let request = session.request_with(&operations::STREAM_LOGS, Oversize::Refuse);
        let filters = [
            agent.as_ref().map(AgentId::as_str),
            event_type.as_deref(),
            level.as_ref().map(LogLevel::as_str),
            turn.as_ref().map(RequestId::as_str),
            conversation.as_ref().map(SessionId::as_str),
            user.as_ref().map(UserId::as_str),
        ];
        if filters.iter().flatten().all(|filter| filter.is_empty()) {
            return Err(request.refuse(
                "MUXI tells no log as a whole; name a user, session, request, agent, level or event_type".to_owned(),
            ));
        }
        let [agent, event_type, level, turn, conversation, user] = filters;
        let outcome = request.api.stream_logs(agent, event_type, level, turn, conversation, user).await;
        let events = request.finish_events(outcome)?;
        Ok(Feed::new(session, &operations::STREAM_LOGS, events, LogEntry::read))
    }
}

type Logs = Feed<LogEntry>;
send_on_await!(StreamLogs, Logs);
