//! Files and lists of m8tes. The first part of a client's base URL says how much there is: `/files/1000000` has files of so
//! many bytes, `/memories/1000` lists so many memories.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::answers::json;
use super::http::Request;

/// A piece of a file.
static PIECE: [u8; 256 * 1024] = [b'x'; 256 * 1024];

/// A file of so many bytes.
pub(super) struct File(u64);

/// The file that this request is for.
pub(super) fn file(request: &Request<'_>) -> Option<File> {
    let mut parts = request.target.strip_prefix("/files/")?.split('/');
    let size = parts.next()?.parse().ok()?;
    (request.method == "GET").then_some(File(size))
}

impl File {
    /// The head of the answer.
    pub(super) fn beginning(&self) -> Bytes {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\nconnection: close\r\ncontent-length:";
        Bytes::from(format!("{head} {}\r\n\r\n", self.0))
    }

    pub(super) async fn run(self, mut stream: TcpStream) -> io::Result<()> {
        let mut left = self.0;
        while left > 0 {
            let count = left.min(PIECE.len() as u64);
            let piece = usize::try_from(count).ok().and_then(|count| PIECE.get(..count));
            stream.write_all(piece.unwrap_or_default()).await?;
            left -= count;
        }
        stream.shutdown().await
    }
}

/// The answer to what a run is started with beside a file, and to a page of a list; `None` of all else.
pub(super) fn answer(request: &Request<'_>) -> Option<Bytes> {
    if request.method == "POST" && request.target.starts_with("/files/") {
        return Some(STARTED.clone());
    }
    let (path, query) = request.target.split_once('?')?;
    let length = path.trim_end_matches('/').strip_prefix("/memories/")?.strip_suffix("/v2/memories")?;
    page(length.parse().ok()?, query)
}

/// A run that has just been started.
static STARTED: LazyLock<Bytes> = LazyLock::new(|| {
    json("200 OK", r#"{"id":7,"teammate_id":3,"status":"running","metadata":null,"created_at":"2026-11-22T10:00:00Z"}"#)
});

/// The pages that were asked for before: each is made once.
static MADE: LazyLock<Mutex<HashMap<[u64; 3], Bytes>>> = LazyLock::new(Mutex::default);

/// Memories of a list that has so many, from the newest on. How many there are to be on it has to be asked for: a side that is
/// misunderstood would have more and smaller pages than the other.
fn page(length: u64, query: &str) -> Option<Bytes> {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<u64>().ok())
    };
    let limit = value("limit")?;
    let newest = value("starting_after").map_or(length, |after| after.saturating_sub(1));
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let page = made.entry([length, newest, limit]).or_insert_with(|| {
        let oldest = newest.saturating_sub(limit) + 1;
        let mut memories = String::new();
        for id in (oldest..=newest).rev() {
            let comma = if id == newest { "" } else { "," };
            // Writing into a String can't fail.
            let _ = write!(
                memories,
                r#"{comma}{{"id":{id},"user_id":"cust_{}","content":"prefers email over Slack, and is called Ada {id} in the log of \"main\"","source":"api","created_at":"2026-11-22T10:00:00.{:06}Z","audience":null,"scope":null,"agent_instance_id":null,"created_by_agent_instance_id":null}}"#,
                id % 10,
                id % 1_000_000,
            );
        }
        let has_more = oldest > 1;
        let next = if has_more { oldest.to_string() } else { "null".to_owned() };
        json("200 OK", &format!(r#"{{"data":[{memories}],"has_more":{has_more},"next_starting_after":{next}}}"#))
    });
    Some(page.clone())
}
