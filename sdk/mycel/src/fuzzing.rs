//! What `tests/fuzz` drives: the decoders of this crate, each with what must hold for any input.
//!
//! The unit tests at the end feed them the seeds, so that neither rots.

use std::error::Error as _;
use std::sync::LazyLock;

use agent_platform_core::{BaseUrl, Credentials, Secret, Transport, WebSocketEnd, read_json};
use mycel_web_backend_client as transport;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};
use crate::model::{Notification, NotificationEvent, RelationshipNotice};
use crate::notifications::ending;
use crate::notifications::frame::{self, Frame};
use crate::platform::Session;

/// The token of every call. What comes from the backend may repeat it, and no error may show it.
/// It begins with a letter that no escape ends with: `\u000e` before the rest of it would look like the whole.
const TOKEN: &str = "ZyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";

/// The longest line of an error, in characters.
const LONGEST_LINE: usize = 1_000;

static SESSION: LazyLock<Session> = LazyLock::new(|| {
    let base_url: BaseUrl = "http://127.0.0.1:8042".parse().unwrap_or_else(|error| unreachable!("{error}"));
    let transport = Transport::builder().build(&base_url).unwrap_or_else(|error| unreachable!("{error}"));
    Session::new(transport, Some(Credentials::bearer(Secret::from(TOKEN))))
});

/// One message of the inbox stream, or, as in `close 1011 reason`, its end.
pub fn frame(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    // The engine has taken the token out of the reason of a close.
    if let Some(close) = text.strip_prefix("close ").filter(|close| !close.contains(TOKEN)) {
        let (code, reason) = close.split_once(' ').unwrap_or((close, ""));
        let code = code.parse().ok();
        let error = ending::of_websocket(WebSocketEnd::Closed { code, reason: reason.to_owned() }, SESSION.base_url());
        assert_eq!(error.kind(), ErrorKind::Closed { code });
        check_error(&error);
        return;
    }
    let frame = frame::read(text);
    // What serde_json does not read, for one odd value in it, may be readable all the same; then there is nothing to
    // compare with.
    let json = serde_json::from_str::<Value>(text).ok();
    let field = |name: &str| json.as_ref().map(|json| json.get(name).unwrap_or(&Value::Null));
    match frame {
        Frame::Notify(streamed) => {
            let told = &streamed.notification;
            let is_of_another_type =
                json.is_some() && field("type").is_some_and(|kind| kind.is_string() && kind != "notify");
            if let Some(seq) = field("seq").and_then(Value::as_u64) {
                assert_eq!(seq, told.seq);
            }
            if let Some(Value::Object(metadata)) = field("metadata") {
                assert_eq!(*metadata, told.metadata);
            }
            if let Some(fingerprint) = field("fingerprint") {
                assert_eq!(fingerprint.as_str().unwrap_or_default(), streamed.fingerprint);
            }
            if is_of_another_type {
                let kind = field("type").and_then(Value::as_str).unwrap_or_default();
                assert_eq!(told.event, NotificationEvent::Other(kind.to_owned()));
            } else if json.is_some() {
                check_notification(told);
            }
        }
        Frame::Overflow { since, oldest } => {
            assert!(field("type").is_none_or(|kind| kind == "replay_overflow"));
            check_error(&ending::replay_overflow(since, oldest));
        }
        Frame::Unknown => assert!(field("type").is_none_or(|kind| kind.is_string() && kind != "notify"), "{text}"),
        Frame::Unreadable => assert!(field("type").is_none_or(|kind| kind != "notify"), "{text}"),
    }
}

