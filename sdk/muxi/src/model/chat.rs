//! Answers to chats.

use agent_platform_core::Decode;
use muxi_formation_client::types;
use serde_json::{Map, Value};

use super::{RequestState, Widget, put, text, text_if_any};
use crate::id::{RequestId, SessionId, UserId};
use crate::platform::Formation;

/// The whole answer to a chat.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChatAnswer {
    /// What was answered, or that it was not yet.
    pub reply: ChatReply,
    /// For whom it was.
    pub user_id: Option<UserId>,
    /// The conversation. Name it in the next chat to go on with it.
    pub session_id: Option<SessionId>,
    /// The turn, where the chat named it.
    pub request_id: Option<RequestId>,
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

/// What came of a turn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChatReply {
    /// An answer.
    Message(ChatMessage),
    /// The turn takes longer, and goes on in the background.
    Background(BackgroundTurn),
}

/// A message that answers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChatMessage {
    /// Who says it: `assistant`.
    pub role: String,
    /// What is said. Where it comes in several parts, their texts in a row.
    pub text: String,
    /// What it came as, where that is not a text.
    pub parts: Vec<Value>,
    /// What was made.
    pub artifacts: Vec<Artifact>,
    /// What a person is to be shown.
    pub widgets: Vec<Widget>,
    /// What MUXI tells about it.
    pub metadata: Map<String, Value>,
    /// All that it has beside that, by MUXI's own names.
    pub extra: Map<String, Value>,
}

/// A turn that goes on in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackgroundTurn {
    /// The turn.
    pub request_id: Option<RequestId>,
    /// How far it is: `processing`.
    pub status: String,
    /// What MUXI says about it.
    pub message: Option<String>,
    /// Where its outcome will be posted to; `None` where it has to be asked for.
    pub webhook_url: Option<String>,
}

/// Something that a turn has made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Artifact {
    /// What it is: `text`, `document`, `image` or `data`, or something else.
    pub kind: String,
    /// In which format it is, such as `md`.
    pub format: Option<String>,
    /// What the file is called.
    pub filename: Option<String>,
    /// What is in it, where that is a text.
    pub content: Option<String>,
    /// What is in it, where that is no text: a `data:` URL.
    pub data_url: Option<String>,
    /// All that it has beside that, by MUXI's own names.
    pub extra: Map<String, Value>,
}

impl Artifact {
    /// Reads one, which is an object.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let mut extra = value.as_object()?.clone();
        let mut take = |field: &str| {
            let text = text_if_any(&extra, field);
            if text.is_some() || extra.get(field).is_some_and(Value::is_null) {
                extra.remove(field);
            }
            text
        };
        Some(Self {
            kind: take("type").unwrap_or_default(),
            format: take("format"),
            filename: take("filename"),
            content: take("content"),
            data_url: take("data_url"),
            extra,
        })
    }
}

/// The answer may be a stream in its place.
impl Decode<Option<types::ChatAnswer>, Formation> for ChatAnswer {
    fn decode(generated: Option<types::ChatAnswer>) -> Result<Self, String> {
        generated.map_or_else(|| Err("it is no answer".to_owned()), Self::decode)
    }
}

impl Decode<types::ChatAnswer, Formation> for ChatAnswer {
    fn decode(generated: types::ChatAnswer) -> Result<Self, String> {
        let types::ChatAnswer { message, user_id, session_id, request_id } = generated;
        let reply = ChatReply::read(message);
        let of_message = match &reply {
            ChatReply::Message(message) => text_if_any(&message.metadata, "session_id"),
            ChatReply::Background(_) => None,
        };
        let of_turn = match &reply {
            ChatReply::Background(turn) => turn.request_id.clone(),
            ChatReply::Message(_) => None,
        };
        Ok(Self {
            reply,
            user_id: user_id.map(UserId::from),
            session_id: session_id.or(of_message).map(SessionId::from),
            request_id: request_id.map(RequestId::from).or(of_turn),
        })
    }
}

impl ChatReply {
    /// What a turn in the background has come to.
    pub(crate) fn of_turn(turn: RequestState) -> Self {
        let result = turn.result.unwrap_or_default();
        let is_message = result.get("role").is_some();
        match serde_json::from_value(result.clone()) {
            Ok(message) if is_message => Self::read(message),
            _ => {
                let (text, parts) = read_content(result);
                Self::Message(ChatMessage {
                    role: "assistant".to_owned(),
                    text,
                    parts,
                    artifacts: Vec::new(),
                    widgets: Vec::new(),
                    metadata: Map::new(),
                    extra: Map::from_iter([("status".to_owned(), turn.status.as_str().into())]),
                })
            }
        }
    }

    fn read(message: types::ChatMessage) -> Self {
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
            mut extra,
        } = message;
        match status {
            // A message has a role.
            Some(status) if role.is_none() => Self::Background(BackgroundTurn {
                request_id: request_id.map(RequestId::from),
                status,
                message,
                webhook_url,
            }),
            status => {
                put(&mut extra, "status", status.map(Value::from));
                put(&mut extra, "request_id", request_id.map(Value::from));
                put(&mut extra, "message", message.map(Value::from));
                put(&mut extra, "delivery", delivery.map(Value::from));
                put(&mut extra, "poll_url", poll_url.map(Value::from));
                put(&mut extra, "webhook_url", webhook_url.map(Value::from));
                let (text, parts) = read_content(content.unwrap_or_default());
                Self::Message(ChatMessage {
                    role: role.unwrap_or_default(),
                    text,
                    parts,
                    artifacts: artifacts.unwrap_or_default().iter().filter_map(Artifact::read).collect(),
                    widgets: Widget::all(&ui.unwrap_or_default()),
                    metadata: metadata.unwrap_or_default(),
                    extra,
                })
            }
        }
    }
}

/// The text of a content, and its parts where it has parts.
fn read_content(content: Value) -> (String, Vec<Value>) {
    match content {
        Value::String(text) => (text, Vec::new()),
        Value::Null => (String::new(), Vec::new()),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(Value::as_object).map(|part| text(part, "text"));
            (texts.collect(), parts)
        }
        other => (String::new(), vec![other]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(answer: Value) -> ChatAnswer {
        Decode::<types::ChatAnswer, _>::decode(serde_json::from_value(answer).unwrap()).unwrap()
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
        let artifact = Artifact::read(&artifact).unwrap();
        assert_eq!(
            (artifact.kind.as_str(), artifact.content.as_deref(), artifact.data_url),
            ("text", Some("# A"), None)
        );
        assert_eq!(artifact.extra["metadata"]["size_bytes"], 3);
        assert_eq!(Artifact::read(&json!("x")), None);
    }
}
