//! Requests and answers, byte by byte.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{events::frames, ids::Ids};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

/// Sends a request. Of a stream without an end as much is read as was recorded, and what was sent meanwhile is sent once it
/// has begun.
pub(crate) async fn send(url: &str, exchange: &Value, ids: &Ids) -> Answer {
    let mut stream = request(url, exchange, ids).await;
    let is_endless = !exchange["read_seconds"].is_null();
    let expected = exchange["answer"].as_str().map_or(0, |text| frames(text).len());
    let (mut bytes, mut chunk, mut has_begun) = (Vec::new(), [0; 8192], false);
    loop {
        let count = stream.read(&mut chunk).await.unwrap();
        bytes.extend_from_slice(&chunk[..count]);
        let answer = read(&bytes);
        if answer.is_some() && is_endless && !has_begun {
            has_begun = true;
            for other in exchange["meanwhile"].as_array().into_iter().flatten() {
                request(url, other, ids).await.read_to_end(&mut Vec::new()).await.unwrap();
            }
        }
        match answer {
            Some(answer) if count == 0 || is_endless && frames(&answer.body).len() >= expected => return answer,
            None if count == 0 => panic!("no answer: {}", String::from_utf8_lossy(&bytes)),
            _ => {}
        }
    }
}

async fn request(url: &str, exchange: &Value, ids: &Ids) -> TcpStream {
    let address = url.strip_prefix("http://").unwrap();
    let (method, path) = (exchange["method"].as_str().unwrap(), ids.swapped(exchange["path"].as_str().unwrap()));
    let mut head = format!("{method} /v1{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in exchange["headers"].as_object().unwrap() {
        head += &format!("{name}: {}\r\n", value.as_str().unwrap());
    }
    let body = match (&exchange["body_base64"], &exchange["body"]) {
        (Value::String(body), _) => Some(BASE64_STANDARD.decode(body).unwrap()),
        (_, Value::Null) => None,
        (_, body) => Some(swapped(body, ids).to_string().into_bytes()),
    };
    if let Some(body) = &body {
        head += &format!("content-length: {}\r\n", body.len());
    }
    // Heads are Latin-1.
    let mut bytes: Vec<u8> = head.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    bytes.extend(b"\r\n");
    bytes.extend(body.unwrap_or_default());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&bytes).await.unwrap();
    stream
}

fn swapped(value: &Value, ids: &Ids) -> Value {
    match value {
        Value::String(text) => ids.swapped(text).into(),
        Value::Array(values) => values.iter().map(|value| swapped(value, ids)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), swapped(value, ids)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// What has come of an answer, once its head is there.
fn read(bytes: &[u8]) -> Option<Answer> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (String::from_utf8_lossy(&bytes[..head]).into_owned(), &bytes[head + 4..]);
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let headers: HashMap<_, _> = lines.filter_map(header).collect();
    let is_chunked = headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked");
    let body = if is_chunked { without_chunks(body) } else { body.to_vec() };
    Some(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn without_chunks(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let length = std::str::from_utf8(&bytes[..end]).unwrap();
        let (start, length) = (end + 2, usize::from_str_radix(length, 16).unwrap());
        let Some(chunk) = bytes.get(start..start + length) else { break };
        body.extend_from_slice(chunk);
        bytes = bytes.get(start + length + 2..).unwrap_or_default();
    }
    body
}