/// The response of a failed call: a line with the status and the operation, then headers, an empty line, and the
/// body.
pub fn error_body(input: &[u8]) {
    let Some((head, body)) =
        input.windows(2).position(|two| two == b"\n\n").and_then(|end| input.split_at_checked(end))
    else {
        return;
    };
    let Ok(head) = std::str::from_utf8(head) else { return };
    let mut lines = head.lines();
    let (status, operation) = lines.next().and_then(|line| line.split_once(' ')).unwrap_or_default();
    let operation = transport::operations::find(operation).unwrap_or(&transport::operations::WHOAMI);
    let mut response = http::Response::builder().status(status);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        response = response.header(name, value);
    }
    let Ok(response) = response.body(body.get(2..).unwrap_or_default().to_vec()) else { return };
    let status = response.status();
    // Any other is a success, which is no failure.
    if status.is_success() {
        return;
    }

    let failure = SESSION.call().refused_by(response);
    let error = SESSION.error(failure, operation);
    assert_eq!((error.status(), error.attempts()), (Some(status.as_u16()), 1));
    if status.is_client_error() && status != http::StatusCode::REQUEST_TIMEOUT {
        assert!(!error.may_have_been_sent(), "{error}");
    }
    check_error(&error);
}

/// The response to a drain or a wait. What can be read of it is told, and no notification is lost that is beside another.
pub fn notification(input: &[u8]) {
    let outcome = match serde_json::from_slice::<transport::types::Inbox>(input) {
        Ok(inbox) => Ok(transport::ResponseValue::new(inbox, Default::default(), Default::default())),
        Err(error) => Err(transport::Error::<()>::InvalidResponsePayload(input.to_vec().into(), error)),
    };
    let json: Value = read_json(input).unwrap_or_default();
    let items = json.get("notifications").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let request = SESSION.request(&transport::operations::DRAIN_INBOX);
    let drained: Vec<Notification> = match request.finish(outcome) {
        Ok(drained) => drained,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::MalformedResponse);
            check_error(&error);
            let is_read = |(name, value): (&String, &Value)| name != "seq" || value.is_u64();
            let is_something = |item: &Value| item.as_object().is_some_and(|item| item.iter().any(is_read));
            assert!(!items.iter().any(is_something), "what could be read is lost");
            return;
        }
    };
    assert_eq!(drained.len(), items.len(), "one is lost");
    for (notification, item) in drained.iter().zip(items) {
        let mut metadata = item.as_object().cloned().unwrap_or_default();
        let seq = metadata.remove("seq").as_ref().and_then(Value::as_u64);
        assert_eq!(
            (seq.unwrap_or_default(), seq.is_none()),
            (notification.seq, notification.malformed.contains("seq"))
        );
        assert_eq!(metadata, notification.metadata);
        check_notification(notification);
    }
}

/// What holds for every error: it is one line of bounded length, and nothing that it shows holds the token.
fn check_error(error: &Error) {
    let line = error.to_string();
    // The separators of lines, and what turns the direction of a line.
    let turns =
        |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks_the_line = |c: char| c.is_control() || turns(c);
    assert!(!line.contains(breaks_the_line), "not one line: {line:?}");
    assert!(line.chars().count() <= LONGEST_LINE, "{} characters: {line}", line.chars().count());

    let mut shown = format!("{line}\n{error:?}\n{error:#?}\n{:?}\n{:?}\n", error.detail(), error.request_id());
    for object in [error.detail_object(), error.stored()].into_iter().flatten() {
        shown.push_str(&format!("{object:?}\n{}\n", Value::Object(object.clone())));
    }
    for field in error.field_errors() {
        for part in [&field.location, &field.message, &field.code] {
            assert!(!part.contains(breaks_the_line) && part.chars().count() <= LONGEST_LINE, "{part:?}");
            shown.push_str(part);
            shown.push('\n');
        }
    }
    let mut source = error.source();
    while let Some(cause) = source {
        shown.push_str(&format!("{cause}\n{cause:?}\n"));
        source = cause.source();
    }
    assert!(!shown.contains(TOKEN), "the token is shown: {shown}");
}

