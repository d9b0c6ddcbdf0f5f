//! What the contract says of an operation.

/// One operation of a backend: a row of the table that is generated from the contract.
///
/// What is not in that table is made with [`new`](Self::new):
///
/// ```
/// use agent_platform_core::Operation;
///
/// const VERSION: Operation = Operation { repeatable: true, ..Operation::new("version", "GET", "/version") };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// The operation's name, unique in its backend, such as `send_message`.
    pub id: &'static str,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path template, such as `/api/chats/{chat_id}/messages`.
    pub path: &'static str,
    /// Whether a second execution changes nothing that the first has not changed, so that the operation may
    /// be repeated when it is unknown whether the backend has acted.
    pub repeatable: bool,
    /// What the backend answers with.
    pub answer: AnswerKind,
    /// Whether its JSON comes in the envelope that the platform puts answers into.
    pub enveloped: bool,
    /// Whether it takes an `Idempotency-Key`: a backend that sees the same key twice acts once.
    pub idempotency_key: bool,
    /// The names of the security schemes that it wants one of, as the contract has them. Empty where it names none.
    pub credentials: &'static [&'static str],
}

impl Operation {
    /// An operation that answers with JSON in no envelope, may not be repeated, takes no idempotency key, and names no
    /// security scheme.
    pub const fn new(id: &'static str, method: &'static str, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            repeatable: false,
            answer: AnswerKind::Json,
            enveloped: false,
            idempotency_key: false,
            credentials: &[],
        }
    }
}

/// What an operation is answered with where it succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// One JSON value.
    Json,
    /// Nothing; a body is passed over.
    Empty,
    /// A text.
    Text,
    /// Bytes of any kind, as they come.
    Bytes,
    /// Server-sent events, as they come.
    Events,
    /// Server-sent events or one JSON value, as the request asks for one or the other.
    JsonOrEvents,
    /// Messages over a WebSocket.
    Messages,
}
