//! The frames of the inbox stream.

use std::borrow::Cow;

use agent_platform_core::{Malformed, Step, Timestamp, epoch_seconds_of_time, mend_json, time_from_epoch_seconds};
use serde::de::Error as _;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::model::{Notification, NotificationEvent};

/// A notification as the stream brings it. Its JSON is the frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StreamedNotification {
    /// The notification. Its `seq` is where to go on from after a break. What can't be read at all is here as an
    /// event without a name, a number and metadata.
    pub notification: Notification,
    /// The same for the same content, and empty where the backend gave none. The backend sends most notifications
    /// twice, with different numbers.
    pub fingerprint: String,
    /// When it was sent, by the backend's clock.
    pub sent_at: Option<Timestamp>,
}

impl StreamedNotification {
    /// Stands for what can't be read.
    pub(super) fn unreadable() -> Self {
        let (event, metadata) = (NotificationEvent::Other(String::new()), Map::new());
        let mut malformed = Malformed::default();
        malformed.add("seq", NO_NUMBER);
        let notification = Notification { seq: 0, event, metadata, malformed };
        Self { notification, fingerprint: String::new(), sent_at: None }
    }
}

impl Serialize for StreamedNotification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { notification: Notification { seq, event, metadata, malformed: _ }, fingerprint, sent_at } = self;
        // A frame of another type is told by that.
        let kind = match event {
            NotificationEvent::Other(kind) if NotificationEvent::read(metadata) != *event => kind.as_str(),
            _ => "notify",
        };
        let mut frame = serializer.serialize_struct("StreamedNotification", 5)?;
        frame.serialize_field("type", kind)?;
        frame.serialize_field("seq", seq)?;
        frame.serialize_field("fingerprint", fingerprint)?;
        frame.serialize_field("ts", &sent_at.map(epoch_seconds_of_time))?;
        frame.serialize_field("metadata", metadata)?;
        frame.end()
    }
}

impl<'de> Deserialize<'de> for StreamedNotification {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match read_field_by_field(Map::deserialize(deserializer)?, Malformed::default()) {
            Frame::Notify(streamed) => Ok(streamed),
            Frame::Overflow { .. } | Frame::Unknown | Frame::Unreadable => Err(D::Error::custom("is no notification")),
        }
    }
}

/// What one text message of the stream is.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, which is taken apart at once")]
pub(crate) enum Frame {
    Notify(StreamedNotification),
    /// What came after `since` is held from `oldest` on only.
    Overflow {
        since: u64,
        oldest: u64,
    },
    /// Of a type that this version does not know and without a number: it is none of the notifications, and can be
    /// left alone.
    Unknown,
    /// Something was told, and nobody can say what.
    Unreadable,
}

/// A frame as nearly all of them are.
#[derive(Deserialize)]
struct Usual<'t> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'t, str>,
    seq: u64,
    #[serde(default)]
    fingerprint: String,
    ts: Option<f64>,
    metadata: Map<String, Value>,
}

/// Reads a frame, whatever it is: an error would stand in the way of all that comes after it.
pub(crate) fn read(text: &str) -> Frame {
    match serde_json::from_str(text) {
        Ok(Usual { kind, seq, fingerprint, ts, metadata }) if kind == "notify" => {
            let event = NotificationEvent::read(&metadata);
            Frame::Notify(StreamedNotification {
                notification: Notification { seq, event, metadata, malformed: Malformed::default() },
                fingerprint,
                sent_at: ts.and_then(time_from_epoch_seconds),
            })
        }
        _ => {
            let mut malformed = Malformed::default();
            let frame = mend_json(text.as_bytes(), |way, problem| {
                if let [Step::Key(_), Step::Key(field), ..] = way {
                    malformed.add(field, problem);
                }
            });
            frame.map_or(Frame::Unreadable, |frame| read_field_by_field(frame, malformed))
        }
    }
}

/// What is told of a notification without a number.
const NO_NUMBER: &str = "is missing, or no number";

