//! The account: its resources, its apps, its lists page by page, and what may go wrong.
//!
//! With nothing set up it starts a local backend.

mod support;

use std::time::Duration;

use futures::TryStreamExt;
use m8tes_local_backend::LocalBackend;
use m8tes_sdk::{Client, Error, RetryPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _backend) = support::connect(LocalBackend::builder()).await?;
    resources(&client).await?;
    apps(&client).await?;
    pages(&client).await?;
    what_goes_wrong(&client).await;
    println!("{}", configured()?.base_url());
    Ok(())
}

/// Each is a method of the client; what they have is in the documentation of each.
async fn resources(client: &Client) -> Result<(), Error> {
    println!("teammates: {}", client.teammates().list().await?.data.len());
    println!("runs: {}", client.runs().list().await?.data.len());
    println!("tasks: {}", client.tasks().list().await?.data.len());
    println!("apps: {}", client.apps().list().await?.len());
    println!("memories: {}", client.memories().list().await?.data.len());
    println!("permissions: {}", client.permissions().list().await?.data.len());
    println!("users: {}", client.users().list().await?.data.len());
    println!("webhooks: {}", client.webhooks().list().await?.data.len());
    println!("strict: {}", client.settings().get().await?.require_end_user_id);
    println!("plan: {}", client.account().usage().await?.plan);
    Ok(())
}

async fn apps(client: &Client) -> Result<(), Error> {
    for app in client.apps().list().await? {
        println!("{} ({}), connected: {}", app.title(), app.category, app.connected);
    }
    Ok(())
}

async fn pages(client: &Client) -> Result<(), Error> {
    for message in ["one", "two", "three"] {
        client.runs().create(message).await?;
    }
    let page = client.runs().list().limit(50).await?;
    for run in page.data {
        println!("{} {}", run.id, run.status);
    }
    // All of them, two at a time, however many there are.
    let mut all = client.runs().list().limit(2).into_stream();
    while let Some(run) = all.try_next().await? {
        println!("run {}", run.id);
    }
    Ok(())
}

async fn what_goes_wrong(client: &Client) {
    match client.teammates().get(999).await {
        Ok(bot) => println!("{}", bot.name),
        Err(error) if error.is_not_found() => println!("teammate not found"),
        Err(error) if error.is_rate_limited() => println!("rate limited, wait {:?}", error.retry_after()),
        Err(error) if error.is_auth() => println!("invalid API key"),
        Err(error) => println!("{error}"),
    }
}

/// What can be set, each with a default that is fine.
fn configured() -> Result<Client, Error> {
    Client::builder("m8_...")
        .connect_timeout(Duration::from_secs(10))
        .attempt_timeout(Duration::from_secs(60))
        .overall_timeout(Duration::from_secs(300))
        .retry(RetryPolicy::default().max_attempts(5))
        .build()
}
