//! The one error type.

mod body;

use std::fmt;
use std::time::Duration;

use agent_platform_core::{Cause, Context, ErrorResponse, Failure, Operation, WebSocketEnd};
use mycel_web_backend_client::operations;
use serde_json::Value;

use crate::notifications::SUBSCRIBE;
use body::ErrorBody;

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
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static Operation>,
    attempts: u32,
    may_have_been_sent: bool,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    status: Option<u16>,
    body: ErrorBody,
    /// What happened, and what to do.
    line: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument or a setting is wrong; nothing was sent.
    InvalidInput,
    /// No connection to the backend was made; nothing was sent.
    Connect,
    /// A proxy does not accept its credentials, or wants some (407); the backend was not reached. See
    /// [`ClientBuilder::proxy`](crate::ClientBuilder::proxy).
    ProxyCredentials,
    /// A limit on time ran out.
    TimedOut,
    /// The connection broke off before the whole response was there.
    Interrupted,
    /// The backend does not accept the token or the login, or no token was set (401).
    Unauthorized,
    /// The token's user may not do this (403).
    Forbidden,
    /// What was asked for, or the operation itself, does not exist there (404).
    NotFound,
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
    /// The state of things does not allow it (409).
    Conflict,
    /// The backend found something wrong with the request (400, 422); see [`Error::field_errors`].
    Rejected,
    /// The request is larger than the backend, or something before it, takes: its body (413), its URL (414) or its
    /// headers (431).
    RequestTooLarge,
    /// Too many requests in too short a time (429); see [`Error::retry_after`].
    TooManyRequests,
    /// The backend, or something before it, points elsewhere (3xx). Redirects are not followed.
    Redirected,
    /// The backend failed (500 and what is not named here of 5xx).
    BackendFailed,
    /// The backend can't be reached by the gateway before it, or does not take requests now (502, 503, 504).
    Unavailable,
    /// Any other status.
    UnexpectedStatus,
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
    /// The response is not of the promised shape: perhaps this is no Mycel backend, or one of another version.
    MalformedResponse,
    /// The response is larger than the bound that the client was built with.
    ResponseTooLarge,
}

/// What the backend found wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// Where: the parts of the request from the outside in, such as `body.up_to_seq` or `query.limit`.
    pub location: String,
    /// What is wrong, in the backend's words.
    pub message: String,
    /// The validator's name for it, such as `missing` or `less_than_equal`.
    pub code: String,
}

