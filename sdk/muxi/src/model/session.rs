//! Conversations and their messages.

use agent_platform_core::{Decode, Timestamp, json_object, model, placed_model};
use muxi_formation_client::types;
use serde::Serialize;
use serde_json::{Map, Value};

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
    #[inline]
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

placed_model! {
    Formation;
    /// A message of a conversation.
    SessionMessage from types::BufferedMessage {
        /// Who said it, such as `user` or `assistant`.
        role at "metadata/role": Option<String>,
        /// What was said.
        content at "text": String,
        /// When it was said.
        time at "timestamp": Option<Timestamp> as Seconds,
        /// The agent that was asked, or that answered.
        agent_id at "metadata/agent_id": Option<AgentId>,
        /// The turn that it was said in.
        request_id at "metadata/request_id": Option<RequestId>,
        /// What MUXI keeps with it beside that, by its own names.
        metadata at "metadata": Map<String, Value>,
    }
}

impl Decode<types::SessionMessages, Formation> for Vec<SessionMessage> {
    #[inline]
    fn decode(generated: types::SessionMessages) -> Result<Self, String> {
        let types::SessionMessages { messages, session_id: _, count: _, has_more: _ } = generated;
        Decode::<Vec<types::BufferedMessage>, Formation>::decode(messages)
    }

    agent_platform_core::rows_in!("messages" of types::BufferedMessage, Formation);
}
