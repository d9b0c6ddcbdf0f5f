//! A server that is played by hand, down to the bytes, connection by connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::peer::read_request;

type Played = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A server on a port of its own. What becomes of a connection is up to a script, which is run for each.
pub struct RawPeer {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl RawPeer {
    /// Starts it.
    pub async fn start<F, P>(script: F) -> Self
    where
        F: Fn(Connection) -> P + Send + Sync + 'static,
        P: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let script = move |connection| -> Played { Box::pin(script(connection)) };
        let server = tokio::spawn(async move {
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                tokio::spawn(script(Connection { number, stream, requests: Arc::clone(&seen) }));
                number += 1;
            }
        });
        Self { address, requests, server }
    }

    /// The host and the port that it listens on.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that were read so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for RawPeer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The server's end of a connection. It is closed when it is dropped.
pub struct Connection {
    /// How many came before it.
    pub number: usize,
    /// The socket.
    pub stream: TcpStream,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Connection {
    /// The next request, head and body; `None` when the client is gone.
    pub async fn request(&mut self) -> Option<String> {
        let request = read_request(&mut self.stream).await?;
        self.requests.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// Sends these bytes. The client may have gone by now; that is its right.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Sends these bytes again and again until the client goes, and returns how many it let be sent.
    pub async fn flood(&mut self, bytes: impl AsRef<[u8]>) -> usize {
        let bytes = bytes.as_ref();
        let mut sent = 0;
        while self.stream.write_all(bytes).await.is_ok() {
            sent += bytes.len();
        }
        sent
    }

    /// Sends these bytes from time to time until the client goes.
    pub async fn trickle(&mut self, bytes: impl AsRef<[u8]>) {
        while self.stream.write_all(bytes.as_ref()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Says nothing more until the client goes.
    pub async fn gone(&mut self) {
        let mut chunk = [0; 4096];
        while self.stream.read(&mut chunk).await.is_ok_and(|count| count > 0) {}
    }
}
