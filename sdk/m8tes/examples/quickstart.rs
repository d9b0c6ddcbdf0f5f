//! A teammate that works while you watch, and once more while you wait.
//!
//! With nothing set up it starts a local backend, whose teammates echo what they are told. With `M8TES_API_KEY` set it
//! runs against that account (and with `M8TES_BASE_URL` at that address).

use std::env;
use std::error::Error;
use std::io::{self, Write};

use futures::StreamExt;
use m8tes_local_backend::DEFAULT_API_KEY;
use m8tes_sdk::{Client, RunEvent};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let has_account = env::var_os("M8TES_API_KEY").is_some_and(|key| !key.is_empty());
    let backend = if has_account { None } else { Some(m8tes_local_backend::start().await?) };
    let client = match &backend {
        Some(backend) => Client::builder(DEFAULT_API_KEY).base_url(backend.url()).build()?,
        None => Client::from_env()?,
    };

    let bot = client.teammates().create().name("support bot").instructions("be brief").await?;
    println!("{} (teammate {}) at {}\n", bot.name, bot.id, client.base_url());

    let mut run = client.runs().stream("Say hello, and tell what you can do.").teammate(bot.id).await?;
    while let Some(event) = run.next().await.transpose()? {
        match &event.kind {
            RunEvent::SandboxConnecting(_) => println!("  … a sandbox is being made"),
            RunEvent::TextDelta(text) => print!("{text}"),
            RunEvent::ToolCallStart(tool) => println!("\n  → {}", tool.tool_name.as_deref().unwrap_or("a tool")),
            RunEvent::ToolResultEnd(tool) => println!("  ← {}", tool.text()),
            _ => {}
        }
        io::stdout().flush()?;
    }
    println!("\n");

    let run = client.runs().create("And now in one word.").teammate(bot.id).await?;
    println!("run {} is {}; waiting …", run.id, run.status);
    let run = client.runs().wait(run.id).await?;
    println!("run {} is {}: {}\n", run.id, run.status, run.output.unwrap_or_default());

    // A page at a time, and no more of them than are taken.
    let mut latest = client.runs().list().teammate(bot.id).limit(1).into_stream().take(5);
    while let Some(run) = latest.next().await.transpose()? {
        println!("run {}: {}", run.id, run.status);
    }
    Ok(())
}
