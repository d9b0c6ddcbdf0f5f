//! A chat that is too long to be written message by message.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server with one chat, named `c`, whose messages it makes up when they are asked for.
pub struct Archive {
    url: String,
    pages: Arc<Mutex<Vec<PageRequest>>>,
    server: JoinHandle<()>,
}

/// How many letters the text of a message has.
type Letters = Arc<dyn Fn(u64) -> usize + Send + Sync>;

/// What was asked for: how many messages, and below which number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The most messages that were asked for.
    pub limit: usize,
    /// Only messages with a lower number, the newest of those.
    pub before: Option<u64>,
}

impl Archive {
    /// Starts it, with messages that have these numbers and a text of so many letters each.
    pub async fn start(seqs: impl IntoIterator<Item = u64>, letters: usize) -> Self {
        Self::start_uneven(seqs, move |_| letters).await
    }

    /// Starts it, with messages whose texts have as many letters as this says of their numbers.
    pub async fn start_uneven(
        seqs: impl IntoIterator<Item = u64>,
        letters: impl Fn(u64) -> usize + Send + Sync + 'static,
    ) -> Self {
        let letters: Letters = Arc::new(letters);
        let seqs: Arc<BTreeSet<u64>> = Arc::new(seqs.into_iter().collect());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let pages = Arc::new(Mutex::new(Vec::new()));
        let asked = Arc::clone(&pages);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&seqs), Arc::clone(&letters), Arc::clone(&asked)));
            }
        });
        Self { url, pages, server }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was asked for so far.
    pub fn pages(&self) -> Vec<PageRequest> {
        self.pages.lock().unwrap().clone()
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(stream: TcpStream, seqs: Arc<BTreeSet<u64>>, letters: Letters, asked: Arc<Mutex<Vec<PageRequest>>>) {
    stream.set_nodelay(true).unwrap();
    let (reader, writer) = stream.into_split();
    let (mut lines, mut writer) = (BufReader::new(reader).lines(), BufWriter::new(writer));
    while let Ok(Some(request)) = lines.next_line().await {
        while lines.next_line().await.unwrap().is_some_and(|header| !header.is_empty()) {}
        let page = page_request(&request);
        asked.lock().unwrap().push(page);
        let below = seqs.range(..page.before.unwrap_or(u64::MAX));
        let mut found: Vec<u64> = below.rev().take(page.limit).copied().collect();
        found.reverse();
        // The client may have gone by now; that is its right.
        if respond(&mut writer, &found, &letters).await.is_err() {
            return;
        }
    }
}

fn page_request(request: &str) -> PageRequest {
    let target = request.split(' ').nth(1).unwrap();
    let (path, query) = target.split_once('?').unwrap();
    assert_eq!(path, "/api/chats/c/messages", "{request}");
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|pair| pair.0 == name).map(|pair| pair.1.to_owned())
    };
    PageRequest {
        limit: value("limit").unwrap().parse().unwrap(),
        before: value("before").map(|seq| seq.parse().unwrap()),
    }
}

/// Writes a page message by message, so that the server never holds a whole one.
async fn respond(
    writer: &mut (impl AsyncWriteExt + Unpin),
    seqs: &[u64],
    letters: &Letters,
) -> Result<(), std::io::Error> {
    writer
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n[\r\n")
        .await?;
    for (index, seq) in seqs.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let content = "x".repeat(letters(*seq));
        let message = format!(
            r#"{comma}{{"id":"m-{seq}","chat_id":"c","sender_id":"u","sender_name":"U","content":"{content}","message_type":"human","mentioned_ids":[],"delivery_scope":"broadcast","addressed_to_user_ids":[],"seq":{seq},"signal":null,"retracted_at":null,"created_at":{seq}.5}}"#
        );
        writer.write_all(format!("{:x}\r\n{message}\r\n", message.len()).as_bytes()).await?;
    }
    writer.write_all(b"1\r\n]\r\n0\r\n\r\n").await?;
    writer.flush().await
}
