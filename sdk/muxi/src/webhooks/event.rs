//! What was posted to a webhook.

use std::time::Duration;

use agent_platform_core::{Timestamp, open_enum, read_json, time_from_epoch_milliseconds, time_from_epoch_seconds};
use serde_json::{Map, Value};

use crate::id::{RequestId, UserId};
use crate::model::{text, text_if_any};

open_enum! {
    /// How a turn stands that a webhook tells of.
    WebhookStatus {
        /// It went well.
        Completed = "completed",
        /// It went wrong.
        Failed = "failed",
        /// It is under way.
        Processing = "processing",
        /// It took too long.
        TimedOut = "timeout",
        /// Somebody has cancelled it.
        Cancelled = "cancelled",
        /// It asks something back.
        AwaitingClarification = "awaiting_clarification",
        /// The post does not say.
        Unknown = "unknown",
    }
}

/// What was posted to a webhook, and is from the formation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The turn. The same where MUXI posts it again.
    pub request_id: Option<RequestId>,
    /// How it stands.
    pub status: WebhookStatus,
    /// When it was told.
    pub timestamp: Option<Timestamp>,
    /// What was answered.
    pub content: Vec<WebhookContent>,
    /// What went wrong.
    pub error: Option<WebhookFailure>,
    /// What is asked back, where it is [`AwaitingClarification`](WebhookStatus::AwaitingClarification).
    pub clarification: Option<Clarification>,
    /// The formation.
    pub formation_id: Option<String>,
    /// Whose turn it is.
    pub user_id: Option<UserId>,
    /// How long it took.
    pub processing_time: Option<Duration>,
    /// How it was done, by MUXI's own name: `async` unless it says `sync`.
    pub processing_mode: String,
    /// Where it was posted to.
    pub webhook_url: Option<String>,
    /// All that was posted, by MUXI's own names.
    pub raw: Map<String, Value>,
}

/// A piece of what was answered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WebhookContent {
    /// A text.
    Text(String),
    /// A file.
    File {
        /// What kind of file it is, by MUXI's own name, where it says so.
        kind: Option<String>,
        /// Where it is.
        url: String,
    },
    /// What this version of the SDK does not know, as it came.
    Other(Value),
}

/// What went wrong with a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookFailure {
    /// MUXI's own name for it, such as `processing_failed`.
    pub code: String,
    /// What it says.
    pub message: String,
    /// Where in the formation it happened, where it says so.
    pub trace: Option<String>,
}

/// What a turn asks back. It is answered by a chat in the same conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clarification {
    /// The question.
    pub question: String,
    /// Its id, if it has one.
    pub request_id: Option<RequestId>,
    /// What was said that it asks about.
    pub original_message: Option<String>,
}

impl WebhookEvent {
    /// All texts of the answer in a row.
    pub fn text(&self) -> String {
        let text = |content: &WebhookContent| match content {
            WebhookContent::Text(text) => text.clone(),
            _ => String::new(),
        };
        self.content.iter().map(text).collect()
    }

    /// Reads one, which is an object.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let raw: Map<String, Value> = read_json(body).ok()?;
        let status = text_if_any(&raw, "status").map_or(WebhookStatus::Unknown, WebhookStatus::from);
        let content = raw.get("response").and_then(Value::as_array).into_iter().flatten();
        let asks = status == WebhookStatus::AwaitingClarification;
        let seconds = raw.get("processing_time").and_then(Value::as_f64);
        Some(Self {
            request_id: text_if_any(&raw, "id").or_else(|| text_if_any(&raw, "request_id")).map(RequestId::from),
            timestamp: raw.get("timestamp").and_then(time),
            content: content.map(WebhookContent::read).collect(),
            error: raw.get("error").and_then(WebhookFailure::read),
            clarification: asks.then(|| Clarification {
                question: text(&raw, "clarification_question"),
                request_id: text_if_any(&raw, "clarification_request_id").map(RequestId::from),
                original_message: text_if_any(&raw, "original_message"),
            }),
            formation_id: text_if_any(&raw, "formation_id"),
            user_id: text_if_any(&raw, "user_id").map(UserId::from),
            processing_time: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            processing_mode: text_if_any(&raw, "processing_mode").unwrap_or_else(|| "async".to_owned()),
            webhook_url: text_if_any(&raw, "webhook_url"),
            status,
            raw,
        })
    }
}

impl WebhookContent {
    fn read(item: &Value) -> Self {
        Self::known(item).unwrap_or_else(|| Self::Other(item.clone()))
    }

    fn known(item: &Value) -> Option<Self> {
        let item = item.as_object()?;
        match item.get("type")?.as_str()? {
            "text" => text_if_any(item, "text").map(Self::Text),
            "file" => {
                let file = item.get("file")?.as_object()?;
                Some(Self::File { kind: text_if_any(file, "type"), url: text_if_any(file, "url")? })
            }
            _ => None,
        }
    }
}

