//! What starts a task by itself: the clock, a post to a URL, an e-mail, or something that happens in an app.

use std::time::Duration;

use agent_platform_core::{JsonObject, Timestamp, json_object, request};
use m8tes_web_backend_client::{operations, types};
use serde::Serialize;

use crate::id::{TaskId, TriggerId};
use crate::model::Trigger;
use crate::platform::Session;
use crate::scoped::Scoped;

/// The triggers of a task; from [`Tasks::triggers`](super::Tasks::triggers).
#[derive(Clone, Copy, Debug)]
pub struct Triggers<'c> {
    session: &'c Session,
    task: TaskId,
}

impl<'c> Triggers<'c> {
    pub(super) fn new(session: &'c Session, task: TaskId) -> Self {
        Self { session, task }
    }

    /// Has the task started so.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// use m8tes_sdk::tasks::triggers::{NewTrigger, Schedule};
    ///
    /// let triggers = client.tasks().triggers(10);
    /// // Every weekday at nine.
    /// triggers.create(Schedule::cron("0 9 * * 1-5")).timezone("Europe/Berlin").await?;
    /// let trigger = triggers.create(NewTrigger::Webhook).await?;
    /// println!("{}", trigger.url.unwrap_or_default());
    /// let trigger = triggers.create(NewTrigger::Email).await?;
    /// println!("{}", trigger.address.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(self, trigger: impl Into<NewTrigger>) -> CreateTrigger<'c> {
        let mut body = types::TriggerCreate {
            allowed_senders: None,
            app: None,
            cron: None,
            interval_seconds: None,
            run_at: None,
            timezone: "UTC".to_owned(),
            trigger_config: None,
            trigger_name: None,
            type_: types::TriggerCreateType::Schedule,
            user_id: None,
        };
        let mut problem = None;
        match trigger.into() {
            NewTrigger::Schedule(schedule) => (body.cron, body.interval_seconds, body.run_at) = schedule.parts(),
            NewTrigger::Webhook => body.type_ = types::TriggerCreateType::Webhook,
            NewTrigger::Email => body.type_ = types::TriggerCreateType::Email,
            NewTrigger::App(AppTrigger { app, trigger_name, config }) => {
                body.type_ = types::TriggerCreateType::App;
                (body.app, body.trigger_name) = (Some(app), Some(trigger_name));
                match config.transpose() {
                    Ok(config) => body.trigger_config = config,
                    Err(wrong) => problem = Some(format!("the trigger's configuration {wrong}")),
                }
            }
        }
        CreateTrigger { problem, ..CreateTrigger::new(self.session, self.task, body) }
    }

    /// All triggers of the task.
    #[inline]
    pub fn list(self) -> Scoped<'c, Vec<Trigger>> {
        let task = self.task.get();
        Scoped::new(self.session, &operations::LIST_TRIGGERS, async move |request, user| {
            let outcome = request.api.list_triggers(task, user.as_deref()).await;
            request.finish(outcome)
        })
    }

    /// Changes a trigger: what is not said stays as it is, but that a new form of schedule takes the place of the one before.
    pub fn update(self, trigger: impl Into<TriggerId>) -> UpdateTrigger<'c> {
        UpdateTrigger::new(self.session, (self.task, trigger.into()), types::TriggerUpdate::default())
    }

    /// Takes a trigger away.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for a task's own webhook or e-mail: see
    /// [`disable_webhook`](super::Tasks::disable_webhook).
    pub fn delete(self, trigger: impl Into<TriggerId>) -> Scoped<'c, ()> {
        let (task, trigger) = (self.task.get(), trigger.into());
        Scoped::new(self.session, &operations::DELETE_TRIGGER, async move |request, user| {
            let outcome = request.api.delete_trigger(task, request.segment(&trigger)?, user.as_deref()).await;
            request.finish_deletion(outcome)
        })
    }
}

