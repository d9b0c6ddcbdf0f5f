//! A recorder on the wire: an HTTP/1.1 proxy before a backend that keeps every exchange that passes.

mod conversation;
mod frames;
mod messages;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use conversation::Conversation;

/// A proxy before one backend, on a port of its own. It passes on what comes, byte by byte and connection by
/// connection, and names the backend in the `host` header. Stops when dropped.
pub struct Tap {
    url: String,
    record: Arc<Mutex<Record>>,
    server: JoinHandle<()>,
}

/// A request and its response, once the last byte of the response was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Such as `GET`.
    pub method: String,
    /// As on the wire, percent-encoded and without query.
    pub path: String,
    /// What stands behind the question mark, as on the wire.
    pub query: Option<String>,
    /// As the client sent them.
    pub request_headers: Vec<(String, String)>,
    /// Without the framing of chunks.
    pub request_body: Bytes,
    /// Of the response.
    pub status: u16,
    /// As the backend sent them.
    pub response_headers: Vec<(String, String)>,
    /// Without the framing of chunks.
    pub response_body: Bytes,
}

impl Exchange {
    /// Whether the response says that it is JSON.
    pub fn is_json(&self) -> bool {
        let mut headers = self.response_headers.iter();
        headers.any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value.starts_with("application/json"))
    }
}

#[derive(Default)]
struct Record {
    exchanges: Vec<Exchange>,
    frames: Vec<String>,
}

impl Tap {
    /// Starts it. The URL is one of plain HTTP; where it has a path, [`url`](Self::url) has it too.
    pub async fn before(backend_url: &str) -> Self {
        let rest = backend_url.strip_prefix("http://").expect("the tap speaks plain HTTP");
        let rest = rest.trim_end_matches('/');
        let (authority, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{prefix}", listener.local_addr().unwrap());
        let record = Arc::new(Mutex::new(Record::default()));
        let server = tokio::spawn(accept(listener, authority.to_owned(), Arc::clone(&record)));
        Self { url, record, server }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Takes out the exchanges so far, in order of completion. What a client has an answer to is among them.
    /// One that broke off is not.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.record.lock().unwrap().exchanges)
    }

    /// Takes out the text messages so far that the backend sent through WebSockets, uncompressed.
    pub fn take_frames(&self) -> Vec<String> {
        std::mem::take(&mut self.record.lock().unwrap().frames)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn accept(listener: TcpListener, authority: String, record: Arc<Mutex<Record>>) {
    // The connections end with this task.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(relay(client, authority.clone(), Arc::clone(&record)));
    }
}

/// Passes on until both sides have closed, or one has broken off; with that, both are gone.
async fn relay(client: TcpStream, authority: String, record: Arc<Mutex<Record>>) -> std::io::Result<()> {
    let address = if authority.rsplit(']').next().is_some_and(|end| end.contains(':')) {
        authority.clone()
    } else {
        format!("{authority}:80")
    };
    let backend = TcpStream::connect(address).await?;
    client.set_nodelay(true)?;
    backend.set_nodelay(true)?;
    let conversation = Mutex::new(Conversation::new(authority, record));
    let (from_client, to_client) = client.into_split();
    let (from_backend, to_backend) = backend.into_split();
    let up = pass(from_client, to_backend, |bytes| conversation.lock().unwrap().request(bytes));
    let down = pass(from_backend, to_client, |bytes| conversation.lock().unwrap().response(bytes));
    tokio::try_join!(up, down).map(drop)
}

/// Passes on what `through` makes of each piece; an empty piece is the end.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    through: impl Fn(&[u8]) -> Vec<u8>,
) -> std::io::Result<()> {
    let mut chunk = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut chunk).await?;
        to.write_all(&through(chunk.get(..count).unwrap_or_default())).await?;
        if count == 0 {
            return to.shutdown().await;
        }
    }
}
