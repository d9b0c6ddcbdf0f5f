//! Each of your users has teammates, memories and permissions of their own.
//!
//! With nothing set up it starts a local backend, whose teammates echo what they are told.

mod support;

use std::time::Duration;

use m8tes_local_backend::LocalBackend;
use m8tes_sdk::{Client, Error, ErrorKind};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _backend) = support::connect(LocalBackend::builder()).await?;
    on_behalf_of_a_user(&client).await?;
    memories(&client).await?;
    permissions(&client).await?;
    apart_from_others(&client).await?;
    forget(&client).await?;
    Ok(())
}

async fn on_behalf_of_a_user(client: &Client) -> Result<(), Error> {
    let profile = client.users().create("cust_123").name("Acme Corp").email("admin@acme.com");
    let profile = match profile.await {
        Err(known) if known.kind() == ErrorKind::Conflict => client.users().get("cust_123").await?,
        made => made?,
    };
    // From here on, all is that user's.
    let acme = client.for_user(profile.user_id);
    let bot = acme.teammates().create().name("acme assistant").tools(["gmail", "slack"]).await?;
    acme.memories().create("prefers email over slack").await?;
    acme.permissions().create("gmail").await?;
    let run = acme.runs().create_and_wait("check inbox for urgent items").teammate(bot.id);
    let run = run.interval(Duration::from_millis(100)).await?;
    println!("for {}: {}", run.user_id.map(String::from).unwrap_or_default(), run.output.unwrap_or_default());
    Ok(())
}

async fn memories(client: &Client) -> Result<(), Error> {
    client.memories().create("prefers email over Slack").user("customer_123").await?;
    for memory in client.memories().list().user("customer_123").await?.data {
        println!("remembered: {}", memory.content);
    }
    Ok(())
}

async fn permissions(client: &Client) -> Result<(), Error> {
    let permission = client.permissions().create("gmail").user("customer_123").await?;
    println!("allowed: {}", permission.tool_name);
    Ok(())
}

async fn apart_from_others(client: &Client) -> Result<(), Error> {
    let bot = client.teammates().create().name("user bot").user("cust_456").await?;
    client.memories().create("prefers dark mode").user("cust_456").await?;
    client.permissions().create("gmail").user("cust_456").await?;
    let others = client.teammates().get(bot.id).user("cust_123").await;
    println!("seen by another: {}", others.is_ok());
    Ok(())
}

/// Takes away what would be there twice if this ran again.
async fn forget(client: &Client) -> Result<(), Error> {
    for user in ["cust_123", "customer_123", "cust_456"] {
        let theirs = client.for_user(user);
        for memory in theirs.memories().list().await?.data {
            theirs.memories().delete(memory.id).await?;
        }
        for permission in theirs.permissions().list().await?.data {
            theirs.permissions().delete(permission.id).await?;
        }
        client.users().delete(user).await?;
    }
    Ok(())
}
