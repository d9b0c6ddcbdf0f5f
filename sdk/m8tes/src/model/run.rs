//! Runs.

use agent_platform_core::{Decode, Timestamp, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

use super::answered::enums_in_answers;
use super::page::page;
use super::{extras, time};
use crate::error::{Error, ErrorKind};
use crate::id::{RunId, TeammateId, UserId};
use crate::platform::M8tes;

open_enum! {
    /// How far a run has got.
    RunStatus {
        /// It works.
        Running = "running",
        /// It waits for a person to approve or to answer.
        AwaitingApproval = "awaiting_approval",
        /// It is done.
        Completed = "completed",
        /// It has failed.
        Failed = "failed",
        /// Somebody has cancelled it.
        Cancelled = "cancelled",
        /// It was closed.
        Closed = "closed",
    }
}

impl RunStatus {
    /// Whether it is over. A status that this version of the SDK does not know is not.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::Closed)
    }
}

open_enum! {
    /// What a run may do without asking.
    PermissionMode {
        /// All that its tools can do.
        Autonomous = "autonomous",
        /// What was approved, tool by tool.
        Approval = "approval",
        /// What was approved as a plan.
        Plan = "plan",
    }
}

enums_in_answers!(RunStatus, PermissionMode);

/// A run: a piece of work of a teammate.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// The run's id.
    pub id: RunId,
    /// Who does it.
    pub teammate_id: Option<TeammateId>,
    /// How far it has got; an empty `Other` where m8tes does not say.
    pub status: RunStatus,
    /// What it brought, in words.
    pub output: Option<String>,
    /// What it failed of, in words.
    pub error: Option<String>,
    /// m8tes' name for what it failed of. A run that is completed may have one, too.
    pub error_code: Option<String>,
    /// The user of yours that it is for.
    pub user_id: Option<UserId>,
    /// What you keep with it.
    pub metadata: Map<String, Value>,
    /// When it was started.
    pub created_at: Option<Timestamp>,
    /// When it changed last.
    pub updated_at: Option<Timestamp>,
    /// What it may do without asking.
    pub permission_mode: Option<PermissionMode>,
    /// The task that it is a run of.
    pub task_id: Option<i64>,
    /// That task's name.
    pub task_name: Option<String>,
    /// What kind of run it is, by m8tes' own name.
    pub run_mode: Option<String>,
    /// Whether it can be tried again.
    pub retryable: bool,
    /// Why the model stopped, such as `end_turn`.
    pub stop_reason: Option<String>,
    /// What it has used.
    pub usage: Option<RunUsage>,
    /// What became of a reply: `resumed`, or `queued` behind the turn that is under way.
    pub delivery: Option<String>,
    /// The reply's number in that queue.
    pub queued_message_id: Option<i64>,
    /// The replies that wait for the turn to end.
    pub pending_queued_message_ids: Vec<i64>,
    /// The replies that were taken back.
    pub cancelled_queued_message_ids: Vec<i64>,
    /// All that m8tes says of it beside that, by its own names.
    pub extra: Map<String, Value>,
}

impl Run {
    /// The run, unless it has failed.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let run = client.runs().create_and_wait("quarterly report").await?.into_result()?;
    /// # let _ = run;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RunFailed`](crate::ErrorKind::RunFailed) with m8tes' code and words for it, and with the
    /// [run](crate::Error::run), if its status is `Failed`.
    pub fn into_result(self) -> Result<Self, Error> {
        if self.status != RunStatus::Failed {
            return Ok(self);
        }
        let said = self.error.as_deref().or(self.output.as_deref()).unwrap_or("m8tes does not say of what");
        let line = format!("run {} has failed: {said}", self.id);
        let code = self.error_code.clone().unwrap_or_default();
        Err(Error::with_code(ErrorKind::RunFailed, &code, line).with_run(self))
    }
}

/// What a run has used.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunUsage {
    /// How many tokens went in.
    pub input_tokens: Option<i64>,
    /// How many tokens came out.
    pub output_tokens: Option<i64>,
    /// How many tokens were read from a cache.
    pub cache_read_tokens: Option<i64>,
    /// How many tokens were put into a cache.
    pub cache_creation_tokens: Option<i64>,
    /// How many tokens there were in all.
    pub total_tokens: Option<i64>,
    /// What it cost in US dollars, as a decimal number.
    pub cost_usd: Option<String>,
    /// All that m8tes says of it beside that, by its own names.
    pub extra: Map<String, Value>,
}

