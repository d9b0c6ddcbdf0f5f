//! A server that answers the start of a run with a recorded stream, cut as its message says.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;
use test_harness::{Connection, RawPeer};

use crate::recorded::Recorded;

/// How the bytes are cut. Each piece is a chunk of its own, which comes by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cut {
    /// As they were recorded.
    AsRecorded,
    /// Byte by byte.
    Everywhere,
    /// Behind so many of them.
    Behind(usize),
}

impl Cut {
    /// All cuttings of so many bytes.
    pub(crate) fn all(length: usize) -> impl Iterator<Item = Self> {
        [Self::AsRecorded, Self::Everywhere].into_iter().chain((1..length).map(Self::Behind))
    }

    /// The pieces of the bytes.
    fn pieces(self, recorded: &Recorded) -> Vec<&[u8]> {
        let body = &recorded.body[..];
        let lengths = match self {
            Self::AsRecorded => recorded.lengths.clone(),
            Self::Everywhere => vec![1; body.len()],
            Self::Behind(count) => vec![count],
        };
        let mut rest = body;
        let mut pieces = Vec::new();
        for length in lengths {
            let (piece, behind) = rest.split_at(length);
            pieces.push(piece);
            rest = behind;
        }
        pieces.push(rest);
        // An empty chunk would be the end of the body.
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsRecorded => f.write_str("as-recorded"),
            Self::Everywhere => f.write_str("everywhere"),
            Self::Behind(count) => write!(f, "behind-{count}"),
        }
    }
}

impl FromStr for Cut {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "as-recorded" => Ok(Self::AsRecorded),
            "everywhere" => Ok(Self::Everywhere),
            other => other.trim_start_matches("behind-").parse().map(Self::Behind),
        }
    }
}

/// Which stream is asked for, in which cutting: what a run's message says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) number: usize,
    pub(crate) cut: Cut,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.cut)
    }
}

/// Starts the server.
pub(crate) async fn serve(recorded: Vec<Recorded>) -> RawPeer {
    let recorded = Arc::new(recorded);
    RawPeer::start(move |connection| {
        let recorded = Arc::clone(&recorded);
        async move { answer(connection, &recorded).await }
    })
    .await
}

async fn answer(mut connection: Connection, recorded: &[Recorded]) {
    while let Some(request) = connection.request().await {
        if !request.starts_with("POST /api/v2/runs/ ") {
            // Only what is read of the first answer counts: none of the streams can be joined again.
            connection.send(NOT_FOUND).await;
            continue;
        }
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let (number, cut) = body["message"].as_str().unwrap().split_once(' ').unwrap();
        let recorded = &recorded[number.parse::<usize>().unwrap()];
        connection.send(response(recorded, cut.parse().unwrap())).await;
        if !recorded.ends {
            return;
        }
    }
}

const NOT_FOUND: &str = concat!(
    "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 77\r\n\r\n",
    r#"{"error": {"type": "not_found", "message": "there is no such", "code": 404}} "#,
);

fn response(recorded: &Recorded, cut: Cut) -> Vec<u8> {
    let mut response = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n".to_vec();
    for (name, value) in &recorded.headers {
        response.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    response.extend_from_slice(b"\r\n");
    for piece in cut.pieces(recorded) {
        response.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        response.extend_from_slice(piece);
        response.extend_from_slice(b"\r\n");
    }
    if recorded.ends {
        response.extend_from_slice(b"0\r\n\r\n");
    }
    response
}
