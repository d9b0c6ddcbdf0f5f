//! What calls return.

mod account;
mod app;
mod page;
mod permission_request;
mod run;
mod run_detail;
mod task;
mod teammate;
mod webhook;

pub use account::{
    AccountSettings, Audience, EndUser, Memory, NewToken, Notice, PermissionPolicy, RetentionMode, SignedUp, Usage,
    VerificationStatus,
};
pub use app::{App, AppAuth, AppConnectionInitiation, AppConnectionResult};
pub use page::Page;
pub use permission_request::{PermissionRequest, PermissionStatus};
pub use run::{PermissionMode, Run, RunStatus, RunUsage};
pub use run_detail::{Answered, MessageRole, RunFile, RunMessage, RunOutcome};
pub use task::{Task, TaskStatus, Trigger, TriggerKind};
pub use teammate::{EmailInbox, Teammate, TeammateStatus, TeammateVisibility, TeammateWebhook};
pub use webhook::{Webhook, WebhookDelivery};
