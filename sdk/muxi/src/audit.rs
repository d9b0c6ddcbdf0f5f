//! The audit log: who has changed what.

use agent_platform_core::{request, resource};
use muxi_formation_client::operations;

use crate::error::Error;
use crate::model::AuditEntry;
use crate::platform::{check_limit, request_for};

/// The most that are listed.
const MOST: i64 = 1000;

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
        ListAudit::new(self.session, (), AuditQuery::default())
    }

    /// Forgets all of it, for good, but for that it was cleared; how many entries it had.
    pub async fn clear(self) -> Result<Option<i64>, Error> {
        let request = request_for(self.session, &operations::CLEAR_AUDIT_LOG, None)?;
        let outcome = request.api.clear_audit_log(Some(CONFIRMATION)).await;
        request.finish(outcome)
    }
}

/// Which entries are listed.
#[derive(Clone, Debug, Default)]
struct AuditQuery {
    limit: Option<i64>,
    action: Option<String>,
    resource_type: Option<String>,
    since: Option<String>,
}

request! {
    /// The request of [`Audit::list`].
    ListAudit((), AuditQuery) -> Vec<AuditEntry>, GET_AUDIT_LOG {
        /// How many there are to be at most: 1 to 1000, 100 unless set.
        number limit: limit;
        /// Those of this action alone, such as `audit.cleared`.
        text action: action;
        /// Those about this kind of thing alone: `agent`, `secret`, `mcp_server`, `scheduler_job`, `logging_destination`,
        /// `async` or `memory`.
        text resource_type: resource_type;
        /// Those since this time alone.
        time since: since;
    }
    |request, _none, query| {
        check_limit(&request, query.limit, MOST)?;
        let AuditQuery { limit, action, resource_type, since } = &query;
        request.api.get_audit_log(action.as_deref(), *limit, resource_type.as_deref(), since.as_deref()).await
    }
}
