//! The ids of the management server.

use agent_platform_core::ids;

use super::platform::Server;

ids! {
    Server, without "`/`";
    /// The id of a formation, such as `my-assistant`: 3 to 50 small letters, digits and hyphens, neither first nor last of
    /// which is a hyphen.
    FormationId, "formation";
}

/// Whether the server takes it for a formation's id.
pub(crate) fn is_formation_id(id: &str) -> bool {
    const TAKEN: &[&str] = &["health", "ping", "rpc", "server", "admin", "metrics", "api"];
    let is_plain = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let ends_plain = !id.starts_with('-') && !id.ends_with('-');
    (3..=50).contains(&id.len()) && is_plain && ends_plain && !TAKEN.contains(&id)
}