impl Decode<types::Run, M8tes> for Run {
    fn decode(generated: types::Run) -> Result<Self, String> {
        let types::Run {
            archived,
            auth_method,
            auth_provider,
            auto_recovery_attempt_count,
            auto_retry_count,
            billing_surface,
            can_continue,
            cancelled_queued_message_ids,
            channel,
            closing_preview,
            created_at,
            delivery,
            description,
            email_address,
            error,
            error_code,
            extra,
            failure_kind,
            files,
            id,
            is_expired,
            last_activity_at,
            last_viewed_at,
            latest_message_preview,
            metadata,
            needs_me,
            needs_me_message_ids,
            needs_me_run,
            needs_reply,
            next_retry_at,
            notified_at,
            notified_channel,
            output,
            output_data,
            pending_queued_message_ids,
            permission_mode,
            queued_message_id,
            recovery_repeats_actions,
            repeats_actions,
            retention_mode,
            retried_at,
            retried_by_run_id,
            retry_blocked_message,
            retry_blocked_reason,
            retry_count,
            retry_of_run_id,
            retryable,
            run_mode,
            sandbox_state,
            share_token,
            started_at,
            started_by,
            status,
            stop_reason,
            task_id,
            task_name,
            teammate_id,
            trigger_source,
            turn_started_at,
            updated_at,
            usage,
            user_id,
        } = generated;
        Ok(Self {
            id: id.into(),
            teammate_id: teammate_id.map(TeammateId::from),
            status: status.unwrap_or_default().into(),
            output,
            error,
            error_code,
            user_id: user_id.map(UserId::from),
            metadata: metadata.unwrap_or_default(),
            created_at: time(created_at),
            updated_at: time(updated_at),
            permission_mode: permission_mode.map(PermissionMode::from),
            task_id,
            task_name,
            run_mode,
            retryable: retryable.unwrap_or_default(),
            stop_reason,
            usage: usage.map(Decode::<_, M8tes>::decode).transpose()?,
            delivery,
            queued_message_id,
            pending_queued_message_ids: pending_queued_message_ids.unwrap_or_default(),
            cancelled_queued_message_ids: cancelled_queued_message_ids.unwrap_or_default(),
            extra: extras!(
                extra;
                archived,
                auth_method,
                auth_provider,
                auto_recovery_attempt_count,
                auto_retry_count,
                billing_surface,
                can_continue,
                channel,
                closing_preview,
                description,
                email_address,
                failure_kind,
                files,
                is_expired,
                last_activity_at,
                last_viewed_at,
                latest_message_preview,
                needs_me,
                needs_me_message_ids,
                needs_me_run,
                needs_reply,
                next_retry_at,
                notified_at,
                notified_channel,
                output_data,
                recovery_repeats_actions,
                repeats_actions,
                retention_mode,
                retried_at,
                retried_by_run_id,
                retry_blocked_message,
                retry_blocked_reason,
                retry_count,
                retry_of_run_id,
                sandbox_state,
                share_token,
                started_at,
                started_by,
                trigger_source,
                turn_started_at,
            ),
        })
    }
}

/// The answer that is a run or a stream of its events.
impl Decode<Option<types::Run>, M8tes> for Run {
    fn decode(generated: Option<types::Run>) -> Result<Self, String> {
        generated.map_or_else(|| Err("it is empty".to_owned()), Self::decode)
    }
}

impl Decode<types::RunUsage, M8tes> for RunUsage {
    fn decode(generated: types::RunUsage) -> Result<Self, String> {
        let types::RunUsage {
            cache_creation_tokens,
            cache_read_tokens,
            cost_usd,
            extra,
            input_tokens,
            output_tokens,
            total_tokens,
        } = generated;
        Ok(Self {
            input_tokens,
            output_tokens,
            cache_read_tokens,
            cache_creation_tokens,
            total_tokens,
            cost_usd,
            extra,
        })
    }
}

page!(RunPage of Run, RunPageNextStartingAfter);
