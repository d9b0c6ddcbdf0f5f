//! What the contract says of an operation.

/// One operation of a backend: a row of the table that is generated from the contract.
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
}