/// What holds for every notification: its event says what its metadata says, and none that can be typed is left
/// untyped.
fn check_notification(notification: &Notification) {
    let metadata = &notification.metadata;
    let text = |name: &str| metadata.get(name).and_then(Value::as_str);
    let number = |name: &str| metadata.get(name).and_then(Value::as_u64);
    let name = text("event_type").unwrap_or_default();
    let needed: Option<&[&str]> = match name {
        "chat.message" => Some(&["chat_id"]),
        "relationship.requested" | "relationship.approved" | "relationship.rejected" => {
            Some(&["relationship_id", "sender_id"])
        }
        "chat.join.rejected" => Some(&["chat_id", "chat_join_request_id"]),
        "chat.workflow.event" => Some(&["chat_id", "event_id"]),
        _ => None,
    };
    let is_typed = needed.is_some_and(|needed| needed.iter().all(|name| text(name).is_some()));
    assert_eq!(!is_typed, matches!(notification.event, NotificationEvent::Other(_)), "{notification:?}");

    match &notification.event {
        NotificationEvent::ChatMessage { chat_id, message_id, message_seq, sender_name, unread_count } => {
            assert_eq!((name, text("chat_id")), ("chat.message", Some(chat_id.as_str())));
            assert_eq!(message_id.as_ref().map(|id| id.as_str()), text("message_id"));
            assert_eq!(*message_seq, number("message_seq"));
            assert_eq!(sender_name, text("sender_name").unwrap_or_default());
            assert_eq!(*unread_count, number("unread_count").unwrap_or_default());
        }
        NotificationEvent::RelationshipRequested(notice) => {
            assert_eq!(name, "relationship.requested");
            check_notice(notice, metadata);
        }
        NotificationEvent::RelationshipApproved(notice) => {
            assert_eq!(name, "relationship.approved");
            check_notice(notice, metadata);
        }
        NotificationEvent::RelationshipRejected(notice) => {
            assert_eq!(name, "relationship.rejected");
            check_notice(notice, metadata);
        }
        NotificationEvent::JoinRejected { chat_id, join_request_id } => {
            assert_eq!((name, text("chat_id")), ("chat.join.rejected", Some(chat_id.as_str())));
            assert_eq!(text("chat_join_request_id"), Some(join_request_id.as_str()));
        }
        NotificationEvent::WorkflowEvent { chat_id, event_id, kind, operation, actor_id, state } => {
            assert_eq!((name, text("chat_id")), ("chat.workflow.event", Some(chat_id.as_str())));
            assert_eq!(text("event_id"), Some(event_id.as_str()));
            assert_eq!(actor_id.as_ref().map(|id| id.as_str()), text("actor_user_id"));
            let told = [kind, operation, state].map(String::as_str);
            assert_eq!(told, ["kind", "operation", "state"].map(|name| text(name).unwrap_or_default()));
        }
        NotificationEvent::Other(other) => assert_eq!(other, name),
    }
}

fn check_notice(notice: &RelationshipNotice, metadata: &Map<String, Value>) {
    let text = |name: &str| metadata.get(name).and_then(Value::as_str);
    assert_eq!(text("relationship_id"), Some(notice.relationship_id.as_str()));
    assert_eq!(text("sender_id"), Some(notice.sender_id.as_str()));
    assert_eq!(text("sender_name").unwrap_or_default(), notice.sender_name);
    assert_eq!(text("summary").unwrap_or_default(), notice.summary);
    assert_eq!(text("state"), notice.state.as_ref().map(|state| state.as_str()));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the seeds of a target hold; there is at least one.
    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let folder = format!("{}/../../tests/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
        let seeds: Vec<_> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        assert!(!seeds.is_empty(), "{folder} is empty");
        seeds
    }

    #[test]
    fn frame_keeps_its_promises_for_every_seed() {
        seeds("frame").iter().for_each(|seed| frame(seed));
    }

    #[test]
    fn error_body_keeps_its_promises_for_every_seed() {
        seeds("error_body").iter().for_each(|seed| error_body(seed));
    }

    #[test]
    fn notification_keeps_its_promises_for_every_seed() {
        seeds("notification").iter().for_each(|seed| notification(seed));
    }
}
