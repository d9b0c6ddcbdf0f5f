//! Jobs: what the formation is told again and again, or once at a later time.

use agent_platform_core::answered::read_time;
use agent_platform_core::{Timestamp, for_user, request, resource, scoped, send_on_await};
use muxi_formation_client::{operations, types};

use crate::error::Error;
use crate::id::{JobId, UserId};
use crate::model::{JobStatus, ScheduledJob};
use crate::platform::{Session, request_for};

resource! {
    /// What the formation is told at set times; from [`FormationClient::jobs`](crate::FormationClient::jobs). All but the list
    /// take the admin key. A job that is named by its id is found whosever it is.
    Jobs
}

/// When a job is done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// Again and again: a cron expression of 5 to 7 fields, such as `0 9 * * 1-5`, in the time zone of the formation's
    /// scheduler.
    Cron(String),
    /// Once, at a time that is to come.
    At(Timestamp),
}

impl Schedule {
    /// Again and again, by this cron expression. MUXI takes `0 9 * * *` for nine o'clock of each day in the scheduler's time
    /// zone, not in UTC.
    pub fn cron(expression: impl Into<String>) -> Self {
        Self::Cron(expression.into())
    }

    /// Once, at this time.
    pub fn at(time: Timestamp) -> Self {
        Self::At(time)
    }
}

/// Once, at this time.
impl From<Timestamp> for Schedule {
    fn from(time: Timestamp) -> Self {
        Self::At(time)
    }
}

/// Once, where the text is a time, and else again and again, by the cron expression that it is. A time without an offset is one
/// in UTC; one with another offset is sent as the same time in UTC.
///
/// ```
/// use muxi_sdk::Schedule;
///
/// assert_eq!(Schedule::from("0 9 * * *"), Schedule::cron("0 9 * * *"));
/// assert_eq!(Schedule::from("2030-01-02T09:00:00+02:00"), Schedule::from("2030-01-02T07:00:00"));
/// ```
impl From<&str> for Schedule {
    fn from(text: &str) -> Self {
        read_time(text).map_or_else(|| Self::cron(text), Self::At)
    }
}

impl From<String> for Schedule {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

/// As it is sent. In UTC: MUXI drops an offset, and does not convert it.
impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        match schedule {
            Schedule::Cron(expression) => expression,
            Schedule::At(time) => time.to_string(),
        }
    }
}

scoped! {
    Jobs;
    /// The jobs of the user that the call is made for, the newest first; without a user all there are, which takes the admin
    /// key.
    list() -> Vec<ScheduledJob>, LIST_JOBS, |request, _user| request.api.list_jobs().await;
}

impl<'c> Jobs<'c> {
    /// Has the formation be told this at these times. Its attempts carry one key, by which MUXI makes one job of them.
    ///
    /// ```no_run
    /// use muxi_sdk::Schedule;
    ///
    /// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
    /// let job = formation.jobs().create("Generate daily summary", Schedule::cron("0 9 * * *")).user("user_123").await?;
    /// formation.jobs().pause(&job.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the cron expression is none, if the time has passed, or if the formation has
    /// no memory that lasts.
    pub fn create(self, message: impl Into<String>, schedule: impl Into<Schedule>) -> CreateJob<'c> {
        CreateJob { session: self.session, message: message.into(), schedule: schedule.into(), user: None, key: None }
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such job.
    pub async fn get(self, job: impl Into<JobId>) -> Result<ScheduledJob, Error> {
        let job = job.into();
        let request = request_for(self.session, &operations::GET_JOB, None)?;
        let outcome = request.api.get_job(request.segment(&job)?).await;
        request.finish(outcome)
    }

    /// Changes it. MUXI makes another job of one that is told something else: what is answered has another id then, and the old
    /// one is gone. It is sent once.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such job. [`BackendFailed`](crate::ErrorKind::BackendFailed) if it is
    /// another user's, if the cron expression is none, or if a job that is done once is told something else.
    pub fn update(self, job: impl Into<JobId>) -> UpdateJob<'c> {
        UpdateJob::new(self.session, job.into(), types::ScheduledJobUpdate::default())
    }

    /// Does it no more.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn delete(self, job: impl Into<JobId>) -> Result<(), Error> {
        let job = job.into();
        let request = request_for(self.session, &operations::DELETE_JOB, None)?;
        let outcome = request.api.delete_job(request.segment(&job)?).await;
        request.finish_deletion(outcome)
    }

    /// Does it no more until it is [resumed](Self::resume); what it is then.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such job, or if it is not active.
    pub async fn pause(self, job: impl Into<JobId>) -> Result<JobStatus, Error> {
        let job = job.into();
        let request = request_for(self.session, &operations::PAUSE_JOB, None)?;
        let outcome = request.api.pause_job(request.segment(&job)?).await;
        request.finish(outcome)
    }

    /// Does it again; what it is then.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such job, or if it was not paused.
    pub async fn resume(self, job: impl Into<JobId>) -> Result<JobStatus, Error> {
        let job = job.into();
        let request = request_for(self.session, &operations::RESUME_JOB, None)?;
        let outcome = request.api.resume_job(request.segment(&job)?).await;
        request.finish(outcome)
    }
}

/// The request of [`Jobs::create`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CreateJob<'c> {
    session: &'c Session,
    message: String,
    schedule: Schedule,
    user: Option<UserId>,
    key: Option<String>,
}

for_user!(CreateJob);

impl CreateJob<'_> {
    /// The key that it is to be made once by: for a day MUXI answers the same user and key as it answered the first time,
    /// whatever the job is. A new one unless set.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    async fn send(self) -> Result<ScheduledJob, Error> {
        let request = request_for(self.session, &operations::CREATE_JOB, self.user.as_ref())?;
        let request = request.with_idempotency_key(self.key);
        if self.message.is_empty() {
            return Err(request.refuse("the message is empty, and MUXI makes no job of none"));
        }
        let type_ = match self.schedule {
            Schedule::Cron(_) => "recurring",
            Schedule::At(_) => "one_time",
        };
        let schedule = String::from(self.schedule);
        let body = types::ScheduledJobCreate { message: self.message, schedule, type_: type_.to_owned() };
        let outcome = request.api.create_job(&body).await;
        request.finish(outcome)
    }
}

send_on_await!(CreateJob, ScheduledJob);

request! {
    /// The request of [`Jobs::update`].
    UpdateJob(JobId, types::ScheduledJobUpdate) -> ScheduledJob, UPDATE_JOB {
        /// What the formation is told from now on.
        text message: message;
        /// When it is done from now on.
        name schedule: schedule as Schedule;
        /// What it is called from now on.
        text title: title;
        /// The user of yours that it is for, instead of the client's.
        scope user: user;
    }
    |request, job, body, _user| request.api.update_job(request.segment(&job)?, &body).await
}
