//! A formation that is deployed, and talked to: a bundle whose deployment is watched, a chat as it comes and once more whole, a
//! memory, a job, and, where the formation is on this machine, a turn whose answer is posted to a webhook.
//!
//! With nothing set up it starts a local server, whose formations echo what they are told. With `MUXI_SERVER_URL`, `MUXI_KEY_ID`
//! and `MUXI_SECRET_KEY` set it deploys to that server: the bundle that `MUXI_BUNDLE` names, or else a small one with the keys
//! in `MUXI_ADMIN_KEY` and `MUXI_CLIENT_KEY`. With `MUXI_FORMATION_URL` set it deploys nothing, and talks to that formation.

use std::env;
use std::error::Error;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt;
use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY, KEY_ID, LocalBackend, SECRET_KEY};
use muxi_sdk::server::Bundle;
use muxi_sdk::{ChatEvent, FormationClient, Schedule, ServerClient, Webhooks};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Stops when it is dropped.
    let (formation, backend) = match variable("MUXI_FORMATION_URL") {
        Some(_) => (FormationClient::from_env()?, None),
        None => deployed().await?,
    };
    let ada = formation.for_user("ada");
    chat(&ada).await?;
    remember(&ada).await?;
    if backend.is_some() {
        hear(&ada, ADMIN_KEY).await?;
    }
    Ok(())
}

/// The value of an environment variable, where it has one.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Deploys a formation, with its progress in sight.
async fn deployed() -> Result<(FormationClient, Option<LocalBackend>), Box<dyn Error>> {
    let (server, backend) = match variable("MUXI_SERVER_URL") {
        Some(_) => (ServerClient::from_env()?, None),
        None => {
            let backend = muxi_local_backend::start().await?;
            let server = ServerClient::builder(backend.url()).key_id(KEY_ID).secret_key(SECRET_KEY).build()?;
            (server, Some(backend))
        }
    };
    let admin_key = variable("MUXI_ADMIN_KEY").unwrap_or_else(|| ADMIN_KEY.to_owned());
    let client_key = variable("MUXI_CLIENT_KEY").unwrap_or_else(|| CLIENT_KEY.to_owned());
    let bundle = match variable("MUXI_BUNDLE") {
        Some(path) => Bundle::file(path),
        None => bundle(&admin_key, &client_key)?.into(),
    };

    println!("MUXI {} at {}", server.health().await?.version.unwrap_or_default(), server.base_url());
    let mut deployment = server.deploy_or_update(bundle).stream().await?;
    while let Some(progress) = deployment.next().await.transpose()? {
        println!("  … {}: {}", progress.stage, progress.message);
    }
    let id = deployment.finish().await?.formation_id;
    for formation in server.list().await? {
        println!("  {}: {}", formation.id, formation.status);
    }
    println!();

    let builder = FormationClient::builder(server.base_url()).formation(id.as_str());
    Ok((builder.admin_key(admin_key).client_key(client_key).build()?, backend))
}

/// A bundle: one folder, with a file that declares the formation.
fn bundle(admin_key: &str, client_key: &str) -> io::Result<Vec<u8>> {
    let declaration = format!(
        "schema: \"1.0.0\"\nid: quickstart-bot\nname: Quickstart\ndescription: Answers what it is asked\nversion: \"1.0.0\"\n\
         server:\n  api_keys:\n    admin_key: \"{admin_key}\"\n    client_key: \"{client_key}\"\n"
    );
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let mut header = tar::Header::new_gnu();
    header.set_size(declaration.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "quickstart-bot/formation.afs", declaration.as_bytes())?;
    archive.into_inner()?.finish()
}

/// A conversation, as it goes on and once more whole.
async fn chat(ada: &FormationClient) -> Result<(), Box<dyn Error>> {
    let status = ada.status().await?;
    println!("{} {} at {}\n", status.id, status.version.unwrap_or_default(), ada.base_url());

    let mut chat = ada.chat("tools please").stream().await?;
    while let Some(event) = chat.next().await.transpose()? {
        match &event.kind {
            ChatEvent::Text(text) => print!("{text}"),
            ChatEvent::Progress(progress) => println!("  … {}", progress.text),
            ChatEvent::Ui(widgets) => println!("\n  ({} to choose from)", widgets.len()),
            _ => {}
        }
        io::stdout().flush()?;
    }
    println!("\n");

    let session = chat.session_id().cloned();
    let answer = ada.chat("And now in one word.").session(session).await?;
    println!("{}\n", answer.text().unwrap_or("The turn has moved to the background."));
    for session in ada.sessions().list().await? {
        println!("conversation {}:", session.id);
        for message in ada.sessions().messages(&session.id).await? {
            println!("  {}: {}", message.role.unwrap_or_default(), message.content);
        }
    }
    println!();
    Ok(())
}

/// Something that is remembered of a user, and something that is done at a set time.
async fn remember(ada: &FormationClient) -> Result<(), Box<dyn Error>> {
    let memory = ada.memories().create("Likes Rust").kind("preference").await?;
    println!("remembered: {} ({})", memory.content, memory.kind.unwrap_or_default());
    let job = ada.jobs().create("Generate daily summary", Schedule::cron("0 9 * * *")).await?;
    println!("scheduled: {} ({}, {})", job.message, job.id, job.status);
    ada.jobs().delete(&job.id).await?;
    Ok(())
}

/// An answer that is posted once it is there, as the web server of an application would hear it. It is signed with the admin
/// key.
async fn hear(ada: &FormationClient, admin_key: &str) -> Result<(), Box<dyn Error>> {
    let hook = TcpListener::bind("127.0.0.1:0").await?;
    ada.chat("async Read all the reports").webhook_url(format!("http://{}/muxi", hook.local_addr()?)).await?;

    let (connection, _) = hook.accept().await?;
    let mut connection = BufReader::new(connection);
    let (mut headers, mut line) = (Vec::new(), String::new());
    while connection.read_line(&mut line).await? > 2 {
        // The first line has none, and is no header.
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            headers.push((name.to_owned(), value.to_owned()));
        }
        line.clear();
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.ok_or("the post does not say how long it is")?.1.parse()?;
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await?;
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;

    let event = Webhooks::verify(headers, &body, admin_key)?;
    println!("posted: {} ({}, and the signature is right)", event.text(), event.status);
    Ok(())
}
