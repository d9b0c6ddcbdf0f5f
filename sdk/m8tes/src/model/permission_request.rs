//! What a run asks people.

use agent_platform_core::{Decode, Timestamp, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

use super::{extras, time};
use crate::platform::M8tes;

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

/// A request of a run to a person: may this tool be used, or which answer is it?
///
/// [`ask`](Self::ask) says which of the two it is, and has what it is decided with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PermissionRequest {
    /// What a decision names; empty where m8tes does not say.
    pub request_id: String,
    /// The tool that wants to be used, such as `gmail_send`; `AskUserQuestion` for a question.
    pub tool_name: String,
    /// What the tool is about to be called with.
    pub tool_input: Map<String, Value>,
    /// What became of it.
    pub status: PermissionStatus,
    /// When it was asked.
    pub created_at: Option<Timestamp>,
    /// When it was decided.
    pub resolved_at: Option<Timestamp>,
    /// The call of the tool.
    pub tool_use_id: Option<String>,
    /// Whether m8tes has decided it by itself, such as by a standing permission.
    pub auto_resolved: bool,
    /// Whether the run went on with the decision.
    pub resumed: Option<bool>,
    /// Whether the decision is kept as a standing permission.
    pub remembered: Option<bool>,
    /// What to show to a person in place of the tool's name; see [`title`](Self::title).
    pub display_name: Option<String>,
    /// All that m8tes says of it beside that, by its own names.
    pub extra: Map<String, Value>,
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

impl Decode<types::PermissionRequest, M8tes> for PermissionRequest {
    fn decode(generated: types::PermissionRequest) -> Result<Self, String> {
        let types::PermissionRequest {
            agent_type,
            ask_reason,
            auto_resolved,
            can_remember,
            consequence,
            created_at,
            display_name,
            extra,
            fields,
            mate_name,
            prose,
            remember_default,
            remembered,
            request_id,
            resolved_at,
            resumed,
            script,
            status,
            surface,
            surface_label,
            task_name,
            timeout_seconds,
            tool_input,
            tool_name,
            tool_use_id,
        } = generated;
        Ok(Self {
            request_id,
            tool_name,
            tool_input: tool_input.unwrap_or_default(),
            status: status.into(),
            created_at: time(created_at),
            resolved_at: time(resolved_at),
            tool_use_id,
            auto_resolved: auto_resolved.unwrap_or_default(),
            resumed,
            remembered,
            display_name,
            extra: extras!(
                extra;
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
            ),
        })
    }
}
