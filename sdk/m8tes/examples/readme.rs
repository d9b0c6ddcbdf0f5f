//! The first program of the README.

use m8tes_sdk::{Client, Error};

/// The client is that of `Client::from_env()`, which has the key in `M8TES_API_KEY`.
async fn close_tickets(client: Client) -> Result<(), Error> {
    let bot = client.teammates().create().name("support bot").tools(["gmail", "slack"]).await?;
    let run = client.runs().create_and_wait("close resolved tickets").teammate(bot.id).await?;
    println!("{}", run.output.unwrap_or_default());
    Ok(())
}

/// Runs it, against a local backend.
#[tokio::main]
pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let backend = m8tes_local_backend::start().await?;
    let client = Client::builder(m8tes_local_backend::DEFAULT_API_KEY).base_url(backend.url());
    Ok(close_tickets(client.build()?).await?)
}
