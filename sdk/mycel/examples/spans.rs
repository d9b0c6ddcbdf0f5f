//! What the client traces, on a terminal: a span for each call, and in it one for each attempt, by OpenTelemetry's names for
//! HTTP clients.
//!
//! ```sh
//! cargo run -p mycel-sdk --example spans
//! ```
//!
//! With nothing set up it starts a backend in its own process. With `MYCEL_BASE_URL` set it runs against that
//! one, and makes a guest there.

use std::env;
use std::error::Error;
use std::time::Duration;

use mycel_sdk::{Client, RetryPolicy};
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A line for each span that ends, with the time that it took.
    tracing_subscriber::fmt().with_target(false).with_span_events(FmtSpan::CLOSE).init();

    // Kept until the end: dropping it stops the backend.
    let local = if env::var_os("MYCEL_BASE_URL").is_none() { Some(mycel_local_backend::start().await?) } else { None };
    let client = match &local {
        Some(backend) => Client::builder(backend.url()).build()?,
        None => Client::from_env()?,
    };

    println!("A call that succeeds:\n");
    let guest = client.auth().create_guest_owner().display_name("Ada").await?;
    let ada = client.with_auth_token(guest.token);

    println!("\nOne that is refused:\n");
    if let Err(error) = ada.chats().get("no-such-chat").await {
        println!("\n{error}");
    }

    // A port that nothing listens on.
    println!("\nOne that is attempted again, where no backend is:\n");
    let pauses = RetryPolicy::default().base_delay(Duration::from_millis(20));
    let nowhere = Client::builder("http://127.0.0.1:1").retry(pauses).build()?;
    if let Err(error) = nowhere.chats().list().await {
        println!("\n{error}");
    }
    Ok(())
}
