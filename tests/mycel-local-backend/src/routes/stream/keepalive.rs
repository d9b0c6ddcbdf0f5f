//! Whether the peer is still there.

use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Bytes;

use super::Timing;

/// What a ping carries, and its pong has to.
const PAYLOAD: Bytes = Bytes::from_static(b"mycel");

/// Pings a peer after a while, and gives it a while to answer.
#[derive(Debug)]
pub(super) struct Keepalive {
    timing: Timing,
    /// When there is something to do.
    pub(super) due: Instant,
    is_asked: bool,
}

impl Keepalive {
    pub(super) fn new(timing: Timing) -> Self {
        Self { timing, due: Instant::now() + timing.ping_every, is_asked: false }
    }

    /// What to do once the time has come: the payload of a ping to send, or nothing more, because the last one was not
    /// answered in time.
    pub(super) fn ping(&mut self) -> Option<Bytes> {
        if self.is_asked {
            return None;
        }
        self.is_asked = true;
        self.due = Instant::now() + self.timing.pong_within;
        Some(PAYLOAD)
    }

    /// Takes note of a pong. One that nobody asked for counts for nothing.
    pub(super) fn pong(&mut self, payload: &Bytes) {
        if self.is_asked && *payload == PAYLOAD {
            self.is_asked = false;
            self.due = Instant::now() + self.timing.ping_every;
        }
    }
}