/// What is to start a task.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum NewTrigger {
    /// The clock.
    Schedule(Schedule),
    /// Whoever posts to the [`url`](Trigger::url) that the trigger is given.
    Webhook,
    /// Whoever writes to the [`address`](Trigger::address) that the trigger is given.
    Email,
    /// Something that happens in an app.
    App(AppTrigger),
}

/// When a task is to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// As five fields of cron, such as `0 9 * * 1-5`.
    Cron(String),
    /// Over and over, with so much time between. m8tes counts whole seconds.
    Every(Duration),
    /// Once.
    At(Timestamp),
}

impl Schedule {
    /// As five fields of cron: minute, hour, day of the month, month, day of the week.
    pub fn cron(cron: impl Into<String>) -> Self {
        Self::Cron(cron.into())
    }

    /// Over and over, with so much time between, rounded up to whole seconds.
    pub fn every(interval: Duration) -> Self {
        Self::Every(interval)
    }

    /// Once, at this time.
    pub fn at(time: Timestamp) -> Self {
        Self::At(time)
    }

    /// The fields of the wire: cron, seconds, time.
    fn parts(self) -> (Option<String>, Option<i64>, Option<String>) {
        match self {
            Self::Cron(cron) => (Some(cron), None, None),
            Self::Every(interval) => {
                let seconds = interval.as_secs().saturating_add(u64::from(interval.subsec_nanos() > 0));
                (None, Some(i64::try_from(seconds).unwrap_or(i64::MAX)), None)
            }
            Self::At(time) => (None, None, Some(time.to_string())),
        }
    }
}

impl From<Schedule> for NewTrigger {
    fn from(schedule: Schedule) -> Self {
        Self::Schedule(schedule)
    }
}

/// Something that happens in an app.
#[derive(Clone, Debug)]
pub struct AppTrigger {
    app: String,
    trigger_name: String,
    config: Option<JsonObject>,
}

impl AppTrigger {
    /// What happens, by m8tes' own name for it, in this app.
    pub fn new(app: impl Into<String>, trigger_name: impl Into<String>) -> Self {
        Self { app: app.into(), trigger_name: trigger_name.into(), config: None }
    }

    /// What more is to be said of that: anything that serializes to a JSON object.
    #[must_use]
    pub fn config(mut self, config: impl Serialize) -> Self {
        self.config = Some(json_object(config));
        self
    }
}

impl From<AppTrigger> for NewTrigger {
    fn from(trigger: AppTrigger) -> Self {
        Self::App(trigger)
    }
}

request! {
    /// The request of [`Triggers::create`].
    CreateTrigger(TaskId, types::TriggerCreate) -> Trigger, CREATE_TRIGGER {
        /// Who may write to it, where it is started by e-mail.
        texts allowed_senders: allowed_senders;
        /// The user of yours whose task it is, instead of the client's.
        scope user: user;
    }
    |request, task, body, user| {
        body.user_id = user.clone();
        request.api.create_trigger(task.get(), user.as_deref(), &body).await
    }
}

impl CreateTrigger<'_> {
    /// The time zone that a schedule is meant in, such as `Europe/Berlin`. UTC unless set.
    pub fn timezone(mut self, timezone: impl Into<String>) -> Self {
        self.body.timezone = timezone.into();
        self
    }
}

request! {
    /// The request of [`Triggers::update`].
    UpdateTrigger((TaskId, TriggerId), types::TriggerUpdate) -> Trigger, UPDATE_TRIGGER {
        /// Whether it starts the task.
        flag enabled: enabled;
        /// The time zone that a schedule is meant in.
        text timezone: timezone;
        /// The user of yours whose task it is, instead of the client's.
        scope user: user;
    }
    |request, ids, body, user| {
        let (task, trigger) = ids;
        request.api.update_trigger(task.get(), request.segment(&trigger)?, user.as_deref(), &body).await
    }
}

impl UpdateTrigger<'_> {
    /// When it starts the task, instead of the schedule before.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        (self.body.cron, self.body.interval_seconds, self.body.run_at) = schedule.parts();
        self
    }
}
