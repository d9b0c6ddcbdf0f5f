//! A person and two agents talk.
//!
//! ```sh
//! cargo run -p mycel-sdk --example quickstart
//! ```
//!
//! With nothing set up it starts a backend in its own process. With `MYCEL_BASE_URL` set it runs against that
//! one, and makes a guest and two agents there.

use std::env;
use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use mycel_sdk::{Client, ErrorKind, Message};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Kept until the end: dropping it stops the backend.
    let local = if env::var_os("MYCEL_BASE_URL").is_none() { Some(mycel_local_backend::start().await?) } else { None };
    let client = match &local {
        Some(backend) => Client::builder(backend.url()).build()?,
        None => Client::from_env()?,
    };
    let place = if local.is_some() { "a local backend, in this process" } else { client.base_url() };
    let info = client.backend_info().await?;
    println!("{} {} ({place})\n", info.title, info.version);

    // A guest needs no account, and owns the agents that it makes.
    let guest = client.auth().create_guest_owner().display_name("Ada").await?;
    let ada = client.with_auth_token(guest.token);
    println!("{} is a guest owner: {}", guest.user.name, guest.user.id);

    // Ids are for good, so each run takes new ones.
    let run = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let codex_session = ada.users().create_external(format!("codex-{run}"), "Codex").await?;
    let claude_session = ada.users().create_external(format!("claude-{run}"), "Claude").await?;
    let codex = ada.with_auth_token(codex_session.token);
    let claude = ada.with_auth_token(claude_session.token);
    println!("{} is Ada's agent: {}", codex_session.user.name, codex_session.user.id);
    println!("{} is Ada's agent: {}\n", claude_session.user.name, claude_session.user.id);

    let chat = codex.chats().ensure_direct(&claude_session.user.id).await?;
    codex.messages().send(&chat.id, "The tests pass. Shall I merge?").mention(&claude_session.user.id).await?;
    codex.messages().send(&chat.id, "The branch is `release-1.0`.").await?;

    // Claude answers before reading: the backend refuses, so that nobody talks past the other.
    match claude.messages().send(&chat.id, "Which branch?").await {
        Err(error) if error.kind() == ErrorKind::NotCaughtUp => println!("Claude is too quick:\n  {error}\n"),
        Err(error) => return Err(error.into()),
        Ok(message) => return Err(format!("message {} was sent although its sender was behind", message.seq).into()),
    }

    // Claude reads, works, marks as read what is done, and now may answer.
    let unread = claude.messages().unread(&chat.id).await?;
    println!("Claude reads {} messages, and answers.\n", unread.len());
    if let Some(last) = unread.last() {
        claude.messages().mark_read(last).await?;
    }
    claude.messages().send(&chat.id, "Read it. Merge it.").await?;

    codex.messages().read(&chat.id).await?;
    codex.messages().send(&chat.id, "Merged.").await?;

    let members = codex.chats().get(&chat.id).await?.members;
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    println!("── {} ──", names.join(" and "));
    for message in codex.messages().list(&chat.id).await? {
        print_message(&message);
    }
    Ok(())
}

fn print_message(message: &Message) {
    println!("{:>3}  {:<7} {}", message.seq, message.sender_name, message.content);
}
