//! Turns, as they can be looked up.

use agent_platform_core::{Decode, Timestamp, enums_in_answers, model, open_enum};
use muxi_formation_client::types;
use serde_json::Value;

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

enums_in_answers!(Formation; RequestStatus);

model! {
    Formation;
    /// A turn.
    RequestState from types::RequestState {
        /// Its id.
        id (request_id = "request_id"): RequestId,
        /// Whose it is.
        user_id: Option<UserId>,
        /// How far it is.
        status: RequestStatus,
        /// What it does now; a text, where it is known.
        progress: Option<Value>,
        /// When it began.
        created_at: Option<Timestamp> as Seconds,
        /// When it was over.
        completed_at: Option<Timestamp> as Seconds,
        /// What went wrong, where it failed.
        error: Option<Value>,
        /// What was answered, where it is completed: a text, or an object. `None` in a list.
        result: Option<Value>,
        /// What says that it was handed to a person; `None` in a list.
        escalated: Option<Value>,
        /// What MUXI tells about it beside; `None` in a list.
        report: Option<Value>,
    } rest {}
}

impl RequestState {
    /// What was answered, where that is a text.
    pub fn text(&self) -> Option<&str> {
        self.result.as_ref().and_then(Value::as_str)
    }
}

impl Decode<types::RequestList, Formation> for Vec<RequestState> {
    #[inline]
    fn decode(generated: types::RequestList) -> Result<Self, String> {
        let types::RequestList { requests, count: _ } = generated;
        Decode::<Vec<types::RequestState>, Formation>::decode(requests)
    }

    agent_platform_core::rows_in!("requests" of types::RequestState, Formation);
}

impl Decode<types::CancelledRequest, Formation> for Cancellation {
    #[inline]
    fn decode(generated: types::CancelledRequest) -> Result<Self, String> {
        let types::CancelledRequest { request_id: _, status: _, cancellation, message: _ } = generated;
        Ok(cancellation.unwrap_or_default().into())
    }
}
