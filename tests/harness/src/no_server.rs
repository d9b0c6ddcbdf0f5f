//! Where nobody listens.

use tokio::net::TcpListener;

/// The URL of a port that was free a moment ago, and that nobody has been given since.
pub async fn no_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
