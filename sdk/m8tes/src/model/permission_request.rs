//! What a run asks people.

use crate::platform::M8tes;
use agent_platform_core::{Timestamp, enums_in_answers, model, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

open_enum! {
    /// What became of a request.
    PermissionStatus {
        /// It waits.
        Pending = "pending",
        /// It was allowed, or answered.
        Allowed = "allowed",
        /// It was denied.
        Denied = "denied",
        /// Nobody decided in time.
        Timeout = "timeout",
        /// The run needs it no more.
        Cancelled = "cancelled",
    }
}

enums_in_answers!(M8tes; PermissionStatus);

model! {
    M8tes;
    /// A request of a run to a person: may this tool be used, or which answer is it?
    ///
    /// [`ask`](Self::ask) says which of the two it is, and has what it is decided with.
    PermissionRequest from types::PermissionRequest {
        /// What a decision names; empty where m8tes does not say.
        request_id: String,
        /// The tool that wants to be used, such as `gmail_send`; `AskUserQuestion` for a question.
        tool_name: String,
        /// What the tool is about to be called with.
        tool_input: Map<String, Value>,
        /// What became of it.
        status: PermissionStatus,
        /// When it was asked.
        created_at: Option<Timestamp>,
        /// When it was decided.
        resolved_at: Option<Timestamp>,
        /// The call of the tool.
        tool_use_id: Option<String>,
        /// Whether m8tes has decided it by itself, such as by a standing permission.
        auto_resolved: bool,
        /// Whether the run went on with the decision.
        resumed: Option<bool>,
        /// Whether the decision is kept as a standing permission.
        remembered: Option<bool>,
        /// What to show to a person in place of the tool's name; see [`title`](Self::title).
        display_name: Option<String>,
    } rest {
        agent_type,
        ask_reason,
        can_remember,
        consequence,
        fields,
        mate_name,
        prose,
        remember_default,
        script,
        surface,
        surface_label,
        task_name,
        timeout_seconds,
    }
}

impl PermissionRequest {
    /// What it is about, for a person: the display name, else the tool's.
    pub fn title(&self) -> &str {
        self.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.tool_name)
    }

    /// Whether nobody has decided it.
    pub fn is_pending(&self) -> bool {
        self.status == PermissionStatus::Pending
    }
}
