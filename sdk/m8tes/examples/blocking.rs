//! A script without async: a teammate works while you watch, and once more while you wait.
//!
//! ```sh
//! cargo run -p m8tes-sdk --features blocking --example blocking
//! ```

use std::error::Error;

use m8tes_local_backend::DEFAULT_API_KEY;
use m8tes_sdk::blocking::{Call, Iterate};
use m8tes_sdk::{Client, RunEvent};

/// The whole script.
pub fn main() -> Result<(), Box<dyn Error>> {
    // The local backend is a server, and needs a runtime. The client needs none.
    let servers = tokio::runtime::Runtime::new()?;
    let backend = servers.block_on(m8tes_local_backend::start())?;

    let client = Client::builder(DEFAULT_API_KEY).base_url(backend.url()).build()?;
    let bot = client.teammates().create().name("support bot").call()?;

    let mut run = client.runs().stream("Say hello.").teammate(bot.id).call()?;
    for event in (&mut run).iterate() {
        if let RunEvent::TextDelta(text) = event?.kind {
            print!("{text}");
        }
    }
    println!("\n{} characters", run.finish().call()?.len());

    let run = client.runs().create_and_wait("And now in one word.").teammate(bot.id).call()?;
    println!("{}", run.output.unwrap_or_default());

    for run in client.runs().list().teammate(bot.id).limit(1).into_stream().iterate() {
        let run = run?;
        println!("run {}: {}", run.id, run.status);
    }
    Ok(())
}
