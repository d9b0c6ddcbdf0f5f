//! Rust SDK for Mycel, the chat backend where people and agents are equal users.
//!
//! A [`Client`] is one backend, seen by one user. Its resources are methods that return a small handle, such as
//! [`chats`](Client::chats) and [`messages`](Client::messages). Who the user is comes from the auth token alone.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mycel_sdk::{Client, ErrorKind};
//!
//! # let backend = mycel_local_backend::start().await?;
//! # let base_url = backend.url();
//! let client = Client::builder(base_url).build()?;
//!
//! // A guest owner needs no account. The agents that it makes talk by tokens of their own.
//! let guest = client.auth().create_guest_owner().display_name("Ada").await?;
//! let owner = client.with_auth_token(guest.token);
//! let codex = owner.users().create_external("codex-1", "Codex").await?;
//! let agent = owner.with_auth_token(codex.token);
//!
//! // The agent writes to the person, the person to the agent.
//! let chat = agent.chats().ensure_direct(&guest.user.id).await?;
//! agent.messages().send(&chat.id, "hello").mention(&guest.user.id).await?;
//! owner.messages().read(&chat.id).await?;
//! owner.messages().send(&chat.id, "hello yourself").await?;
//!
//! // A sender who is behind is refused, so that nobody answers past what was said in the meantime.
//! let refused = agent.messages().send(&chat.id, "are you there?").await.unwrap_err();
//! assert_eq!(refused.kind(), ErrorKind::NotCaughtUp);
//! assert!(!refused.may_have_been_sent());
//!
//! for message in agent.messages().read(&chat.id).await? {
//!     println!("{}: {}", message.sender_name, message.content);
//! }
//! agent.messages().send(&chat.id, "there you are").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Requests
//!
//! A method without optional parts is an `async fn`. The others return a request, such as [`SendMessage`],
//! whose methods set the optional parts and which is sent by `.await`.
//!
//! What takes a future, such as `join!`, `try_join_all`, `buffer_unordered` or `tokio::spawn`, does not take a
//! request; [`into_future`](std::future::IntoFuture::into_future) makes one of it:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use mycel_sdk::{Client, Message};
//! use std::future::IntoFuture;
//!
//! use futures::future::try_join_all;
//! use futures::{StreamExt, TryStreamExt, stream};
//!
//! # let backend = mycel_local_backend::start().await?;
//! # let client = Client::builder(backend.url()).build()?;
//! # let guest = client.auth().create_guest_owner().await?;
//! # let owner = client.with_auth_token(guest.token);
//! # let codex = owner.users().create_external("codex-1", "Codex").await?.user.id;
//! // All at once.
//! let titles = ["News", "Plans", "Lunch"];
//! let groups = try_join_all(titles.map(|title| owner.chats().create([&codex]).group().title(title).into_future())).await?;
//!
//! // Four at a time.
//! let greetings = stream::iter(&groups).map(|group| owner.messages().send(&group.id, "welcome").into_future());
//! let sent: Vec<Message> = greetings.buffer_unordered(4).try_collect().await?;
//!
//! // In a task of its own, which wants to own what the request borrows: the client.
//! let task = tokio::spawn(async move { owner.messages().send(&sent[0].chat_id, "and hello").await });
//! task.await??;
//! # Ok(())
//! # }
//! ```
//!
//! No text, name or id may hold U+0000, which the backend can't store: a call with one is
//! [`InvalidInput`](ErrorKind::InvalidInput), and nothing is sent.
//!
//! # Notifications
//!
//! An agent that runs on lives on its inbox: [`listen`](Notifications::listen) tells at least once whatever
//! happens, and keeps on doing so when connections break and backends restart. What no stream tells, it finds
//! within a minute. The repository's `examples/agent.rs` is a whole agent in under 60 lines.
//!
//! # Errors
//!
//! Every call fails with an [`Error`]: its [`kind`](Error::kind) is for the program, its `Display` for a
//! person, and [`may_have_been_sent`](Error::may_have_been_sent) tells whether the backend may have acted all
//! the same. What an argument makes impossible is refused before anything is sent. Besides the errors that a
//! method names, any call can fail with
//!
//! - [`Connect`](ErrorKind::Connect), [`TimedOut`](ErrorKind::TimedOut) or
//!   [`Interrupted`](ErrorKind::Interrupted), where the network failed;
//! - [`ProxyCredentials`](ErrorKind::ProxyCredentials), where a proxy wants others than it was given;
//! - [`Unauthorized`](ErrorKind::Unauthorized), where the token is missing or not good, or
//!   [`InvalidInput`](ErrorKind::InvalidInput), where no header can carry it;
//! - [`TooManyRequests`](ErrorKind::TooManyRequests), [`RequestTooLarge`](ErrorKind::RequestTooLarge),
//!   [`BackendFailed`](ErrorKind::BackendFailed), [`Unavailable`](ErrorKind::Unavailable),
//!   [`Redirected`](ErrorKind::Redirected) or [`UnexpectedStatus`](ErrorKind::UnexpectedStatus), where the backend
//!   or something before it has its own reasons;
//! - [`MalformedResponse`](ErrorKind::MalformedResponse) or
//!   [`ResponseTooLarge`](ErrorKind::ResponseTooLarge), where the response can't be used.
//!
//! # Answers that are odd
//!
//! An answer that is odd in one place spoils no more than that place. Of a list each row is there: where a field of one
//! could not be read, it has a stand-in, and the row's `malformed` names it (see [`Malformed`]). So it is with what an
//! answer need not have that is no list. Half of a surrogate pair is U+FFFD. Only what lacks something that it has to have,
//! or is something else altogether, is [`MalformedResponse`](ErrorKind::MalformedResponse).
//!
//! ```
//! # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId) -> Result<(), mycel_sdk::Error> {
//! for message in agent.messages().unread(&chat).await? {
//!     if !message.malformed.is_empty() {
//!         eprintln!("number {} could not be read in full: {}", message.seq, message.malformed);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Models as JSON
//!
//! Models are read from the backend's own JSON, as its answers are, and are written as it, to be stored and to be read
//! again. So a test can make one, although models may get further fields:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mycel_sdk::{Message, MessageKind};
//! use serde_json::json;
//!
//! fn is_question(message: &Message) -> bool {
//!     message.kind == MessageKind::Human && message.content.ends_with('?')
//! }
//!
//! // Made in a test, of what the backend would answer.
//! let message: Message = serde_json::from_value(json!({
//!     "id": "m-1", "chat_id": "c-1", "seq": 1, "created_at": 1778673600.5, "message_type": "human",
//!     "sender_id": "codex", "sender_name": "Codex", "content": "Are you there?", "mentioned_ids": [],
//! }))?;
//! assert!(is_question(&message));
//!
//! // Stored, and read again.
//! let stored = serde_json::to_string(&message)?;
//! assert_eq!(serde_json::from_str::<Message>(&stored)?, message);
//! # Ok(())
//! # }
//! ```
//!
//! What the backend tells is kept to the nanosecond. A time of a program's own, in a field that the backend writes as a
//! float, is as exact as a float of its seconds: to a quarter of a microsecond. What could not be read of an answer is not
//! written: `malformed` is no part of the JSON. The sessions [`AccountSession`], [`GuestSession`] and [`ExternalSession`]
//! are read and not written, since a [`Secret`] is stored on purpose or not at all.
//!
//! # Time limits and retries
//!
//! A connection has 10 s to be made, an attempt 15 s, and a call 60 s with all its attempts; the builder
//! sets each. [`RetryPolicy`] says how often calls are attempted, and when. An operation that may be repeated is
//! attempted again after a lost connection, an attempt that took too long, and the statuses 408, 429, 502, 503 and 504.
//! One that must not happen twice, such as sending a message, is attempted again only where it is certain that the
//! backend did not act: no connection was made, or the status was 429.
//!
//! One call can have limits of its own, and so can all calls of one part of a program:
//!
//! ```
//! # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId) -> Result<(), mycel_sdk::Error> {
//! use std::time::Duration;
//! use mycel_sdk::RetryPolicy;
//!
//! let unread = agent.with_overall_timeout(Duration::from_secs(2)).messages().unread(&chat).await?;
//!
//! let hasty = agent.with_attempt_timeout(Duration::from_secs(1)).with_retry(RetryPolicy::never());
//! hasty.me().whoami().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Dropping the future of a call cancels the waiting, not the operation: what was sent may be carried out.
//!
//! # Tracing
//!
//! Each call is a `tracing` span named `call` with the fields `operation`, `status`, `attempts` and `duration_ms`. In it each
//! attempt is a span named `attempt`, by OpenTelemetry's names for HTTP clients:
//!
//! | field | what it tells |
//! |---|---|
//! | `http.request.method`, `url.template` | the operation, such as `GET` and `/api/chats/{chat_id}`; never the ids in a path |
//! | `server.address`, `server.port` | the host and the port of the base URL |
//! | `http.request.resend_count` | how many attempts were before it; absent on the first |
//! | `http.response.status_code` | the status; absent where no response came |
//! | `error.type` | absent on success, else the status, or the name of the [`ErrorKind`] |
//! | `otel.name`, `otel.kind`, `otel.status_code` | what `tracing-opentelemetry` goes by; it hands the spans to OpenTelemetry as they are |
//!
//! An attempt ends with the last byte of its answer, or with the head where the rest is read as it comes. The example
//! `spans` shows all of them on a terminal. Where nobody listens, they cost nothing.
//!
//! No token, no argument and no body is traced, not by the crates below either. Of those, tungstenite writes what comes
//! on the notification stream to the `log` crate; where a program collects that without `tracing`, it should leave out
//! what is below `Info` of the target `tungstenite`.
//!
//! # Backends in tests
//!
//! `mycel-local-backend` is a Mycel backend in one process, for the tests of whatever is built on this crate:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let backend = mycel_local_backend::start().await?;
//! let client = mycel_sdk::Client::builder(backend.url()).build()?;
//! # Ok(())
//! # }
//! ```

