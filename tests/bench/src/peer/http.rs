//! One connection of the peer: requests in, prepared answers out.

use std::io;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{answers, events, files, stream as inbox};

/// As many headers as any client sends.
const MOST_HEADERS: usize = 32;

/// A request, whole.
pub(crate) struct Request<'b> {
    pub(crate) method: &'b str,
    /// Path and query.
    pub(crate) target: &'b str,
    pub(crate) headers: &'b [httparse::Header<'b>],
}

impl<'b> Request<'b> {
    pub(crate) fn header(&self, name: &str) -> Option<&'b [u8]> {
        let found = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value)
    }
}

/// Answers until the client goes, or says what is no request.
pub(super) async fn serve(mut stream: TcpStream) {
    let mut received = Vec::with_capacity(16 * 1024);
    loop {
        let Some((answer, follows, length)) = answer(&received) else {
            match stream.read_buf(&mut received).await {
                Ok(count) if count > 0 => continue,
                _ => return,
            }
        };
        received.drain(..length);
        if stream.write_all(&answer).await.is_err() {
            return;
        }
        if let Some(follows) = follows {
            // The client may go whenever it likes.
            let _ = follows.run(stream).await;
            return;
        }
    }
}

/// The answer to the first request, what is played after it, and how long the request is; `None` while it is not whole.
fn answer(received: &[u8]) -> Option<(Bytes, Option<Follows>, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let head = match parsed.parse(received) {
        Ok(httparse::Status::Complete(head)) => head,
        _ => return None,
    };
    let request =
        Request { method: parsed.method.unwrap_or(""), target: parsed.path.unwrap_or(""), headers: parsed.headers };
    let length = request.header("content-length").and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
    let length = head + length.unwrap_or(0_usize);
    (received.len() >= length).then(|| {
        let (answer, follows) = begin(&request);
        (answer, follows, length)
    })
}

/// What is played behind an answer.
enum Follows {
    Inbox(inbox::Play),
    Events(events::Play),
    File(files::File),
}

fn begin(request: &Request<'_>) -> (Bytes, Option<Follows>) {
    if let Some(play) = events::play(request) {
        return (play.beginning(), Some(Follows::Events(play)));
    }
    if let Some(file) = files::file(request) {
        return (file.beginning(), Some(Follows::File(file)));
    }
    (answers::to(request), inbox::play(request).map(Follows::Inbox))
}

impl Follows {
    async fn run(self, stream: TcpStream) -> io::Result<()> {
        match self {
            Self::Inbox(play) => play.run(stream).await,
            Self::Events(play) => play.run(stream).await,
            Self::File(file) => file.run(stream).await,
        }
    }
}
