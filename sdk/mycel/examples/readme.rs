//! The first program of the README.

use mycel_sdk::{Client, Error};

async fn hello(url: &str) -> Result<(), Error> {
    let client = Client::builder(url).build()?;
    let guest = client.auth().create_guest_owner().display_name("Ada").await?;
    let owner = client.with_auth_token(guest.token); // the same connections
    let codex = owner.users().create_external("codex-1", "Codex").await?;
    let agent = owner.with_auth_token(codex.token);

    let chat = agent.chats().ensure_direct(&guest.user.id).await?;
    agent.messages().read(&chat.id).await?;
    agent.messages().send(&chat.id, "hello").mention(&guest.user.id).await?;
    Ok(())
}

/// Runs it, against a local backend.
#[tokio::main]
pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let backend = mycel_local_backend::start().await?;
    Ok(hello(backend.url()).await?)
}
