//! What is posted to webhooks, signed as the real runtime signs it.

use std::{fmt, io, sync::Arc, time::Duration};

use axum::http::Uri;
use hmac::{Hmac, KeyInit, Mac};
use local_backend_kit::Closing;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{envelope::now, script::Asked};

/// How often a post is tried.
const ATTEMPTS: u32 = 4;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is to be posted, in the order in which it is written.
#[derive(Clone, Debug)]
enum Payload {
    /// In Python's form. What is signed is the value in another one.
    Python(Vec<(&'static str, Value)>),
    /// In the form that is signed.
    AsSigned(Value),
}

/// Who posts.
pub(crate) struct Webhooks {
    pub(crate) formation_id: String,
    pub(crate) admin_key: String,
    pub(crate) client_key: String,
    /// How long it pauses after the first attempt; twice as long after each other.
    pub(crate) pause: Duration,
    pub(crate) closing: Closing,
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Webhooks")
    }
}

impl Webhooks {
    /// Tells how a turn in the background ended: with a text, or with an error's code and message.
    pub(crate) fn completion(self: &Arc<Self>, of: &Asked, seconds: f64, outcome: Result<&str, (&str, &str)>) {
        let status = if outcome.is_ok() { "completed" } else { "failed" };
        let response: Vec<_> = outcome.iter().map(|text| json!({ "type": "text", "text": text })).collect();
        let error = outcome.err().map(|(code, message)| json!({ "code": code, "message": message, "trace": null }));
        // In whole milliseconds: numbers that are smaller are signed in another form than they are posted in.
        let seconds = (seconds * 1000.0).round().max(1.0) / 1000.0;
        self.post(of, &self.admin_key, |url| {
            Payload::Python(vec![
                ("id", json!(of.request)),
                ("object", json!("response")),
                ("status", json!(status)),
                ("timestamp", json!((now() * 1000.0) as i64)),
                ("formation_id", json!(self.formation_id)),
                ("user_id", json!(of.user)),
                ("processing_time", json!(seconds)),
                ("processing_mode", json!("async")),
                ("webhook_url", json!(url)),
                ("error", json!(error)),
                ("response", json!(response)),
            ])
        });
    }

    /// Tells what a turn in the background asks back.
    pub(crate) fn clarification(self: &Arc<Self>, of: &Asked, question: &str) {
        self.post(of, &self.admin_key, |_| {
            Payload::Python(vec![
                ("request_id", json!(of.request)),
                ("status", json!("awaiting_clarification")),
                ("clarification_question", json!(question)),
                ("clarification_request_id", json!(crate::ids::fresh("clr_"))),
                ("original_message", json!(of.message)),
                ("user_id", json!(of.user)),
                ("timestamp", json!(now())),
            ])
        });
    }

    /// Hands something to a person: signed with the client key, and posted as it is signed.
    pub(crate) fn escalation(self: &Arc<Self>, of: &Asked, payload: &Map<String, Value>) {
        self.post(of, &self.client_key, |_| Payload::AsSigned(Value::Object(payload.clone())));
    }

    /// Posts this, where the turn names a place for it.
    fn post(self: &Arc<Self>, of: &Asked, key: &str, payload: impl FnOnce(&str) -> Payload) {
        let Some(url) = of.webhook_url.clone() else { return };
        let (payload, key, webhooks) = (payload(&url), key.to_owned(), Arc::clone(self));
        let delivery = async move {
            let mut pause = webhooks.pause;
            for attempt in 1..=ATTEMPTS {
                // Each attempt is signed anew, as its time says.
                let message = payload.signed(&key, now() as i64);
                if matches!(timeout(PATIENCE, deliver(&url, &message)).await, Ok(Ok(200..=299))) {
                    return;
                }
                if attempt < ATTEMPTS {
                    sleep(pause).await;
                    pause *= 2;
                }
            }
        };
        let closed = self.closing.closed();
        tokio::spawn(async move {
            tokio::select! {
                () = delivery => {}
                () = closed => {}
            }
        });
    }
}

/// A body, and what is said of it.
struct Signed {
    body: String,
    signature: String,
    time: i64,
}

impl Payload {
    fn signed(&self, key: &str, time: i64) -> Signed {
        let (body, signed) = match self {
            Self::Python(fields) => {
                let body: Vec<_> =
                    fields.iter().map(|(name, value)| format!("{}: {}", ascii(name), python(value))).collect();
                let value: Map<_, _> = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
                (format!("{{{}}}", body.join(", ")), Value::Object(value).to_string())
            }
            Self::AsSigned(value) => (value.to_string(), value.to_string()),
        };
        let mut digits = String::new();
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) {
            mac.update(format!("{time}.{signed}").as_bytes());
            digits = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        }
        Signed { body, signature: format!("t={time},v1={digits}"), time }
    }
}

