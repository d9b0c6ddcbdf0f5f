//! A body that comes in pieces, wherever its bytes are cut.

use std::fmt;
use std::str::FromStr;

/// How the bytes are cut. Each piece is a chunk of its own, which comes by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cutting {
    /// As they were recorded.
    AsRecorded,
    /// Byte by byte.
    Everywhere,
    /// Behind so many of them.
    Behind(usize),
}

impl Cutting {
    /// All cuttings of so many bytes.
    pub fn all(length: usize) -> impl Iterator<Item = Self> {
        [Self::AsRecorded, Self::Everywhere].into_iter().chain((1..length).map(Self::Behind))
    }

    /// The pieces of the bytes, which were recorded in pieces of these lengths.
    fn pieces<'b>(self, body: &'b [u8], recorded: &[usize]) -> Vec<&'b [u8]> {
        let lengths = match self {
            Self::AsRecorded => recorded.to_vec(),
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

impl fmt::Display for Cutting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsRecorded => f.write_str("as-recorded"),
            Self::Everywhere => f.write_str("everywhere"),
            Self::Behind(count) => write!(f, "behind-{count}"),
        }
    }
}

impl FromStr for Cutting {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "as-recorded" => Ok(Self::AsRecorded),
            "everywhere" => Ok(Self::Everywhere),
            other => other.trim_start_matches("behind-").parse().map(Self::Behind),
        }
    }
}

/// An answer whose body was recorded.
#[derive(Clone, Debug)]
pub struct RecordedBody {
    /// The headers of the answer.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub bytes: Vec<u8>,
    /// Where they were cut when they were recorded, as lengths.
    pub lengths: Vec<usize>,
    /// Whether the body ends as it should, and does not break off behind these bytes.
    pub ends: bool,
}

impl RecordedBody {
    /// The whole response, with its body in chunks that are cut so.
    pub fn response(&self, cut: Cutting) -> Vec<u8> {
        let mut response = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n".to_vec();
        for (name, value) in &self.headers {
            response.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        response.extend_from_slice(b"\r\n");
        for piece in cut.pieces(&self.bytes, &self.lengths) {
            response.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            response.extend_from_slice(piece);
            response.extend_from_slice(b"\r\n");
        }
        if self.ends {
            response.extend_from_slice(b"0\r\n\r\n");
        }
        response
    }
}
