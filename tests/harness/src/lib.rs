//! What the suites over a facade share, whatever its platform: peers that misbehave on the wire, bad networks and proxies
//! between a client and a backend, TLS, records of what passed, of what was traced and of panics, and applications outside of
//! the workspace; and the suites themselves, over adapters.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod answer_fields;
mod application;
mod cuttings;
pub mod echo;
pub mod engine;
pub mod event_streams;
pub mod faults;
mod fresh;
pub mod load;
mod message;
pub mod model_answers;
pub mod names;
mod network;
pub mod nights;
mod no_server;
mod note;
mod panics;
mod peer;
mod program;
mod property;
mod proxy;
mod public_operation;
pub mod public_types;
mod raw;
mod raw_peer;
pub mod recorded;
pub mod recordings;
mod seeds;
pub mod signatures;
mod soon;
mod tap;
mod tls;
pub mod totals;
mod trace;
mod virtual_time;
pub mod work;

pub use answer_fields::AnswerFields;
pub use application::Application;
pub use cuttings::{Cutting, RecordedBody};
pub use fresh::fresh;
pub use network::{Cut, Dice, Door, End, Fault, Flow, Network, Script, ScriptedNetwork, Seen, Then, Weather};
pub use no_server::no_server;
pub use note::note;
pub use panics::{Panics, panics_over};
pub use peer::{Peer, Reply, read_request};
pub use program::Program;
pub use property::{holds_for_all, holds_for_each};
pub use proxy::{pass_on, socks, strip_upgrade};
pub use public_operation::{AnswerKind, PublicOperation};
pub use raw::raw_request;
pub use raw_peer::{Connection, RawPeer};
pub use seeds::seeds;
pub use soon::{PATIENCE, soon};
pub use tap::{Exchange, Tap};
pub use tls::{ClientAuthority, ClientIdentity, TLS12, TLS13, TlsFront};
pub use trace::{EndedSpan, Trace};
pub use virtual_time::VirtualTime;