/// JSON as Python's `json.dumps` writes it.
fn python(value: &Value) -> String {
    match value {
        Value::String(text) => ascii(text),
        Value::Array(values) => format!("[{}]", values.iter().map(python).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|(name, value)| format!("{}: {}", ascii(name), python(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text with escapes for all that is not ASCII.
fn ascii(text: &str) -> String {
    let mut written = String::from('"');
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)).filter(char::is_ascii) {
            Some('"') => written.push_str("\\\""),
            Some('\\') => written.push_str("\\\\"),
            Some('\n') => written.push_str("\\n"),
            Some('\r') => written.push_str("\\r"),
            Some('\t') => written.push_str("\\t"),
            Some('\u{8}') => written.push_str("\\b"),
            Some('\u{c}') => written.push_str("\\f"),
            Some(letter @ ' '..='\u{7f}') => written.push(letter),
            _ => written.push_str(&format!("\\u{unit:04x}")),
        }
    }
    written.push('"');
    written
}

/// Posts a body; the status that it is answered with. There is no TLS.
async fn deliver(url: &str, message: &Signed) -> io::Result<u16> {
    let odd = |problem: &str| io::Error::new(io::ErrorKind::InvalidInput, problem.to_owned());
    let url: Uri = url.parse().map_err(|_| odd("no URL"))?;
    let host = url.host().filter(|_| url.scheme_str() == Some("http")).ok_or_else(|| odd("no URL of http"))?;
    let place = url.authority().map(ToString::to_string).unwrap_or_default();
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut stream = TcpStream::connect((host.trim_matches(['[', ']']), url.port_u16().unwrap_or(80))).await?;
    let Signed { body, signature, time } = message;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {place}\r\nContent-Type: application/json\r\nX-Muxi-Signature: {signature}\r\n\
         X-Muxi-Timestamp: {time}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.contains(&b'\n') && stream.read_buf(&mut answer).await? > 0 {}
    let line = String::from_utf8_lossy(&answer).into_owned();
    line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| odd("no answer of HTTP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_posted_is_not_what_is_signed() {
        let fields = vec![
            ("id", json!("req_1")),
            ("status", json!("completed")),
            ("user_id", json!("zoë")),
            ("processing_time", json!(1.5)),
            ("error", Value::Null),
        ];
        let response = json!([{ "text": "Grüße 🦀", "type": "text" }]);
        let fields = fields.into_iter().chain([("response", response)]).collect();
        let signed = Payload::Python(fields).signed("whsec", 1_700_000_000);
        assert_eq!(
            signed.signature,
            "t=1700000000,v1=4bad32779f4460ad4b08050cb1c4f313e65cd7a03e2606c68ef6476fa39eb44a"
        );
        let body = r#"{"id": "req_1", "status": "completed", "user_id": "zo\u00eb", "processing_time": 1.5, "error": null, "response": [{"text": "Gr\u00fc\u00dfe \ud83e\udd80", "type": "text"}]}"#;
        assert_eq!(signed.body, body);
    }

    #[test]
    fn what_is_handed_over_is_posted_as_it_is_signed() {
        let signed = Payload::AsSigned(json!({ "status": "completed", "id": "req_1" })).signed("whsec", 1_700_000_000);
        let digits = "c868efdb7b6b3694550bcc3abb5173dab1842368714015b14e3a66f1120e3b14";
        assert_eq!(
            (signed.signature, &*signed.body),
            (format!("t=1700000000,v1={digits}"), r#"{"id":"req_1","status":"completed"}"#)
        );
    }
}
