//! How much memory an idle listener holds. In a program of its own, since the allocator is replaced by one that counts.

#![allow(clippy::unwrap_used)]

use allocation_counter::measure;
use mycel_sdk::{Client, ListenEvent, Listener};
use mycel_tests::{Connection, RawPeer};
use tokio::runtime::Builder;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// It takes 4.4 kB: the task with its stream 1.4 kB, what is read into 1 kB, and the rest goes to the queue, the timer, the
/// token, the user's name, and what tokio knows of a socket. The state of TLS, where there is none, would be 1.1 kB more.
const BOUND: i64 = 4_500;

/// As many before it counts, so that the connections of calls and their buffers are there.
const WARM_UP: usize = 20;

const COUNTED: usize = 200;

fn header<'r>(request: &'r str, name: &str) -> &'r str {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(told, _)| told.eq_ignore_ascii_case(name)).unwrap().1
}

/// A backend with as many agents as there are tokens, where nothing happens.
async fn quiet(mut connection: Connection) {
    while let Some(request) = connection.request().await {
        let body = match request.split_whitespace().nth(1).unwrap() {
            "/api/auth/me" => {
                let token = header(&request, "authorization").trim_start_matches("Bearer ");
                format!(r#"{{"id":"{token}","name":"{token}","type":"external","is_guest":false}}"#)
            }
            "/api/runtime/inbox/drain" => r#"{"count":0,"notifications":[]}"#.to_owned(),
            _ => {
                let accept = derive_accept_key(header(&request, "sec-websocket-key").as_bytes());
                let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket";
                connection.send(format!("{head}\r\nsec-websocket-accept: {accept}\r\n\r\n")).await;
                return connection.gone().await;
            }
        };
        let length = body.len();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json";
        connection.send(format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}")).await;
    }
}

#[test]
fn an_idle_listener_holds_little_memory() {
    // The peer has a thread of its own, so that what it allocates does not count.
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let peer = elsewhere.block_on(RawPeer::start(quiet));
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let client = Client::builder(peer.url()).build().unwrap();

    let mut listeners: Vec<Listener> = Vec::with_capacity(WARM_UP + COUNTED);
    let mut listen = |count| {
        runtime.block_on(async {
            for _ in 0..count {
                let agent = client.with_auth_token(format!("agent-{}", listeners.len()));
                let mut listener = agent.notifications().listen();
                let first = listener.next().await.unwrap().unwrap();
                assert!(matches!(first, ListenEvent::Connected), "{first:?}");
                listeners.push(listener);
            }
        });
    };
    listen(WARM_UP);
    let held = measure(|| listen(COUNTED)).bytes_current / COUNTED as i64;

    println!("{held} bytes for each idle listener");
    assert!(held > 1_000, "{held} bytes are not all that a listener holds");
    assert!(held < BOUND, "{held} bytes for each idle listener");
}
