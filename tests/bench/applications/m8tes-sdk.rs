//! Has a run done with the SDK.

use m8tes_sdk::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    println!("{}", client.runs().stream("close resolved tickets").await?.finish().await?);
    Ok(())
}
