//! What the peer answers, made before the first request comes.

use std::sync::LazyLock;

use bytes::Bytes;

use super::http::Request;
use super::{files, pages, stream};

/// The answer to `POST /api/chats/CHAT/messages`.
static SENT: LazyLock<Bytes> = LazyLock::new(|| json("200 OK", &message(1)));

/// The answer to what the peer does not know.
static UNKNOWN: LazyLock<Bytes> = LazyLock::new(|| json("404 Not Found", r#"{"detail":"Not Found"}"#));

pub(super) fn to(request: &Request<'_>) -> Bytes {
    if let Some(answer) = stream::answer(request).or_else(|| files::answer(request)) {
        return answer;
    }
    let (path, query) = request.target.split_once('?').unwrap_or((request.target, ""));
    match (request.method, path) {
        ("GET", path) if path.ends_with("/messages") => pages::to(path, query).unwrap_or_else(|| UNKNOWN.clone()),
        ("POST", path) if path.ends_with("/messages") => SENT.clone(),
        _ => UNKNOWN.clone(),
    }
}

/// A message as the backend tells it, with 100 letters.
fn message(seq: u64) -> String {
    let content = "letter ".repeat(15);
    format!(
        r#"{{"id":"m-{seq}","chat_id":"c","sender_id":"u-1","sender_name":"Ada","content":"{content}","message_type":"human","mentioned_ids":[],"delivery_scope":"broadcast","addressed_to_user_ids":[],"seq":{seq},"signal":null,"retracted_at":null,"created_at":1784000000.{seq}}}"#
    )
}

/// A whole response.
pub(super) fn json(status: &str, body: &str) -> Bytes {
    let length = body.len();
    Bytes::from(format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}
