//! Where nobody listens.

use std::sync::OnceLock;

use tokio::net::TcpSocket;

/// The URL of a port where nobody listens, and nobody else can: it is taken as long as the process lasts.
pub fn no_server() -> String {
    static TAKEN: OnceLock<TcpSocket> = OnceLock::new();
    let taken = TAKEN.get_or_init(|| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        socket
    });
    format!("http://{}", taken.local_addr().unwrap())
}
