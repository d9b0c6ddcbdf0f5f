//! Scheduled jobs.

use agent_platform_core::{Decode, Malformed, Timestamp, open_enum};
use muxi_formation_client::types;
use serde_json::{Map, Value};

use super::written_time;
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

/// Something that the formation is told at set times.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScheduledJob {
    /// Its id.
    pub id: JobId,
    /// Whose it is; `0` where no user was named.
    pub user_id: Option<UserId>,
    /// What it is called.
    pub title: Option<String>,
    /// What the formation is told.
    pub message: String,
    /// What MUXI makes of that.
    pub execution_prompt: Option<String>,
    /// When it is done; `None` where MUXI does not say.
    pub schedule: Option<Schedule>,
    /// Whether it is done.
    pub status: JobStatus,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was changed.
    pub updated_at: Option<Timestamp>,
    /// When it was done last.
    pub last_run_at: Option<Timestamp>,
    /// How that went: `success` or `failed`.
    pub last_run_status: Option<String>,
    /// Why it failed, where it did.
    pub last_run_failure: Option<String>,
    /// How often it was done.
    pub total_runs: Option<i64>,
    /// How often it failed.
    pub total_failures: Option<i64>,
    /// How often in a row it has failed.
    pub consecutive_failures: Option<i64>,
    /// The times at which it is not done.
    pub exclusion_rules: Vec<Value>,
    /// What MUXI keeps with it.
    pub metadata: Map<String, Value>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::ScheduledJob, Formation> for ScheduledJob {
    fn decode(generated: types::ScheduledJob) -> Result<Self, String> {
        let types::ScheduledJob {
            id,
            user_id,
            title,
            original_prompt,
            execution_prompt,
            is_recurring,
            cron_expression,
            scheduled_for,
            exclusion_rules,
            status,
            created_at,
            updated_at,
            last_run_at,
            last_run_status,
            last_run_failure_message,
            total_runs,
            total_failures,
            consecutive_failures,
            job_metadata,
        } = generated;
        let mut malformed = Malformed::default();
        let at = written_time(scheduled_for, "scheduled_for", &mut malformed).map(Schedule::At);
        let cron = cron_expression.map(Schedule::Cron);
        Ok(Self {
            id: id.into(),
            user_id: user_id.map(UserId::from),
            title,
            message: original_prompt.unwrap_or_default(),
            execution_prompt,
            schedule: if is_recurring == Some(false) { at.or(cron) } else { cron.or(at) },
            status: status.into(),
            created_at: written_time(created_at, "created_at", &mut malformed),
            updated_at: written_time(updated_at, "updated_at", &mut malformed),
            last_run_at: written_time(last_run_at, "last_run_at", &mut malformed),
            last_run_status,
            last_run_failure: last_run_failure_message,
            total_runs,
            total_failures,
            consecutive_failures,
            exclusion_rules: exclusion_rules.unwrap_or_default(),
            metadata: job_metadata.unwrap_or_default(),
            malformed,
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::ScheduledJobList, Formation> for Vec<ScheduledJob> {
    fn decode(generated: types::ScheduledJobList) -> Result<Self, String> {
        let types::ScheduledJobList { jobs, count: _ } = generated;
        Decode::<Vec<types::ScheduledJob>, Formation>::decode(jobs)
    }

    agent_platform_core::rows_in!("jobs" of types::ScheduledJob, Formation);
}

impl Decode<types::ScheduledJobState, Formation> for JobStatus {
    fn decode(generated: types::ScheduledJobState) -> Result<Self, String> {
        let types::ScheduledJobState { id: _, status } = generated;
        Ok(status.into())
    }
}
