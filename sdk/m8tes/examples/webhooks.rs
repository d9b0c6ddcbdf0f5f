//! Where m8tes tells what happens, and whether it is m8tes who tells it.
//!
//! With nothing set up it starts a local backend, which posts to this program.

mod support;

use std::time::Duration;

use m8tes_local_backend::LocalBackend;
use m8tes_sdk::webhooks::Webhooks;
use m8tes_sdk::{Client, Error, Secret};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, backend) = support::connect(LocalBackend::builder().loopback_webhooks()).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let here = format!("http://{}/hook", listener.local_addr()?);
    // m8tes itself does not reach this program, so there nothing is waited for.
    let url = if backend.is_some() { here } else { "https://example.com/hook".to_owned() };
    registered(&client, &url).await?;
    let secret = kept_secret(&client, &url).await?;
    if backend.is_some() {
        client.runs().create_and_wait("summarize inbox").interval(Duration::from_millis(100)).await?;
        // One for each of the two webhooks; only one of them is signed with this secret.
        for _ in 0..2 {
            let (mut connection, _) = listener.accept().await?;
            let (headers, body) = post(&mut connection).await?;
            println!("from m8tes, with that secret: {}", is_from_m8tes(&headers, &body, &secret));
        }
    }
    println!("from m8tes, without a signature: {}", is_from_m8tes(&[], b"{}", &secret));
    forget(&client).await?;
    Ok(())
}

async fn registered(client: &Client, url: &str) -> Result<(), Error> {
    let hook = client.webhooks().create(url).events(["run.completed"]).await?;
    println!("{} gets {:?}", hook.url, hook.events);
    Ok(())
}

/// The secret is told this once: keep it.
async fn kept_secret(client: &Client, url: &str) -> Result<Secret, Box<dyn std::error::Error>> {
    let hook = client.webhooks().create(url).events(["run.completed", "run.failed"]).await?;
    Ok(hook.secret.ok_or("no secret was told")?)
}

/// For the handler of a web framework: headers as its pairs, and the very bytes of the body.
fn is_from_m8tes(headers: &[(String, String)], body: &[u8], secret: &Secret) -> bool {
    let headers = headers.iter().map(|(name, value)| (name, value));
    match Webhooks::verify(headers, body, secret.clone()) {
        Ok(event) => {
            println!("{} of run {:?}", event.event_type().unwrap_or_default(), event.run_id());
            true
        }
        Err(reason) => {
            println!("refused: {reason}");
            false
        }
    }
}

/// What a web framework does: takes a post, and says thanks.
async fn post(connection: &mut TcpStream) -> std::io::Result<(Vec<(String, String)>, Vec<u8>)> {
    let mut read = Vec::new();
    let head = loop {
        connection.read_buf(&mut read).await?;
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break String::from_utf8_lossy(&read.drain(..end + 4).collect::<Vec<_>>()).into_owned();
        }
    };
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0);
    while read.len() < length {
        connection.read_buf(&mut read).await?;
    }
    connection.try_write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?;
    Ok((headers, read))
}

async fn forget(client: &Client) -> Result<(), Error> {
    for hook in client.webhooks().list().await?.data {
        for delivery in client.webhooks().list_deliveries(hook.id).await?.data {
            println!("{}: {}", delivery.event_type, delivery.status);
        }
        client.webhooks().delete(hook.id).await?;
    }
    Ok(())
}
