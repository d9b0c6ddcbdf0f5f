//! Tasks and their triggers.

use std::time::Duration;

use m8tes_sdk::tasks::triggers::Schedule;
use m8tes_sdk::{Client, TaskId};
use test_harness::faults::Case;
use test_harness::fresh;

use super::{call, no_case};

pub async fn prepare(subject: &str, direct: &Client) -> Case<Client> {
    const NAMED: &str = "SELECT count(*) FROM tasks WHERE rest ->> 'name' = ?";
    const RUNS: &str = "SELECT count(*) FROM runs WHERE task_id = ?";
    let tasks = direct.tasks();
    let name = fresh("weekly");
    let parameters = [name.clone()];
    let teammate = direct.teammates().create().await.unwrap().id;
    if subject == "create_task" {
        return call(async move |client| client.tasks().create(teammate, "report").name(name).await)
            .leaves(NAMED, parameters);
    }
    let instructions = fresh(if subject.ends_with("-streamed") { "goes on" } else { "report" });
    let id = tasks.create(teammate, instructions).await.unwrap().id;
    match subject {
        "list_tasks" => call(async |client| client.tasks().list().limit(1).await),
        "get_task" => call(async move |client| client.tasks().get(id).await),
        "update_task" => call(async move |client| client.tasks().update(id).name(name).await).leaves(NAMED, parameters),
        "delete_task" => call(async move |client| client.tasks().delete(id).await)
            .leaves("SELECT count(*) FROM tasks WHERE id = ? AND rest ->> 'status' = 'archived'", [id]),
        "run_task" => call(async move |client| client.tasks().run(id).await).leaves(RUNS, [id]),
        "run_task-streamed" => call(async move |client| client.tasks().run_stream(id).await).leaves(RUNS, [id]),
        "enable_task_webhook" => call(async move |client| client.tasks().enable_webhook(id).await)
            .leaves("SELECT count(*) FROM inbound_webhooks WHERE owner = 'tasks' AND owner_id = ?", [id]),
        "set_task_webhook_enabled" => {
            tasks.enable_webhook(id).await.unwrap();
            call(async move |client| client.tasks().set_webhook_enabled(id, false).await).leaves(
                "SELECT count(*) FROM inbound_webhooks WHERE owner = 'tasks' AND owner_id = ? AND NOT is_enabled",
                [id],
            )
        }
        "disable_task_webhook" => {
            tasks.enable_webhook(id).await.unwrap();
            call(async move |client| client.tasks().disable_webhook(id).await)
                .leaves("SELECT count(*) = 0 FROM inbound_webhooks WHERE owner = 'tasks' AND owner_id = ?", [id])
        }
        _ => of_triggers(subject, direct, id).await,
    }
}

async fn of_triggers(subject: &str, direct: &Client, task: TaskId) -> Case<Client> {
    const OF_TASK: &str = "FROM triggers WHERE rest ->> 'task_id' = CAST(? AS INTEGER)";
    let every_hour = || Schedule::every(Duration::from_secs(3600));
    if subject == "create_trigger" {
        return call(async move |client| client.tasks().triggers(task).create(every_hour()).await)
            .leaves(format!("SELECT count(*) {OF_TASK}"), [task]);
    }
    let id = direct.tasks().triggers(task).create(every_hour()).await.unwrap().id;
    match subject {
        "list_triggers" => call(async move |client| client.tasks().triggers(task).list().await),
        "update_trigger" => call(async move |client| client.tasks().triggers(task).update(id).enabled(false).await)
            .leaves(format!("SELECT count(*) {OF_TASK} AND NOT rest ->> 'enabled'"), [task]),
        "delete_trigger" => call(async move |client| client.tasks().triggers(task).delete(id).await)
            .leaves(format!("SELECT count(*) = 0 {OF_TASK}"), [task]),
        _ => no_case(subject),
    }
}
