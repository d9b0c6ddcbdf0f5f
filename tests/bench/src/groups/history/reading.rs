//! Reading a history, with the SDK and without it.

use std::fmt;

use bytes::Bytes;
use mycel_sdk::Client;

use super::PAGE;
use crate::Result;
use crate::bare::BareClient;

/// Which message comes first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    NewestFirst,
    OldestFirst,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NewestFirst => "newest first",
            Self::OldestFirst => "oldest first",
        })
    }
}

/// Who reads.
pub(super) enum Reader {
    Ours(Client),
    Bare(BareClient),
    /// Gets the bytes, and does not decode them.
    Raw(BareClient),
}

const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1LTEifQ.c2lnbmF0dXJl";

impl Reader {
    pub(super) fn ours(url: &str) -> Result<Self> {
        Ok(Self::Ours(Client::builder(url).auth_token(TOKEN).build()?))
    }

    pub(super) fn bare(url: &str) -> Result<Self> {
        Ok(Self::Bare(BareClient::new(url, TOKEN)?))
    }

    pub(super) fn raw(url: &str) -> Result<Self> {
        Ok(Self::Raw(BareClient::new(url, TOKEN)?))
    }

    /// Reads all messages of a chat that has so many. It is an error if it does not.
    pub(super) async fn history(&self, length: u32, order: Order) -> Result<()> {
        let chat = chat(length);
        let seen = match (self, order) {
            (Self::Ours(client), order) => ours(client, &chat, order).await?,
            (Self::Bare(client), Order::NewestFirst) => bare_newest_first(client, &chat).await?,
            (Self::Bare(client), Order::OldestFirst) => bare_oldest_first(client, &chat).await?,
            (Self::Raw(_), _) => return Err("nothing is read without decoding it".into()),
        };
        seen.check(length)
    }

    /// Gets a page that is a whole chat.
    pub(super) async fn page(&self, length: u32) -> Result<()> {
        let chat = chat(length);
        let mut seen = Seen::default();
        match self {
            Self::Ours(client) => {
                let page = client.messages().list(chat).limit(PAGE).await?;
                page.iter().for_each(|message| seen.message(&message.content));
            }
            Self::Bare(client) => {
                let page = client.list(&chat, PAGE, None).await?;
                page.iter().for_each(|message| seen.message(&message.content));
            }
            Self::Raw(client) => {
                let bytes = client.raw_list(&chat, PAGE, None).await?;
                let is_whole = bytes.len() > LETTERS * length as usize;
                return if is_whole { Ok(()) } else { Err(format!("{} bytes came", bytes.len()).into()) };
            }
        }
        seen.check(length)
    }
}

/// The name of a chat with so many messages.
pub(super) fn chat(length: u32) -> String {
    format!("history-{length}")
}

/// A page of it, not decoded.
pub(super) async fn bytes(url: &str, length: u32) -> Result<Bytes> {
    BareClient::new(url, TOKEN)?.raw_list(&chat(length), PAGE, None).await
}

/// Letters that each message has at the least.
const LETTERS: usize = 90;

/// How many messages came, and how long their texts are together.
#[derive(Default)]
struct Seen {
    messages: u32,
    letters: usize,
}

impl Seen {
    fn message(&mut self, content: &str) {
        self.messages += 1;
        self.letters += content.len();
    }

    fn check(self, length: u32) -> Result<()> {
        let Self { messages, letters } = self;
        let is_whole = messages == length && letters >= LETTERS * length as usize;
        if is_whole { Ok(()) } else { Err(format!("{messages} of {length} messages came").into()) }
    }
}

async fn ours(client: &Client, chat: &str, order: Order) -> Result<Seen> {
    let history = client.messages().history(chat);
    let mut history = match order {
        Order::NewestFirst => history,
        Order::OldestFirst => history.oldest_first(),
    };
    let mut seen = Seen::default();
    while let Some(message) = history.next().await.transpose()? {
        seen.message(&message.content);
    }
    Ok(seen)
}

/// Page by page, each before the oldest message of the last.
async fn bare_newest_first(client: &BareClient, chat: &str) -> Result<Seen> {
    let mut seen = Seen::default();
    let mut before = None;
    loop {
        let page = client.list(chat, PAGE, before).await?;
        let is_full = page.len() == PAGE as usize;
        before = page.first().map(|oldest| oldest.seq);
        for message in page.into_iter().rev() {
            seen.message(&message.content);
        }
        if !is_full || before == Some(1) {
            return Ok(seen);
        }
    }
}

/// Page by page from the first number on, up to what is the newest message in the beginning.
async fn bare_oldest_first(client: &BareClient, chat: &str) -> Result<Seen> {
    let mut seen = Seen::default();
    let end = client.list(chat, 1, None).await?.last().map_or(0, |newest| newest.seq);
    let mut after = 0;
    while after < end {
        let page = client.list(chat, PAGE, Some(after + u64::from(PAGE) + 1)).await?;
        for message in page.into_iter().filter(|message| message.seq > after && message.seq <= end) {
            seen.message(&message.content);
        }
        after += u64::from(PAGE);
    }
    Ok(seen)
}
