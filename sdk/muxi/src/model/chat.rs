//! Answers to chats.

use agent_platform_core::answered::{FromAnswer, Rest, ToAnswer, put};
use agent_platform_core::{Decode, model, placed_model, read_as_answers};
use muxi_formation_client::types;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{RequestState, Widget, text, text_if_any};
use crate::id::{RequestId, SessionId, UserId};
use crate::platform::Formation;

model! {
    Formation;
    /// The whole answer to a chat.
    ChatAnswer from Answered {
        /// What was answered, or that it was not yet.
        reply (message = "message"): ChatReply,
        /// For whom it was.
        user_id: Option<UserId>,
        /// The conversation. Name it in the next chat to go on with it.
        session_id: Option<SessionId>,
        /// The turn, where the chat named it.
        request_id: Option<RequestId>,
    } rest {}, of floats
}

impl ChatAnswer {
    /// The text of the answer; `None` where the turn has moved to the background.
    pub fn text(&self) -> Option<&str> {
        match &self.reply {
            ChatReply::Message(message) => Some(&message.text),
            ChatReply::Background(_) => None,
        }
    }
}

/// What came of a turn: in JSON one or the other, as MUXI tells it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ChatReply {
    /// An answer.
    Message(ChatMessage),
    /// The turn takes longer, and goes on in the background.
    Background(BackgroundTurn),
}

model! {
    Formation;
    /// A message that answers.
    #[derive(Default, PartialEq)]
    ChatMessage from Said {
        /// Who says it: `assistant`.
        role: String,
        /// What is said. Where it comes in several parts, their texts in a row.
        text: String,
        /// What it came as, where that is not a text.
        parts: Vec<Value>,
        /// What was made.
        artifacts: Vec<Artifact>,
        /// What a person is to be shown.
        widgets (ui = "ui"): Vec<Widget>,
        /// What MUXI tells about it.
        metadata: Map<String, Value>,
    } rest { status, request_id, message, delivery, poll_url, webhook_url }, read only
}

model! {
    Formation;
    /// A turn that goes on in the background.
    BackgroundTurn from types::ChatMessage {
        /// The turn.
        request_id: Option<RequestId>,
        /// How far it is: `processing`.
        status: String,
        /// What MUXI says about it.
        message: Option<String>,
        /// Where its outcome will be posted to; `None` where it has to be asked for.
        webhook_url: Option<String>,
    } rest { role, content, artifacts, metadata, ui, delivery, poll_url }
}

placed_model! {
    Formation;
    /// Something that a turn has made.
    Artifact from Map<String, Value> {
        /// What it is: `text`, `document`, `image` or `data`, or something else.
        kind at "type": String,
        /// In which format it is, such as `md`.
        format at "format": Option<String>,
        /// What the file is called.
        filename at "filename": Option<String>,
        /// What is in it, where that is a text.
        content at "content": Option<String>,
        /// What is in it, where that is no text: a `data:` URL.
        data_url at "data_url": Option<String>,
    }
}

impl Artifact {
    /// Reads all of a list that are objects.
    pub(crate) fn all(values: &[Value]) -> Vec<Self> {
        values.iter().filter_map(|value| Self::decode(value.as_object()?.clone()).ok()).collect()
    }
}

/// An answer, in which the conversation and the turn are named wherever MUXI names them.
#[derive(Deserialize)]
#[serde(from = "types::ChatAnswer")]
struct Answered {
    message: types::ChatMessage,
    user_id: Option<String>,
    session_id: Option<String>,
    request_id: Option<String>,
    extra: Map<String, Value>,
}

impl From<types::ChatAnswer> for Answered {
    fn from(generated: types::ChatAnswer) -> Self {
        let types::ChatAnswer { message, user_id, session_id, request_id, extra } = generated;
        let of_message = || text_if_any(message.metadata.as_ref()?, "session_id");
        let session_id = session_id.or_else(of_message);
        let of_turn = || message.request_id.clone().filter(|_| is_background(&message));
        let request_id = request_id.or_else(of_turn);
        Self { message, user_id, session_id, request_id, extra }
    }
}

/// The answer may be a stream in its place.
impl Decode<Option<types::ChatAnswer>, Formation> for ChatAnswer {
    #[inline]
    fn decode(generated: Option<types::ChatAnswer>) -> Result<Self, String> {
        generated.map_or_else(|| Err("it is no answer".to_owned()), Self::decode)
    }
}

impl Decode<types::ChatAnswer, Formation> for ChatAnswer {
    #[inline]
    fn decode(generated: types::ChatAnswer) -> Result<Self, String> {
        Self::decode(Answered::from(generated))
    }
}

/// A message has a role.
fn is_background(message: &types::ChatMessage) -> bool {
    message.status.is_some() && message.role.is_none()
}

impl Decode<types::ChatMessage, Formation> for ChatReply {
    #[inline]
    fn decode(generated: types::ChatMessage) -> Result<Self, String> {
        if is_background(&generated) {
            BackgroundTurn::decode(generated).map(Self::Background)
        } else {
            ChatMessage::decode(Said::from(generated)).map(Self::Message)
        }
    }
}

read_as_answers! { Formation; ChatReply: types::ChatMessage, }

impl FromAnswer<types::ChatMessage, Formation> for ChatReply {
    #[inline]
    fn take(generated: types::ChatMessage, _: &str, _: &mut Rest) -> Self {
        Self::decode(generated).unwrap_or_else(|_| Self::Message(ChatMessage::default()))
    }
}

impl ToAnswer<Formation> for ChatReply {}

