//! Buffers.

use agent_platform_core::Decode;
use muxi_formation_client::types;

use crate::id::UserId;
use crate::platform::Formation;

/// How much of the buffer is a user's.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UserBuffer {
    /// Whose it is.
    pub user_id: Option<UserId>,
    /// How many messages it holds.
    pub messages: Option<i64>,
    /// How large they are, in KiB.
    pub size_kb: Option<f64>,
}

/// What was forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClearedBuffer {
    /// How many messages.
    pub messages: Option<i64>,
    /// Of how many conversations; `None` where it was to be one.
    pub sessions: Option<i64>,
}

/// How full the formation's buffer is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BufferStats {
    /// How many messages it holds.
    pub entries: Option<i64>,
    /// Of how many users.
    pub users: Option<i64>,
    /// Of how many conversations.
    pub sessions: Option<i64>,
    /// How large they are, in KiB.
    pub size_kb: Option<f64>,
    /// How many it can hold; 0 where MUXI does not say.
    pub max_size: Option<f64>,
    /// Which part of that it holds.
    pub utilization: Option<f64>,
}

impl Decode<types::MemoryBuffer, Formation> for UserBuffer {
    fn decode(generated: types::MemoryBuffer) -> Result<Self, String> {
        let types::MemoryBuffer { user_id, total_messages, sessions: _, buffer_size_kb } = generated;
        Ok(Self { user_id: user_id.map(UserId::from), messages: total_messages, size_kb: buffer_size_kb })
    }
}

impl Decode<types::ClearedBuffer, Formation> for ClearedBuffer {
    fn decode(generated: types::ClearedBuffer) -> Result<Self, String> {
        let types::ClearedBuffer { message: _, messages_cleared, session_id: _, sessions_cleared, user_id: _ } =
            generated;
        Ok(Self { messages: messages_cleared, sessions: sessions_cleared })
    }
}

impl Decode<types::MemoryStats, Formation> for BufferStats {
    fn decode(generated: types::MemoryStats) -> Result<Self, String> {
        let types::MemoryStats { buffer_size_kb, max_size, total_entries, total_sessions, total_users, utilization } =
            generated;
        Ok(Self {
            entries: total_entries,
            users: total_users,
            sessions: total_sessions,
            size_kb: buffer_size_kb,
            max_size,
            utilization,
        })
    }
}
