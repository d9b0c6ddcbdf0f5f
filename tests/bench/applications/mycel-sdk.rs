//! Sends a message with the SDK.

use mycel_sdk::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let message = client.messages().send("a-chat", "hello").await?;
    println!("{}", message.seq);
    Ok(())
}
