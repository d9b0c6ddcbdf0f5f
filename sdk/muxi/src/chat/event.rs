//! What the stream of a chat tells.

use std::time::Duration;

use agent_platform_core::{open_enum, read_json};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::id::{AgentId, RequestId, SessionId};
use crate::model::{Artifact, Widget, text, text_if_any};

/// One event of a chat's stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChatStreamEvent {
    /// What it tells.
    pub kind: ChatEvent,
    /// The conversation, as soon as it is known: with the first token.
    pub session_id: Option<SessionId>,
    /// The turn, as soon as it is known: with the first token.
    pub request_id: Option<RequestId>,
}

/// What an event of a chat's stream tells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChatEvent {
    /// A piece of the answer; or all of it, where it came in one piece.
    Text(String),
    /// All text so far does not hold, and what comes takes its place.
    Reset,
    /// What is going on meanwhile.
    Progress(Progress),
    /// What a person is to be shown.
    Ui(Vec<Widget>),
    /// Something went wrong on the way, in words for a person. The turn's end follows.
    Trouble(String),
    /// The turn is at its end.
    Completed(Completed),
    /// The turn is at its end without an answer; the words are MUXI's.
    Failed(String),
    /// Somebody has cancelled the turn; the words are MUXI's.
    Cancelled(String),
    /// The stream is at its end.
    Done,
    /// What this version of the SDK does not know, as it came.
    Other(Value),
}

/// What is going on in a turn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// What it is, by MUXI's own name, such as `progress`, `thinking`, `planning` or `tool_call`.
    pub kind: String,
    /// What to tell a person of it.
    pub text: String,
    /// Where the turn is, by MUXI's own name, such as `init` or `tool_started`.
    pub stage: Option<String>,
    /// The tool that is called.
    pub tool_name: Option<String>,
    /// The agent that is at work.
    pub agent_name: Option<String>,
    /// All that it has, by MUXI's own names.
    pub raw: Map<String, Value>,
}

open_enum! {
    /// How a turn ended.
    ChatStatus {
        /// It went well.
        Success = "success",
        /// It went wrong, and the text is an apology.
        Error = "error",
        /// It was handed to a person.
        Escalated = "escalated",
        /// It asks something back.
        AwaitingClarification = "awaiting_clarification",
    }
}

/// The end of a turn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Completed {
    /// The whole answer.
    pub text: String,
    /// How it ended; an empty `Other` where MUXI does not say.
    pub status: ChatStatus,
    /// What was made.
    pub artifacts: Vec<Artifact>,
    /// The agent that answered.
    pub agent: Option<AgentId>,
    /// How long it took, to the millisecond.
    pub processing_time: Option<Duration>,
    /// All that it has, by MUXI's own names.
    pub raw: Map<String, Value>,
}

/// A token of text, as nearly all are. It is read by itself, without what is not told of it.
#[derive(Debug, Deserialize)]
pub(super) struct Piece<'f> {
    #[serde(rename = "type")]
    kind: &'f str,
    pub(super) content: String,
    pub(super) session_id: Option<&'f str>,
    pub(super) request_id: Option<&'f str>,
}

impl<'f> Piece<'f> {
    /// Reads the data of an event of this name; `None` where it is something else, or is written in another way.
    pub(super) fn read(name: &str, data: &'f str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Frame<'f> {
            #[serde(borrow)]
            token: Piece<'f>,
        }
        if name != "message" {
            return None;
        }
        let Frame { token } = serde_json::from_str(data).ok()?;
        (token.kind == "content").then_some(token)
    }
}

/// What a frame holds: a token, or the whole of another kind.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Token {
        kind: Token,
        session_id: Option<SessionId>,
        request_id: Option<RequestId>,
    },
    Ui(Vec<Widget>),
    /// The turn was broken off: what was raised, and what it says.
    Raised {
        name: String,
        message: String,
    },
    Done,
    Unknown(Value),
    /// An event of a name that is not known.
    Ignored,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Token {
    Delta(String),
    Completed { completed: Completed, is_discontinuous: bool },
    Event(ChatEvent),
}

impl Frame {
    /// Reads the data of an event of this name.
    pub(crate) fn read(name: &str, data: &str) -> Self {
        if !matches!(name, "message" | "ui" | "done" | "error") {
            return Self::Ignored;
        }
        let Ok(frame) = read_json::<Value>(data.as_bytes()) else {
            return match name {
                "done" => Self::Done,
                "error" => Self::Raised { name: String::new(), message: data.to_owned() },
                _ => Self::Unknown(Value::from(data)),
            };
        };
        match (name, &frame) {
            ("done", _) => Self::Done,
            ("error", Value::Object(raised)) => {
                Self::Raised { name: text(raised, "type"), message: text(raised, "error") }
            }
            ("error", _) => Self::Raised { name: String::new(), message: data.to_owned() },
            ("ui", _) => match frame.get("ui").and_then(Value::as_array) {
                Some(widgets) => Self::Ui(Widget::all(widgets)),
                None => Self::Unknown(frame),
            },
            _ => match frame.get("token") {
                // Older runtimes.
                Some(Value::String(delta)) => {
                    Self::Token { kind: Token::Delta(delta.clone()), session_id: None, request_id: None }
                }
                Some(Value::Object(token)) => Self::Token {
                    kind: Token::read(token),
                    session_id: text_if_any(token, "session_id").map(SessionId::from),
                    request_id: text_if_any(token, "request_id").map(RequestId::from),
                },
                _ => Self::Unknown(frame),
            },
        }
    }
}

