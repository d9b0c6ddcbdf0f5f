//! Each block of MUXI's own document of its Python client, in Rust: of a formation, and of the server that has it.
//!
//! It runs with nothing set up, against a local server and its formation, which echoes what it is told.

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt;
use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY, KEY_ID, SECRET_KEY};
use muxi_sdk::{
    ChatEvent, FormationClient, RetryPolicy, Schedule, ServerClient, WebhookContent, WebhookError, WebhookStatus,
    WebhookVerifier,
};
use serde_json::json;

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let backend = muxi_local_backend::start().await?;
    let url = backend.url();

    quick_start(url).await?;
    let formation = initialize(url)?;
    chat(&formation).await?;
    agents(&formation).await?;
    sessions(&formation).await?;
    memory(&formation).await?;
    triggers(&formation).await?;
    scheduler(&formation).await?;
    server(url).await?;
    errors(url).await;
    webhook()?;
    configuration(url).await?;
    chat_bot(&formation, "Hello!\nquit\n".as_bytes()).await?;
    session_persistence(&formation, "My name is Ada\nWhat is my name?\nquit\n".as_bytes()).await
}

/// Quick Start.
async fn quick_start(server_url: &str) -> Outcome {
    let formation = FormationClient::builder(server_url).formation("echo-bot").client_key("your_client_key").build()?;
    println!("healthy: {:?}", formation.health().await?.status);
    Ok(())
}

/// Initialize.
fn initialize(server_url: &str) -> Result<FormationClient, muxi_sdk::Error> {
    // Local development, with `muxi up`: under /draft/ instead of /api/.
    let draft =
        FormationClient::builder(server_url).formation("my-assistant").draft().client_key(CLIENT_KEY).build()?;
    println!("draft: {}", draft.base_url());

    // Direct, without the server.
    let direct = FormationClient::direct("http://localhost:8001").client_key(CLIENT_KEY).build()?;
    println!("direct: {}", direct.base_url());

    // Production, through the server.
    let builder = FormationClient::builder(server_url).formation("echo-bot");
    builder.client_key(CLIENT_KEY).admin_key(ADMIN_KEY).build()
}

/// Chat (Streaming), and Async Client: each call is async.
async fn chat(formation: &FormationClient) -> Outcome {
    let mut chat = formation.chat("Hello!").user("user_123").stream().await?;
    while let Some(event) = chat.next().await.transpose()? {
        match &event.kind {
            ChatEvent::Text(text) => print!("{text}"),
            ChatEvent::Done => break,
            _ => {}
        }
        io::stdout().flush()?;
    }
    println!();
    Ok(())
}

/// Agents.
async fn agents(formation: &FormationClient) -> Outcome {
    for agent in formation.agents().list().await? {
        println!("agent {}: {}", agent.id, agent.name.unwrap_or_default());
    }
    Ok(())
}

/// Sessions.
async fn sessions(formation: &FormationClient) -> Outcome {
    for session in formation.sessions().list().user("user_123").await? {
        for message in formation.sessions().messages(&session.id).user("user_123").await? {
            println!("{}: {}", message.role.unwrap_or_default(), message.content);
        }
    }
    Ok(())
}

/// Memory.
async fn memory(formation: &FormationClient) -> Outcome {
    let config = formation.configuration().memory().await?;
    println!("memory: {:?}", config.fields.keys().collect::<Vec<_>>());

    let formation = formation.for_user("user_123");
    let memory = formation.memories().create("User prefers Python").kind("preference").await?;
    for memory in formation.memories().list().await? {
        println!("remembered: {}", memory.content);
    }
    formation.memories().delete(memory.id).await?;
    let cleared = formation.buffers().clear().await?;
    println!("forgotten: {} messages", cleared.messages.unwrap_or_default());
    Ok(())
}

/// Triggers.
async fn triggers(formation: &FormationClient) -> Outcome {
    let formation = formation.for_user("user_123");
    let issue = json!({"repository": "muxi/runtime", "issue": {"number": 123, "title": "Bug report"}});
    let outcome = formation.triggers().fire("github-issue").data(issue).await?;
    println!("the issue: {}", outcome.text().unwrap_or_default());

    let report = json!({"date": "2024-01-15"});
    let fired = formation.triggers().fire("daily-report").data(report).in_background(true).await?;
    if let Some(request) = fired.request_id {
        let turn = formation.requests().wait(request).interval(Duration::from_millis(20)).await?;
        println!("the report: {}", turn.status);
    }
    Ok(())
}

/// Scheduler.
async fn scheduler(formation: &FormationClient) -> Outcome {
    let formation = formation.for_user("user_123");
    // 9am daily. Whether a job is done again and again, or once, is what its schedule says.
    let job = formation.jobs().create("Generate daily summary", Schedule::cron("0 9 * * *")).await?;
    for job in formation.jobs().list().await? {
        println!("job: {} ({})", job.message, job.status);
    }
    formation.jobs().delete(job.id).await?;
    Ok(())
}

