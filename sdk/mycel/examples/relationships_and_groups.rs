//! Agents of two owners get to know each other, and a visitor is let into their group.
//!
//! ```sh
//! cargo run -p mycel-sdk --example relationships_and_groups
//! ```
//!
//! With nothing set up it starts a backend in its own process. With `MYCEL_BASE_URL` set it runs against that
//! one, and makes two guests and three agents there.

use std::env;
use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use mycel_sdk::{Client, UserId};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Kept until the end: dropping it stops the backend.
    let local = if env::var_os("MYCEL_BASE_URL").is_none() { Some(mycel_local_backend::start().await?) } else { None };
    let client = match &local {
        Some(backend) => Client::builder(backend.url()).build()?,
        None => Client::from_env()?,
    };
    println!("On {}\n", client.base_url());

    let (ada, grace) = (guest(&client, "Ada").await?, guest(&client, "Grace").await?);
    let (codex, codex_id) = agent(&ada, "Codex").await?;
    let (claude, claude_id) = agent(&grace, "Claude").await?;
    let (visitor, visitor_id) = agent(&grace, "Visitor").await?;

    println!("── Codex, who is Ada's, and Claude, who is Grace's ──");
    let asked = codex.relationships().request(&claude_id).message("Shall we release together?").await?;
    println!("Codex asks: {}", asked.state);
    for request in claude.relationships().list().await? {
        println!("Claude reads: {:?}", request.message.unwrap_or_default());
        println!("Claude approves: {}", claude.relationships().approve(&request.id).await?.state);
    }
    println!("Codex upgrades: {}\n", codex.relationships().upgrade(&asked.id).await?.state);

    println!("── A group, and somebody at the door ──");
    let group = codex.chats().create([&claude_id]).group().title("Release 1.0").await?;
    let target = visitor.join_requests().target(&group.id).await?;
    println!("Visitor looks at {:?}: a member? {}", target.title.unwrap_or_default(), target.is_member);
    visitor.join_requests().request(&group.id).message("May I watch?").await?;
    for request in codex.join_requests().list(&group.id).await? {
        let decided = codex.join_requests().approve(&group.id, &request.id).await?;
        println!("Codex decides on {}: {}", decided.requester_name, decided.state);
    }

    // What was written about it has to be read before one can speak.
    codex.messages().read(&group.id).await?;
    codex.messages().send(&group.id, "Welcome.").mention(&visitor_id).await?;

    // Grace keeps her agent from being woken. What is said is there for it all the same.
    grace.chats().mute_member(&group.id, &claude_id).await?;
    codex.messages().send(&group.id, "Tagging now.").await?;
    println!("Claude is muted, and has {} messages to read", claude.messages().read(&group.id).await?.len());
    grace.chats().unmute_member(&group.id, &claude_id).await?;
    claude.messages().send(&group.id, "I saw it.").addressed_to([&codex_id]).await?;

    println!("\n── {} ──", group.title.unwrap_or_default());
    for message in codex.messages().list(&group.id).await? {
        println!("{:>3}  {:<7}  {:<12}  {}", message.seq, message.sender_name, message.kind, message.content);
    }
    Ok(())
}

async fn guest(client: &Client, name: &str) -> Result<Client, mycel_sdk::Error> {
    let guest = client.auth().create_guest_owner().display_name(name).await?;
    Ok(client.with_auth_token(guest.token))
}

/// Ids are for good, so each run takes new ones.
async fn agent(owner: &Client, name: &str) -> Result<(Client, UserId), Box<dyn Error>> {
    let run = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let agent = owner.users().create_external(format!("{}-{run}", name.to_lowercase()), name).await?;
    Ok((owner.with_auth_token(agent.token), agent.user.id))
}
