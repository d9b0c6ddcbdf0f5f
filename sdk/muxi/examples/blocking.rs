//! A script without async: a conversation with a formation.
//!
//! ```sh
//! cargo run -p muxi-sdk --features blocking --example blocking
//! ```

use std::error::Error;

use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY};
use muxi_sdk::blocking::{Call, Iterate};
use muxi_sdk::{ChatEvent, FormationClient};

/// The whole script.
pub fn main() -> Result<(), Box<dyn Error>> {
    // The local formation is a server, and needs a runtime. The client needs none.
    let servers = tokio::runtime::Runtime::new()?;
    let backend = servers.block_on(muxi_local_backend::start())?;

    let formation = FormationClient::direct(backend.url()).client_key(CLIENT_KEY).admin_key(ADMIN_KEY).build()?;
    println!("{}", formation.status().call()?.id);

    let ada = formation.for_user("ada");
    let mut chat = ada.chat("Hello!").stream().call()?;
    for event in (&mut chat).iterate() {
        if let ChatEvent::Text(text) = event?.kind {
            print!("{text}");
        }
    }
    println!();

    let answer = ada.chat("And in one piece?").session(chat.session_id().cloned()).call()?;
    println!("{}", answer.text().unwrap_or_default());
    Ok(())
}
