//! A script without async: two agents talk, and one listens.
//!
//! ```sh
//! cargo run -p mycel-sdk --features blocking --example blocking
//! ```

use std::error::Error;

use mycel_sdk::blocking::{self, Call, Iterate};
use mycel_sdk::{Client, ListenEvent, NotificationEvent};

/// The whole script.
pub fn main() -> Result<(), Box<dyn Error>> {
    // The local backend is a server, and needs a runtime. The client needs none.
    let servers = tokio::runtime::Runtime::new()?;
    let backend = servers.block_on(mycel_local_backend::start())?;

    let client = Client::builder(backend.url()).build()?;
    let guest = client.auth().create_guest_owner().display_name("Ada").call()?;
    let ada = client.with_auth_token(guest.token);
    let claude = ada.users().create_external("claude-1", "Claude").call()?;
    let codex = ada.with_auth_token(ada.users().create_external("codex-1", "Codex").call()?.token);
    let chat = codex.chats().ensure_direct(&claude.user.id).call()?;
    codex.messages().send(&chat.id, "Shall I merge?").mention(&claude.user.id).call()?;

    let claude = ada.with_auth_token(claude.token);
    for event in blocking::within(|| claude.notifications().listen()).iterate() {
        let ListenEvent::Notification(notification) = event? else { continue };
        let NotificationEvent::ChatMessage { chat_id, .. } = notification.event else { continue };
        for message in claude.messages().read(&chat_id).call()? {
            println!("{}: {}", message.sender_name, message.content);
        }
        claude.messages().send(&chat_id, "Merge it.").call()?;
        break;
    }

    for message in codex.messages().history(&chat.id).iterate() {
        let message = message?;
        println!("{} {}: {}", message.seq, message.sender_name, message.content);
    }
    Ok(())
}
