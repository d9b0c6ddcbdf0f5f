//! The frames of the inbox stream.

use std::borrow::Cow;

use agent_platform_core::{Timestamp, time_from_epoch_seconds};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::model::{Notification, NotificationEvent};

/// A notification as the stream brings it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreamedNotification {
    /// The notification. Its `seq` is where to go on from after a break.
    pub notification: Notification,
    /// The same for the same content. The backend sends most notifications twice, with different numbers.
    pub fingerprint: String,
    /// When it was sent, by the backend's clock.
    pub sent_at: Option<Timestamp>,
}

/// What one text message of the stream is.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Notify(StreamedNotification),
    /// What came after `since` is held from `oldest` on only.
    Overflow {
        since: u64,
        oldest: u64,
    },
    /// Of a type that this version does not know, and that so can be left alone.
    Unknown,
}

#[derive(Deserialize)]
struct Raw<'t> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'t, str>,
    seq: Option<u64>,
    #[serde(default)]
    fingerprint: String,
    ts: Option<f64>,
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    since_seq: u64,
    oldest_seq: Option<u64>,
}

/// Reads a frame. The error says what is wrong with it, without quoting it.
pub(crate) fn read(text: &str) -> Result<Frame, &'static str> {
    let raw: Raw<'_> = serde_json::from_str(text).map_err(|_| "a message on the stream is no frame")?;
    match &*raw.kind {
        "notify" => {
            let (Some(seq), Some(metadata)) = (raw.seq, raw.metadata) else {
                return Err("a notification on the stream has no number or no metadata");
            };
            let event = NotificationEvent::read(&metadata);
            Ok(Frame::Notify(StreamedNotification {
                notification: Notification { seq, event, metadata },
                fingerprint: raw.fingerprint,
                sent_at: raw.ts.and_then(time_from_epoch_seconds),
            }))
        }
        "replay_overflow" => match raw.oldest_seq {
            Some(oldest) => Ok(Frame::Overflow { since: raw.since_seq, oldest }),
            None => Err("an overflow on the stream does not say what is still held"),
        },
        _ => Ok(Frame::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_the_backend_writes_them() {
        let frame = read(
            r#"{"type":"notify","seq":5,"fingerprint":"517a","ts":1795303055.2823012,"metadata":{"event_type":"chat.message",
               "notification_type":"chat","chat_id":"c","message_id":"m","message_seq":6,"sender_name":"B","unread_count":1}}"#,
        );
        let Ok(Frame::Notify(streamed)) = frame else { panic!("{frame:?}") };
        assert_eq!((streamed.notification.seq, streamed.fingerprint.as_str()), (5, "517a"));
        assert_eq!(streamed.sent_at.unwrap().as_second(), 1_795_303_055);
        assert!(matches!(streamed.notification.event, NotificationEvent::ChatMessage { unread_count: 1, .. }));

        let overflow = read(r#"{"type":"replay_overflow","since_seq":0,"oldest_seq":45}"#);
        assert_eq!(overflow, Ok(Frame::Overflow { since: 0, oldest: 45 }));
        assert!(read(r#"{"type":"weather","seq":"sunny"}"#).is_err());
        assert_eq!(read(r#"{"type":"weather","outlook":"sunny"}"#), Ok(Frame::Unknown));
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        for text in
            ["", "hello", "[]", "{}", "3", r#"{"type":3}"#, r#"{"type":"notify"}"#, r#"{"type":"notify","seq":1}"#]
        {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(r#"{"type":"notify","seq":-1,"metadata":{}}"#).is_err());
        assert!(read(r#"{"type":"replay_overflow","since_seq":3}"#).is_err());
    }
}
