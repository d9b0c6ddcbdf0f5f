//! How a run is to work: what a request says of it, and what holds where it says nothing.

use serde::Deserialize;
use serde_json::Value;

use super::{check, text, tools_of};
use crate::{error::Failure, script::Toggles, store::runs::Asked};

/// What a request says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct Options {
    human_in_the_loop: Option<bool>,
    permission_mode: Option<String>,
    max_turns: Option<i64>,
    model: Option<String>,
    effort: Option<String>,
    memory: Option<bool>,
    history: Option<bool>,
    task_setup_tools: Option<bool>,
    feedback: Option<bool>,
}

impl Options {
    /// What a run is asked for with these options, for a teammate and maybe a task of it, and its permission mode. Where the
    /// mode is one of theirs that asks people, people are in the loop unless the request says otherwise.
    ///
    /// # Errors
    ///
    /// If the request asks for what can't be.
    pub(in crate::routes) fn of(
        self,
        teammate: &Value,
        task: Option<&Value>,
        message: String,
    ) -> Result<(Asked, Option<String>), Failure> {
        check(self.permission_mode.as_deref(), self.human_in_the_loop == Some(true), self.max_turns)?;
        let set = |name| task.and_then(|task| text(task, name)).or_else(|| text(teammate, name)).map(str::to_owned);
        let is_on = |asked: Option<bool>, name: &str| {
            let of = |object: &Value| object.get(name).and_then(Value::as_bool);
            asked.or_else(|| task.and_then(of)).or_else(|| of(teammate)).unwrap_or(true)
        };
        let is_alone = self.human_in_the_loop == Some(false);
        let inherited = task.and_then(|task| text(task, "permission_mode"));
        let inherited = inherited.or_else(|| text(teammate, "default_permission_mode")).filter(|_| !is_alone);
        let asks_people = self.permission_mode.is_none() && inherited.is_some_and(|mode| mode != "autonomous");
        let asked = Asked {
            message,
            tools: task.map(tools_of).filter(|tools| !tools.is_empty()).unwrap_or_else(|| tools_of(teammate)),
            human_in_the_loop: self.human_in_the_loop.unwrap_or(asks_people),
            max_turns: self.max_turns,
            model: self.model.or_else(|| set("model")),
            effort: self.effort.or_else(|| set("effort")),
            toggles: Toggles {
                memory: is_on(self.memory, "enable_memory"),
                history: is_on(self.history, "enable_history"),
                task_setup_tools: is_on(self.task_setup_tools, "enable_task_setup_tools"),
                feedback: is_on(self.feedback, "enable_feedback"),
            },
            ..Asked::default()
        };
        Ok((asked, self.permission_mode.or_else(|| inherited.map(str::to_owned))))
    }
}
