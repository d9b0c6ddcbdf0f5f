//! Tasks: work that is told once, and done each time that it is run.

pub mod triggers;

use agent_platform_core::{for_user, request, resource, scoped};
use m8tes_web_backend_client::{operations, types};

use crate::id::{TaskId, TeammateId};
use crate::model::{PermissionMode, Task, TaskStatus, TeammateWebhook};
use crate::pages::list;
use crate::runs::of_task::Order;
use crate::scoped::Scoped;
use triggers::Triggers;

pub use crate::runs::of_task::{RunTask, RunTaskAndWait, StreamTask};

resource! {
    /// Tasks; from [`Client::tasks`](crate::Client::tasks).
    Tasks
}

impl<'c> Tasks<'c> {
    /// Makes a task for a teammate.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// use m8tes_sdk::tasks::triggers::Schedule;
    ///
    /// let task = client.tasks().create(7, "generate weekly report").await?;
    /// client.tasks().triggers(task.id).create(Schedule::cron("0 9 * * 1")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(self, teammate: impl Into<TeammateId>, instructions: impl Into<String>) -> CreateTask<'c> {
        let body = types::TaskCreate {
            effort: None,
            email_notifications: None,
            enable_feedback: None,
            enable_history: None,
            enable_lessons: None,
            enable_memory: None,
            enable_task_setup_tools: None,
            expected_output: None,
            goals: None,
            instructions: instructions.into(),
            model: None,
            name: None,
            permission_mode: None,
            schedule: None,
            schedule_timezone: None,
            teammate_id: teammate.into().get(),
            tools: None,
            user_id: None,
            webhook: None,
            workflow_stage: None,
        };
        CreateTask::new(self.session, (), body)
    }

    /// The account's tasks.
    pub fn list(self) -> ListTasks<'c> {
        ListTasks::new(self.session, ())
    }

    /// Changes a task: what is not said stays as it is.
    pub fn update(self, task: impl Into<TaskId>) -> UpdateTask<'c> {
        UpdateTask::new(self.session, task.into(), types::TaskUpdate::default())
    }

    /// Runs a task, and returns as soon as m8tes has taken it. [`Runs::wait`](crate::runs::Runs::wait) tells its end.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let run = client.tasks().run(10).await?;
    /// let run = client.runs().wait(run.id).await?;
    /// # let _ = run;
    /// # Ok(())
    /// # }
    /// ```
    pub fn run(self, task: impl Into<TaskId>) -> RunTask<'c> {
        RunTask::new(self.session, Order::of(task.into()))
    }

    /// Runs a task, and streams its work, as [`Runs::stream`](crate::runs::Runs::stream) does.
    ///
    /// ```no_run
    /// use futures::TryStreamExt;
    ///
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let mut text = client.tasks().run_stream(10).await?.into_text();
    /// while let Some(piece) = text.try_next().await? {
    ///     print!("{piece}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn run_stream(self, task: impl Into<TaskId>) -> StreamTask<'c> {
        StreamTask::new(self.session, Order::of(task.into()))
    }

    /// Runs a task, and waits for its end, as [`Runs::create_and_wait`](crate::runs::Runs::create_and_wait) does: a run that
    /// is not over in time, or that nobody waits for any more, is cancelled.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let run = client.tasks().run_and_wait(10).await?;
    /// println!("{}", run.output.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Runs::create_and_wait`](crate::runs::Runs::create_and_wait).
    pub fn run_and_wait(self, task: impl Into<TaskId>) -> RunTaskAndWait<'c> {
        RunTaskAndWait::new(self.session, Order::of(task.into()))
    }

    /// What starts a task by itself.
    pub fn triggers(self, task: impl Into<TaskId>) -> Triggers<'c> {
        Triggers::new(self.session, task.into())
    }

    /// Whether the URL that [`enable_webhook`](Self::enable_webhook) made starts the task; it stays the same.
    pub fn set_webhook_enabled(self, task: impl Into<TaskId>, enabled: bool) -> Scoped<'c, TeammateWebhook> {
        let task = task.into().get();
        Scoped::new(self.session, &operations::SET_TASK_WEBHOOK_ENABLED, async move |request, user| {
            let body = types::WebhookToggle { enabled };
            let outcome = request.api.set_task_webhook_enabled(task, user.as_deref(), &body).await;
            request.finish(outcome)
        })
    }
}

