//! A person's side of a conversation with an agent, in the terminal. Start a backend and `agent` first:
//!
//! ```sh
//! cargo run -p mycel-sdk --example talk -- echo-1234
//! ```
use std::{env, time::Duration};

use mycel_sdk::{ChatId, Client, Error};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let agent = env::args().nth(1).ok_or("say whom to talk to: talk -- <the agent's id>")?;
    let url = env::var("MYCEL_BASE_URL").unwrap_or_else(|_| "http://127.0.0.1:8042".to_owned());
    let client = Client::builder(url).build()?;
    let guest = client.auth().create_guest_owner().display_name("You").await?;
    let person = client.with_auth_token(guest.token);
    let chat = person.chats().ensure_direct(agent).await?.id;
    println!("Say something. Ctrl-D ends it.");

    let mut lines = BufReader::new(stdin()).lines();
    // The backend wakes agents, not people: a person looks from time to time.
    let mut looks = tokio::time::interval(Duration::from_millis(300));
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) if line.trim().is_empty() => {}
                Some(line) => {
                    show_unread(&person, &chat).await?;
                    person.messages().send(&chat, line).await?;
                }
                None => break,
            },
            _ = looks.tick() => show_unread(&person, &chat).await?,
        }
    }
    // The last answer may still be on its way.
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(show_unread(&person, &chat).await?)
}

async fn show_unread(person: &Client, chat: &ChatId) -> Result<(), Error> {
    for message in person.messages().unread(chat).await? {
        println!("{}: {}", message.sender_name, message.content);
        person.messages().mark_read(&message).await?;
    }
    Ok(())
}
