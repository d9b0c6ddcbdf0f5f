//! Starting and stopping.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{handler::Handler as _, serve::ListenerExt};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

use crate::{Backend, StartError, dispatch::dispatch};

/// How long a stop waits for requests and streams that don't end, unless set.
pub const GRACE: Duration = Duration::from_secs(2);

/// Tells that a backend is to stop.
#[derive(Clone, Debug)]
pub struct Closing(watch::Receiver<()>);

impl Closing {
    /// Waits for the word to stop.
    pub fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut closing = self.0.clone();
        // Nothing is ever sent: the wait ends with the sender.
        async move { while closing.changed().await.is_ok() {} }
    }

    /// Whether the word to stop has come.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.has_changed().is_err()
    }
}

/// A port that is listened on, and that nobody is answered at yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    closing: watch::Sender<()>,
}

/// A running server. It stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    url: String,
    /// Dropping it is the word to stop.
    closing: watch::Sender<()>,
    task: JoinHandle<()>,
    grace: Duration,
}

impl Bound {
    /// Listens on this address; port 0 asks for a free one.
    ///
    /// # Errors
    ///
    /// If the address can't be listened on.
    pub async fn listen(address: SocketAddr) -> Result<Self, StartError> {
        let unheard = || format!("{address} can't be listened on");
        let listener = TcpListener::bind(address).await.map_err(StartError::because(unheard()))?;
        let address = listener.local_addr().map_err(StartError::because(unheard()))?;
        Ok(Self { listener, address, closing: watch::Sender::new(()) })
    }

    /// Where the server that this becomes is found: `http://127.0.0.1:41234`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the server that this becomes listens. The port is the real one.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What tells of the end of the server that this becomes.
    pub fn closing(&self) -> Closing {
        Closing(self.closing.subscribe())
    }

    /// Answers, from now on.
    pub fn serve<B: Backend>(self, backend: &Arc<B>) -> Server {
        let url = self.url();
        let Self { listener, address, closing } = self;
        // No router: the document says what the routes are, and none of them is axum's.
        let service = dispatch::<B>.with_state(Arc::clone(backend)).into_make_service();
        // Answers go out at once: a client that waits for the rest of one would wait for its own acknowledgement.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let closed = Closing(closing.subscribe()).closed();
        let task = tokio::spawn(async move {
            // Serving never fails: what goes wrong with a connection is that connection's end.
            let _ = axum::serve(listener, service).with_graceful_shutdown(closed).await;
        });
        Server { address, url, closing, task, grace: GRACE }
    }
}

impl Server {
    /// Where it listens, as a client wants it: `http://127.0.0.1:41234`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens. The port is the real one, also if a free one was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long a stop waits for requests and streams that don't end: two seconds, unless set.
    #[must_use]
    pub fn grace(mut self, limit: Duration) -> Self {
        self.grace = limit;
        self
    }

    /// Stops: no new connections, and requests under way are answered. Waits for them and for `rest`, such as the end
    /// of streams, but no longer than its [`grace`](Self::grace).
    pub async fn shutdown(mut self, rest: impl Future<Output = ()>) {
        drop(self.closing);
        let ended = async {
            // The task ends with its last request. If it was cancelled with its runtime, there is nothing to wait for.
            let _ = (&mut self.task).await;
            rest.await;
        };
        if timeout(self.grace, ended).await.is_err() {
            self.task.abort();
        }
    }
}
