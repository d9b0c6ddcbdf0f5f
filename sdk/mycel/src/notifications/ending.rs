//! How an inbox stream ends, as errors.

use agent_platform_core::{ErrorBody, Report, WebSocketEnd};

use super::SUBSCRIBE;
use crate::error::{Error, ErrorKind};

/// A stream that cannot go on from where it was to.
pub(crate) fn replay_overflow(since_seq: u64, oldest_seq: u64) -> Error {
    let line = format!(
        "the backend holds notifications from {oldest_seq} on only, and {since_seq} was asked for; \
         drain the inbox, and look at relationships and workflow events"
    );
    Error::new(of_stream(ErrorKind::ReplayOverflow { since_seq, oldest_seq }, line))
}

/// A stream from the backend at this URL that ended.
pub(crate) fn of_websocket(end: WebSocketEnd, base_url: &str) -> Error {
    Error::new(match end {
        WebSocketEnd::Closed { code, reason } => {
            let body = ErrorBody::of_text(&reason);
            let said = match (code, body.text()) {
                (Some(code), Some(reason)) => format!("{code}: {reason}"),
                (Some(code), None) => code.to_string(),
                (None, _) => "without a code".to_owned(),
            };
            let line = format!("{base_url} closed the stream ({said}); open it again");
            Report { body, ..of_stream(ErrorKind::Closed { code }, line) }
        }
        WebSocketEnd::Broken(error) => {
            let line = format!("the stream from {base_url} broke off ({error}); open it again");
            Report { source: Some(Box::new(error)), ..of_stream(ErrorKind::Interrupted, line) }
        }
        WebSocketEnd::Silent(limit) => {
            let line =
                format!("nothing came on the stream from {base_url} for {limit:?}, so it is dead; open it again");
            of_stream(ErrorKind::TimedOut, line)
        }
        WebSocketEnd::TooLarge(bound) => {
            let line = format!("a message on the stream from {base_url} is larger than {bound} bytes");
            of_stream(ErrorKind::ResponseTooLarge, line)
        }
        WebSocketEnd::Violated(problem) => {
            let line = format!("what came on the stream from {base_url} is no frame: {problem}");
            of_stream(ErrorKind::MalformedResponse, line)
        }
        other => of_stream(ErrorKind::Interrupted, format!("the stream from {base_url} ended: {other:?}")),
    })
}

/// One about a stream that was open.
fn of_stream(kind: ErrorKind, line: String) -> Report<ErrorKind> {
    Report { attempts: 1, may_have_been_sent: true, ..Report::new(kind, Some(&SUBSCRIBE), line) }
}
