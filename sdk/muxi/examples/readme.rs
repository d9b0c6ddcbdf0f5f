//! The first program of the README.

use futures::StreamExt;
use muxi_sdk::{ChatEvent, Error, FormationClient};

/// The client is that of `FormationClient::builder(server_url).formation("my-assistant").client_key(key).build()`.
async fn hello(formation: FormationClient) -> Result<(), Error> {
    let mut chat = formation.chat("Hello!").user("user_123").stream().await?;
    while let Some(event) = chat.next().await.transpose()? {
        if let ChatEvent::Text(text) = &event.kind {
            print!("{text}");
        }
    }
    Ok(())
}

/// Runs it, against a local formation.
#[tokio::main]
pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let backend = muxi_local_backend::start().await?;
    let formation = FormationClient::direct(backend.url()).client_key(muxi_local_backend::CLIENT_KEY);
    Ok(hello(formation.build()?).await?)
}
