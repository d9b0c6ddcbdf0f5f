//! Tasks and what starts them.

use agent_platform_core::answered::{FromAnswer, Rest};
use agent_platform_core::{Decode, Timestamp, enums_in_answers, model, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

use super::PermissionMode;
use super::page::page;
use crate::id::{TaskId, TeammateId, TriggerId, UserId};
use crate::platform::M8tes;

open_enum! {
    /// Whether a task can be run.
    TaskStatus {
        /// It can.
        Enabled = "enabled",
        /// It can't, until it is enabled again.
        Disabled = "disabled",
        /// It is put away.
        Archived = "archived",
    }
}

open_enum! {
    /// What starts a task.
    TriggerKind {
        /// The clock.
        Schedule = "schedule",
        /// Whoever posts to its URL.
        Webhook = "webhook",
        /// Whoever writes to its address.
        Email = "email",
        /// Something that happens in an app.
        App = "app",
    }
}

enums_in_answers!(M8tes; TaskStatus, TriggerKind);

model! {
    M8tes;
    /// A task: work that is told once, and done each time that it is run.
    Task from types::Task {
        /// The task's id.
        id: TaskId,
        /// Who does it.
        teammate_id: TeammateId,
        /// The name.
        name: Option<String>,
        /// What is to be done.
        instructions: String,
        /// The tools that it may use, by name, such as `gmail`.
        tools: Vec<String>,
        /// What it is to bring.
        expected_output: Option<String>,
        /// What it is to achieve.
        goals: Option<String>,
        /// The user of yours that it is for, if it is for one alone.
        user_id: Option<UserId>,
        /// Whether it can be run; an empty `Other` where m8tes does not say.
        status: TaskStatus,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// When it was changed last.
        updated_at: Option<Timestamp>,
        /// What its runs may do without asking.
        permission_mode: Option<PermissionMode>,
        /// Whether e-mails tell of its runs.
        email_notifications: bool,
        /// Whether a webhook starts it.
        webhook_enabled: bool,
        /// That webhook's URL, of which only a part is shown.
        webhook_url: Option<String>,
        /// The model that it works with; the teammate's where there is none.
        model: Option<String>,
        /// How hard that model thinks, by m8tes' own name.
        effort: Option<String>,
    } rest {
        app_trigger_count,
        enable_feedback,
        enable_history,
        enable_lessons,
        enable_memory,
        enable_task_setup_tools,
        is_bootstrap,
        is_modified,
        source,
        source_template_task_slug,
        user_recommends_removal,
        workflow_stage,
    }
}

page!(TaskPage of Task, TaskPageNextStartingAfter);

model! {
    M8tes;
    /// What starts a task.
    Trigger from types::Trigger {
        /// The trigger's id.
        id: TriggerId,
        /// What it is.
        kind (type_ = "type"): TriggerKind,
        /// Whether it starts the task.
        enabled: bool,
        /// When it does, as five fields of cron.
        cron: Option<String>,
        /// Each how many seconds it does.
        interval_seconds: Option<i64>,
        /// The one time when it does.
        run_at: Option<Timestamp>,
        /// By which time zone, such as `Europe/Berlin`.
        timezone: String,
        /// When it does next.
        next_run: Option<Timestamp>,
        /// Where to post to for it to start.
        url: Option<String>,
        /// Where to write to for it to start.
        address: Option<String>,
        /// The task that it starts.
        task_id: Option<TaskId>,
        /// That task's name.
        task_name: Option<String>,
        /// The app in which something has to happen.
        app: Option<String>,
        /// What has to happen there.
        trigger_name: Option<String>,
        /// What more is said of that.
        trigger_config: Option<Map<String, Value>>,
    } rest {}
}

impl FromAnswer<types::TriggerId, M8tes> for TriggerId {
    #[inline]
    fn take(generated: types::TriggerId, _: &str, _: &mut Rest) -> Self {
        match generated {
            types::TriggerId::String(id) => id.into(),
            types::TriggerId::Integer(id) => id.into(),
        }
    }
}

/// A list of triggers comes by itself, or in an object.
impl Decode<types::TriggerList, M8tes> for Vec<Trigger> {
    #[inline]
    fn decode(generated: types::TriggerList) -> Result<Self, String> {
        let triggers = match generated {
            types::TriggerList::Array(triggers) => triggers,
            types::TriggerList::TriggerListObject(list) => list.data,
        };
        Decode::<_, M8tes>::decode(triggers)
    }

    #[inline]
    fn salvage(mut json: Value) -> Option<Self> {
        let rows = json.get_mut("data").map(Value::take).unwrap_or(json);
        <Self as Decode<Vec<types::Trigger>, M8tes>>::salvage(rows)
    }
}
