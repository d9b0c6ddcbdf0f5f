//! Chats with the SDK.

use muxi_sdk::FormationClient;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let formation = FormationClient::from_env()?;
    println!("{}", formation.chat("Hello!").user("user_123").stream().await?.finish().await?.text);
    Ok(())
}
