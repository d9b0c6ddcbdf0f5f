//! What a server sends through a WebSocket (RFC 6455, section 5).

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// What was received of a WebSocket and is not a whole message yet.
#[derive(Default)]
pub(super) struct Frames {
    pending: Vec<u8>,
    /// The frames so far of a text message.
    text: Option<Vec<u8>>,
}

impl Frames {
    /// Takes in bytes, and returns the text messages that they complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        self.pending.extend_from_slice(bytes);
        let mut messages = Vec::new();
        while let Some((header, payload)) = self.next() {
            match header.opcode {
                OpCode::Data(Data::Text) if !header.rsv1 => self.text = Some(payload),
                OpCode::Data(Data::Continue) => {
                    if let Some(text) = &mut self.text {
                        text.extend(payload);
                    }
                }
                OpCode::Data(_) => self.text = None,
                // Stands between the frames of a message.
                OpCode::Control(_) => continue,
            }
            if header.is_final {
                messages.extend(self.text.take().map(|text| String::from_utf8_lossy(&text).into_owned()));
            }
        }
        messages
    }

    fn next(&mut self) -> Option<(FrameHeader, Vec<u8>)> {
        let mut cursor = Cursor::new(&self.pending);
        let (header, length) = FrameHeader::parse(&mut cursor).ok()??;
        let begin = usize::try_from(cursor.position()).ok()?;
        let end = begin.checked_add(usize::try_from(length).ok()?)?;
        let payload = self.pending.get(begin..end)?.to_vec();
        self.pending.drain(..end);
        Some((header, payload))
    }
}
