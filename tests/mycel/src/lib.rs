//! What the suites over Mycel's facade share: a backend to run against, whose answers are held against the schema, an
//! inbox stream that is played by hand, what to expect of errors, and all that suites of every platform share.
//!
//! The suites start a local backend of their own. With `MYCEL_TEST_URL` set they run against the backend
//! there, with fresh users; what needs the local one is left out, and named on standard error.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod archive;
mod calls;
mod expect;
mod schema;
mod stream_peer;
mod world;

pub use archive::{Archive, PageRequest};
pub use calls::{CALLED, NOT_SENT, call, is_sent, message_in};
pub use expect::{expect_behind, expect_failed, expect_not_sent, expect_refused};
pub use schema::AnswerSchema;
pub use stream_peer::{ClientFrame, Handshake, RawSocket, StreamPeer, frame, frame_head, opcode};
pub use test_harness::*;
pub use world::{Actor, World};
