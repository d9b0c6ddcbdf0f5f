//! Triggers.

use agent_platform_core::{Decode, model};
use muxi_formation_client::types;
use serde_json::Value;

use super::RequestStatus;
use crate::id::{RequestId, TriggerName};
use crate::platform::Formation;

model! {
    Formation;
    /// A template that data makes a turn of.
    Trigger from types::Trigger {
        /// Its name.
        name: TriggerName,
        /// The template, with fields such as `${{ data.issue.title }}`.
        content: Option<String>,
        /// The fields that it takes, such as `issue.title`.
        data_fields: Vec<String>,
    } rest {}
}

model! {
    Formation;
    /// What came of a trigger.
    TriggerOutcome from types::TriggerOutcome {
        /// How far its turn is: completed, or processing where it goes on in the background.
        status: RequestStatus,
        /// The turn.
        request_id: Option<RequestId>,
        /// What was answered; `None` where it was not yet.
        content: Option<Value>,
    } rest {}
}

impl TriggerOutcome {
    /// What was answered, where that is a text.
    pub fn text(&self) -> Option<&str> {
        self.content.as_ref().and_then(Value::as_str)
    }
}

impl Decode<types::TriggerList, Formation> for Vec<TriggerName> {
    #[inline]
    fn decode(generated: types::TriggerList) -> Result<Self, String> {
        let types::TriggerList { triggers, formation_id: _, count: _ } = generated;
        Ok(triggers.into_iter().map(TriggerName::from).collect())
    }
}
