//! Lends a m8tes teammate or a MUXI formation to Mycel chats.
//!
//! To Mycel the bridge is an external agent. It listens as that, and answers each message with what the run of a teammate, or
//! the chat of a formation, says. Each chat has one run, or one session, which goes on from message to message.
//!
//! - **Each message is answered once.** What is in work is kept in a [`Store`] before anything is sent. Turns are begun with a
//!   key that is made of the message's id, so that one which was begun before is gone on with. An answer of which it is not
//!   known whether it arrived is looked for in the chat before it is sent again.
//! - **It survives restarts of all sides.** What can't be reached is tried again, with pauses that become longer.
//! - **People are asked in the chat** when a tool needs permission, and when the agent has a question. Who asked decides.
//! - **It shows that work is going on**: a note in the chat says which tool is used.

mod bridge;
mod chat;
mod choices;
mod config;
mod desk;
mod lent;
mod m8tes;
mod muxi;
mod pause;
mod reply;
mod store;

pub use bridge::{Bridge, BridgeError};
pub use config::{Config, ConfigError, Setting};
pub use lent::Lent;
pub use pause::Pace;
pub use store::{Store, StoreError};