/// Reads a frame of another type, or one whose fields are not what they should be: each counts where it is readable.
fn read_field_by_field(mut frame: Map<String, Value>, mut malformed: Malformed) -> Frame {
    let kind = text(frame.remove("type"));
    let seq = number(frame.remove("seq"));
    match kind.as_deref() {
        Some("replay_overflow") => {
            let since = number(frame.remove("since_seq")).unwrap_or_default();
            return number(frame.remove("oldest_seq"))
                .map_or(Frame::Unreadable, |oldest| Frame::Overflow { since, oldest });
        }
        Some("notify") => {}
        Some(_) if seq.is_none() => return Frame::Unknown,
        Some(_) => {}
        None if seq.is_none() && !frame.contains_key("metadata") => return Frame::Unreadable,
        None => {}
    }
    let fingerprint = text(frame.remove("fingerprint")).unwrap_or_default();
    let sent_at = frame.remove("ts").and_then(|ts| ts.as_f64()).and_then(time_from_epoch_seconds);
    let metadata = match frame.remove("metadata") {
        Some(Value::Object(metadata)) => metadata,
        None | Some(Value::Null) => frame,
        Some(other) => {
            frame.insert("metadata".to_owned(), other);
            frame
        }
    };
    let event = match kind {
        Some(kind) if kind != "notify" => NotificationEvent::Other(kind),
        _ => NotificationEvent::read(&metadata),
    };
    if seq.is_none() {
        malformed.add("seq", NO_NUMBER);
    }
    let notification = Notification { seq: seq.unwrap_or_default(), event, metadata, malformed };
    Frame::Notify(StreamedNotification { notification, fingerprint, sent_at })
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A number of the inbox, also one that is written as a text or with a fraction of 0.
fn number(value: Option<Value>) -> Option<u64> {
    /// From here on a float may stand for another whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value? {
        Value::Number(number) => {
            let whole = || number.as_f64().filter(|float| float.fract() == 0.0 && (0.0..EXACT).contains(float));
            number.as_u64().or_else(|| whole().map(|float| float as u64))
        }
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn notification(text: &str) -> StreamedNotification {
        let frame = read(text);
        let Frame::Notify(streamed) = frame else { panic!("{text}: {frame:?}") };
        streamed
    }

    #[test]
    fn frames_are_read_as_the_backend_writes_them() {
        let streamed = notification(
            r#"{"type":"notify","seq":5,"fingerprint":"517a","ts":1795303055.2823012,"metadata":{"event_type":"chat.message",
               "notification_type":"chat","chat_id":"c","message_id":"m","message_seq":6,"sender_name":"B","unread_count":1}}"#,
        );
        assert_eq!((streamed.notification.seq, streamed.fingerprint.as_str()), (5, "517a"));
        assert_eq!(streamed.sent_at.unwrap().as_second(), 1_795_303_055);
        assert!(matches!(streamed.notification.event, NotificationEvent::ChatMessage { unread_count: 1, .. }));

        let overflow = read(r#"{"type":"replay_overflow","since_seq":0,"oldest_seq":45}"#);
        assert_eq!(overflow, Frame::Overflow { since: 0, oldest: 45 });
        assert_eq!(read(r#"{"type":"replay_overflow","oldest_seq":45.0}"#), Frame::Overflow { since: 0, oldest: 45 });
        assert_eq!(read(r#"{"type":"weather","seq":"sunny"}"#), Frame::Unknown);
        assert_eq!(read(r#"{"type":"weather","outlook":"sunny"}"#), Frame::Unknown);
    }

    #[test]
    fn a_value_that_is_odd_spoils_its_own_place_alone() {
        let frame = |name: &str, value: &str| {
            let odd =
                |field: &str, usual: &'static str| if field == name { value.to_owned() } else { usual.to_owned() };
            format!(
                r#"{{"type":"notify","seq":{},"fingerprint":{},"ts":{},"metadata":{{"event_type":"chat.message",
                    "chat_id":"c","message_seq":{},"sender_name":{},"unread_count":2,"more":{}}}}}"#,
                odd("seq", "7"),
                odd("fingerprint", "\"f\""),
                odd("ts", "1.5"),
                odd("message_seq", "6"),
                odd("sender_name", "\"Ada\""),
                odd("more", "[]"),
            )
        };
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let values = [
            r#""\ud83d""#,
            r#""\ud83d\ud83d""#,
            "1e999",
            "-1e999",
            "NaN",
            "null",
            "true",
            "[]",
            "{}",
            "-1",
            "0.5",
            &deep,
        ];
        for name in ["seq", "fingerprint", "ts", "message_seq", "sender_name", "more"] {
            for value in values {
                let streamed = notification(&frame(name, value));
                let place = format!("{name}: {value:.30}");
                let read = streamed.notification;
                assert_eq!(read.seq, if name == "seq" { 0 } else { 7 }, "{place}");
                assert!(name == "fingerprint" || streamed.fingerprint == "f", "{place}");
                assert!(name == "ts" || streamed.sent_at.is_some(), "{place}");
                let NotificationEvent::ChatMessage { chat_id, message_seq, sender_name, unread_count, .. } = read.event
                else {
                    panic!("{place}: {:?}", read.event)
                };
                assert_eq!((chat_id.as_str(), unread_count), ("c", 2), "{place}");
                assert_eq!(message_seq, (name != "message_seq").then_some(6), "{place}");
                assert!(name == "sender_name" || sender_name == "Ada", "{place}");
            }
        }
        let streamed = notification(&frame("sender_name", r#""half \ud83d of one""#));
        assert_eq!(streamed.notification.metadata["sender_name"], "half \u{fffd} of one");
        let lost = |value: &str| notification(&frame("more", value)).notification.malformed.to_string();
        assert_eq!(lost("[1e999]"), "more: holds a number that is out of range");
        assert_eq!(lost(&deep), "more: holds a value that is nested too deep");
        assert_eq!(lost("null"), "");
        for (seq, read) in [("7.0", 7), (r#""7""#, 7), ("18446744073709551615", u64::MAX), ("18446744073709551616", 0)]
        {
            assert_eq!(notification(&frame("seq", seq)).notification.seq, read, "{seq}");
        }
    }

    #[test]
    fn what_lacks_a_part_or_is_of_another_type_is_told_as_an_unknown_event() {
        for (text, seq, name, metadata) in [
            (r#"{"type":"notify"}"#, 0, "", json!({})),
            (r#"{"type":"notify","seq":1}"#, 1, "", json!({})),
            (r#"{"type":"notify","seq":1,"metadata":null}"#, 1, "", json!({})),
            (r#"{"type":"notify","seq":1,"metadata":[1,"a"]}"#, 1, "", json!({"metadata": [1, "a"]})),
            (r#"{"type":"notify","seq":1,"metadata":"a","more":2}"#, 1, "", json!({"metadata": "a", "more": 2})),
            (r#"{"type":"notify","metadata":{"event_type":"x"}}"#, 0, "x", json!({"event_type": "x"})),
            (r#"{"seq":1,"metadata":{"event_type":"x"}}"#, 1, "x", json!({"event_type": "x"})),
            (r#"{"type":null,"metadata":{"event_type":"x"}}"#, 0, "x", json!({"event_type": "x"})),
            (r#"{"type":["notify"],"seq":1,"event_type":"x"}"#, 1, "x", json!({"event_type": "x"})),
            (r#"{"type":"notify","seq":1,"metadata":{"event_type":[]}}"#, 1, "", json!({"event_type": []})),
            (r#"{"type":"moved","seq":1,"to":"a"}"#, 1, "moved", json!({"to": "a"})),
            (r#"{"type":"notify","type":"x","seq":1,"seq":2}"#, 2, "x", json!({})),
        ] {
            let Notification { seq: number, event, metadata: all, malformed } = notification(text).notification;
            assert_eq!(malformed.contains("seq"), number == 0, "{text}");
            assert_eq!((number, Value::Object(all)), (seq, metadata), "{text}");
            assert_eq!(event, NotificationEvent::Other(name.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for (text, kind) in [
            (r#"{"type":"notify","seq":1,"ts":1.5,"metadata":{"event_type":"chat.message","chat_id":"c"}}"#, "notify"),
            (r#"{"type":"notify","seq":1,"fingerprint":"f","metadata":{"event_type":"x"}}"#, "notify"),
            (r#"{"type":"moved","seq":1,"metadata":{"event_type":"x"}}"#, "moved"),
            (r#"{"type":"moved","seq":1,"to":"a"}"#, "moved"),
        ] {
            let streamed = notification(text);
            let written = json!(streamed);
            assert_eq!(written["type"], kind, "{text}");
            assert_eq!(notification(&written.to_string()), streamed, "{text}");
        }
    }

    #[test]
    fn what_is_no_frame_is_unreadable() {
        let deep = "[".repeat(200_000);
        for text in [
            "",
            "hello",
            "[]",
            "{}",
            "3",
            "null",
            "\u{feff}{}",
            r#"{"type":3}"#,
            r#"[{"type":"notify","seq":1,"metadata":{}}]"#,
            r#"{"type":"notify","seq":1,"metadata":{}"#,
            r#"{"type":"notify","seq":1,"metadata":{}} {}"#,
            r#"{"type":"replay_overflow"}"#,
            r#"{"type":"replay_overflow","since_seq":3,"oldest_seq":-1}"#,
            &deep,
        ] {
            assert_eq!(read(text), Frame::Unreadable, "{text:.40}");
        }
    }

    /// What may stand in a place: any JSON, and what is odd.
    fn values() -> impl Strategy<Value = String> {
        let odd = [r#""\ud83d""#, r#""\udc00\\""#, "1e999", "-Infinity", "NaN", "18446744073709551616"];
        prop_oneof![
            prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
            any::<String>().prop_map(|text| json!(text).to_string()),
            any::<f64>().prop_map(|number| json!(number).to_string()),
            any::<u64>().prop_map(|number| number.to_string()),
            (1_usize..300).prop_map(|depth| "[".repeat(depth) + &"]".repeat(depth)),
            prop::collection::btree_map(any::<String>(), any::<bool>(), 0..3).prop_map(|map| json!(map).to_string()),
        ]
    }

    proptest! {
        #[test]
        fn a_frame_with_a_number_is_told_with_it_whatever_else_it_holds(
            seq in 1_u64..,
            fields in prop::collection::btree_map("fingerprint|ts|metadata|[A-Z]{3}", values(), 0..4),
        ) {
            let fields: String = fields.iter().map(|(name, value)| format!(r#","{name}":{value}"#)).collect();
            let frame = read(&format!(r#"{{"type":"notify","seq":{seq}{fields}}}"#));
            let Frame::Notify(streamed) = frame else { panic!("{frame:?}") };
            prop_assert_eq!(streamed.notification.seq, seq);
        }

        #[test]
        fn whatever_comes_is_taken(text in r#"[\[\]{}:,"\\a-f0-9 ]*|(.|\n)*"#) {
            read(&text);
        }
    }
}