impl Token {
    fn read(token: &Map<String, Value>) -> Self {
        let content = text(token, "content");
        let kind = text(token, "type");
        Self::Event(match kind.as_str() {
            "content" => return Self::Delta(content),
            "completed" => {
                let is_discontinuous = token.get("stream_discontinuity") == Some(&Value::Bool(true));
                return Self::Completed { completed: Completed::read(content, token), is_discontinuous };
            }
            "failed" => ChatEvent::Failed(content),
            "cancelled" => ChatEvent::Cancelled(content),
            "error" => ChatEvent::Trouble(content),
            "progress" | "thinking" | "planning" | "replanning" | "tool_call" | "finalizing" => {
                ChatEvent::Progress(Progress {
                    kind,
                    text: content,
                    stage: text_if_any(token, "stage"),
                    tool_name: text_if_any(token, "tool_name"),
                    agent_name: text_if_any(token, "agent_name"),
                    raw: token.clone(),
                })
            }
            _ => ChatEvent::Other(Value::Object(token.clone())),
        })
    }
}

impl Completed {
    fn read(content: String, token: &Map<String, Value>) -> Self {
        let artifacts = token.get("artifacts").and_then(Value::as_array);
        Self {
            text: content,
            status: text(token, "status").into(),
            artifacts: artifacts.map(|all| Artifact::all(all)).unwrap_or_default(),
            agent: text_if_any(token, "agent_used").map(AgentId::from),
            processing_time: token.get("processing_time_ms").and_then(Value::as_u64).map(Duration::from_millis),
            raw: token.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_odd_is_told_as_it_came_and_other_names_are_passed_over() {
        for odd in ["[1]", "{}", r#"{"token":7}"#] {
            assert_eq!(Frame::read("message", odd), Frame::Unknown(serde_json::from_str(odd).unwrap()));
        }
        assert_eq!(Frame::read("message", "{"), Frame::Unknown(json!("{")));
        assert_eq!(Frame::read("ui", r#"{"ui":7}"#), Frame::Unknown(json!({"ui": 7})));
        assert_eq!(Frame::read("ping", "x"), Frame::Ignored);
        assert_eq!(Frame::read("done", ""), Frame::Done);
        let raised = |name: &str, message: &str| Frame::Raised { name: name.to_owned(), message: message.to_owned() };
        assert_eq!(Frame::read("error", r#"{"error":"kaput","type":"RuntimeError"}"#), raised("RuntimeError", "kaput"));
        assert_eq!(Frame::read("error", "kaput"), raised("", "kaput"));
    }

    #[test]
    fn what_serde_json_does_not_read_spoils_its_own_place_alone() {
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        for (odd, content) in [
            (r#"{"token":{"type":"content","content":"a\ud83d"}}"#.to_owned(), "a\u{fffd}"),
            (r#"{"token":{"type":"content","content":"a","cost":1e999}}"#.to_owned(), "a"),
            (r#"{"token":{"type":"content","content":"a","cost":NaN}}"#.to_owned(), "a"),
            (format!(r#"{{"token":{{"type":"content","content":"a"}},"more":{deep}}}"#), "a"),
        ] {
            let Frame::Token { kind, .. } = Frame::read("message", &odd) else { panic!("{odd}") };
            assert_eq!(kind, Token::Delta(content.to_owned()));
        }
    }

    #[test]
    fn a_piece_of_text_is_the_same_either_way_it_is_read() {
        for (token, is_piece) in [
            (
                r#"{"type":"content","content":"Gr\u00fc\u00dfe \"x\"","session_id":"s","request_id":"r","stage":"x"}"#,
                true,
            ),
            (r#"{"type":"content","content":"","timestamp":1.5}"#, true),
            (r#"{"type":"content","content":"a","session_id":null,"request_id":"r"}"#, true),
            (r#"{"type":"content","content":"a","session_id":"\u0073","request_id":"r"}"#, false),
            (r#"{"type":"content","content":7,"session_id":"s"}"#, false),
            (r#"{"type":"content","content":"a","content":"b"}"#, false),
            (r#"{"type":"content"}"#, false),
            (r#"{"type":"completed","content":"a"}"#, false),
        ] {
            let data = format!(r#"{{"token":{token}}}"#);
            let Frame::Token { kind, session_id, request_id } = Frame::read("message", &data) else {
                panic!("{token}")
            };
            let piece = Piece::read("message", &data);
            assert_eq!(piece.is_some(), is_piece, "{token}");
            if let Some(piece) = piece {
                assert_eq!(kind, Token::Delta(piece.content));
                assert_eq!((session_id.as_ref().map(SessionId::as_str)), piece.session_id);
                assert_eq!((request_id.as_ref().map(RequestId::as_str)), piece.request_id);
            }
            assert!(Piece::read("ui", &data).is_none());
        }
    }

    #[test]
    fn a_token_that_ends_a_turn_says_how() {
        for (kind, expected) in [
            ("failed", ChatEvent::Failed("why".to_owned())),
            ("cancelled", ChatEvent::Cancelled("why".to_owned())),
            ("error", ChatEvent::Trouble("why".to_owned())),
        ] {
            let frame = Frame::read("message", &json!({"token": {"type": kind, "content": "why"}}).to_string());
            let Frame::Token { kind, .. } = frame else { panic!("{frame:?}") };
            assert_eq!(kind, Token::Event(expected));
        }
    }

    #[test]
    fn a_token_of_an_unknown_type_is_kept() {
        let token = json!({"type": "dreaming", "content": "x", "session_id": "s", "request_id": "r"});
        let Frame::Token { kind, session_id, request_id } =
            Frame::read("message", &json!({ "token": token }).to_string())
        else {
            panic!()
        };
        assert_eq!(kind, Token::Event(ChatEvent::Other(token)));
        assert_eq!((session_id.unwrap().as_str(), request_id.unwrap().as_str()), ("s", "r"));
    }
}
