//! Sends a message with reqwest and serde_json.

use std::env;

use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base_url = env::var("MYCEL_BASE_URL")?;
    let message: Value = reqwest::Client::new()
        .post(format!("{base_url}/api/chats/a-chat/messages"))
        .bearer_auth(env::var("MYCEL_AUTH_TOKEN")?)
        .json(&json!({"content": "hello", "enforce_caught_up": true}))
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    println!("{}", message["seq"]);
    Ok(())
}
