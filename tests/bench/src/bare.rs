//! What a program has without the SDK: reqwest, serde, and types as good as the SDK's.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Result;

/// A client with the settings that the SDK has, of those that reqwest offers.
#[derive(Clone)]
pub(crate) struct BareClient {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl BareClient {
    pub(crate) fn new(url: &str, token: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .user_agent("bare/1")
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(15))
            .pool_idle_timeout(Duration::from_secs(4))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { http, url: url.to_owned(), token: token.to_owned() })
    }

    /// The newest messages, or the newest with a lower number than this one.
    pub(crate) async fn list(&self, chat: &str, limit: u32, before: Option<u64>) -> Result<Vec<Message>> {
        Ok(self.page(chat, limit, before).await?.json().await?)
    }

    /// The same as it comes, not decoded.
    pub(crate) async fn raw_list(&self, chat: &str, limit: u32, before: Option<u64>) -> Result<Bytes> {
        Ok(self.page(chat, limit, before).await?.bytes().await?)
    }

    async fn page(&self, chat: &str, limit: u32, before: Option<u64>) -> Result<reqwest::Response> {
        let before = before.map(|seq| format!("before={seq}&")).unwrap_or_default();
        let response = self
            .http
            .get(format!("{}/api/chats/{chat}/messages?{before}limit={limit}", self.url))
            .bearer_auth(&self.token)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .send()
            .await?;
        Ok(response.error_for_status()?)
    }

    pub(crate) async fn send(&self, chat: &str, content: &str) -> Result<Message> {
        let response = self
            .http
            .post(format!("{}/api/chats/{chat}/messages", self.url))
            .bearer_auth(&self.token)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .json(&SendMessage { content, enforce_caught_up: true })
            .send()
            .await?;
        Ok(response.error_for_status()?.json().await?)
    }
}

#[derive(Serialize)]
struct SendMessage<'m> {
    content: &'m str,
    enforce_caught_up: bool,
}

/// A message, field by field as the SDK has it.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "most of it is decoded, not used")]
pub(crate) struct Message {
    id: String,
    chat_id: String,
    sender_id: String,
    sender_name: String,
    pub(crate) content: String,
    message_type: Kind,
    mentioned_ids: Vec<String>,
    delivery_scope: Scope,
    addressed_to_user_ids: Vec<String>,
    pub(crate) seq: u64,
    signal: Option<Signal>,
    #[serde(deserialize_with = "retraction")]
    retracted_at: Option<jiff::Timestamp>,
    #[serde(deserialize_with = "epoch_seconds")]
    created_at: jiff::Timestamp,
}

/// An enum that keeps the values that it does not know.
macro_rules! open_enum {
    ($name:ident { $($variant:ident = $text:literal),* }) => {
        #[derive(Debug, Deserialize)]
        #[serde(from = "String")]
        enum $name {
            $($variant,)*
            Other(#[expect(dead_code, reason = "it is decoded, not used")] String),
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)*
                    _ => Self::Other(text),
                }
            }
        }
    };
}

open_enum!(Kind { Human = "human", Ai = "ai", AiProcess = "ai_process", System = "system", Notification = "notification" });
open_enum!(Scope { Broadcast = "broadcast", Addressed = "addressed" });
open_enum!(Signal { Open = "open", Yield = "yield", Close = "close" });

fn timestamp<E: serde::de::Error>(seconds: f64) -> std::result::Result<jiff::Timestamp, E> {
    if !seconds.is_finite() || seconds.abs() > 1e15 {
        return Err(E::custom("no point in time"));
    }
    let whole = seconds.floor();
    let nanos = ((seconds - whole) * 1e9).round();
    let total = (whole as i128) * 1_000_000_000 + nanos as i128;
    jiff::Timestamp::from_nanosecond(total).map_err(E::custom)
}

fn epoch_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<jiff::Timestamp, D::Error> {
    timestamp(f64::deserialize(deserializer)?)
}

fn retraction<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<jiff::Timestamp>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Told {
        EpochSeconds(f64),
        Text(String),
    }
    match Option::<Told>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Told::EpochSeconds(seconds)) => timestamp(seconds).map(Some),
        Some(Told::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
    }
}
