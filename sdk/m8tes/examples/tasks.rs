//! Work that is told once: on a schedule, by a post, by e-mail, and now.
//!
//! With nothing set up it starts a local backend, whose teammates echo what they are told.

mod support;

use std::time::Duration;

use futures::TryStreamExt;
use m8tes_local_backend::LocalBackend;
use m8tes_sdk::tasks::triggers::{NewTrigger, Schedule};
use m8tes_sdk::{Client, Error, TaskId};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _backend) = support::connect(LocalBackend::builder()).await?;
    let task = each_monday(&client).await?;
    triggers(&client, task).await?;
    client.tasks().delete(task).await?;
    Ok(())
}

async fn each_monday(client: &Client) -> Result<TaskId, Error> {
    let bot = client.teammates().create().name("reporter").await?;
    let task = client.tasks().create(bot.id, "generate weekly report").await?;
    let trigger = client.tasks().triggers(task.id).create(Schedule::cron("0 9 * * 1")).await?;
    println!("{} at {}", trigger.kind, trigger.cron.unwrap_or_default());
    Ok(task.id)
}

async fn triggers(client: &Client, task: TaskId) -> Result<(), Error> {
    let triggers = client.tasks().triggers(task);
    // Each weekday at nine.
    let schedule = triggers.create(Schedule::cron("0 9 * * 1-5")).timezone("Europe/Berlin").await?;
    let webhook = triggers.create(NewTrigger::Webhook).await?;
    println!("{}: post to {}", webhook.kind, webhook.url.unwrap_or_default());
    let email = triggers.create(NewTrigger::Email).await?;
    println!("{}: write to {}", email.kind, email.address.unwrap_or_default());
    for trigger in triggers.list().await? {
        println!("{} ({})", trigger.id, trigger.kind);
    }
    triggers.delete(&schedule.id).await?;

    // And now.
    let mut run = client.tasks().run_stream(task).await?;
    while let Some(event) = run.try_next().await? {
        println!("{}", serde_json::Value::from(event.raw));
    }
    let run = client.tasks().run_and_wait(task).interval(Duration::from_millis(100)).await?;
    println!("it said: {}", run.output.unwrap_or_default());
    Ok(())
}