scoped! {
    Tasks;
    /// A task as it is now.
    get(task: TaskId) -> Task, GET_TASK, |request, user| request.api.get_task(task.get(), user).await;
    /// Puts a task away. One that is put away already is fine.
    delete(task: TaskId) -> (), DELETE_TASK, |request, user| request.api.delete_task(task.get(), user).await;
    /// Makes a URL that starts the task when something is posted to it. It is told whole this once; where there was one
    /// before, that one is dead.
    enable_webhook(task: TaskId) -> TeammateWebhook, ENABLE_TASK_WEBHOOK, |request, user| request.api.enable_task_webhook(task.get(), user).await;
    /// Takes that URL away for good.
    disable_webhook(task: TaskId) -> (), DISABLE_TASK_WEBHOOK, |request, user| request.api.disable_task_webhook(task.get(), user).await;
}

request! {
    /// The request of [`Tasks::create`].
    CreateTask((), types::TaskCreate) -> Task, CREATE_TASK {
        /// The name.
        text name: name;
        /// The tools that it may use, by name, such as `gmail`. The teammate's unless set.
        texts tools: tools;
        /// What it is to bring.
        text expected_output: expected_output;
        /// What it is to achieve.
        text goals: goals;
        /// The user of yours that it is for alone: the teammate's, if that is one user's.
        scope user: user;
        /// Whether e-mails tell of its runs. They do unless set.
        flag email_notifications: email_notifications;
        /// Whether it has a webhook from the start.
        flag webhook: webhook;
        /// When it is run, as five fields of cron.
        text schedule: schedule;
        /// By which time zone, such as `Europe/Berlin`.
        text schedule_timezone: schedule_timezone;
        /// The model that it works with. The teammate's unless set.
        text model: model;
        /// How hard that model thinks, by m8tes' own name.
        text effort: effort;
        /// What its runs may do without asking.
        choice permission_mode: permission_mode as PermissionMode;
        /// How far it has got in your own way of working.
        text workflow_stage: workflow_stage;
        /// Whether its runs remember. As the teammate is set unless said.
        flag enable_memory: enable_memory;
        /// Whether its runs know the runs before. As the teammate is set unless said.
        flag enable_history: enable_history;
        /// Whether its runs have the tools that set up tasks.
        flag enable_task_setup_tools: enable_task_setup_tools;
        /// Whether its runs can send feedback to m8tes.
        flag enable_feedback: enable_feedback;
        /// Whether its runs learn from those before.
        flag enable_lessons: enable_lessons;
    }
    |request, _none, body, user| {
        body.user_id = user;
        request.api.create_task(&body).await
    }
}

request! {
    /// The request of [`Tasks::update`]. Where `None` may be given, it means: as the teammate is set.
    UpdateTask(TaskId, types::TaskUpdate) -> Task, UPDATE_TASK {
        /// The name.
        text name: name;
        /// What is to be done.
        text instructions: instructions;
        /// The tools that it may use, by name, instead of those before.
        texts tools: tools;
        /// What it is to bring.
        text expected_output: expected_output;
        /// What it is to achieve.
        text goals: goals;
        /// The user of yours that it is asked for, instead of the client's.
        scope user: user;
        /// Whether it can be run: `Enabled` or `Disabled`.
        choice status: status as TaskStatus;
        /// Whether e-mails tell of its runs.
        flag email_notifications: email_notifications;
        /// The model that it works with.
        nullable_text model: model;
        /// How hard that model thinks, by m8tes' own name.
        nullable_text effort: effort;
        /// What its runs may do without asking.
        choice permission_mode: permission_mode as PermissionMode;
        /// How far it has got in your own way of working.
        text workflow_stage: workflow_stage;
        /// Whether its runs remember.
        nullable_flag enable_memory: enable_memory;
        /// Whether its runs know the runs before.
        nullable_flag enable_history: enable_history;
        /// Whether its runs have the tools that set up tasks.
        nullable_flag enable_task_setup_tools: enable_task_setup_tools;
        /// Whether its runs can send feedback to m8tes.
        nullable_flag enable_feedback: enable_feedback;
        /// Whether its runs learn from those before.
        flag enable_lessons: enable_lessons;
    }
    |request, task, body, user| request.api.update_task(task.get(), user.as_deref(), &body).await
}

list! {
    /// The request of [`Tasks::list`].
    ListTasks(()) of Task, LIST_TASKS {
        /// Those of this teammate alone.
        teammate: TeammateId;
        /// Whether those are listed, too, that were put away. They are not unless set.
        include_archived: bool;
    }
    |request, this, limit, cursor, user| {
        let archived = this.include_archived.map(|archived| match archived {
            true => types::ListTasksIncludeArchived::True,
            false => types::ListTasksIncludeArchived::False,
        });
        request.api.list_tasks(archived, limit, cursor, this.teammate.map(TeammateId::get), user).await
    }
}
for_user!(ListTasks);
