//! Triggers.

use agent_platform_core::Decode;
use muxi_formation_client::types;
use serde_json::Value;

use super::RequestStatus;
use crate::id::{RequestId, TriggerName};
use crate::platform::Formation;

/// A template that data makes a turn of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trigger {
    /// Its name.
    pub name: TriggerName,
    /// The template, with fields such as `${{ data.issue.title }}`.
    pub content: Option<String>,
    /// The fields that it takes, such as `issue.title`.
    pub data_fields: Vec<String>,
}

/// What came of a trigger.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TriggerOutcome {
    /// How far its turn is: completed, or processing where it goes on in the background.
    pub status: RequestStatus,
    /// The turn.
    pub request_id: Option<RequestId>,
    /// What was answered; `None` where it was not yet.
    pub content: Option<Value>,
}

impl TriggerOutcome {
    /// What was answered, where that is a text.
    pub fn text(&self) -> Option<&str> {
        self.content.as_ref().and_then(Value::as_str)
    }
}

impl Decode<types::Trigger, Formation> for Trigger {
    fn decode(generated: types::Trigger) -> Result<Self, String> {
        let types::Trigger { name, content, data_fields } = generated;
        Ok(Self { name: name.into(), content, data_fields: data_fields.unwrap_or_default() })
    }
}

impl Decode<types::TriggerList, Formation> for Vec<TriggerName> {
    fn decode(generated: types::TriggerList) -> Result<Self, String> {
        let types::TriggerList { triggers, formation_id: _, count: _ } = generated;
        Ok(triggers.into_iter().map(TriggerName::from).collect())
    }
}

impl Decode<types::TriggerOutcome, Formation> for TriggerOutcome {
    fn decode(generated: types::TriggerOutcome) -> Result<Self, String> {
        let types::TriggerOutcome { status, content, request_id } = generated;
        let content = content.filter(|content| !content.is_null());
        Ok(Self { status: status.into(), request_id: request_id.map(RequestId::from), content })
    }
}
