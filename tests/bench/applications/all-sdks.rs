//! Has a run done, tells a formation of it, and sends what that says as a message.

use m8tes_sdk::Client as M8tes;
use muxi_sdk::FormationClient;
use mycel_sdk::Client as Mycel;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = M8tes::from_env()?.runs().stream("close resolved tickets").await?.finish().await?;
    let answer = FormationClient::from_env()?.chat(text).stream().await?.finish().await?;
    Mycel::from_env()?.messages().send("a-chat", answer.text).await?;
    Ok(())
}
