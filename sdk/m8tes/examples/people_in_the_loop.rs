//! A run that asks people, and the files that it leaves.
//!
//! With nothing set up it starts a local backend, whose runs ask whether a mail may be sent, and where to.

mod support;

use std::time::Duration;

use m8tes_local_backend::{LocalBackend, Question, Run, RunFailure};
use m8tes_sdk::runs::Ask;
use m8tes_sdk::{Client, Error, PermissionMode, RunId};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _backend) = support::connect(LocalBackend::builder().on_run(report)).await?;
    let run = decided_by_hand(&client).await?;
    decided_by_handlers(&client).await?;
    files(&client, run).await?;
    Ok(())
}

/// What the local backend's runs do.
async fn report(run: Run) -> Result<(), RunFailure> {
    let channel = run.question(Question::new("Which channel?").option("#general").option("#sales")).await;
    let channel = channel.unwrap_or_default();
    let sent = run.tool("slack_post", &json!({"channel": channel}), &json!("posted")).await;
    run.file("report.csv", "region,revenue\nEMEA,5\n")?;
    run.text(if sent.is_allowed() { format!("The report is in {channel}.") } else { "It is not sent.".to_owned() });
    Ok(())
}

/// What waits is looked at and decided as in an application of your own, where people see it on a page.
async fn decided_by_hand(client: &Client) -> Result<RunId, Error> {
    let runs = client.runs();
    let run = runs.create("draft and send the weekly report");
    let mut run = run.human_in_the_loop(true).permission_mode(PermissionMode::Approval).await?;
    while !run.status.is_terminal() {
        for request in runs.permissions(run.id).await?.iter().filter(|request| request.is_pending()) {
            match request.ask() {
                Ask::Tool(tool) => {
                    println!("may {} be used? yes", tool.title());
                    runs.approve(run.id, tool.allow()).await?;
                }
                Ask::Question(question) => {
                    question.questions().iter().for_each(|asked| println!("{} #general", asked.question));
                    runs.answer(run.id, question.answer("#general")).await?;
                }
                Ask::Plan(plan) => runs.resolve(run.id, plan.approve()).await?,
                _ => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        run = runs.get(run.id).await?;
    }
    println!("{}", run.output.unwrap_or_default());
    Ok(run.id)
}

/// What waits is handed to closures while the run is waited for.
async fn decided_by_handlers(client: &Client) -> Result<(), Error> {
    let run = client
        .runs()
        .create_and_wait("draft and send the weekly report")
        .human_in_the_loop(true)
        .permission_mode(PermissionMode::Approval)
        .interval(Duration::from_millis(20))
        .on_approval(async |tool| tool.deny().reason("not on Fridays"))
        .on_question(async |question| question.answer("#sales"))
        .await?;
    println!("{}", run.output.unwrap_or_default());
    Ok(())
}

async fn files(client: &Client, run: RunId) -> Result<(), Error> {
    for file in client.runs().list_files(run).await? {
        println!("{}: {} bytes", file.name, file.size);
    }
    let content = client.runs().download_file(run, "report.csv").await?;
    println!("{}", String::from_utf8_lossy(&content));
    Ok(())
}
