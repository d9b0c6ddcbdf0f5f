//! Server-sent events of runs and chats: in bulk, or none.
//!
//! The first part of a client's base URL says what is played: `/events/1000` brings 1,000 pieces of text at once, `/quiet` one
//! and then nothing but signs of life.

use std::io;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::http::Request;

/// How long a quiet stream has no sign of life. m8tes takes 15 s for it, MUXI one.
const QUIET: Duration = Duration::from_secs(10);

/// So many pieces of text are made once, and played again and again.
const BLOCK: usize = 1_000;

const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";

/// A platform's frames, as bytes of the connection: each is a chunk of its own, as servers send them.
struct Frames {
    beginning: Vec<u8>,
    /// Where each piece of text of the block ends in it.
    block: (Vec<u8>, Vec<usize>),
    end: Vec<u8>,
}

static OF_RUN: LazyLock<Frames> = LazyLock::new(|| {
    Frames::of(
        &[r#"data: {"type": "metadata", "payload": {"run_id": 7}}"#, r#"data: {"type": "text-start", "id": "msg_01"}"#],
        |piece| format!(r#"data: {{"type": "text-delta", "id": "msg_01", "delta": "{piece}"}}"#),
        &[
            r#"data: {"type": "text-end", "id": "msg_01"}"#,
            r#"data: {"type": "done", "stop_reason": "end_turn", "completion_state": "complete", "unresolved_tool_use_ids": []}"#,
            "data: [DONE]",
        ],
    )
});

static OF_CHAT: LazyLock<Frames> = LazyLock::new(|| {
    let token = |kind: &str, content: &str, more: &str| {
        format!(
            r#"data: {{"token":{{"request_id":"req_duMuGGbuLE6cvTcfgqOB4","user_id":"ada","session_id":"sess_V1StGXR8Z5jdHi6BmyT2Q","type":"{kind}","content":"{content}","timestamp":1795904661.75,{more}}}}}"#
        )
    };
    let generation = r#""stage":"response_generation","skip_rephrase":true"#;
    Frames::of(
        &[": keepalive", &token("progress", "Working on it", r#""stage":"init","skip_rephrase":true"#)],
        |piece| token("content", piece, generation),
        &[
            &token("completed", "All of it", r#""status":"success","processing_time_ms":7,"agent_used":"helper""#),
            "event: done\ndata: {\"finished\":true}",
        ],
    )
});

impl Frames {
    fn of(beginning: &[&str], text: impl Fn(&str) -> String, end: &[&str]) -> Self {
        let chunks = |frames: &[&str]| frames.iter().flat_map(|frame| chunk(frame)).collect::<Vec<u8>>();
        let mut block = (Vec::new(), Vec::new());
        for number in 0..BLOCK {
            let piece = PIECES.get(number % PIECES.len()).copied().unwrap_or_default();
            block.0.extend(chunk(&text(piece)));
            block.1.push(block.0.len());
        }
        let end = [chunks(end), b"0\r\n\r\n".to_vec()].concat();
        Self { beginning: [HEAD.to_vec(), chunks(beginning)].concat(), block, end }
    }

    /// So many pieces of text.
    fn text(&self, count: usize) -> &[u8] {
        let (block, ends) = &self.block;
        let end = count.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
        block.get(..end).unwrap_or_default()
    }
}

/// What texts are made of, as JSON has it in a string.
const PIECES: [&str; 8] = ["The ", "build ", "is ", "green ", "again, ", "schön ", "and nobody knows ", "why.\\n"];

fn chunk(frame: &str) -> Vec<u8> {
    format!("{:x}\r\n{frame}\n\n\r\n", frame.len() + 2).into_bytes()
}

/// What is played.
pub(super) struct Play {
    frames: &'static Frames,
    /// So many pieces of text; or one, and no end.
    count: Option<usize>,
}

/// What this request is answered with, where it is a stream's.
pub(super) fn play(request: &Request<'_>) -> Option<Play> {
    let frames = match request.target.trim_end_matches('/').rsplit('/').next()? {
        "runs" => &*OF_RUN,
        "chat" => &*OF_CHAT,
        _ => return None,
    };
    let mut parts = request.target.split('/').skip(1);
    match parts.next()? {
        "events" => Some(Play { frames, count: Some(parts.next()?.parse().ok()?) }),
        "quiet" => Some(Play { frames, count: None }),
        _ => None,
    }
}

impl Play {
    /// What comes at once.
    pub(super) fn beginning(&self) -> Bytes {
        Bytes::from_static(&self.frames.beginning)
    }

    pub(super) async fn run(self, mut stream: TcpStream) -> io::Result<()> {
        let Some(count) = self.count else {
            stream.write_all(self.frames.text(1)).await?;
            loop {
                match tokio::time::timeout(QUIET, stream.read(&mut [0; 512])).await {
                    Ok(Ok(1..)) => {}
                    Ok(_) => return Ok(()),
                    Err(_) => stream.write_all(&chunk(": keepalive")).await?,
                }
            }
        };
        for _ in 0..count / BLOCK {
            stream.write_all(self.frames.text(BLOCK)).await?;
        }
        stream.write_all(self.frames.text(count % BLOCK)).await?;
        stream.write_all(&self.frames.end).await?;
        while stream.read(&mut [0; 512]).await? > 0 {}
        Ok(())
    }
}