impl Error {
    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation's name in the contract, such as `send_message`; `None` where a client could not be built.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation.map(|operation| operation.id)
    }

    /// The HTTP status, where there was a response.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// What the backend says about it (`detail`, or its `error`), where that is a text.
    pub fn detail(&self) -> Option<&str> {
        self.0.body.text()
    }

    /// What the backend says about it (`detail`, or the whole body where there is none), where that is an
    /// object. It is the backend's own account of its state. The secrets that the call carried are taken out of
    /// it, and nothing else is.
    pub fn detail_object(&self) -> Option<&serde_json::Map<String, Value>> {
        self.0.body.object()
    }

    /// What the backend says it has stored although it failed (500): the row of a message that could not be
    /// delivered, or of a join request that could not be announced. It is in the backend's own form.
    pub fn stored(&self) -> Option<&serde_json::Map<String, Value>> {
        let object = self.0.body.object().filter(|_| self.0.kind == ErrorKind::BackendFailed)?;
        ["message", "row"].iter().find_map(|name| object.get(*name)?.as_object())
    }

    /// What the backend found wrong field by field, where the status is 422. Values are left out.
    pub fn field_errors(&self) -> &[FieldError] {
        self.0.body.field_errors()
    }

    /// What the backend, or a proxy before it, calls the last request (`X-Request-Id`).
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How many attempts were made; 0 where nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the backend asks to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the backend may have carried out the operation all the same.
    ///
    /// `false` is certain: nothing was sent, or the backend refused. `true` means that the request was sent
    /// and no response says that it was refused: a message may be stored, a token may be made. Look before
    /// you repeat what must not happen twice.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.may_have_been_sent
    }

    /// An argument or setting that is refused before anything is sent.
    pub(crate) fn invalid_input(operation: Option<&'static Operation>, line: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind: ErrorKind::InvalidInput,
            operation,
            attempts: 0,
            may_have_been_sent: false,
            request_id: None,
            retry_after: None,
            status: None,
            body: ErrorBody::default(),
            line: line.into(),
            source: None,
        }))
    }

    /// A response that makes no sense, although its status is the promised one.
    pub(crate) fn malformed(context: &Context<'_>, status: u16, problem: &str) -> Self {
        let mut error = Self::invalid_input(Some(context.operation), String::new());
        let inner = &mut *error.0;
        inner.attempts = 1;
        inner.may_have_been_sent = true;
        inner.take_malformed(Some(status), problem, context);
        error
    }

    /// A listener that ends without anything that failed.
    pub(crate) fn of_listening(kind: ErrorKind, line: &str) -> Self {
        let mut error = Self::invalid_input(None, line);
        error.0.kind = kind;
        error
    }

    /// A stream that cannot go on from where it was to.
    pub(crate) fn replay_overflow(since_seq: u64, oldest_seq: u64, context: &Context<'_>) -> Self {
        let line = format!(
            "the backend holds notifications from {oldest_seq} on only, and {since_seq} was asked for; \
             drain the inbox, and look at relationships and workflow events"
        );
        let mut error = Self::invalid_input(Some(context.operation), line);
        error.0.kind = ErrorKind::ReplayOverflow { since_seq, oldest_seq };
        error.0.attempts = 1;
        error
    }

    /// A stream that ended.
    pub(crate) fn from_websocket(end: WebSocketEnd, context: &Context<'_>) -> Self {
        let base_url = context.base_url;
        let mut error = Self::invalid_input(Some(context.operation), String::new());
        let inner = &mut *error.0;
        inner.attempts = 1;
        (inner.kind, inner.line) = match end {
            WebSocketEnd::Closed { code, reason } => {
                inner.body = ErrorBody::from_text(&reason);
                let said = match (code, inner.body.text()) {
                    (Some(code), Some(reason)) => format!("{code}: {reason}"),
                    (Some(code), None) => code.to_string(),
                    (None, _) => "without a code".to_owned(),
                };
                (ErrorKind::Closed { code }, format!("{base_url} closed the stream ({said}); open it again"))
            }
            WebSocketEnd::Broken(error) => {
                let line = format!("the stream from {base_url} broke off ({error}); open it again");
                inner.source = Some(Box::new(error));
                (ErrorKind::Interrupted, line)
            }
            WebSocketEnd::Silent(limit) => {
                let line =
                    format!("nothing came on the stream from {base_url} for {limit:?}, so it is dead; open it again");
                (ErrorKind::TimedOut, line)
            }
            WebSocketEnd::TooLarge(bound) => {
                let line = format!("a message on the stream from {base_url} is larger than {bound} bytes");
                (ErrorKind::ResponseTooLarge, line)
            }
            WebSocketEnd::Violated(problem) => {
                let line = format!("what came on the stream from {base_url} is no frame: {problem}");
                (ErrorKind::MalformedResponse, line)
            }
            other => (ErrorKind::Interrupted, format!("the stream from {base_url} ended: {other:?}")),
        };
        error
    }

    pub(crate) fn from_failure(failure: Failure, context: &Context<'_>) -> Self {
        let mut inner = Inner {
            kind: ErrorKind::InvalidInput,
            operation: Some(context.operation),
            attempts: failure.attempts,
            may_have_been_sent: failure.may_have_acted,
            request_id: failure.request_id,
            retry_after: None,
            status: None,
            body: ErrorBody::default(),
            line: String::new(),
            source: None,
        };
        let base_url = context.base_url;
        match failure.cause {
            Cause::Connect(error) => {
                inner.kind = ErrorKind::Connect;
                let reason = innermost(&*error);
                inner.line = match context.proxy {
                    None => format!("no connection to {base_url} ({reason}); is the backend running there?"),
                    Some((proxy, _)) => format!(
                        "no connection to {base_url} through the proxy {proxy} ({reason}); \
                         are both running there, and does the proxy let this through?"
                    ),
                };
                inner.source = Some(error);
            }
            Cause::ProxyCredentials => {
                inner.kind = ErrorKind::ProxyCredentials;
                inner.status = Some(407);
                inner.line = credentials_wanted(context);
            }
            Cause::Interrupted(error) => {
                inner.kind = ErrorKind::Interrupted;
                let reason = innermost(&*error);
                inner.line =
                    format!("the connection to {base_url} broke off before the whole response was there ({reason})");
                inner.source = Some(error);
            }
            Cause::TimedOut { limit, after } => {
                inner.kind = ErrorKind::TimedOut;
                inner.line = format!(
                    "no whole response within {after:?} (the {limit} limit); raise the limit, or see why {base_url} is slow"
                );
            }
            Cause::TooLarge { bound } => {
                inner.kind = ErrorKind::ResponseTooLarge;
                inner.line =
                    format!("the response is larger than {bound} bytes; ask for less, or raise max_response_bytes");
            }
            Cause::Malformed { status, problem } => {
                inner.take_malformed(status.map(|status| status.as_u16()), &problem, context);
            }
            Cause::Status(response) => inner.take_response(response, context),
            Cause::Unsendable(problem) => inner.line = problem.to_owned(),
            other => inner.line = format!("the call failed: {other:?}"),
        }
        if inner.may_have_been_sent && !context.operation.repeatable {
            inner.line.push_str("; the backend may have carried it out, so look before you repeat it");
        }
        Self(Box::new(inner))
    }
}

