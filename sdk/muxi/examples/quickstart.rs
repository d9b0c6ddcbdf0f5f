//! A conversation with a formation, as it goes on and once more whole.
//!
//! With nothing set up it starts a local formation, which echoes what it is told. With `MUXI_FORMATION_URL` set, and
//! `MUXI_CLIENT_KEY` and `MUXI_ADMIN_KEY`, it runs against that formation.

use std::env;
use std::error::Error;
use std::io::{self, Write};

use futures::StreamExt;
use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY};
use muxi_sdk::{ChatEvent, FormationClient, Schedule};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let has_formation = env::var_os("MUXI_FORMATION_URL").is_some_and(|url| !url.is_empty());
    let backend = if has_formation { None } else { Some(muxi_local_backend::start().await?) };
    let formation = match &backend {
        Some(backend) => FormationClient::direct(backend.url()).client_key(CLIENT_KEY).admin_key(ADMIN_KEY).build()?,
        None => FormationClient::from_env()?,
    };

    let status = formation.status().await?;
    println!("{} {} at {}", status.id, status.version.unwrap_or_default(), formation.base_url());
    for agent in formation.agents().list().await? {
        println!("  {}: {}", agent.id, agent.description.unwrap_or_default());
    }
    println!();

    let ada = formation.for_user("ada");
    let mut chat = ada.chat("tools please").stream().await?;
    while let Some(event) = chat.next().await.transpose()? {
        match &event.kind {
            ChatEvent::Text(text) => print!("{text}"),
            ChatEvent::Progress(progress) => println!("  … {}", progress.text),
            ChatEvent::Ui(widgets) => println!("\n  ({} to choose from)", widgets.len()),
            _ => {}
        }
        io::stdout().flush()?;
    }
    println!("\n");

    let session = chat.session_id().cloned();
    let answer = ada.chat("And now in one word.").session(session).await?;
    println!("{}\n", answer.text().unwrap_or("The turn has moved to the background."));

    let memory = ada.memories().create("Likes Rust").kind("preference").await?;
    println!("remembered: {} ({})", memory.content, memory.kind.unwrap_or_default());
    let job = ada.jobs().create("Generate daily summary", Schedule::cron("0 9 * * *")).await?;
    println!("scheduled: {} ({}, {})\n", job.message, job.id, job.status);

    for session in ada.sessions().list().await? {
        println!("conversation {}:", session.id);
        for message in ada.sessions().messages(&session.id).await? {
            println!("  {}: {}", message.role.unwrap_or_default(), message.content);
        }
    }
    ada.jobs().delete(&job.id).await?;
    Ok(())
}
