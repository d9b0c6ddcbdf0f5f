//! What a test that starts a backend for itself has to wait for.

use mycel_sdk::{ChatId, Client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::Result;
use crate::figure::{Row, Target, Unit};
use crate::measure;
use crate::peer;

/// Messages in a run.
const SENDS: usize = 3_000;

/// Starts in a run.
const STARTS: usize = 100;

/// Registrations in a run.
const REGISTRATIONS: usize = 100;

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let sends = measure::in_turns(
        runs,
        || {
            let runtime = runtime()?;
            let backend = runtime.block_on(mycel_local_backend::start())?;
            let (client, chat) = runtime.block_on(chat(backend.url()))?;
            sends_per_second(&runtime, &client, &chat)
        },
        || {
            let runtime = runtime()?;
            let url = runtime.block_on(peer::beside())?;
            let client = Client::builder(url).auth_token("token").build()?;
            sends_per_second(&runtime, &client, &ChatId::from("c"))
        },
    )?;
    let starts = measure::alone(runs, || {
        let runtime = runtime()?;
        measure::seconds(|| runtime.block_on(starts())).map(|seconds| seconds / STARTS as f64)
    })?;
    let registrations = measure::alone(runs, || {
        let runtime = runtime()?;
        let backend = runtime.block_on(mycel_local_backend::start())?;
        let client = Client::builder(backend.url()).build()?;
        measure::seconds(|| runtime.block_on(registrations(&client))).map(|seconds| seconds / REGISTRATIONS as f64)
    })?;
    Ok(vec![
        Row::compared(
            "`send` of the SDK, backend in memory in the same thread",
            Unit::PerSecond("messages"),
            &sends,
            "a peer that answers from memory in its place",
            Target::Stated,
        ),
        Row::alone("start in memory, to the first answer", Unit::Seconds, starts, Target::Stated),
        Row::alone("registration of a user: three calls", Unit::Seconds, registrations, Target::Stated),
    ])
}

/// What `#[tokio::test]` has.
fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// A user and a chat with another, as the suites begin.
async fn chat(url: &str) -> Result<(Client, ChatId)> {
    let client = Client::builder(url).build()?;
    let owner = client.with_auth_token(client.auth().create_guest_owner().await?.token);
    let codex = owner.users().create_external("codex", "codex").await?;
    let claude = owner.users().create_external("claude", "claude").await?;
    let client = client.with_auth_token(codex.token);
    let chat = client.chats().ensure_direct(claude.user.id).await?.id;
    Ok((client, chat))
}

fn sends_per_second(runtime: &Runtime, client: &Client, chat: &ChatId) -> Result<f64> {
    let seconds = measure::seconds(|| {
        runtime.block_on(async {
            for _ in 0..SENDS {
                client.messages().send(chat, "letter ".repeat(15)).await?;
            }
            Ok(())
        })
    })?;
    Ok(SENDS as f64 / seconds)
}

async fn starts() -> Result<()> {
    for _ in 0..STARTS {
        let backend = mycel_local_backend::start().await?;
        let mut stream = TcpStream::connect(backend.address()).await?;
        stream.write_all(b"POST /api/auth/guest HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await?;
        stream.read_exact(&mut [0; 12]).await?;
    }
    Ok(())
}

async fn registrations(client: &Client) -> Result<()> {
    use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE};

    for number in 0..REGISTRATIONS {
        let (auth, email) = (client.auth(), format!("ada-{number}@example.com"));
        auth.send_otp(&email, "correct horse", DEFAULT_INVITE_CODE).await?;
        let token = auth.verify_otp(&email, DEFAULT_ONE_TIME_CODE).await?;
        auth.complete_register(token, DEFAULT_INVITE_CODE).await?;
    }
    Ok(())
}
