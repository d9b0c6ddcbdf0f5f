//! Downloading, uploading and listing, with the SDK and without it.

use futures::StreamExt;
use reqwest::header::CONTENT_TYPE;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use tokio::io::AsyncWriteExt;

use crate::Result;

const KEY: &str = "m8_5fa8a7c1b2d34e6f";

/// Items on a page, the most that m8tes gives.
const PAGE: u32 = 100;

/// Who does it.
#[derive(Clone, Copy)]
pub(super) enum Way {
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

    /// Downloads a file of so many bytes to a writer that forgets them.
    pub(super) async fn download(self, url: &str, size: u64) -> Result<()> {
        let played = format!("{url}/files/{size}/v2");
        let mut writer = tokio::io::sink();
        let written = match self {
            Self::Ours => client(&played)?.runs().download_file(7, "report.bin").to_writer(&mut writer).await?,
            Self::Bare => {
                let request = bare()?.get(format!("{played}/runs/7/files/report.bin/download")).bearer_auth(KEY);
                let mut response = request.send().await?.error_for_status()?;
                let mut written = 0;
                while let Some(chunk) = response.chunk().await? {
                    writer.write_all(&chunk).await?;
                    written += chunk.len() as u64;
                }
                written
            }
        };
        if written == size { Ok(()) } else { Err(format!("{written} of {size} bytes came").into()) }
    }

    /// Starts a run with a file.
    pub(super) async fn upload(self, url: &str, file: Vec<u8>) -> Result<()> {
        let played = format!("{url}/files/0/v2");
        match self {
            Self::Ours => {
                let client = client(&played)?;
                client.runs().create("go").file("data.bin", file, "application/octet-stream").await?;
            }
            Self::Bare => {
                const BOUNDARY: &str = "5fa8a7c1b2d34e6f";
                let mut form = format!(
                    "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"body\"\r\n\r\n{{\"message\":\"go\"}}\r\n\
                     --{BOUNDARY}\r\ncontent-disposition: form-data; name=\"files\"; filename=\"data.bin\"\r\n\
                     content-type: application/octet-stream\r\n\r\n"
                )
                .into_bytes();
                form.extend_from_slice(&file);
                form.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
                let request = bare()?.post(format!("{played}/runs/with-files")).bearer_auth(KEY);
                let request = request.header(CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
                let _: Value = request.body(form).send().await?.error_for_status()?.json().await?;
            }
        }
        Ok(())
    }

    /// Reads a list that is so long, page by page.
    pub(super) async fn list(self, url: &str, length: u32) -> Result<()> {
        let played = format!("{url}/memories/{length}/v2");
        let (mut count, mut letters) = (0, 0);
        match self {
            Self::Ours => {
                let client = client(&played)?;
                let mut memories = client.memories().list().limit(PAGE).into_stream();
                while let Some(memory) = memories.next().await.transpose()? {
                    (count, letters) = (count + 1, letters + memory.content.len());
                }
            }
            Self::Bare => {
                let http = bare()?;
                let mut after = String::new();
                loop {
                    let request = http.get(format!("{played}/memories/?limit={PAGE}{after}")).bearer_auth(KEY);
                    let page: Page = request.send().await?.error_for_status()?.json().await?;
                    for memory in page.data {
                        (count, letters) = (count + 1, letters + memory.content.len());
                    }
                    let Some(next) = page.next_starting_after.filter(|_| page.has_more) else { break };
                    after = format!("&starting_after={next}");
                }
            }
        }
        let is_whole = count == length && letters > 20 * length as usize;
        if is_whole { Ok(()) } else { Err(format!("{count} of {length} memories came").into()) }
    }
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Memory>,
    has_more: bool,
    next_starting_after: Option<i64>,
}

/// A memory, field by field as the SDK has it.
#[derive(Deserialize)]
#[expect(dead_code, reason = "most of it is decoded, not used")]
struct Memory {
    id: i64,
    user_id: Option<String>,
    content: String,
    source: String,
    #[serde(deserialize_with = "time")]
    created_at: Option<jiff::Timestamp>,
    audience: Option<String>,
    /// All else, as the SDK keeps it.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<jiff::Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

fn client(played: &str) -> Result<m8tes_sdk::Client> {
    Ok(m8tes_sdk::Client::builder(KEY).base_url(played).build()?)
}

fn bare() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}
