//! Conversations and their messages.

use agent_platform_core::{Decode, Malformed, Timestamp, json_object, model};
use muxi_formation_client::types;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{text_if_any, time};
use crate::id::{AgentId, RequestId, SessionId, UserId};
use crate::platform::Formation;

model! {
    Formation;
    /// A conversation, as far as the formation's buffer holds it.
    ConversationSession from types::Session {
        /// Its id.
        id (session_id = "session_id"): SessionId,
        /// Whose it is. A formation of one user calls that one `0`, whoever asked.
        user_id: Option<UserId>,
        /// When its newest message was said.
        last_activity: Option<Timestamp> as Seconds,
        /// When its oldest message was said; `None` in a list.
        created_at: Option<Timestamp> as Seconds,
        /// How many messages it has; `None` in a list.
        message_count: Option<i64>,
        /// Whether it is active.
        is_active (active = "active"): bool,
    } rest {}
}

impl Decode<types::SessionList, Formation> for Vec<ConversationSession> {
    fn decode(generated: types::SessionList) -> Result<Self, String> {
        let types::SessionList { sessions, count: _ } = generated;
        Decode::<Vec<types::Session>, Formation>::decode(sessions)
    }

    agent_platform_core::rows_in!("sessions" of types::Session, Formation);
}

/// A message that was said before, to be [restored](crate::Sessions::restore).
#[derive(Clone, Debug)]
#[must_use = "a message is not restored until it is given to a conversation"]
pub struct PastMessage {
    body: types::SessionMessage,
    problem: Option<String>,
}

impl PastMessage {
    /// What was said, when, and by whom: `user` or `assistant`.
    pub fn new(role: impl Into<String>, content: impl Into<String>, time: Timestamp) -> Self {
        let body = types::SessionMessage {
            role: role.into(),
            content: content.into(),
            timestamp: time.to_string(),
            agent_id: None,
            metadata: None,
        };
        Self { body, problem: None }
    }

    /// The agent that was asked, or that answered.
    pub fn agent(mut self, agent: impl Into<AgentId>) -> Self {
        self.body.agent_id = Some(agent.into().into());
        self
    }

    /// What is to be kept with it: anything that serializes to a JSON object.
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        match json_object(metadata) {
            Ok(object) => self.body.metadata = Some(object),
            Err(problem) => self.problem = Some(format!("`metadata` of a message {problem}")),
        }
        self
    }

    /// As it is sent, or what is wrong with it.
    pub(crate) fn into_body(self) -> Result<types::SessionMessage, String> {
        self.problem.map_or(Ok(self.body), Err)
    }
}

model! {
    Formation;
    /// What came of restoring a conversation.
    RestoredSession from types::RestoredSession {
        /// The conversation.
        id (session_id = "session_id"): SessionId,
        /// How many messages the buffer has taken.
        loaded (messages_loaded = "messages_loaded"): Option<i64>,
        /// How many it has not.
        dropped (messages_dropped = "messages_dropped"): Option<i64>,
    } rest { message }
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SessionMessage {
    /// Who said it, such as `user` or `assistant`.
    pub role: Option<String>,
    /// What was said.
    pub content: String,
    /// When it was said.
    pub time: Option<Timestamp>,
    /// The agent that was asked, or that answered.
    pub agent_id: Option<AgentId>,
    /// The turn that it was said in.
    pub request_id: Option<RequestId>,
    /// All that MUXI keeps with it, by its own names.
    pub metadata: Map<String, Value>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::BufferedMessage, Formation> for SessionMessage {
    fn decode(generated: types::BufferedMessage) -> Result<Self, String> {
        let types::BufferedMessage { text, metadata, timestamp, namespace: _ } = generated;
        let metadata = metadata.unwrap_or_default();
        let mut malformed = Malformed::default();
        Ok(Self {
            role: text_if_any(&metadata, "role"),
            content: text.unwrap_or_default(),
            time: time(timestamp, "timestamp", &mut malformed),
            agent_id: text_if_any(&metadata, "agent_id").map(AgentId::from),
            request_id: text_if_any(&metadata, "request_id").map(RequestId::from),
            metadata,
            malformed,
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::SessionMessages, Formation> for Vec<SessionMessage> {
    fn decode(generated: types::SessionMessages) -> Result<Self, String> {
        let types::SessionMessages { messages, session_id: _, count: _, has_more: _ } = generated;
        Decode::<Vec<types::BufferedMessage>, Formation>::decode(messages)
    }

    agent_platform_core::rows_in!("messages" of types::BufferedMessage, Formation);
}
