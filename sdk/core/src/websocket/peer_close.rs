//! What the peer closes a connection with. tungstenite tells a code that may not be sent as a 1002 of its own.

use std::io::Cursor;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{self, AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, OpCode};

/// As many bytes as a control frame can carry.
const LARGEST_CONTROL: u64 = 125;

/// A connection that keeps the payload of the first close that comes over it.
pub(super) struct PeerClose<S> {
    inner: S,
    frames: Frames,
}

impl<S> PeerClose<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, frames: Frames::default() }
    }

    /// The code and the reason; `None` unless a close has come whole, and with a code.
    pub(super) fn told(&self) -> Option<(u16, String)> {
        let (code, reason) = self.frames.close.as_deref()?.split_first_chunk()?;
        Some((u16::from_be_bytes(*code), String::from_utf8_lossy(reason).into_owned()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PeerClose<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { inner, frames } = self.get_mut();
        let before = into.filled().len();
        ready!(Pin::new(inner).poll_read(context, into))?;
        frames.follow(into.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PeerClose<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

/// Follows frames by their heads, up to the first close. What is wrong with them is tungstenite's business.
#[derive(Default)]
struct Frames {
    /// What has come of a head.
    head: Vec<u8>,
    /// How much of a payload is still to come.
    missing: u64,
    /// The payload of the close, as far as it has come.
    close: Option<Vec<u8>>,
    is_over: bool,
}

impl Frames {
    fn follow(&mut self, mut bytes: &[u8]) {
        while !self.is_over && !bytes.is_empty() {
            if self.missing == 0 {
                let (start, rest) = bytes.split_at(1);
                self.head.extend_from_slice(start);
                bytes = rest;
                self.read_head();
            } else {
                let come = usize::try_from(self.missing).map_or(bytes.len(), |missing| missing.min(bytes.len()));
                let (payload, rest) = bytes.split_at(come);
                bytes = rest;
                self.missing -= come as u64;
                if let Some(close) = &mut self.close {
                    close.extend_from_slice(payload);
                    self.is_over = self.missing == 0;
                }
            }
        }
    }

    fn read_head(&mut self) {
        match FrameHeader::parse(&mut Cursor::new(&self.head)) {
            Ok(None) => {}
            Ok(Some((header, length))) => {
                self.head = Vec::new();
                self.missing = length;
                if header.opcode == OpCode::Control(Control::Close) {
                    self.close = Some(Vec::new());
                    self.is_over = !(1..=LARGEST_CONTROL).contains(&length);
                }
            }
            Err(_) => self.is_over = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The payload of the close among these bytes, which come in pieces of this size.
    fn close_in(bytes: &[u8], piece: usize) -> Option<Vec<u8>> {
        let mut frames = Frames::default();
        bytes.chunks(piece).for_each(|piece| frames.follow(piece));
        // The longest head has two bytes, eight of a length, and a mask of four.
        assert!(frames.head.len() < 2 + 8 + 4);
        frames.close
    }

    #[test]
    fn the_first_close_is_found_wherever_pieces_are_cut() {
        let text = [&[0x81, 4][..], &[0x88, 2, 3, 4]].concat();
        let long = [&[0x02, 126, 1, 0][..], &[0x88; 256]].concat();
        let longer = [&[0x80, 127, 0, 0, 0, 0, 0, 1, 0, 0][..], &[0x88; 65536]].concat();
        let close = [0x88, 4, 0x13, 0x88, b'n', b'o', 0x88, 2, 3, 4];
        let bytes = [&text[..], &long, &longer, &[0x89, 0], &close].concat();
        for piece in (1..20).chain([1000, 70_000]) {
            assert_eq!(close_in(&bytes, piece), Some(vec![0x13, 0x88, b'n', b'o']), "{piece}");
        }
    }

    #[test]
    fn whatever_comes_no_more_is_kept_than_a_close_can_carry() {
        for bytes in [
            &[0x88, 0][..],
            &[0x88, 126, 0, 200, 1],
            &[0x83, 0],
            &[0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255],
            b"HTTP/1.1 200 OK\r\n\r\n",
        ] {
            let endless = [bytes, &[0x88; 10_000]].concat();
            assert!(close_in(&endless, 7).unwrap_or_default().len() <= 125, "{bytes:?}");
        }
    }

    #[test]
    fn a_close_carries_125_bytes_at_the_most() {
        let largest = [&[0x88, 125][..], &[b'x'; 125]].concat();
        assert_eq!(close_in(&largest, 7), Some(vec![b'x'; 125]));
        let larger = [&[0x88, 126, 0, 126][..], &[b'x'; 126]].concat();
        assert_eq!(close_in(&larger, 7).unwrap_or_default(), b"");
    }

    #[test]
    fn what_is_told_is_a_code_and_a_reason() {
        for (bytes, told) in [
            (&[0x88, 4, 0x13, 0x88, b'n', b'o'][..], Some((5000, "no"))),
            // One that may not be sent.
            (&[0x88, 2, 0x03, 0xed], Some((1005, ""))),
            (&[0x88, 3, 0x03, 0xe8, 0xff], Some((1000, "\u{fffd}"))),
            (&[0x88, 0], None),
            (&[0x81, 1, b'a'], None),
            (&[], None),
        ] {
            let mut connection = PeerClose::new(());
            connection.frames.follow(bytes);
            assert_eq!(connection.told(), told.map(|(code, reason)| (code, reason.to_owned())), "{bytes:?}");
        }
    }
}
