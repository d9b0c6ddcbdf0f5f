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
//! let run = client.runs().create("quarterly report").teammate(bot.id).await?;
//! let run = client.runs().wait(run.id).await?;
//! println!("{}", run.output.unwrap_or_default());
//! # Ok(())
//! # }
//! ```
//!
//! Each resource is a method of [`Client`], by the name that it has in m8tes' own clients.
//!
//! - **A run is started once.** Each call that starts one carries an idempotency key, the same on every attempt.
//! - **A stream tells how it ended.** It is over, it waits for a person ([`RunStream::paused`]), or it broke off, which is an
//!   error with the run's id: the run itself goes on, so wait for it with [`Runs::wait`](runs::Runs::wait).
//! - **Errors** have a [kind](ErrorKind), the operation, and a line for a person, without the API key.
//! - **Traces** are those of `tracing`: a span for each call, named `call`, and in it one for each attempt, named `attempt`, by
//!   OpenTelemetry's names for HTTP clients. An attempt that is answered with a stream ends with the head of its answer. No
//!   id, no argument and no secret is in them, and where nobody listens they cost nothing.

pub mod account;
pub mod apps;
pub mod auth;
mod client;
mod error;
mod id;
pub mod memories;
mod model;
mod pages;
pub mod permissions;
mod platform;
pub mod runs;
mod said;
mod scoped;
pub mod settings;
pub mod tasks;
pub mod teammates;
pub mod users;
pub mod webhooks;

#[doc(no_inline)]
pub use agent_platform_core::{FieldError, Malformed, MalformedPart, RetryPolicy, Secret, Timestamp};

pub use client::{Client, ClientBuilder};
pub use error::{Error, ErrorKind};
pub use id::{
    AppName, DeliveryId, EndUserId, MemoryId, PermissionId, RunId, TaskId, TeammateId, TriggerId, UserId, WebhookId,
};
pub use model::{
    AccountSettings, App, AppAuth, AppConnectionInitiation, AppConnectionResult, Audience, EmailInbox, EndUser, Memory,
    NewToken, Notice, Page, PermissionMode, PermissionPolicy, RetentionMode, Run, RunStatus, RunUsage, SignedUp, Task,
    TaskStatus, Teammate, TeammateStatus, TeammateWebhook, Trigger, TriggerKind, Usage, VerificationStatus, Webhook,
    WebhookDelivery,
};
pub use runs::{RunEvent, RunStream, RunStreamEvent};
pub use scoped::Scoped;
