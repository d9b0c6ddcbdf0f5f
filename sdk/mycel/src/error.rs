//! The one error type.

use agent_platform_core::{CommonKind, ErrorBody, Refusal, Report, error_accessors, error_kinds};
use mycel_web_backend_client::operations;
use serde_json::{Map, Value};

/// Why a call failed.
///
/// [`kind`](Self::kind) is what a program decides on; `Display` is one line that tells a person what
/// happened and what to do. Neither it nor `Debug` dumps a response, and where a backend repeats the token, or a
/// password or code that the call carried, `[redacted]` stands in its place.
///
/// ```
/// # async fn reply(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId) -> Result<(), mycel_sdk::Error> {
/// use mycel_sdk::ErrorKind;
///
/// match agent.messages().send(&chat, "On it.").await {
///     Ok(message) => println!("sent as number {}", message.seq),
///     Err(error) if error.kind() == ErrorKind::NotCaughtUp => {
///         let missed = agent.messages().unread(&chat).await?;
///         println!("{} messages to read before answering", missed.len());
///     }
///     Err(error) if error.may_have_been_sent() => println!("look before sending again: {error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Report<ErrorKind>>);

error_accessors!(Error, ErrorKind);

error_kinds! {
    /// What kind of failure it was.
    ErrorKind of "Mycel" {
        /// The message was not sent, because its sender has unread messages in the chat (409 on sending).
        NotCaughtUp,
        /// What was to be written has been written by another in the meantime (409 with the versions). Read it
        /// again, and decide anew.
        StaleStateVersion {
            /// The version that the caller expected.
            expected: u64,
            /// The version that it is at; `None` where it does not exist.
            actual: Option<u64>,
        },
        /// The backend closed the notification stream; [`Error::detail`] is its reason.
        Closed {
            /// The close code of RFC 6455, such as 1011, where one was given: also one that may not be sent.
            code: Option<u16>,
        },
        /// Another listener listens for the same user already.
        AlreadyListening,
        /// The listener was stopped, as its program asked for.
        Stopped,
        /// The backend does not hold all notifications that came since the one that the stream was to go on from.
        ReplayOverflow {
            /// The number that the stream was to go on from.
            since_seq: u64,
            /// The number of the oldest notification that is still held.
            oldest_seq: u64,
        },
    }
}

impl Error {
    /// What the backend says it has stored although it failed (500): the row of a message that could not be
    /// delivered, or of a join request that could not be announced. It is in the backend's own form.
    pub fn stored(&self) -> Option<&Map<String, Value>> {
        let object = self.0.body.object().filter(|_| self.0.kind == ErrorKind::BackendFailed)?;
        ["message", "row"].iter().find_map(|name| object.get(*name)?.as_object())
    }

    pub(crate) fn new(report: Report<ErrorKind>) -> Self {
        Self(Box::new(report))
    }

    /// A setting that is refused, or a listener that ends without anything that failed.
    pub(crate) fn without_call(kind: ErrorKind, line: impl Into<String>) -> Self {
        Self::new(Report::new(kind, None, line))
    }
}

/// What a refusal means beyond what its status says.
pub(crate) fn refine(refusal: &Refusal<'_>) -> Option<(ErrorKind, String)> {
    let Refusal { kind, body, said, context, .. } = refusal;
    let line = match kind {
        CommonKind::Unauthorized if context.operation == &operations::LOGIN => {
            format!("the backend does not accept the login ({said}); check the identifier and the password")
        }
        // What the backend's router says where it has no such route.
        CommonKind::NotFound if body.text() == Some("Not Found") => format!(
            "{} does not offer this operation ({said}); is it a Mycel backend, with the profile that has it?",
            context.base_url
        ),
        CommonKind::Conflict if context.operation == &operations::SEND_MESSAGE => {
            let line = format!(
                "the message was not sent, because its sender has unread messages in the chat ({said}); read them, then send again"
            );
            return Some((ErrorKind::NotCaughtUp, line));
        }
        CommonKind::Conflict => {
            let (expected, actual) = stale_version(body)?;
            let at = actual.map_or("it does not exist".to_owned(), |version| format!("it is at version {version}"));
            let line =
                format!("written by another in the meantime: version {expected} was expected, and {at}; read it again");
            return Some((ErrorKind::StaleStateVersion { expected, actual }, line));
        }
        _ => return None,
    };
    Some((ErrorKind::from_common(*kind), line))
}

/// The expected and the actual version, where the body tells of a stale one.
fn stale_version(body: &ErrorBody) -> Option<(u64, Option<u64>)> {
    let object = body.object()?;
    let expected = object.get("expected_state_version")?.as_u64()?;
    // Absent and null are the same: there is no version yet.
    Some((expected, object.get("actual_state_version").and_then(Value::as_u64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> ErrorBody {
        ErrorBody::of_detail(serde_json::from_str(body).unwrap())
    }

    #[test]
    fn a_stale_version_may_be_one_of_nothing() {
        for (actual, expected) in
            [(r#","actual_state_version":3"#, Some(3)), (r#","actual_state_version":null"#, None), ("", None)]
        {
            let stale = read(&format!(r#"{{"detail":{{"error":"stale","expected_state_version":2{actual}}}}}"#));
            assert_eq!(stale_version(&stale), Some((2, expected)), "{actual}");
        }
        assert_eq!(stale_version(&read(r#"{"detail":{"error":"other"}}"#)), None);
    }
}
