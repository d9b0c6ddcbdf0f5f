//! A backend that answers from memory, in a process of its own, so that what is measured is the client.

mod answers;
mod events;
mod files;
mod http;
mod pages;
mod stream;

use std::ffi::OsString;
use std::net::TcpListener;

use crate::Result;
use crate::served::{Served, until_alone};

/// The argument that has the program be the peer.
pub(crate) const ROLE: &str = "peer";

/// A peer that lives as long as this.
pub(crate) struct Peer(Served);

impl Peer {
    /// Starts it, on a port of its own.
    pub(crate) fn start() -> Result<Self> {
        Served::start(ROLE, &[]).map(Self)
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> &str {
        self.0.url()
    }

    /// Host and port, for who speaks to it over a socket of its own.
    pub(crate) fn address(&self) -> &str {
        self.url().trim_start_matches("http://")
    }
}

/// Serves until whoever started it is gone.
pub(crate) fn serve(_: Vec<OsString>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    std::thread::spawn(|| {
        let _ = until_alone();
        std::process::exit(0);
    });
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(http::serve(stream));
        }
    })
}

/// Serves in the runtime that this is called in, for as long as that lives. Returns the base URL.
pub(crate) async fn beside() -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // It matters to the time alone.
            let _ = stream.set_nodelay(true);
            tokio::spawn(http::serve(stream));
        }
    });
    Ok(url)
}
