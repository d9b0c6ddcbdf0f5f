//! A typed, async client for [m8tes](https://m8tes.ai): hosted AI teammates that run tasks, stream their work, and ask people
//! for permission.
//!
//! ```no_run
//! use futures::StreamExt;
//! use m8tes_sdk::{Client, RunEvent};
//!
//! # async fn example() -> Result<(), m8tes_sdk::Error> {
//! let client = Client::from_env()?;                       // M8TES_API_KEY
//! let bot = client.teammates().create().name("support bot").tools(["gmail", "slack"]).await?;
//!
//! let mut run = client.runs().stream("close resolved tickets").teammate(bot.id).await?;
//! while let Some(event) = run.next().await.transpose()? {
//!     if let RunEvent::TextDelta(text) = &event.kind {
//!         print!("{text}");
//!     }
//! }
//!
//! let run = client.runs().create_and_wait("quarterly report").teammate(bot.id).await?;
//! println!("{}", run.output.unwrap_or_default());
//! # Ok(())
//! # }
//! ```
//!
//! Each resource is a method of [`Client`], by the name that it has in m8tes' own clients.
//!
//! - **A run is started once.** Each call that starts one carries an idempotency key, the same on every attempt.
//! - **A stream goes on.** One that breaks off is joined again by itself, and tells nothing twice; what can't be joined is an
//!   error with the run's id. It is over, or it waits for a person ([`RunStream::paused`]); [`RunStream::finish`] makes an
//!   error of all but a turn that went well.
//! - **People are in the loop.** What a run asks is typed ([`PermissionRequest::ask`](PermissionRequest::ask)), and decided by
//!   handlers of [`Runs::wait`](runs::Runs::wait) or by [`Runs::resolve`](runs::Runs::resolve).
//! - **Errors** have a [kind](ErrorKind), m8tes' own [code](Error::code) (the known ones are in [`codes`]), the operation, and a
//!   line for a person, without the API key.
//! - **Traces** are those of `tracing`: a span for each call, named `call`, and in it one for each attempt, named `attempt`, by
//!   OpenTelemetry's names for HTTP clients. An attempt that is answered with a stream ends with the head of its answer. No
//!   id, no argument and no secret is in them, and where nobody listens they cost nothing.

pub mod account;
pub mod apps;
pub mod auth;
mod client;
pub mod codes;
mod error;
mod id;
pub mod memories;
mod model;
mod pages;
pub mod permissions;
mod platform;
pub mod runs;
mod scoped;
pub mod settings;
pub mod tasks;
pub mod teammates;
pub mod users;
pub mod webhooks;

/// Calls without a runtime of one's own: for scripts, and for those who come from the Python client. (Feature `blocking`.)
///
/// ```no_run
/// use m8tes_sdk::RunEvent;
/// use m8tes_sdk::blocking::{Call, Iterate};
///
/// # fn main() -> Result<(), m8tes_sdk::Error> {
/// let client = m8tes_sdk::Client::from_env()?;
/// let bot = client.teammates().create().name("support bot").call()?;
///
/// for event in client.runs().stream("close resolved tickets").teammate(bot.id).call()?.iterate() {
///     if let RunEvent::TextDelta(text) = event?.kind {
///         print!("{text}");
///     }
/// }
/// let run = client.runs().create_and_wait("quarterly report").teammate(bot.id).call()?;
/// # drop(run);
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "blocking")]
pub use agent_platform_core::blocking;

/// What the command m8tes takes secrets out of its own lines with.
#[doc(hidden)]
pub use agent_platform_core::Redactor;
#[doc(no_inline)]
pub use agent_platform_core::{FieldError, Malformed, MalformedPart, RetryPolicy, Secret, Timestamp};

pub use client::{Client, ClientBuilder};
pub use error::{Error, ErrorKind};
pub use id::{
    AppName, DeliveryId, EndUserId, MemoryId, PermissionId, RunId, TaskId, TeammateId, TriggerId, UserId, WebhookId,
};
pub use model::{
    AccountSettings, Answered, App, AppAuth, AppConnectionInitiation, AppConnectionResult, Audience, EmailInbox,
    EndUser, Memory, MessageRole, NewToken, Notice, Page, PermissionMode, PermissionPolicy, PermissionRequest,
    PermissionStatus, RetentionMode, Run, RunFile, RunMessage, RunOutcome, RunStatus, RunUsage, SignedUp, Task,
    TaskStatus, Teammate, TeammateStatus, TeammateVisibility, TeammateWebhook, Trigger, TriggerKind, Usage,
    VerificationStatus, Webhook, WebhookDelivery,
};
pub use runs::{RunEvent, RunStream, RunStreamEvent};
pub use scoped::Scoped;