impl WebhookFailure {
    fn read(error: &Value) -> Option<Self> {
        match error {
            Value::Object(error) => Some(Self {
                code: text(error, "code"),
                message: text(error, "message"),
                trace: text_if_any(error, "trace"),
            }),
            Value::String(message) => Some(Self { code: String::new(), message: message.clone(), trace: None }),
            _ => None,
        }
    }
}

/// A point in time, in seconds since 1970 or, where the number is too large for that, in milliseconds.
fn time(number: &Value) -> Option<Timestamp> {
    const FIRST_OF_MILLISECONDS: i64 = 100_000_000_000;
    match (number.as_i64(), number.as_f64()?) {
        (Some(whole), _) if whole >= FIRST_OF_MILLISECONDS => time_from_epoch_milliseconds(whole),
        (_, number) if number >= FIRST_OF_MILLISECONDS as f64 => time_from_epoch_seconds(number / 1000.0),
        (_, number) => time_from_epoch_seconds(number),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(post: &Value) -> WebhookEvent {
        WebhookEvent::read(post.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_completion_is_read() {
        let post = json!({
            "id": "req_1", "object": "response", "status": "completed", "timestamp": 1_795_906_607_369_u64,
            "formation_id": "echo-bot", "user_id": "ada", "processing_time": 1.5, "processing_mode": "sync",
            "webhook_url": "http://127.0.0.1:1/hook", "error": null,
            "response": [
                {"type": "text", "text": "Do"}, {"type": "file", "file": {"type": "image", "url": "https://a.example/1"}},
                {"type": "text", "text": "ne"}, {"type": "sound"}, 7,
            ],
        });
        let event = read(&post);
        assert_eq!((event.status.clone(), event.text().as_str()), (WebhookStatus::Completed, "Done"));
        let file = WebhookContent::File { kind: Some("image".to_owned()), url: "https://a.example/1".to_owned() };
        let others = [json!({"type": "sound"}), json!(7)].map(WebhookContent::Other);
        assert_eq!((&event.content[1], &event.content[3..]), (&file, &others[..]));
        assert_eq!(event.timestamp.unwrap().to_string(), "2026-11-28T22:56:47.369Z");
        assert_eq!((event.processing_time, &*event.processing_mode), (Some(Duration::from_millis(1500)), "sync"));
        assert_eq!((event.error, event.clarification, Value::Object(event.raw)), (None, None, post));
    }

    #[test]
    fn a_time_is_in_seconds_or_milliseconds_by_its_size() {
        for (number, milliseconds) in [
            (json!(1_795_906_607_369_u64), 1_795_906_607_369),
            (json!(1_795_906_607_369.5), 1_795_906_607_369),
            (json!(1_795_906_607), 1_795_906_607_000),
            (json!(1_795_906_607.25), 1_795_906_607_250),
            (json!(100_000_000_000_u64), 100_000_000_000),
            (json!(99_999_999_999_u64), 99_999_999_999_000),
            (json!(100_000_000_000.0), 100_000_000_000),
        ] {
            assert_eq!(time(&number).map(|time| time.as_millisecond()), Some(milliseconds), "{number}");
        }
    }

    #[test]
    fn a_failure_says_what_went_wrong() {
        let event =
            read(&json!({"id": "r", "status": "failed", "error": {"code": "kaput", "message": "m", "trace": null}}));
        let error = event.error.unwrap();
        assert_eq!((error.code.as_str(), error.message.as_str(), error.trace), ("kaput", "m", None));
        assert_eq!(read(&json!({"error": "kaput"})).error.unwrap().message, "kaput");
    }

    #[test]
    fn a_clarification_asks() {
        let asked = json!({
            "request_id": "req_4", "status": "awaiting_clarification", "clarification_question": "Which one?",
            "clarification_request_id": "clr_1", "original_message": "open it", "timestamp": 1_795_906_607.389_034_5,
        });
        let event = read(&asked);
        assert_eq!(event.request_id.unwrap().as_str(), "req_4");
        assert_eq!(event.timestamp.unwrap().as_millisecond(), 1_795_906_607_389);
        let clarification = event.clarification.unwrap();
        assert_eq!((&*clarification.question, clarification.request_id.unwrap().as_str()), ("Which one?", "clr_1"));
        let other = read(&json!({"status": "completed", "clarification_question": "Which one?"}));
        assert_eq!(other.clarification, None);
    }

    #[test]
    fn what_is_odd_is_kept_and_what_is_no_object_is_no_event() {
        let event = read(&json!({
            "status": "dreaming", "timestamp": 1e300, "processing_time": -1, "response": "x", "user_id": 7, "error": 7,
        }));
        assert_eq!(event.status, WebhookStatus::Other("dreaming".to_owned()));
        assert_eq!((event.timestamp, event.processing_time, event.user_id, event.error), (None, None, None, None));
        let empty = read(&json!({"type": "escalation"}));
        assert_eq!((empty.status, empty.request_id, &*empty.processing_mode), (WebhookStatus::Unknown, None, "async"));
        for odd in ["", "7", "[]", "\"x\"", "null", "{", "{\"a\":1} x"] {
            assert_eq!(WebhookEvent::read(odd.as_bytes()), None, "{odd}");
        }
    }
}
