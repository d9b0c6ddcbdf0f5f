//! What goes over a stream, in both directions.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::inbox::Notification;

/// What the first frame of a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum First {
    /// What came after this number.
    Resume { since_seq: i64 },
    /// Nothing that is known.
    Unknown,
}

/// The real backend crashes on such a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Reads the first frame of a client.
///
/// # Errors
///
/// If it isn't JSON, or resumes from what is no number.
pub(super) fn first(text: &str) -> Result<First, Unreadable> {
    let frame: Value = serde_json::from_str(text).map_err(|_| Unreadable)?;
    if frame.get("type").and_then(Value::as_str) != Some("resume") {
        return Ok(First::Unknown);
    }
    let since_seq = match frame.get("since_seq") {
        None => 0,
        Some(Value::Number(number)) if number.is_u64() => number.as_i64().unwrap_or(i64::MAX),
        Some(value) => value.as_i64().ok_or(Unreadable)?,
    };
    Ok(First::Resume { since_seq })
}

/// A frame of the server.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Frame<'a> {
    Notify {
        seq: u64,
        fingerprint: String,
        ts: f64,
        metadata: &'a Value,
    },
    /// Not everything after `since_seq` is there any more.
    ReplayOverflow {
        since_seq: i64,
        oldest_seq: u64,
    },
}

impl<'a> Frame<'a> {
    pub(super) fn notify(Notification { seq, ts, metadata }: &'a Notification) -> Self {
        Self::Notify { seq: *seq, fingerprint: fingerprint(metadata), ts: *ts, metadata }
    }
}

/// The SHA-256 of the metadata's JSON, which has its fields by name and no spaces.
fn fingerprint(metadata: &Value) -> String {
    let digest = Sha256::digest(metadata.to_string());
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fingerprint_is_the_real_backends() {
        let metadata = json!({
            "event_type": "chat.message", "notification_type": "chat",
            "chat_id": "d2d80a69-68df-474a-9517-9dfd24e934d7", "message_id": "a5af745e-0b73-4b80-98de-60cb33480768",
            "message_seq": 6, "sender_name": "Codex B", "unread_count": 1,
        });
        assert_eq!(fingerprint(&metadata), "517a65882d4f8549c12e51a98a657437258de433e92214ec1e062fdceb9b20c9");
    }

    #[test]
    fn frames_are_written_as_the_real_backend_does() {
        let notification = Notification { seq: 7, ts: 1.5, metadata: json!({ "a": 1 }) };
        assert_eq!(
            json!(Frame::notify(&notification)),
            json!({ "type": "notify", "seq": 7, "fingerprint": fingerprint(&json!({ "a": 1 })), "ts": 1.5,
                    "metadata": { "a": 1 } })
        );
        assert_eq!(
            json!(Frame::ReplayOverflow { since_seq: 0, oldest_seq: 45 }),
            json!({ "type": "replay_overflow", "since_seq": 0, "oldest_seq": 45 })
        );
    }

    #[test]
    fn a_first_frame_may_resume() {
        for (text, since_seq) in [
            (r#"{"type":"resume"}"#, 0),
            (r#" {"since_seq": 7, "type": "resume", "more": []}"#, 7),
            (r#"{"type":"resume","since_seq":-7}"#, -7),
            (r#"{"type":"resume","since_seq":18446744073709551615}"#, i64::MAX),
        ] {
            assert_eq!(first(text), Ok(First::Resume { since_seq }), "{text}");
        }
    }

    #[test]
    fn other_json_is_unknown() {
        for text in ["{}", "[]", "7", "null", r#""resume""#, r#"{"type":"hello","since_seq":"x"}"#, r#"{"type":1}"#] {
            assert_eq!(first(text), Ok(First::Unknown), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_or_no_number_is_unreadable() {
        for since_seq in [r#""7""#, "null", "true", "1.5", "[]", "{}"] {
            let text = format!(r#"{{"type":"resume","since_seq":{since_seq}}}"#);
            assert_eq!(first(&text), Err(Unreadable), "{text}");
        }
        for text in ["", "resume", "{", "{} {}"] {
            assert_eq!(first(text), Err(Unreadable), "{text}");
        }
    }
}
