//! Scheduled jobs.

use agent_platform_core::{Decode, Timestamp, enums_in_answers, model, open_enum};
use muxi_formation_client::types;
use serde_json::{Map, Value};

use crate::id::{JobId, UserId};
use crate::jobs::Schedule;
use crate::platform::Formation;

open_enum! {
    /// Whether a job is done.
    JobStatus {
        /// It is, at its times.
        Active = "ACTIVE",
        /// Not for now.
        Paused = "PAUSED",
        /// It was done, and is not done any more.
        Completed = "COMPLETED",
        /// It has failed too often.
        Failed = "FAILED",
    }
}

enums_in_answers!(Formation; JobStatus);

model! {
    Formation;
    /// Something that the formation is told at set times.
    ScheduledJob from types::ScheduledJob {
        /// Its id.
        id: JobId,
        /// Whose it is; `0` where no user was named.
        user_id: Option<UserId>,
        /// What it is called.
        title: Option<String>,
        /// What the formation is told.
        message (original_prompt = "original_prompt"): String,
        /// What MUXI makes of that.
        execution_prompt: Option<String>,
        /// Whether it is done again and again.
        is_recurring: Option<bool>,
        /// When it is, as five fields of cron.
        cron_expression: Option<String>,
        /// The one time when it is done.
        scheduled_for: Option<Timestamp>,
        /// Whether it is done.
        status: JobStatus,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// When it was changed.
        updated_at: Option<Timestamp>,
        /// When it was done last.
        last_run_at: Option<Timestamp>,
        /// How that went: `success` or `failed`.
        last_run_status: Option<String>,
        /// Why it failed, where it did.
        last_run_failure (last_run_failure_message = "last_run_failure_message"): Option<String>,
        /// How often it was done.
        total_runs: Option<i64>,
        /// How often it failed.
        total_failures: Option<i64>,
        /// How often in a row it has failed.
        consecutive_failures: Option<i64>,
        /// The times at which it is not done.
        exclusion_rules: Vec<Value>,
        /// What MUXI keeps with it.
        metadata (job_metadata = "job_metadata"): Map<String, Value>,
    } rest {}
}

impl ScheduledJob {
    /// When it is done; `None` where MUXI does not say.
    pub fn schedule(&self) -> Option<Schedule> {
        let at = self.scheduled_for.map(Schedule::At);
        let cron = self.cron_expression.clone().map(Schedule::Cron);
        if self.is_recurring == Some(false) { at.or(cron) } else { cron.or(at) }
    }
}

impl Decode<types::ScheduledJobList, Formation> for Vec<ScheduledJob> {
    #[inline]
    fn decode(generated: types::ScheduledJobList) -> Result<Self, String> {
        let types::ScheduledJobList { jobs, count: _ } = generated;
        Decode::<Vec<types::ScheduledJob>, Formation>::decode(jobs)
    }

    agent_platform_core::rows_in!("jobs" of types::ScheduledJob, Formation);
}

impl Decode<types::ScheduledJobState, Formation> for JobStatus {
    #[inline]
    fn decode(generated: types::ScheduledJobState) -> Result<Self, String> {
        let types::ScheduledJobState { id: _, status } = generated;
        Ok(status.into())
    }
}