/// Server Client.
async fn server(url: &str) -> Outcome {
    let server = ServerClient::builder(url).key_id(KEY_ID).secret_key(SECRET_KEY).build()?;
    println!("running: {}", server.status().await?.running.unwrap_or_default());
    for formation in server.list().await? {
        println!("formation {}: {}", formation.id, formation.status);
    }

    // From a file as well: server.deploy("my-bot.tar.gz")
    let deployed = server.deploy(my_bot()?).await?;
    println!("deployed: {}", deployed.formation_id);

    server.stop("my-bot").await?;
    server.start("my-bot").await?;
    server.restart("my-bot").await?;
    Ok(())
}

/// A bundle: a folder with the formation's declaration, packed.
fn my_bot() -> io::Result<Vec<u8>> {
    let declaration = b"schema: 1.0.0\nid: my-bot\ndescription: Answers\nversion: 1.0.0\n";
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(declaration.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "my-bot/formation.afs", &declaration[..])?;
    archive.into_inner()?.finish()
}

/// Error Handling.
async fn errors(url: &str) {
    let Ok(formation) = FormationClient::builder(url).formation("echo-bot").client_key("wrong").build() else { return };
    if let Err(error) = formation.chat("Hello!").user("user_123").stream().await {
        if error.is_auth() {
            println!("auth failed: {}", error.code().unwrap_or_default());
        } else if error.is_rate_limited() {
            println!("rate limited, retry after: {:?}", error.retry_after());
        } else {
            println!("error: {error}");
        }
    }
}

/// Webhook Handlers.
fn handle_webhook(headers: &[(&str, &str)], body: &[u8], secret: &str, now: SystemTime) -> Result<(), WebhookError> {
    // `Webhooks::verify(headers, body, secret)` is the same with the time of the system.
    let event = WebhookVerifier::new(secret).verify_at(headers.iter().copied(), body, now)?;
    match event.status {
        WebhookStatus::Completed => {
            for item in event.content {
                if let WebhookContent::Text(text) = item {
                    println!("completed: {text}");
                }
            }
        }
        WebhookStatus::Failed => println!("failed: {:?}", event.error.map(|error| error.message)),
        WebhookStatus::AwaitingClarification => {
            println!("asked: {:?}", event.clarification.map(|asked| asked.question))
        }
        _ => {}
    }
    Ok(())
}

/// What a formation has posted in 2023, and a forgery of it.
fn webhook() -> Outcome {
    let body = r#"{"id": "req_1", "status": "completed", "user_id": "zo\u00eb", "processing_time": 1.5, "error": null, "response": [{"type": "text", "text": "Gr\u00fc\u00dfe \ud83e\udd80"}]}"#;
    let signature = "t=1700000000,v1=4bad32779f4460ad4b08050cb1c4f313e65cd7a03e2606c68ef6476fa39eb44a";
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_010);
    handle_webhook(&[("X-Muxi-Signature", signature)], body.as_bytes(), "whsec", now)?;
    let forged = body.replace("req_1", "req_2");
    let refused = handle_webhook(&[("X-Muxi-Signature", signature)], forged.as_bytes(), "whsec", now);
    println!("forged: {:?}", refused.err());
    Ok(())
}

/// Configuration. What goes on is told to `tracing`.
async fn configuration(url: &str) -> Outcome {
    let formation = FormationClient::builder(url)
        .formation("echo-bot")
        .client_key(CLIENT_KEY)
        .attempt_timeout(Duration::from_secs(30))
        .retry(RetryPolicy::default().max_attempts(4))
        .build()?;
    println!("configured: {:?}", formation.health().await?.status);
    Ok(())
}

/// Chat Bot.
async fn chat_bot(formation: &FormationClient, input: impl BufRead) -> Outcome {
    for line in input.lines() {
        let line = line?;
        if line.eq_ignore_ascii_case("quit") {
            break;
        }
        print!("Assistant: ");
        let mut chat = formation.chat(line).user("user_123").stream().await?;
        while let Some(event) = chat.next().await.transpose()? {
            if let ChatEvent::Text(text) = &event.kind {
                print!("{text}");
            }
        }
        println!();
    }
    Ok(())
}

/// With Session Persistence.
async fn session_persistence(formation: &FormationClient, input: impl BufRead) -> Outcome {
    // It keeps its id, which is known before the first turn; `formation.session(id)` goes on with one.
    let conversation = formation.for_user("user_123").conversation();
    for line in input.lines() {
        let line = line?;
        if line.eq_ignore_ascii_case("quit") {
            break;
        }
        print!("Assistant: ");
        let mut chat = conversation.chat(line).stream().await?;
        while let Some(event) = chat.next().await.transpose()? {
            if let ChatEvent::Text(text) = &event.kind {
                print!("{text}");
            }
        }
        println!();
    }
    println!("one conversation of {} messages", conversation.messages().await?.len());
    Ok(())
}
