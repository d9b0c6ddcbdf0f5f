//! Pages of chats that are as long as their names say: `history-1000` has the messages 1 to 1,000.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::RangeInclusive;
use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;

use super::answers::json;

/// What a chat's name begins with; its length follows.
const CHAT: &str = "history-";

/// The pages that were asked for before: each is made once.
static MADE: LazyLock<Mutex<HashMap<RangeInclusive<u64>, Bytes>>> = LazyLock::new(Mutex::default);

/// The answer to `GET /api/chats/history-LENGTH/messages?limit=&before=`; `None` if that is not what is asked for.
pub(super) fn to(path: &str, query: &str) -> Option<Bytes> {
    let chat = path.strip_prefix("/api/chats/")?.strip_suffix("/messages")?;
    let length: u64 = chat.strip_prefix(CHAT)?.parse().ok()?;
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<u64>().ok())
    };
    let newest = value("before").map_or(length, |before| length.min(before.saturating_sub(1)));
    let oldest = newest.saturating_sub(value("limit").unwrap_or(50)) + 1;
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    Some(made.entry(oldest..=newest).or_insert_with(|| json("200 OK", &page(oldest..=newest))).clone())
}

fn page(seqs: RangeInclusive<u64>) -> String {
    let messages: Vec<String> = seqs.map(message).collect();
    format!("[{}]", messages.join(","))
}

/// A message of about 100 letters, as the backend writes one. Some mention somebody, have a line break or quote.
fn message(seq: u64) -> String {
    let sender = seq % 3;
    let mut content = String::new();
    let mut state = seq;
    while content.len() < 95 {
        // A multiplicative generator: the same words in every run.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = usize::try_from(state >> 40).ok().and_then(|index| WORDS.get(index % WORDS.len()));
        content.push_str(word.copied().unwrap_or_default());
    }
    let mentions = if seq.is_multiple_of(8) { r#""codex-b""# } else { "" };
    let mut text = String::new();
    // Writing into a String can't fail.
    let _ = write!(
        text,
        r#"{{"id":"26ea2cd8-ea3f-47a0-8ad9-{seq:012x}","chat_id":"d2d80a69-68df-474a-9517-9dfd24e934d7","sender_id":"codex-{sender}","sender_name":"Codex {sender}","content":"{content}","message_type":"human","mentioned_ids":[{mentions}],"delivery_scope":"broadcast","addressed_to_user_ids":[],"seq":{seq},"signal":null,"retracted_at":null,"created_at":{}.{:06}}}"#,
        1_795_000_000 + seq,
        state % 1_000_000,
    );
    text
}

/// What messages are made of, as JSON has it in a string.
const WORDS: [&str; 16] = [
    "the ",
    "build ",
    "is ",
    "green ",
    "again, ",
    "and ",
    "nobody ",
    "knows ",
    "why. ",
    "See ",
    "the ",
    "log ",
    "of ",
    "\\\"main\\\" ",
    "schön ",
    "today.\\n",
];
