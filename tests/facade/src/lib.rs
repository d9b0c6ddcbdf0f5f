//! What the suites over the facade share: a backend to run against, peers that misbehave on the wire, what to
//! expect of errors, and a record of what was traced.
//!
//! The suites start a local backend of their own. With `MYCEL_TEST_URL` set they run against the backend
//! there, with fresh users; what needs the local one is left out, and named on standard error.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod archive;
mod expect;
mod message;
mod peer;
mod property;
mod proxy;
mod raw;
mod raw_peer;
mod schema;
mod stream_peer;
mod tap;
mod tls;
mod trace;
mod wire;
mod world;

pub use archive::{Archive, PageRequest};
pub use expect::{expect_behind, expect_failed, expect_not_sent, expect_refused};
pub use peer::{Peer, Reply};
pub use property::holds_for_all;
pub use proxy::{pass_on, socks, strip_upgrade};
pub use raw::raw_request;
pub use raw_peer::{Connection, RawPeer};
pub use schema::AnswerSchema;
pub use stream_peer::{ClientFrame, Handshake, RawSocket, StreamPeer, frame, frame_head, opcode, soon};
pub use tap::{Exchange, Tap};
pub use tls::TlsFront;
pub use trace::Trace;
pub use wire::{Cut, Dice, Door, End, Fault, Script, ScriptedWire, Seen, Weather, Wire};
pub use world::{Actor, World, fresh, note};
