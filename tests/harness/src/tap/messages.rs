//! One direction of an HTTP/1.1 connection, cut into its messages (RFC 9112, section 6).

use bytes::{Bytes, BytesMut};

/// What was received in one direction and not yet cut.
pub(super) struct Messages {
    buffer: BytesMut,
    expected: Expected,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// A start line and headers.
    Head,
    /// So many bytes of a body.
    Length(u64),
    /// The line before a chunk.
    ChunkSize,
    /// So many bytes of a chunk, and the line break behind it.
    Chunk(u64),
    /// The lines behind the last chunk.
    Trailers,
    /// A body up to the end of the connection.
    UntilClose,
    /// Something that is not HTTP.
    Tunnel,
}

/// A part of a message, and the bytes that it came as.
pub(super) struct Piece {
    pub(super) raw: Bytes,
    pub(super) part: Part,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Head,
    Body(Bytes),
    Framing,
    /// The message is whole.
    End,
    Tunnel,
}

impl Messages {
    pub(super) fn new() -> Self {
        Self { buffer: BytesMut::new(), expected: Expected::Head }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Says what follows the head that was taken last.
    pub(super) fn expect(&mut self, expected: Expected) {
        self.expected = expected;
    }

    pub(super) fn expected(&self) -> Expected {
        self.expected
    }

    /// What is there of a head that is not whole.
    pub(super) fn rest(&mut self) -> Bytes {
        self.buffer.split().freeze()
    }

    /// The next piece, if enough of it is there.
    pub(super) fn next(&mut self) -> Option<Piece> {
        match self.expected {
            Expected::Head => {
                let end = find(&self.buffer, b"\r\n\r\n")? + 4;
                Some(self.take(end, |_| Part::Head))
            }
            Expected::Length(0) => {
                self.expected = Expected::Head;
                Some(self.take(0, |_| Part::End))
            }
            Expected::Length(left) => self.body(left, Expected::Length),
            Expected::UntilClose => self.body(u64::MAX, |_| Expected::UntilClose),
            Expected::Tunnel => (!self.buffer.is_empty()).then(|| self.take(self.buffer.len(), |_| Part::Tunnel)),
            Expected::ChunkSize => {
                let Ok(size) = httparse::parse_chunk_size(&self.buffer) else {
                    self.expected = Expected::Tunnel;
                    return self.next();
                };
                let httparse::Status::Complete((length, size)) = size else { return None };
                self.expected = if size == 0 { Expected::Trailers } else { Expected::Chunk(size) };
                Some(self.take(length, |_| Part::Framing))
            }
            Expected::Chunk(0) => {
                let end = find(&self.buffer, b"\r\n")? + 2;
                self.expected = Expected::ChunkSize;
                Some(self.take(end, |_| Part::Framing))
            }
            Expected::Chunk(left) => self.body(left, Expected::Chunk),
            Expected::Trailers => {
                let end = find(&self.buffer, b"\r\n")? + 2;
                if end == 2 {
                    self.expected = Expected::Length(0);
                }
                Some(self.take(end, |_| Part::Framing))
            }
        }
    }

    fn body(&mut self, left: u64, then: impl Fn(u64) -> Expected) -> Option<Piece> {
        let length = self.buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.expected = then(left - length as u64);
        (length > 0).then(|| self.take(length, |raw| Part::Body(raw.clone())))
    }

    fn take(&mut self, length: usize, part: impl Fn(&Bytes) -> Part) -> Piece {
        let raw = self.buffer.split_to(length).freeze();
        Piece { part: part(&raw), raw }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
