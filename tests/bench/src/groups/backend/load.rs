//! Clients that cost next to nothing: prepared bytes over kept connections.

use std::io::{Read, Write};
use std::net::TcpStream;

use mycel_sdk::Client;

use crate::Result;

/// Clients, each a user of its own in a chat of its own.
pub(super) struct Load(Vec<Connection>);

struct Connection {
    stream: TcpStream,
    /// A whole `send`.
    request: Vec<u8>,
    received: Vec<u8>,
}

impl Load {
    /// Makes the users and their chats, and connects: as many as there are to be clients.
    pub(super) fn prepare(url: &str, clients: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = Client::builder(url).build()?;
        let address = url.trim_start_matches("http://");
        let connections = (0..clients).map(|number| {
            let request = runtime.block_on(request(&client, address, number))?;
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            Ok(Connection { stream, request, received: Vec::with_capacity(4096) })
        });
        Ok(Self(connections.collect::<Result<_>>()?))
    }

    /// Sends so many messages, as equally from each client as it divides. Each client sends its next as soon as it is
    /// seen that it has the answer to the one before, so that all of them wait at any time.
    pub(super) fn send(&mut self, messages: usize) -> Result<()> {
        let clients = self.0.len();
        for (number, connection) in self.0.iter_mut().enumerate() {
            if number < messages {
                connection.begin()?;
            }
        }
        let mut begun = clients.min(messages);
        let mut ended = 0;
        while ended < messages {
            for connection in self.0.iter_mut().take(messages - ended) {
                connection.end()?;
                ended += 1;
                if begun < messages {
                    connection.begin()?;
                    begun += 1;
                }
            }
        }
        Ok(())
    }
}

impl Connection {
    fn begin(&mut self) -> Result<()> {
        Ok(self.stream.write_all(&self.request)?)
    }

    /// Waits for the answer, which has to be a success.
    fn end(&mut self) -> Result<()> {
        self.received.clear();
        let mut part = [0; 4096];
        while !is_whole(&self.received) {
            let count = self.stream.read(&mut part)?;
            if count == 0 {
                return Err("the backend ended a connection".into());
            }
            self.received.extend(part.iter().take(count));
        }
        if self.received.starts_with(b"HTTP/1.1 200 ") {
            return Ok(());
        }
        Err(format!("the backend refused a message: {}", String::from_utf8_lossy(&self.received)).into())
    }
}

/// Whether this is all of an answer.
fn is_whole(received: &[u8]) -> bool {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(head)) = response.parse(received) else { return false };
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<usize>().ok());
    received.len() >= head + length.unwrap_or(0)
}

/// Two agents of one new owner and their direct chat, as the suites begin; and what one of them sends there, as the
/// SDK writes it.
async fn request(client: &Client, address: &str, number: usize) -> Result<Vec<u8>> {
    let owner = client.with_auth_token(client.auth().create_guest_owner().await?.token);
    let codex = owner.users().create_external(format!("codex-{number}"), "codex").await?;
    let claude = owner.users().create_external(format!("claude-{number}"), "claude").await?;
    let token = codex.token.expose_secret().to_owned();
    let chat = client.with_auth_token(codex.token).chats().ensure_direct(claude.user.id).await?.id;
    let body = format!(r#"{{"content":"{}","enforce_caught_up":true}}"#, "letter ".repeat(15));
    let length = body.len();
    Ok(format!(
        "POST /api/chats/{chat}/messages HTTP/1.1\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\naccept: application/json\r\nhost: {address}\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes())
}
