//! Turns, as they can be looked up.

use agent_platform_core::{Decode, Malformed, Timestamp, open_enum};
use muxi_formation_client::types;
use serde_json::Value;

use super::time;
use crate::id::{RequestId, UserId};
use crate::platform::Formation;

open_enum! {
    /// How far a turn is.
    RequestStatus {
        /// It has not begun.
        Pending = "pending",
        /// It is under way.
        Processing = "processing",
        /// It is under way, too.
        Running = "running",
        /// It went well.
        Completed = "completed",
        /// It went wrong.
        Failed = "failed",
        /// Somebody has cancelled it.
        Cancelled = "cancelled",
        /// It asks something back.
        AwaitingClarification = "awaiting_clarification",
    }
}

impl RequestStatus {
    /// Whether nothing more comes of the turn by itself: it is completed, failed or cancelled, or asks something back.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::AwaitingClarification)
    }
}

open_enum! {
    /// How a turn is cancelled.
    Cancellation {
        /// It has stopped.
        Immediate = "immediate",
        /// It stops at its next step.
        Cooperative = "cooperative",
    }
}

/// A turn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RequestState {
    /// Its id.
    pub id: RequestId,
    /// Whose it is.
    pub user_id: Option<UserId>,
    /// How far it is.
    pub status: RequestStatus,
    /// What it does now; a text, where it is known.
    pub progress: Option<Value>,
    /// When it began.
    pub created_at: Option<Timestamp>,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
    /// What went wrong, where it failed.
    pub error: Option<Value>,
    /// What was answered, where it is completed: a text, or an object. `None` in a list.
    pub result: Option<Value>,
    /// What says that it was handed to a person; `None` in a list.
    pub escalated: Option<Value>,
    /// What MUXI tells about it beside; `None` in a list.
    pub report: Option<Value>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl RequestState {
    /// What was answered, where that is a text.
    pub fn text(&self) -> Option<&str> {
        self.result.as_ref().and_then(Value::as_str)
    }
}

impl Decode<types::RequestState, Formation> for RequestState {
    fn decode(generated: types::RequestState) -> Result<Self, String> {
        let types::RequestState {
            completed_at,
            created_at,
            error,
            escalated,
            progress,
            report,
            request_id,
            result,
            status,
            user_id,
        } = generated;
        let summary = types::RequestSummary { completed_at, created_at, error, progress, request_id, status, user_id };
        Ok(Self { escalated: told(escalated), report: told(report), result: told(result), ..Self::decode(summary)? })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::RequestSummary, Formation> for RequestState {
    fn decode(generated: types::RequestSummary) -> Result<Self, String> {
        let types::RequestSummary { completed_at, created_at, error, progress, request_id, status, user_id } =
            generated;
        let mut malformed = Malformed::default();
        Ok(Self {
            id: request_id.into(),
            user_id: user_id.map(UserId::from),
            status: status.into(),
            progress: told(progress),
            created_at: time(created_at, "created_at", &mut malformed),
            completed_at: time(completed_at, "completed_at", &mut malformed),
            error: told(error),
            result: None,
            escalated: None,
            report: None,
            malformed,
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// What is there, and is not null.
fn told(value: Option<Value>) -> Option<Value> {
    value.filter(|value| !value.is_null())
}

impl Decode<types::RequestList, Formation> for Vec<RequestState> {
    fn decode(generated: types::RequestList) -> Result<Self, String> {
        let types::RequestList { requests, count: _ } = generated;
        Decode::<Vec<types::RequestSummary>, Formation>::decode(requests)
    }

    agent_platform_core::rows_in!("requests" of types::RequestSummary, Formation);
}

impl Decode<types::CancelledRequest, Formation> for Cancellation {
    fn decode(generated: types::CancelledRequest) -> Result<Self, String> {
        let types::CancelledRequest { request_id: _, status: _, cancellation, message: _ } = generated;
        Ok(cancellation.unwrap_or_default().into())
    }
}
