//! HTTP messages, as far as one has to know them to see where they end.

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// A whole message, and where its parts end.
pub(crate) struct Message {
    /// Everything that was received, which may be more than the message.
    pub(crate) bytes: Vec<u8>,
    /// How long the head is, with the empty line.
    pub(crate) head: usize,
    /// How long the message is.
    pub(crate) length: usize,
}

impl Message {
    /// Reads one; `None` if the other side ends before it is whole.
    pub(crate) async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut chunk = [0; 8192];
        loop {
            let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
            bytes.extend_from_slice(chunk.get(..count)?);
            if let Some((head, length)) = extent(&bytes).filter(|(_, length)| bytes.len() >= *length) {
                return Some(Self { bytes, head, length });
            }
        }
    }
}

/// How long the head and the whole message are, once the head is there. Neither the SDK nor the local backend sends
/// bodies without a length.
fn extent(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(bytes.get(..head)?);
    let mut headers = text.lines().filter_map(|line| line.split_once(':'));
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let body: usize = length.map_or(0, |(_, value)| value.trim().parse().unwrap());
    Some((head, head + body))
}
