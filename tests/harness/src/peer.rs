//! A server that answers from a script, without any protocol of its own.

use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::message::Message;

/// What the peer does with one request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Sends these bytes and closes the connection.
    Bytes(Vec<u8>),
    /// Closes the connection without a byte.
    Nothing,
    /// Keeps the connection open and says nothing.
    Silence,
}

impl Reply {
    /// A whole response with a status line such as `200 OK`, and a body of JSON.
    pub fn json(status: &str, body: &str) -> Self {
        Self::http(status, "content-type: application/json\r\n", body)
    }

    /// A whole response; the headers end with a line break each.
    pub fn http(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
        Self::Bytes(text.into_bytes())
    }

    /// A response that promises more than it brings.
    pub fn cut_off(body: &str) -> Self {
        let promised = body.len() + 100;
        let text = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {promised}\r\n\r\n{body}");
        Self::Bytes(text.into_bytes())
    }
}

/// A server on a port of its own. It takes one request for each connection, and replies to the first request
/// with the first reply of its script, and so on; the last reply serves for all that come after.
pub struct Peer {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl Peer {
    /// Starts it.
    pub async fn start(script: impl Into<Vec<Reply>>) -> Self {
        let script: Arc<Vec<Reply>> = Arc::new(script.into());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&seen)));
            }
        });
        Self { url, requests, server }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The bodies of the requests so far.
    pub fn bodies(&self) -> Vec<String> {
        let bodies = self.requests().into_iter();
        bodies.map(|request| request.split_once("\r\n\r\n").unwrap().1.to_owned()).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Vec<Reply>>, seen: Arc<Mutex<Vec<String>>>) {
    let Some(request) = read_request(&mut stream).await else { return };
    let reply = {
        let mut seen = seen.lock().unwrap();
        seen.push(request);
        script.get(seen.len() - 1).or(script.last()).cloned()
    };
    match reply {
        Some(Reply::Bytes(bytes)) => {
            // The client may have gone by now; that is its right.
            let _ = stream.write_all(&bytes).await;
        }
        Some(Reply::Silence) => std::future::pending().await,
        Some(Reply::Nothing) | None => {}
    }
}

/// Reads a request, head and body; `None` if the client ends before it is whole.
pub async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let message = Message::read(stream).await?;
    Some(String::from_utf8_lossy(&message.bytes).into_owned())
}
