//! The runtime inbox as a WebSocket.

mod ending;
mod handshake;
mod live;
mod resume;
mod socket;
