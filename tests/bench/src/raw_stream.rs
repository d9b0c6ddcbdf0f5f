//! The inbox stream as a program has it without the SDK: tokio-tungstenite, and serde_json into structs that hold
//! what the SDK's hold.

use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::Result;

/// A notification with what it was sent in.
pub(crate) struct Streamed {
    pub(crate) notification: Notification,
    #[expect(dead_code, reason = "it is decoded, as the SDK does")]
    pub(crate) fingerprint: String,
    #[expect(dead_code, reason = "it is decoded, as the SDK does")]
    pub(crate) sent_at: Option<jiff::Timestamp>,
}

pub(crate) struct Notification {
    pub(crate) seq: u64,
    pub(crate) event: Event,
    #[expect(dead_code, reason = "it is decoded, as the SDK does")]
    pub(crate) metadata: Map<String, Value>,
}

/// The events that the peer sends.
#[expect(dead_code, reason = "they are decoded, as the SDK does")]
pub(crate) enum Event {
    ChatMessage {
        chat_id: String,
        message_id: Option<String>,
        message_seq: Option<u64>,
        sender_name: String,
        unread_count: u64,
    },
    Other(String),
}

#[derive(Deserialize)]
struct Frame<'t> {
    #[serde(rename = "type")]
    kind: &'t str,
    seq: u64,
    fingerprint: String,
    ts: f64,
    metadata: Map<String, Value>,
}

pub(crate) fn decode(text: &str) -> Result<Streamed> {
    let Frame { kind, seq, fingerprint, ts, metadata } = serde_json::from_str(text)?;
    if kind != "notify" {
        return Err(format!("a frame of type {kind}").into());
    }
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).map(str::to_owned);
    let event = match metadata.get("event_type").and_then(Value::as_str).ok_or("no event type")? {
        "chat.message" => Event::ChatMessage {
            chat_id: text("chat_id").ok_or("no chat")?,
            message_id: text("message_id"),
            message_seq: metadata.get("message_seq").and_then(Value::as_u64),
            sender_name: text("sender_name").unwrap_or_default(),
            unread_count: metadata.get("unread_count").and_then(Value::as_u64).unwrap_or_default(),
        },
        other => Event::Other(other.to_owned()),
    };
    let sent_at = jiff::Timestamp::from_nanosecond((ts * 1e9) as i128).ok();
    Ok(Streamed { notification: Notification { seq, event, metadata }, fingerprint, sent_at })
}

/// An open stream.
pub(crate) struct Stream(WebSocketStream<TcpStream>);

impl Stream {
    /// Connects to host and port, and opens the stream under a path.
    pub(crate) async fn open(
        address: &str,
        base_path: &str,
        token: &str,
        config: Option<WebSocketConfig>,
    ) -> Result<Self> {
        let mut request = format!("ws://{address}{base_path}/api/runtime/inbox/subscribe").into_client_request()?;
        request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
        let connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        let (socket, _) = tokio_tungstenite::client_async_with_config(request, connection, config).await?;
        Ok(Self(socket))
    }

    /// Asks for what came after this.
    pub(crate) async fn resume(&mut self, since: u64) -> Result<()> {
        let resume = serde_json::json!({"type": "resume", "since_seq": since}).to_string();
        Ok(self.0.send(Message::text(resume)).await?)
    }

    /// The next notification.
    pub(crate) async fn next(&mut self) -> Result<Streamed> {
        loop {
            match self.0.next().await.ok_or("the stream has ended")?? {
                Message::Text(text) => return decode(&text),
                Message::Close(_) => return Err("the stream was closed".into()),
                _ => {}
            }
        }
    }
}
