//! Runs.

use agent_platform_core::{Decode, Malformed, Timestamp, enums_in_answers, model, nested, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

use super::page::page;
use crate::error::{Error, ErrorKind};
use crate::id::{RunId, TaskId, TeammateId, UserId};
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

enums_in_answers!(M8tes; RunStatus, PermissionMode);

model! {
    M8tes;
    /// A run: a piece of work of a teammate.
    Run from types::Run {
        /// The run's id.
        id: RunId,
        /// Who does it.
        teammate_id: Option<TeammateId>,
        /// How far it has got; an empty `Other` where m8tes does not say.
        status: RunStatus,
        /// What it brought, in words.
        output: Option<String>,
        /// What it failed of, in words.
        error: Option<String>,
        /// m8tes' name for what it failed of. A run that is completed may have one, too.
        error_code: Option<String>,
        /// The user of yours that it is for.
        user_id: Option<UserId>,
        /// What you keep with it.
        metadata: Map<String, Value>,
        /// When it was started.
        created_at: Option<Timestamp>,
        /// When it changed last.
        updated_at: Option<Timestamp>,
        /// What it may do without asking.
        permission_mode: Option<PermissionMode>,
        /// The task that it is a run of.
        task_id: Option<TaskId>,
        /// That task's name.
        task_name: Option<String>,
        /// What kind of run it is, by m8tes' own name.
        run_mode: Option<String>,
        /// Whether it can be tried again.
        retryable: bool,
        /// Why the model stopped, such as `end_turn`.
        stop_reason: Option<String>,
        /// What it has used.
        usage: Option<RunUsage>,
        /// What became of a reply: `resumed`, or `queued` behind the turn that is under way.
        delivery: Option<String>,
        /// The reply's number in that queue.
        queued_message_id: Option<i64>,
        /// The replies that wait for the turn to end.
        pending_queued_message_ids: Vec<i64>,
        /// The replies that were taken back.
        cancelled_queued_message_ids: Vec<i64>,
    } rest {
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
    }
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

model! {
    M8tes;
    /// What a run has used.
    RunUsage from types::RunUsage {
        /// How many tokens went in.
        input_tokens: Option<i64>,
        /// How many tokens came out.
        output_tokens: Option<i64>,
        /// How many tokens were read from a cache.
        cache_read_tokens: Option<i64>,
        /// How many tokens were put into a cache.
        cache_creation_tokens: Option<i64>,
        /// How many tokens there were in all.
        total_tokens: Option<i64>,
        /// What it cost in US dollars, as a decimal number.
        cost_usd: Option<String>,
    } rest {}
}

nested!(M8tes; RunUsage from types::RunUsage);

/// The answer that is a run or a stream of its events.
impl Decode<Option<types::Run>, M8tes> for Run {
    #[inline]
    fn decode(generated: Option<types::Run>) -> Result<Self, String> {
        generated.map_or_else(|| Err("it is empty".to_owned()), Self::decode)
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }

    #[inline]
    fn salvage(json: Value) -> Option<Self> {
        <Self as Decode<types::Run, M8tes>>::salvage(json)
    }
}

page!(RunPage of Run, RunPageNextStartingAfter);