impl Inner {
    fn take_malformed(&mut self, status: Option<u16>, problem: &str, context: &Context<'_>) {
        self.kind = ErrorKind::MalformedResponse;
        self.status = status;
        self.line = format!(
            "the response is not what the contract promises: {problem}; \
             is {} a Mycel backend of a version that this SDK knows?",
            context.base_url
        );
    }

    fn take_response(&mut self, response: ErrorResponse, context: &Context<'_>) {
        let status = response.status.as_u16();
        let is_send = context.operation == &operations::SEND_MESSAGE;
        let is_login = context.operation == &operations::LOGIN;
        self.status = Some(status);
        self.retry_after = response.retry_after;
        self.body = ErrorBody::read(response.body);
        self.kind = match status {
            401 => ErrorKind::Unauthorized,
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::NotFound,
            407 => ErrorKind::ProxyCredentials,
            409 if is_send => ErrorKind::NotCaughtUp,
            409 => match self.body.stale_version() {
                Some((expected, actual)) => ErrorKind::StaleStateVersion { expected, actual },
                None => ErrorKind::Conflict,
            },
            400 | 422 => ErrorKind::Rejected,
            413 | 414 | 431 => ErrorKind::RequestTooLarge,
            429 => ErrorKind::TooManyRequests,
            300..=399 => ErrorKind::Redirected,
            502..=504 => ErrorKind::Unavailable,
            500..=599 => ErrorKind::BackendFailed,
            _ => ErrorKind::UnexpectedStatus,
        };
        let said = match self.body.summary() {
            Some(said) => format!("{status}: {said}"),
            None => status.to_string(),
        };
        let base_url = context.base_url;
        self.line = match self.kind {
            ErrorKind::Unauthorized if is_login => {
                format!("the backend does not accept the login ({said}); check the identifier and the password")
            }
            ErrorKind::Unauthorized if !context.has_credentials => {
                format!("no auth token was set ({said}); make a client with Client::with_auth_token")
            }
            ErrorKind::Unauthorized => format!("the backend does not accept the auth token ({said}); get a new one"),
            ErrorKind::ProxyCredentials => credentials_wanted(context),
            ErrorKind::Forbidden => format!("the auth token's user may not do this ({said})"),
            // What the backend's router says where it has no such route.
            ErrorKind::NotFound if self.body.text() == Some("Not Found") => {
                format!(
                    "{base_url} does not offer this operation ({said}); is it a Mycel backend, with the profile that has it?"
                )
            }
            ErrorKind::NotFound => format!("not found ({said}); check the id"),
            ErrorKind::NotCaughtUp => format!(
                "the message was not sent, because its sender has unread messages in the chat ({said}); read them, then send again"
            ),
            ErrorKind::StaleStateVersion { expected, actual } => {
                let actual =
                    actual.map_or("it does not exist".to_owned(), |version| format!("it is at version {version}"));
                format!(
                    "written by another in the meantime: version {expected} was expected, and {actual}; read it again"
                )
            }
            ErrorKind::Conflict => format!("the present state does not allow it ({said}); look at it again"),
            ErrorKind::Rejected => format!("the backend found the request wrong ({said})"),
            ErrorKind::RequestTooLarge => {
                let (part, advice) = match status {
                    413 => ("body is larger", "send less at once"),
                    414 => ("URL is longer", "use shorter ids"),
                    _ => ("headers are larger", "of them the auth token may be long, so get a shorter one"),
                };
                format!("the request's {part} than {base_url} takes ({said}); {advice}, or raise the limit there")
            }
            ErrorKind::TooManyRequests => match self.retry_after {
                Some(pause) => format!("too many requests ({said}); wait {} s", pause.as_secs()),
                None => format!("too many requests ({said}); send fewer"),
            },
            ErrorKind::Redirected => {
                let location = response.location.as_deref().unwrap_or("elsewhere");
                format!(
                    "{base_url} points to {location} ({said}), which is not followed; \
                     set the base URL that the backend answers at without a redirect"
                )
            }
            ErrorKind::BackendFailed => format!("the backend failed ({said}); its log says why"),
            ErrorKind::Unavailable => {
                format!("the backend behind {base_url} is not available ({said}); try again later")
            }
            _ => format!("unexpected status ({said}); is {base_url} a Mycel backend?"),
        };
        if let Some((proxy, true)) = context.proxy.filter(|_| self.kind != ErrorKind::ProxyCredentials) {
            let is_stream = context.operation.id == SUBSCRIBE.id;
            self.line.push_str(&match () {
                () if is_stream => {
                    format!(
                        "; perhaps the proxy {proxy} passes on no WebSocket, as many don't for a backend at http://"
                    )
                }
                () if self.body.summary().is_none() => format!("; perhaps it is the proxy {proxy} that says so"),
                () => String::new(),
            });
        }
    }
}

/// What to do where a proxy answers 407.
fn credentials_wanted(context: &Context<'_>) -> String {
    match context.proxy {
        Some((proxy, _)) if proxy.has_credentials() => {
            format!("the proxy {proxy} does not accept its user name and password (407); check them")
        }
        Some((proxy, _)) => {
            format!("the proxy {proxy} wants a user name and a password (407); write them into its URL")
        }
        None => {
            format!("a proxy before {} wants credentials (407); set it with ClientBuilder::proxy", context.base_url)
        }
    }
}

/// The innermost of a chain of errors: the one that says what really happened, such as the operating
/// system's.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.0.line)?;
        if self.0.attempts > 1 {
            write!(f, " [after {} attempts]", self.0.attempts)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.operation())
            .field("status", &self.0.status)
            .field("attempts", &self.0.attempts)
            .field("may_have_been_sent", &self.0.may_have_been_sent)
            .field("request_id", &self.0.request_id)
            .field("line", &self.0.line)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
