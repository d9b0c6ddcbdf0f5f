//! The audit log: who has changed what.

use agent_platform_core::{Timestamp, resource, send_on_await};
use muxi_formation_client::operations;

use crate::error::Error;
use crate::model::AuditEntry;
use crate::platform::{Session, request_for};

/// The most that are listed.
const MOST: u32 = 1000;

/// What MUXI wants to be told before it forgets.
const CONFIRMATION: &str = "clear-audit-log";

resource! {
    /// Who has changed what; from [`FormationClient::audit`](crate::FormationClient::audit). It takes the admin key. The runtime
    /// writes hardly anything into it.
    Audit
}

impl<'c> Audit<'c> {
    /// What is in it, the newest first.
    pub fn list(self) -> ListAudit<'c> {
        ListAudit { session: self.session, limit: None, action: None, resource_type: None, since: None }
    }

    /// Forgets all of it, for good, but for that it was cleared; how many entries it had.
    pub async fn clear(self) -> Result<Option<i64>, Error> {
        let request = request_for(self.session, &operations::CLEAR_AUDIT_LOG, None)?;
        let outcome = request.api.clear_audit_log(Some(CONFIRMATION)).await;
        request.finish(outcome)
    }
}

/// The request of [`Audit::list`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ListAudit<'c> {
    session: &'c Session,
    limit: Option<u32>,
    action: Option<String>,
    resource_type: Option<String>,
    since: Option<Timestamp>,
}

impl ListAudit<'_> {
    /// How many there are to be at most: 1 to 1000, 100 unless set.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Those of this action alone, such as `audit.cleared`.
    pub fn action(mut self, action: impl Into<String>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// Those about this kind of thing alone: `agent`, `secret`, `mcp_server`, `scheduler_job`, `logging_destination`, `async` or
    /// `memory`.
    pub fn resource_type(mut self, resource_type: impl Into<String>) -> Self {
        self.resource_type = Some(resource_type.into());
        self
    }

    /// Those since this time alone.
    pub fn since(mut self, since: Timestamp) -> Self {
        self.since = Some(since);
        self
    }

    async fn send(self) -> Result<Vec<AuditEntry>, Error> {
        let request = request_for(self.session, &operations::GET_AUDIT_LOG, None)?;
        if self.limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
            return Err(request.refuse("the limit has to be from 1 to 1000"));
        }
        let (limit, since) = (self.limit.map(i64::from), self.since.map(|since| since.to_string()));
        let (action, resource_type) = (self.action.as_deref(), self.resource_type.as_deref());
        let outcome = request.api.get_audit_log(action, limit, resource_type, since.as_deref()).await;
        request.finish(outcome)
    }
}

send_on_await!(ListAudit, Vec<AuditEntry>);
