//! Buffers.

use agent_platform_core::model;
use muxi_formation_client::types;

use crate::id::UserId;
use crate::platform::Formation;

model! {
    Formation;
    /// How much of the buffer is a user's.
    UserBuffer from types::MemoryBuffer {
        /// Whose it is.
        user_id: Option<UserId>,
        /// How many messages it holds.
        messages (total_messages = "total_messages"): Option<i64>,
        /// How large they are, in KiB.
        size_kb (buffer_size_kb = "buffer_size_kb"): Option<f64>,
    } rest { sessions }, of floats
}

model! {
    Formation;
    /// What was forgotten.
    ClearedBuffer from types::ClearedBuffer {
        /// How many messages.
        messages (messages_cleared = "messages_cleared"): Option<i64>,
        /// Of how many conversations; `None` where it was to be one.
        sessions (sessions_cleared = "sessions_cleared"): Option<i64>,
    } rest { message, session_id, user_id }
}

model! {
    Formation;
    /// How full the formation's buffer is.
    BufferStats from types::MemoryStats {
        /// How many messages it holds.
        entries (total_entries = "total_entries"): Option<i64>,
        /// Of how many users.
        users (total_users = "total_users"): Option<i64>,
        /// Of how many conversations.
        sessions (total_sessions = "total_sessions"): Option<i64>,
        /// How large they are, in KiB.
        size_kb (buffer_size_kb = "buffer_size_kb"): Option<f64>,
        /// How many it can hold; 0 where MUXI does not say.
        max_size: Option<f64>,
        /// Which part of that it holds.
        utilization: Option<f64>,
    } rest {}, of floats
}
