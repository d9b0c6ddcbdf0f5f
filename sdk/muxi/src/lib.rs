//! A typed, async client for [MUXI](https://muxi.org): formations of agents behind one API.
//!
//! ```no_run
//! use futures::StreamExt;
//! use muxi_sdk::{ChatEvent, FormationClient};
//!
//! # async fn example() -> Result<(), muxi_sdk::Error> {
//! let formation = FormationClient::builder("http://localhost:7890")
//!     .formation("my-assistant")
//!     .client_key("ck")
//!     .build()?
//!     .for_user("user_123");
//!
//! let mut chat = formation.chat("Hello!").stream().await?;
//! while let Some(event) = chat.next().await.transpose()? {
//!     if let ChatEvent::Text(text) = &event.kind {
//!         print!("{text}");
//!     }
//! }
//!
//! let answer = formation.chat("And in one piece?").await?;
//! println!("{}", answer.text().unwrap_or_default());
//! # Ok(())
//! # }
//! ```
//!
//! - **A formation** is behind a management server ([`FormationClient::builder`]), as it is deployed or as a draft, or listens
//!   itself ([`FormationClient::direct`]); [`FormationClient::from_env`] takes what the environment names. The server itself is
//!   [`ServerClient`]'s: it deploys, starts and stops formations.
//! - **Two keys**: the client key for what belongs to a user, the admin key for the formation itself. What a call lacks is
//!   told before anything is sent.
//! - **Users** are your own: [`FormationClient::for_user`] for all calls of a client, `.user(…)` for one. A formation of one
//!   user takes everybody for that one.
//! - **Resources** are methods of the client, and calls methods of those: [`agents`](FormationClient::agents),
//!   [`memories`](FormationClient::memories), [`triggers`](FormationClient::triggers), [`jobs`](FormationClient::jobs) and so on.
//!   What has none is reached by [`FormationClient::request`]. A call is sent when it is awaited.
//! - **What is sent once**: a chat, a memory, and whatever else MUXI would do twice; that is attempted again only where nothing can
//!   have been begun: no connection was made, or MUXI refused it for coming too often. Triggers and new jobs are attempted again
//!   with one key, by which MUXI does them once, though not after a 500; what only asks or deletes is attempted again as it is. A stream that breaks off
//!   is an error, never a short answer.
//! - **Conversations** keep their id: [`FormationClient::conversation`] begins one, [`FormationClient::session`] goes on with one.
//! - **Times** are [`Timestamp`]s, whichever of its forms MUXI writes them in, and are sent in UTC.
//! - **Errors** have a [kind](ErrorKind), MUXI's own code, and a line for a person, without the keys. What the envelope says of a
//!   success, [`with_metadata`] tells.
//! - **Webhooks** are checked and read by [`Webhooks::verify`].
//! - **Traces** are those of `tracing`: a span for each call, named `call`, and in it one for each attempt, named `attempt`, by
//!   OpenTelemetry's names for HTTP clients. Nothing is printed, and nothing written to a disk.

mod agents;
mod audit;
mod buffers;
mod chat;
mod client;
mod configuration;
mod conversation;
mod credentials;
mod custom;
mod envelope;
mod error;
mod events;
mod feed;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod id;
mod jobs;
mod logs;
mod mcp;
mod memories;
mod metadata;
mod model;
mod platform;
mod requests;
mod scoped;
mod secrets;
pub mod server;
mod sessions;
mod sops;
mod triggers;
mod user_credentials;
mod users;
mod webhooks;

/// Calls without a runtime of one's own: for scripts, and for those who come from the Python client. (Feature `blocking`.)
///
/// ```no_run
/// use muxi_sdk::blocking::{Call, Iterate};
/// use muxi_sdk::{ChatEvent, FormationClient};
///
/// # fn main() -> Result<(), muxi_sdk::Error> {
/// let formation = FormationClient::builder("http://localhost:7890").formation("my-assistant").client_key("ck").build()?;
/// let answer = formation.chat("Hello!").user("user_123").call()?;
/// println!("{}", answer.text().unwrap_or_default());
///
/// for event in formation.chat("And in pieces?").user("user_123").stream().call()?.iterate() {
///     if let ChatEvent::Text(text) = event?.kind {
///         print!("{text}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "blocking")]
pub use agent_platform_core::blocking;

#[doc(no_inline)]
pub use agent_platform_core::webhook::WebhookError;
#[doc(no_inline)]
pub use agent_platform_core::{FieldError, Malformed, MalformedPart, RetryPolicy, Secret, Timestamp};

pub use agents::Agents;
pub use audit::{Audit, ListAudit};
pub use buffers::Buffers;
pub use chat::{
    AudioChatRequest, ChatAndWait, ChatEvent, ChatFile, ChatOutcome, ChatRequest, ChatStatus, ChatStream,
    ChatStreamEvent, Completed, Progress, StreamChat,
};
pub use client::{FormationClient, FormationClientBuilder};
pub use configuration::Configuration;
pub use conversation::Conversation;
pub use custom::{CustomRequest, Key, Method};
pub use error::{Error, ErrorKind};
pub use events::{FormationEvent, StreamEvents};
pub use feed::Feed;
pub use id::{
    AgentId, CredentialId, Identifier, IngestionId, JobId, McpServerId, MemoryId, MuxiUserId, RequestId, SecretName,
    SessionId, SopName, TriggerName, UserId, WidgetId,
};
pub use jobs::{CreateJob, Jobs, Schedule, UpdateJob};
pub use logs::{LogEntry, LogLevel, StreamLogs};
pub use mcp::Mcp;
pub use memories::{CreateMemory, GetIngestion, IngestMemory, ListMemories, Memories};
pub use metadata::{Answered, Metadata, with_metadata};
pub use model::{
    Agent, Artifact, AuditEntry, BackgroundTurn, BufferStats, Cancellation, ChatAnswer, ChatMessage, ChatReply,
    ClearedBuffer, ConfigBlock, ConfigSummary, ConversationSession, CredentialService, FormationStatus, Health,
    HealthStatus, Ingested, JobStatus, LoggingDestination, LoggingDestinations, McpServer, McpSettings, McpTool,
    Memory, MemoryScope, PastMessage, ReloadedSecrets, RequestState, RequestStatus, ResolvedUser, RestoredSession,
    ScheduledJob, SchedulerConfig, SessionMessage, Sop, StoredCredential, Trigger, TriggerOutcome, UserBuffer,
    UserIdentifier, Widget, WidgetOption,
};
pub use requests::{Requests, WaitForRequest};
pub use scoped::Scoped;
pub use secrets::Secrets;
#[doc(inline)]
pub use server::{ServerClient, ServerClientBuilder};
pub use sessions::{ListSessionMessages, ListSessions, Sessions};
pub use sops::Sops;
pub use triggers::{FireTrigger, Triggers};
pub use user_credentials::{CreateCredential, UserCredentials};
pub use users::{NewIdentifier, ResolveUser, Users};
pub use webhooks::{
    Clarification, WebhookContent, WebhookEvent, WebhookFailure, WebhookStatus, WebhookVerifier, Webhooks,
};
