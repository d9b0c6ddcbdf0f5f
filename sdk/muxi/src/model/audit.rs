//! The audit log.

use agent_platform_core::{Decode, Timestamp, model};
use muxi_formation_client::types;
use serde_json::{Map, Value};

use crate::id::RequestId;
use crate::platform::Formation;

model! {
    Formation;
    /// Something that somebody has changed.
    AuditEntry from types::AuditEntry {
        /// When.
        time (timestamp = "timestamp"): Option<Timestamp>,
        /// What was done, such as `audit.cleared`.
        action: Option<String>,
        /// What kind of thing it was done to.
        resource_type: Option<String>,
        /// Which of them.
        resource_id: Option<String>,
        /// Who did it.
        user: Option<String>,
        /// From which address.
        ip: Option<String>,
        /// The call that did it.
        request_id: Option<RequestId>,
        /// What came of it, such as `success`.
        result: Option<String>,
        /// The status that the call was answered with.
        status_code: Option<i64>,
        /// What MUXI says about it.
        message: Option<String>,
        /// What belongs to it.
        data: Map<String, Value>,
    } rest {}
}

impl Decode<types::AuditLog, Formation> for Vec<AuditEntry> {
    #[inline]
    fn decode(generated: types::AuditLog) -> Result<Self, String> {
        let types::AuditLog { entries, limit: _, total_entries: _ } = generated;
        Decode::<Vec<types::AuditEntry>, Formation>::decode(entries)
    }

    agent_platform_core::rows_in!("entries" of types::AuditEntry, Formation);
}

impl Decode<types::ClearedAuditLog, Formation> for Option<i64> {
    #[inline]
    fn decode(generated: types::ClearedAuditLog) -> Result<Self, String> {
        let types::ClearedAuditLog { previous_entries_count, cleared_by: _, message: _ } = generated;
        Ok(previous_entries_count)
    }
}
