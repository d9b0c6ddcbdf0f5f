//! Reading a stream, with the SDK and without it.

use futures::StreamExt;
use m8tes_sdk::RunEvent;
use muxi_sdk::{ChatEvent, FormationClient};
use reqwest::RequestBuilder;
use serde_json::json;

use crate::Result;
use crate::bare_events::{BareEvents, ChatFrame, RunKind, chat_frame, run_frame};

const KEY: &str = "m8_5fa8a7c1b2d34e6f";

/// What is read.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// A run of m8tes.
    Run,
    /// A chat of MUXI.
    Chat,
}

impl Source {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Chat => "chat",
        }
    }

    /// The call whose stream it is.
    pub(super) fn call(self) -> &'static str {
        match self {
            Self::Run => "`runs().stream()`",
            Self::Chat => "`chat().stream()`",
        }
    }
}

/// Who reads it.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Ours,
    Bare,
}

impl Way {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Bare => "bare",
        }
    }

    /// Reads the stream of a peer to its end, and keeps the text of a run: so many pieces have to come.
    pub(super) async fn read(self, source: Source, url: &str, count: u32) -> Result<()> {
        let played = format!("{url}/events/{count}");
        let mut pieces = 0;
        let letters = match (self, source) {
            (Self::Ours, Source::Run) => {
                let mut stream = run(&played)?.runs().stream("go").await?;
                while let Some(event) = stream.next().await.transpose()? {
                    pieces += u32::from(matches!(event.kind, RunEvent::TextDelta(_)));
                }
                stream.text().len()
            }
            (Self::Ours, Source::Chat) => {
                let mut stream = chat(&played)?.chat("go").stream().await?;
                let mut letters = 0;
                while let Some(event) = stream.next().await.transpose()? {
                    if let ChatEvent::Text(piece) = event.kind {
                        (pieces, letters) = (pieces + 1, letters + piece.len());
                    }
                }
                letters
            }
            (Self::Bare, Source::Run) => {
                let mut stream = BareEvents::open(bare_run(&played)?).await?;
                let mut all = String::new();
                while let Some(frame) = stream.next(run_frame).await? {
                    match frame.kind {
                        RunKind::TextDelta { text, .. } => {
                            pieces += 1;
                            all.push_str(&text);
                        }
                        RunKind::Marker => break,
                        _ => {}
                    }
                }
                all.len()
            }
            (Self::Bare, Source::Chat) => {
                let mut stream = BareEvents::open(bare_chat(&played)?).await?;
                let mut letters = 0;
                while let Some(frame) = stream.next(chat_frame).await? {
                    match frame {
                        ChatFrame::Text { text, .. } => (pieces, letters) = (pieces + 1, letters + text.len()),
                        ChatFrame::Done => break,
                        _ => {}
                    }
                }
                letters
            }
        };
        let is_whole = pieces == count && letters >= 3 * count as usize;
        if is_whole { Ok(()) } else { Err(format!("{pieces} of {count} pieces of text came").into()) }
    }

    /// Begins a stream, and ends with its first event.
    pub(super) async fn first(self, source: Source, url: &str) -> Result<()> {
        let played = format!("{url}/events/1");
        let has_come = match (self, source) {
            (Self::Ours, Source::Run) => run(&played)?.runs().stream("go").await?.next().await.transpose()?.is_some(),
            (Self::Ours, Source::Chat) => chat(&played)?.chat("go").stream().await?.next().await.transpose()?.is_some(),
            (Self::Bare, Source::Run) => BareEvents::open(bare_run(&played)?).await?.next(run_frame).await?.is_some(),
            (Self::Bare, Source::Chat) => {
                BareEvents::open(bare_chat(&played)?).await?.next(chat_frame).await?.is_some()
            }
        };
        if has_come { Ok(()) } else { Err("no event has come".into()) }
    }
}

/// A client of what is played here.
pub(crate) fn run(played: &str) -> Result<m8tes_sdk::Client> {
    Ok(m8tes_sdk::Client::builder(KEY).base_url(format!("{played}/v2")).build()?)
}

/// A client of what is played here.
pub(crate) fn chat(played: &str) -> Result<FormationClient> {
    Ok(FormationClient::direct(played).client_key("ck").build()?)
}

pub(crate) fn bare_run(played: &str) -> Result<RequestBuilder> {
    let request = bare()?.post(format!("{played}/v2/runs")).bearer_auth(KEY);
    Ok(request.json(&json!({ "message": "go", "stream": true })))
}

pub(crate) fn bare_chat(played: &str) -> Result<RequestBuilder> {
    let request = bare()?.post(format!("{played}/v1/chat")).header("x-muxi-client-key", "ck");
    Ok(request.json(&json!({ "message": "go", "stream": true })))
}

fn bare() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}
