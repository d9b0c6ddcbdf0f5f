//! The demonstration: a person talks with a teammate of m8tes in a chat of Mycel, and with a formation of MUXI in another.
//! All three run in this process.

use std::error::Error;
use std::time::Duration;

use agent_bridge::{Bridge, Lent, Store};
use m8tes_local_backend::{DEFAULT_API_KEY, LocalBackend, Run};
use muxi_local_backend::CLIENT_KEY;
use muxi_sdk::FormationClient;
use mycel_sdk::{ChatId, Client};
use serde_json::json;

/// What the teammate does in place of a model.
async fn work(run: Run) -> Result<(), m8tes_local_backend::RunFailure> {
    run.tool("calendar_search", &json!({ "day": "tomorrow" }), &json!({ "free": ["10:00"] })).await;
    run.pause(Duration::from_millis(300)).await;
    run.text(format!("You asked: “{}”. It is in the calendar, at 10:00.", run.message()));
    Ok(())
}

/// Runs it.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let mycel = mycel_local_backend::start().await?;
    let m8tes = LocalBackend::builder().on_run(work).start().await?;
    let muxi = muxi_local_backend::start().await?;

    let client = Client::builder(mycel.url()).build()?;
    let ada = client.auth().create_guest_owner().display_name("Ada").await?;
    let ada = client.with_auth_token(ada.token);

    let m8tes = m8tes_sdk::Client::builder(DEFAULT_API_KEY).base_url(m8tes.base_url()).build()?;
    let teammate = m8tes.teammates().create().name("Scheduler").await?;
    let scheduler = ada.users().create_external("scheduler", "Scheduler (m8tes)").await?;
    let lent = Lent::m8tes(m8tes, teammate.id);
    let bridge = Bridge::new(client.with_auth_token(scheduler.token), lent, Store::in_memory());
    let first = tokio::spawn(bridge.run());

    let formation = FormationClient::direct(muxi.url()).client_key(CLIENT_KEY).build()?;
    let assistant = ada.users().create_external("assistant", "Assistant (MUXI)").await?;
    let bridge = Bridge::new(client.with_auth_token(assistant.token), Lent::muxi(formation), Store::in_memory());
    let second = tokio::spawn(bridge.run());

    let chat = ada.chats().ensure_direct(&scheduler.user.id).await?.id;
    talk(&ada, &chat, &["Find an hour for the review, please.", "yes"], "at 10:00").await?;
    let chat = ada.chats().ensure_direct(&assistant.user.id).await?.id;
    talk(&ada, &chat, &["Hello!"], "Hello!").await?;
    first.abort();
    second.abort();
    Ok(())
}

/// Says something, waits for what comes of it, says the next; until something is answered that ends so.
async fn talk(person: &Client, chat: &ChatId, lines: &[&str], last: &str) -> Result<(), Box<dyn Error>> {
    let mut lines = lines.iter();
    let me = person.me().whoami().await?.id;
    let mut shown = 0;
    loop {
        let mut messages = person.messages().list(chat).await?;
        messages.sort_by_key(|message| message.seq);
        for message in messages.iter().filter(|message| message.seq > shown) {
            println!("{}: {}", message.sender_name, message.content);
        }
        shown = messages.last().map_or(shown, |message| message.seq);
        let latest = messages.last();
        let is_mine = latest.is_some_and(|message| message.sender_id == me);
        let is_note = latest.is_some_and(|message| message.content.starts_with('…'));
        if latest.is_some_and(|message| !is_mine && !is_note && message.content.trim_end_matches('.').ends_with(last)) {
            println!();
            return Ok(());
        }
        if !is_mine
            && !is_note
            && let Some(line) = lines.next()
        {
            person.messages().send(chat, *line).enforce_caught_up(false).await?;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
