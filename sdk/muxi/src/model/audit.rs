//! The audit log.

use agent_platform_core::{Decode, Malformed, Timestamp};
use muxi_formation_client::types;
use serde_json::{Map, Value};

use super::written_time;
use crate::id::RequestId;
use crate::platform::Formation;

/// Something that somebody has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEntry {
    /// When.
    pub time: Option<Timestamp>,
    /// What was done, such as `audit.cleared`.
    pub action: Option<String>,
    /// What kind of thing it was done to.
    pub resource_type: Option<String>,
    /// Which of them.
    pub resource_id: Option<String>,
    /// Who did it.
    pub user: Option<String>,
    /// From which address.
    pub ip: Option<String>,
    /// The call that did it.
    pub request_id: Option<RequestId>,
    /// What came of it, such as `success`.
    pub result: Option<String>,
    /// The status that the call was answered with.
    pub status_code: Option<i64>,
    /// What MUXI says about it.
    pub message: Option<String>,
    /// What belongs to it.
    pub data: Map<String, Value>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::AuditEntry, Formation> for AuditEntry {
    fn decode(generated: types::AuditEntry) -> Result<Self, String> {
        let types::AuditEntry {
            action,
            data,
            ip,
            message,
            request_id,
            resource_id,
            resource_type,
            result,
            status_code,
            timestamp,
            user,
        } = generated;
        let mut malformed = Malformed::default();
        Ok(Self {
            time: written_time(timestamp, "timestamp", &mut malformed),
            action,
            resource_type,
            resource_id,
            user,
            ip,
            request_id: request_id.map(RequestId::from),
            result,
            status_code,
            message,
            data: data.unwrap_or_default(),
            malformed,
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::AuditLog, Formation> for Vec<AuditEntry> {
    fn decode(generated: types::AuditLog) -> Result<Self, String> {
        let types::AuditLog { entries, limit: _, total_entries: _ } = generated;
        Decode::<Vec<types::AuditEntry>, Formation>::decode(entries)
    }

    agent_platform_core::rows_in!("entries" of types::AuditEntry, Formation);
}

impl Decode<types::ClearedAuditLog, Formation> for Option<i64> {
    fn decode(generated: types::ClearedAuditLog) -> Result<Self, String> {
        let types::ClearedAuditLog { previous_entries_count, cleared_by: _, message: _ } = generated;
        Ok(previous_entries_count)
    }
}
