//! Runs in each way: watched, waited for, replied to.
//!
//! With nothing set up it starts a local backend, whose teammates echo what they are told.

mod support;

use std::io::{self, Write};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use m8tes_local_backend::LocalBackend;
use m8tes_sdk::{Client, Error, RunEvent, RunId, TeammateId};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _backend) = support::connect(LocalBackend::builder()).await?;
    every_event(&client).await?;
    let bot = a_teammate(&client).await?;
    watched(&client, bot).await?;
    in_the_background(&client, bot).await?;
    a_teammate_on_the_way(&client).await?;
    by_kind(&client).await?;
    let run = waited_for(&client).await?;
    whole_text(&client).await?;
    replied_to(&client, run).await?;
    text_alone(&client).await?;
    Ok(())
}

/// Whatever a run tells, by m8tes' own names, and as it came.
async fn every_event(client: &Client) -> Result<(), Error> {
    let mut run = client.runs().stream("summarize the latest AI news").await?;
    while let Some(event) = run.try_next().await? {
        println!("{}", serde_json::Value::from(event.raw));
    }
    Ok(())
}

async fn a_teammate(client: &Client) -> Result<TeammateId, Error> {
    let teammates = client.teammates();
    let bot = teammates.create().name("support bot").tools(["gmail", "slack"]).instructions("handle customer tickets");
    Ok(bot.await?.id)
}

async fn watched(client: &Client, bot: TeammateId) -> Result<(), Error> {
    let mut run = client.runs().stream("close resolved tickets").teammate(bot).await?;
    while let Some(event) = run.try_next().await? {
        println!("{}", serde_json::Value::from(event.raw));
    }
    Ok(())
}

/// It is started, and looked at later on.
async fn in_the_background(client: &Client, bot: TeammateId) -> Result<(), Error> {
    let run = client.runs().create("close resolved tickets").teammate(bot).await?;
    println!("run {} is {}", run.id, run.status);
    let run = client.runs().wait(run.id).interval(Duration::from_millis(100)).await?;
    println!("it said: {}", run.output.unwrap_or_default());
    Ok(())
}

/// Without a teammate, m8tes makes one of what is said.
async fn a_teammate_on_the_way(client: &Client) -> Result<(), Error> {
    let run = client
        .runs()
        .create("process all unread support emails from today")
        .name("support triage")
        .instructions("create Linear tickets for bugs, and escalate what is urgent")
        .tools(["gmail", "linear", "slack"])
        .await?;
    let run = client.runs().wait(run.id).interval(Duration::from_millis(100)).await?;
    println!("the triage said: {}", run.output.unwrap_or_default());
    Ok(())
}

async fn by_kind(client: &Client) -> Result<(), Error> {
    let message = "pull MRR from Stripe, compare to last month, post the delta to #revenue";
    let mut run = client.runs().stream(message).tools(["stripe", "slack"]).await?;
    while let Some(event) = run.try_next().await? {
        match event.kind {
            RunEvent::TextDelta(text) => print!("{text}"),
            RunEvent::ToolCallStart(tool) => println!("\n  {}", tool.tool_name.unwrap_or_default()),
            RunEvent::ToolResultEnd(tool) => println!("  > {:.100}", tool.text()),
            RunEvent::Done(done) => println!("\n  done: {}", done.stop_reason.unwrap_or_default()),
            _ => {}
        }
    }
    Ok(())
}

async fn waited_for(client: &Client) -> Result<RunId, Error> {
    let run = client.runs().create("generate quarterly report").await?;
    let run = client.runs().poll(run.id).interval(Duration::from_millis(100)).await?;
    println!("{}", run.output.unwrap_or_default());

    // The same in one. If nobody waits any more, the run is cancelled.
    let run = client.runs().create_and_wait("generate quarterly report").interval(Duration::from_millis(100)).await?;
    println!("{}", run.output.unwrap_or_default());
    Ok(run.id)
}

/// The stream is dropped at the end of its block, which stops nothing; `cancel` would.
async fn whole_text(client: &Client) -> Result<(), Error> {
    let mut run = client.runs().stream("summarize inbox").await?;
    while let Some(event) = run.next().await.transpose()? {
        println!("{}", event.raw_type());
    }
    println!("the whole text: {}", run.text());
    // Also where it went wrong or waits for a person, which `finish` makes an error of.
    run.finish().await.map(drop)
}

async fn replied_to(client: &Client, run: RunId) -> Result<(), Error> {
    let mut stream = client.runs().reply_stream(run, "also break it down by region").await?;
    while let Some(event) = stream.try_next().await? {
        println!("{}", serde_json::Value::from(event.raw));
    }
    let reply = client.runs().reply_and_wait(run, "also archive them").interval(Duration::from_millis(100));
    println!("the reply: {}", reply.await?.output.unwrap_or_default());
    Ok(())
}

async fn text_alone(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    let mut text = client.runs().stream("summarize inbox").await?.into_text();
    while let Some(piece) = text.try_next().await? {
        print!("{piece}");
        io::stdout().flush()?;
    }
    println!();
    Ok(())
}
