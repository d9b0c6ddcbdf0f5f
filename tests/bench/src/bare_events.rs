//! Server-sent events as a program has them without the SDK: reqwest, a parser of a few lines that trusts the server to
//! write what it does, and serde_json into structs that hold what the SDK's hold.

use reqwest::{RequestBuilder, Response};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Result;

/// An open stream.
pub(crate) struct BareEvents {
    response: Response,
    buffer: Vec<u8>,
    /// How much of the buffer was told.
    told: usize,
}

impl BareEvents {
    pub(crate) async fn open(request: RequestBuilder) -> Result<Self> {
        let response = request.send().await?.error_for_status()?;
        Ok(Self { response, buffer: Vec::new(), told: 0 })
    }

    /// The next event, as its name and its data are decoded; `None` at the end.
    pub(crate) async fn next<T>(&mut self, decode: impl Fn(&str, &str) -> Result<T>) -> Result<Option<T>> {
        loop {
            let rest = self.buffer.get(self.told..).unwrap_or_default();
            let Some(end) = rest.windows(2).position(|two| two == b"\n\n") else {
                self.buffer.drain(..self.told);
                self.told = 0;
                let Some(chunk) = self.response.chunk().await? else { return Ok(None) };
                self.buffer.extend_from_slice(&chunk);
                continue;
            };
            let frame = std::str::from_utf8(rest.get(..end).unwrap_or_default())?;
            self.told += end + 2;
            let (mut name, mut data) = ("message", None);
            for line in frame.split('\n') {
                match line.split_once(": ") {
                    Some(("event", value)) => name = value,
                    Some(("data", value)) => data = Some(value),
                    _ => {}
                }
            }
            if let Some(data) = data {
                return decode(name, data).map(Some);
            }
        }
    }
}

/// An event of a run.
#[expect(dead_code, reason = "most of it is decoded, not used")]
pub(crate) struct RunFrame {
    pub(crate) kind: RunKind,
    raw: Map<String, Value>,
}

#[expect(dead_code, reason = "most of it is decoded, not used")]
pub(crate) enum RunKind {
    TextDelta { id: Option<String>, text: String },
    Done { stop_reason: Option<String>, completion_state: Option<String> },
    Other(String),
    Marker,
}

pub(crate) fn run_frame(_: &str, data: &str) -> Result<RunFrame> {
    if data == "[DONE]" {
        return Ok(RunFrame { kind: RunKind::Marker, raw: Map::new() });
    }
    let raw: Map<String, Value> = serde_json::from_str(data)?;
    let text = |name: &str| raw.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = match raw.get("type").and_then(Value::as_str).ok_or("no type")? {
        "text-delta" => RunKind::TextDelta { id: text("id"), text: text("delta").ok_or("no text")? },
        "done" => RunKind::Done { stop_reason: text("stop_reason"), completion_state: text("completion_state") },
        other => RunKind::Other(other.to_owned()),
    };
    Ok(RunFrame { kind, raw })
}

/// An event of a chat.
#[expect(dead_code, reason = "most of it is decoded, not used")]
pub(crate) enum ChatFrame {
    Text { text: String, session_id: Option<String>, request_id: Option<String> },
    Progress { text: String, raw: Map<String, Value> },
    Completed { text: String, raw: Map<String, Value> },
    Done,
}

pub(crate) fn chat_frame(name: &str, data: &str) -> Result<ChatFrame> {
    #[derive(Deserialize)]
    struct Frame {
        token: Token,
    }
    #[derive(Deserialize)]
    struct Token {
        r#type: String,
        content: String,
        session_id: Option<String>,
        request_id: Option<String>,
    }
    #[derive(Deserialize)]
    struct Whole {
        token: Map<String, Value>,
    }
    if name == "done" {
        return Ok(ChatFrame::Done);
    }
    let Frame { token: Token { r#type, content: text, session_id, request_id } } = serde_json::from_str(data)?;
    Ok(match r#type.as_str() {
        "content" => ChatFrame::Text { text, session_id, request_id },
        "completed" => ChatFrame::Completed { text, raw: serde_json::from_str::<Whole>(data)?.token },
        _ => ChatFrame::Progress { text, raw: serde_json::from_str::<Whole>(data)?.token },
    })
}