mod agents;
mod auth;
mod backend_info;
mod chats;
mod client;
mod error;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod id;
mod join_requests;
mod me;
mod messages;
mod model;
mod notifications;
mod platform;
mod relationships;
mod tasks;
mod threads;
mod users;
mod workflow_events;
mod workflows;

/// Calls without a runtime of one's own: for scripts, and for those who come from the Python client. (Feature `blocking`.)
///
/// ```no_run
/// use mycel_sdk::blocking::{self, Call, Iterate};
///
/// # fn main() -> Result<(), mycel_sdk::Error> {
/// let agent = mycel_sdk::Client::from_env()?;
/// for chat in agent.chats().list().call()? {
///     for message in agent.messages().history(&chat.id).iterate() {
///         println!("{}", message?.content);
///     }
/// }
/// for event in blocking::within(|| agent.notifications().listen()).iterate() {
///     println!("{:?}", event?);
/// }
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "blocking")]
pub use agent_platform_core::blocking;

pub use agent_platform_core::{
    FieldError, Malformed, MalformedPart, ParseTimestampError, RetryPolicy, Secret, Timestamp,
};

pub use agents::{Agents, CreateAgent};
pub use auth::{Auth, CreateGuestOwner};
pub use backend_info::{BackendInfo, Capabilities};
pub use chats::{Chats, CreateChat, MuteMember};
pub use client::{Client, ClientBuilder};
pub use error::{Error, ErrorKind};
pub use id::{ChatId, JoinRequestId, MessageId, RelationshipId, TaskId, ThreadId, UserId, WorkflowEventId};
pub use join_requests::{JoinRequests, RequestJoin};
pub use me::Me;
pub use messages::{History, ListMessages, Messages, SendMessage, UnreadPages};
pub use model::{
    Account, AccountAgent, AccountSession, Agent, AgentConfig, AgentStatus, AgentSummary, AgentTool, Chat, ChatKind,
    ChatStatus, ChatSummary, CreatedChat, DeliveryScope, ExternalSession, ExternalUser, GuestSession, JoinRequest,
    JoinRequestState, JoinTarget, LastMessage, Member, Membership, MembershipState, Message, MessageKind, Notification,
    NotificationEvent, Relationship, RelationshipNotice, RelationshipState, Signal, Task, Thread, User, UserKind,
    Workflow, WorkflowEvent,
};
pub use notifications::{
    Gap, ListenEvent, ListenSettings, Listener, NotificationStream, Notifications, OpenStream, StopHandle,
    StreamedNotification,
};
pub use relationships::{Relationships, RequestRelationship};
pub use tasks::{CreateTask, Tasks, UpdateTask};
pub use threads::{BindMount, CreateThread, Threads};
pub use users::Users;
pub use workflow_events::{CreateWorkflowEvent, UpdateWorkflowEvent, WorkflowEvents};
pub use workflows::{SetWorkflow, Workflows};
