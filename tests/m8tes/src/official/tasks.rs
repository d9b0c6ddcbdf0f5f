//! Tasks and their triggers.

use std::time::Duration;

use m8tes_sdk::tasks::triggers::{AppTrigger, NewTrigger, Schedule};
use m8tes_sdk::{Client, TriggerId};
use serde_json::Value;

use super::given::{number, text};
use super::runs::{drain, waits};
use super::{Failed, Given, Sent, json_of, list, no_method, run, say, scoped, thing};

pub(super) async fn make(client: &Client, method: &str, mut given: Given, pages: bool) -> Sent {
    let tasks = client.tasks();
    if method == "create" {
        let teammate = given.take("agent_id").or_else(|| given.next("teammate_id")).unwrap_or_default();
        let instructions = given.take("message").or_else(|| given.next("instructions")).unwrap_or_default();
        let mut request = tasks.create(super::given::id(&teammate)?, text(&instructions)?);
        say!(given, request: text name, texts tools, text expected_output, text goals, text user = "user_id",
            flag email_notifications, flag webhook, text schedule, text schedule_timezone, text model, text effort,
            choice permission_mode, text workflow_stage, flag enable_memory, flag enable_history,
            flag enable_task_setup_tools, flag enable_feedback, flag enable_lessons);
        given.is_used_up()?;
        return thing(&request.await?);
    }
    if method == "list" {
        let mut request = tasks.list();
        say!(given, request: id teammate = "teammate_id", text user = "user_id", flag include_archived);
        return list!(given, request, pages, json_of);
    }
    let id = given.id("task_id")?;
    /// What is said of a run of a task.
    macro_rules! runs {
        ($request:ident) => {
            say!(given, $request: text user = "user_id", object metadata, flag memory, flag history,
                flag task_setup_tools, flag feedback, flag human_in_the_loop, choice permission_mode, text model,
                text effort, number max_turns, text idempotency_key);
        };
    }
    match method {
        "get" => scoped!(given, tasks.get(id)),
        "delete" => scoped!(given, tasks.delete(id)),
        "enable_webhook" => scoped!(given, tasks.enable_webhook(id)),
        "set_webhook_enabled" => {
            let enabled = given.is("enabled");
            scoped!(given, tasks.set_webhook_enabled(id, enabled))
        }
        "disable_webhook" => scoped!(given, tasks.disable_webhook(id)),
        "update" => {
            let mut request = tasks.update(id);
            say!(given, request: text user = "user_id", text name, text instructions, texts tools,
                text expected_output, text goals, flag email_notifications, nullable_text model, nullable_text effort,
                choice permission_mode, nullable_flag enable_memory, nullable_flag enable_history, flag enable_lessons,
                choice status, text workflow_stage);
            given.is_used_up()?;
            thing(&request.await?)
        }
        "run" if given.take("stream") == Some(Value::Bool(false)) => {
            let mut request = tasks.run(id);
            runs!(request);
            given.is_used_up()?;
            run(&request.await?)
        }
        "run" => {
            let mut request = tasks.run_stream(id).rejoins(0);
            runs!(request);
            given.is_used_up()?;
            drain(request.await?, false).await
        }
        "run_and_wait" => {
            let mut request = tasks.run_and_wait(id);
            runs!(request);
            waits!(given, request, "poll_interval");
            given.is_used_up()?;
            run(&request.await?)
        }
        other => Err(no_method(other)),
    }
}

pub(super) async fn make_with_triggers(client: &Client, method: &str, mut given: Given) -> Sent {
    let triggers = client.tasks().triggers(given.id("task_id")?);
    match method {
        "list" => scoped!(given, triggers.list()),
        "create" => {
            let kind = given.text("type")?;
            let new: NewTrigger = match kind.as_str() {
                "schedule" => schedule(&mut given)?.ok_or_else(|| no_method("schedule without a time"))?.into(),
                "webhook" => NewTrigger::Webhook,
                "email" => NewTrigger::Email,
                "app" => {
                    let app = AppTrigger::new(given.text("app")?, given.text("trigger_name")?);
                    match given.take("trigger_config") {
                        Some(config) => app.config(config),
                        None => app,
                    }
                    .into()
                }
                other => return Err(no_method(other)),
            };
            let mut request = triggers.create(new);
            say!(given, request: text timezone, texts allowed_senders, text user = "user_id");
            given.is_used_up()?;
            thing(&request.await?)
        }
        "update" => {
            let mut request = triggers.update(trigger(&mut given)?);
            if let Some(schedule) = schedule(&mut given)? {
                request = request.schedule(schedule);
            }
            say!(given, request: flag enabled, text timezone, text user = "user_id");
            given.is_used_up()?;
            thing(&request.await?)
        }
        "delete" => {
            let id = trigger(&mut given)?;
            scoped!(given, triggers.delete(id))
        }
        other => Err(no_method(other)),
    }
}

fn trigger(given: &mut Given) -> Result<TriggerId, Failed> {
    match given.next("trigger_id").unwrap_or_default() {
        Value::Number(number) => Ok(number.as_i64().unwrap().into()),
        other => text(&other).map(TriggerId::from),
    }
}

/// When, in any of its three forms.
fn schedule(given: &mut Given) -> Result<Option<Schedule>, Failed> {
    if let Some(cron) = given.take("cron") {
        return Ok(Some(Schedule::cron(text(&cron)?)));
    }
    if let Some(seconds) = given.take("interval_seconds") {
        return Ok(Some(Schedule::every(Duration::from_secs(number(&seconds)?.into()))));
    }
    let at = given.take("run_at").map(|at| text(&at)).transpose()?;
    Ok(at.map(|at| Schedule::at(at.parse().unwrap())))
}
