//! How a network takes connections, before any byte has passed.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How connections are taken at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// They are made.
    #[default]
    Open,
    /// They are refused: nothing listens.
    Closed,
    /// They are neither made nor refused: the queue of those that wait is full.
    Stuck,
}

/// A port of its own, behind a door.
pub(super) enum Entrance {
    Open(TcpListener),
    /// The port is taken, so that nothing else can listen on it.
    Closed(TcpSocket),
    /// The connections are those that fill the queue.
    Stuck(TcpListener, Vec<TcpStream>),
}

impl Door {
    pub(super) async fn build(self) -> Entrance {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        match self {
            Self::Open => Entrance::Open(socket.listen(1024).unwrap()),
            Self::Closed => Entrance::Closed(socket),
            Self::Stuck => {
                let listener = socket.listen(0).unwrap();
                let queue = fill(listener.local_addr().unwrap()).await;
                Entrance::Stuck(listener, queue)
            }
        }
    }
}

/// Connects until no connection is made any more.
async fn fill(address: SocketAddr) -> Vec<TcpStream> {
    let mut queue = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        queue.push(stream.unwrap());
        assert!(queue.len() < 16, "the queue of a listener that accepts nothing does not fill up");
    }
    queue
}

impl Entrance {
    pub(super) fn address(&self) -> SocketAddr {
        match self {
            Self::Open(listener) | Self::Stuck(listener, _) => listener.local_addr().unwrap(),
            Self::Closed(socket) => socket.local_addr().unwrap(),
        }
    }

    /// Opens it, and empties the queue.
    pub(super) async fn open(self) -> TcpListener {
        match self {
            Self::Open(listener) => listener,
            Self::Closed(socket) => socket.listen(1024).unwrap(),
            Self::Stuck(listener, queue) => {
                for _ in queue {
                    listener.accept().await.unwrap();
                }
                listener
            }
        }
    }
}
