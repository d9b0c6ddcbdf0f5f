//! The inbox stream: notifications in bulk, idle connections, and a cut on demand.
//!
//! The first part of a client's base URL says what is played: `/flood/1000` brings 1,000 notifications at once,
//! `/idle` brings none, and `/cut` is cut whenever `/cut` itself is asked for.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::answers;
use super::http::Request;

/// Where the stream is, under the base URL.
const SUBSCRIBE: &str = "/api/runtime/inbox/subscribe";

/// How long an idle connection is quiet before it is pinged. Uvicorn takes twice as long.
const QUIET: Duration = Duration::from_secs(10);

/// Notifications come from so many chats in turn: more than a listener lets wait, so that each is told by itself.
const CHATS: u64 = 2_000;

/// The answer to a drain.
static NOTHING: LazyLock<Bytes> = LazyLock::new(|| answers::json("200 OK", r#"{"count":0,"notifications":[]}"#));

/// How often all that can be cut has been.
static CUTS: LazyLock<watch::Sender<u64>> = LazyLock::new(|| watch::Sender::new(0));

/// What clients have asked for.
static HANDSHAKES: AtomicU64 = AtomicU64::new(0);
static DRAINS: AtomicU64 = AtomicU64::new(0);

/// The number of the last notification after a cut.
static LAST: AtomicU64 = AtomicU64::new(0);

/// Answers what belongs to the inbox; `None` of all else.
pub(super) fn answer(request: &Request<'_>) -> Option<Bytes> {
    let path = request.target;
    if path.ends_with(SUBSCRIBE) {
        HANDSHAKES.fetch_add(1, Ordering::Relaxed);
        let key = request.header("sec-websocket-key")?;
        let accept = derive_accept_key(key);
        return Some(Bytes::from(format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        )));
    }
    if path.ends_with("/api/runtime/inbox/drain") {
        DRAINS.fetch_add(1, Ordering::Relaxed);
        return Some(NOTHING.clone());
    }
    if path.ends_with("/api/auth/me") {
        // The token is the name.
        let token = std::str::from_utf8(request.header("authorization")?).ok()?.trim_start_matches("Bearer ");
        let me = format!(r#"{{"id":"{token}","name":"{token}","type":"external","is_guest":false}}"#);
        return Some(answers::json("200 OK", &me));
    }
    if path == "/cut" {
        let seen = seen();
        CUTS.send_modify(|cuts| *cuts += 1);
        return Some(seen);
    }
    (path == "/seen").then(seen)
}

/// How many handshakes and drains there were.
fn seen() -> Bytes {
    let [handshakes, drains] = [&HANDSHAKES, &DRAINS].map(|count| count.load(Ordering::Relaxed));
    answers::json("200 OK", &format!("{handshakes} {drains}"))
}

/// What comes after the handshake.
pub(super) enum Play {
    /// So many notifications as fast as they are taken.
    Flood(u64),
    /// Nothing but pings.
    Idle,
    /// One notification for each `resume`, until it is cut.
    UntilCut(watch::Receiver<u64>),
}

/// What comes after the answer to this request, where it is a handshake.
pub(super) fn play(request: &Request<'_>) -> Option<Play> {
    let played = request.target.strip_suffix(SUBSCRIBE)?;
    match played.strip_prefix("/flood/") {
        Some(count) => count.parse().ok().map(Play::Flood),
        None if played == "/idle" => Some(Play::Idle),
        None => Some(Play::UntilCut(CUTS.subscribe())),
    }
}

impl Play {
    pub(super) async fn run(self, mut stream: TcpStream) -> io::Result<()> {
        match self {
            Self::Flood(count) => {
                stream.write_all(&flood(count)).await?;
                while stream.read(&mut [0; 512]).await? > 0 {}
            }
            Self::Idle => loop {
                match tokio::time::timeout(QUIET, stream.read(&mut [0; 512])).await {
                    Ok(Ok(1..)) => {}
                    Ok(_) => return Ok(()),
                    Err(_) => stream.write_all(&[0x89, 0]).await?,
                }
            },
            Self::UntilCut(mut cuts) => {
                let cut = std::pin::pin!(cuts.changed());
                let resumed = std::pin::pin!(resumed(&mut stream));
                futures::future::select(cut, resumed).await;
            }
        }
        Ok(())
    }
}

/// Sends a notification for whatever the client sends.
async fn resumed(stream: &mut TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 512]).await? > 0 {
        let seq = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        stream.write_all(&frame(&notification(seq))).await?;
    }
    Ok(())
}

/// Notifications from 1 on, as bytes of the connection. They are made once.
fn flood(count: u64) -> Bytes {
    static MADE: Mutex<Option<HashMap<u64, Bytes>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let bytes = made.get_or_insert_default().entry(count);
    bytes.or_insert_with(|| (1..=count).flat_map(|seq| frame(&notification(seq))).collect()).clone()
}

/// A notification as the backend writes it.
fn notification(seq: u64) -> String {
    let mut text = String::new();
    let (chat, at) = (seq % CHATS, 1_795_303_055.282_301_2 + seq as f64 / 1_000.0);
    let _ = write!(
        text,
        r#"{{"type":"notify","seq":{seq},"fingerprint":"{seq:064x}","ts":{at},"metadata":{{"event_type":"chat.message","notification_type":"chat","chat_id":"d2d80a69-68df-474a-9517-{chat:012x}","message_id":"a5af745e-0b73-4b80-98de-{seq:012x}","message_seq":{seq},"sender_name":"Codex B","unread_count":1}}}}"#
    );
    text
}

/// A text message of 126 to 65,535 bytes, as a server sends it.
fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    [&[0x81, 126], &length.to_be_bytes()[..], text.as_bytes()].concat()
}
