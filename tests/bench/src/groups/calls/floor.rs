//! The least that a call can take: a socket that blocks, a request that is made already, and an answer whose
//! length is known.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::{CHAT, CONTENT, TOKEN};
use crate::Result;

/// No more than this is in an answer.
const LONGEST: usize = 16 * 1024;

/// A connection to the peer.
pub(super) struct Floor {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Floor {
    /// Connects, and makes one call to learn how long an answer is.
    pub(super) fn new(address: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let body = format!(r#"{{"content":"{CONTENT}","enforce_caught_up":true}}"#);
        let request = format!(
            "POST /api/chats/{CHAT}/messages HTTP/1.1\r\naccept: application/json\r\ncontent-type: application/json\r\n\
             authorization: Bearer {TOKEN}\r\nuser-agent: floor/1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len(),
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = vec![0; LONGEST];
        let mut read = 0;
        let length = loop {
            let more = stream.read(answer.get_mut(read..).unwrap_or_default())?;
            if more == 0 {
                return Err("the peer ends in the middle of an answer".into());
            }
            read += more;
            match length(answer.get(..read).unwrap_or_default()) {
                Some(length) if length <= read => break length,
                _ => {}
            }
        };
        answer.truncate(length);
        Ok(Self { stream, request: request.into_bytes(), answer })
    }

    pub(super) fn call(&mut self) -> Result<()> {
        self.stream.write_all(&self.request)?;
        self.stream.read_exact(&mut self.answer)?;
        Ok(())
    }
}

/// How long an answer is, as far as its head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut parsed = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(answer).ok()? else { return None };
    let told = parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"))?;
    Some(head + std::str::from_utf8(told.value).ok()?.parse::<usize>().ok()?)
}
