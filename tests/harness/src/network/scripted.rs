//! A network that follows scripts.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::door::Door;
use super::fault::{Script, serve};

/// A proxy between clients and one address that does to each attempt what its script says.
pub struct ScriptedNetwork {
    url: String,
    script: watch::Sender<Arc<Script>>,
    asked_to_open: Arc<Notify>,
    is_open: watch::Receiver<bool>,
    /// Asks quiet connections to end. Each connection holds a receiver.
    closing: watch::Sender<()>,
    server: JoinHandle<()>,
}

impl ScriptedNetwork {
    /// Starts it. It passes on everything until it has a script.
    pub async fn start(target: SocketAddr, door: Door) -> Self {
        let entrance = door.build().await;
        let url = format!("http://{}", entrance.address());
        let script = watch::Sender::default();
        let closing = watch::Sender::new(());
        let asked_to_open = Arc::new(Notify::new());
        if door == Door::Open {
            asked_to_open.notify_one();
        }
        let (opened, is_open) = watch::channel(false);
        let (scripts, closes, asked) = (script.subscribe(), closing.clone(), Arc::clone(&asked_to_open));
        let server = tokio::spawn(async move {
            asked.notified().await;
            let listener = entrance.open().await;
            opened.send_replace(true);
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, target, scripts.clone(), closes.subscribe()));
            }
        });
        Self { url, script, asked_to_open, is_open, closing, server }
    }

    /// Where it listens, or will.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Gives it another script, which begins with the next connection or the next exchange.
    pub fn follow(&self, script: Script) -> Arc<Script> {
        let script = Arc::new(script);
        self.script.send_replace(Arc::clone(&script));
        script
    }

    /// Lets connections in, whatever the door was like.
    pub async fn open(&self) {
        self.asked_to_open.notify_one();
        self.is_open.clone().wait_for(|is_open| *is_open).await.unwrap();
    }

    /// Closes the connections that have no exchange under way, and waits until the client has closed them too.
    pub async fn close_quiet_connections(&self) {
        self.closing.send_replace(());
        self.closing.closed().await;
    }
}

impl Drop for ScriptedNetwork {
    fn drop(&mut self) {
        self.server.abort();
    }
}