impl ChatReply {
    /// What a turn in the background has come to.
    pub(crate) fn of_turn(turn: RequestState) -> Self {
        let result = turn.result.unwrap_or_default();
        let is_message = result.get("role").is_some();
        match serde_json::from_value(result.clone()) {
            Ok(message) if is_message => message,
            _ => {
                let (text, parts) = read_content(result);
                let extra = Map::from_iter([("status".to_owned(), turn.status.as_str().into())]);
                Self::Message(ChatMessage {
                    role: "assistant".to_owned(),
                    text,
                    parts,
                    extra,
                    ..ChatMessage::default()
                })
            }
        }
    }
}

/// A message, with the text of its content beside its parts.
#[derive(Deserialize)]
#[serde(from = "types::ChatMessage")]
struct Said {
    role: Option<String>,
    text: String,
    parts: Vec<Value>,
    artifacts: Option<Vec<Value>>,
    ui: Option<Vec<Value>>,
    metadata: Option<Map<String, Value>>,
    status: Option<String>,
    request_id: Option<String>,
    message: Option<String>,
    delivery: Option<String>,
    poll_url: Option<String>,
    webhook_url: Option<String>,
    extra: Map<String, Value>,
}

impl From<types::ChatMessage> for Said {
    fn from(generated: types::ChatMessage) -> Self {
        let types::ChatMessage {
            role,
            content,
            artifacts,
            metadata,
            ui,
            status,
            request_id,
            message,
            delivery,
            poll_url,
            webhook_url,
            extra,
        } = generated;
        let (text, parts) = read_content(content.unwrap_or_default());
        Self {
            role,
            text,
            parts,
            artifacts,
            ui,
            metadata,
            status,
            request_id,
            message,
            delivery,
            poll_url,
            webhook_url,
            extra,
        }
    }
}

impl FromAnswer<Option<Vec<Value>>, Formation> for Vec<Artifact> {
    #[inline]
    fn take(generated: Option<Vec<Value>>, _: &str, _: &mut Rest) -> Self {
        Artifact::all(&generated.unwrap_or_default())
    }
}

impl FromAnswer<Option<Vec<Value>>, Formation> for Vec<Widget> {
    #[inline]
    fn take(generated: Option<Vec<Value>>, _: &str, _: &mut Rest) -> Self {
        Widget::all(&generated.unwrap_or_default())
    }
}

/// As MUXI tells it, with a content that is a text or comes in parts.
impl Serialize for ChatMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = self.extra.clone();
        put(&mut object, "role", Some(&self.role).filter(|role| !role.is_empty()));
        let content = if self.parts.is_empty() { Value::from(self.text.as_str()) } else { self.parts.clone().into() };
        put(&mut object, "content", Some(content));
        put(&mut object, "artifacts", Some(&self.artifacts));
        put(&mut object, "ui", Some(&self.widgets));
        put(&mut object, "metadata", Some(&self.metadata));
        object.serialize(serializer)
    }
}

/// The text of a content, and its parts where it has parts.
fn read_content(content: Value) -> (String, Vec<Value>) {
    let parts = match content {
        Value::String(text) => return (text, Vec::new()),
        Value::Null => Vec::new(),
        Value::Array(parts) => parts,
        other => vec![other],
    };
    let texts = parts.iter().filter_map(Value::as_object).map(|part| text(part, "text"));
    (texts.collect(), parts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is read of an answer, and of what is written of that.
    fn read(answer: Value) -> ChatAnswer {
        let read: ChatAnswer = serde_json::from_value(answer).unwrap();
        assert_eq!(serde_json::from_value::<ChatAnswer>(serde_json::to_value(&read).unwrap()).unwrap(), read);
        read
    }

    #[test]
    fn an_answer_is_a_message_or_a_turn_that_goes_on() {
        let answer = read(json!({
            "message": {"role": "assistant", "content": "Echo: Hi", "artifacts": null, "metadata": {"session_id": "sess_1"}},
            "user_id": "ada", "session_id": null, "request_id": null,
        }));
        assert_eq!((answer.text(), answer.session_id.as_ref().unwrap().as_str()), (Some("Echo: Hi"), "sess_1"));

        let answer = read(json!({
            "message": {
                "status": "processing", "request_id": "req_1", "message": "Moved", "delivery": "polling",
                "poll_url": "/v1/requests/req_1",
            },
            "user_id": "ada", "session_id": null, "request_id": null,
        }));
        assert_eq!((answer.text(), answer.request_id.clone().unwrap().as_str()), (None, "req_1"));
        let ChatReply::Background(turn) = answer.reply else { panic!("{answer:?}") };
        assert_eq!((turn.status.as_str(), turn.webhook_url), ("processing", None));
    }

    #[test]
    fn a_content_may_come_in_parts() {
        let parts =
            json!([{"type": "text", "text": "Half "}, {"type": "tool_calls", "tool_calls": []}, {"text": "more"}]);
        let answer = read(json!({"message": {"role": "assistant", "content": parts}}));
        assert_eq!(answer.text(), Some("Half more"));
        let ChatReply::Message(message) = answer.reply else { panic!() };
        assert_eq!(message.parts.len(), 3);
    }

    #[test]
    fn an_artifact_keeps_what_has_no_field_of_its_own() {
        let artifact = json!({
            "type": "text", "format": "md", "filename": "a.md", "content": "# A", "data_url": null, "preview": null,
            "metadata": {"size_bytes": 3},
        });
        let read = Artifact::all(&[artifact, json!("x")]);
        let [artifact] = &read[..] else { panic!("{read:?}") };
        assert_eq!(
            (artifact.kind.as_str(), artifact.content.as_deref(), &artifact.data_url),
            ("text", Some("# A"), &None)
        );
        assert_eq!(artifact.extra["metadata"]["size_bytes"], 3);
    }
}
