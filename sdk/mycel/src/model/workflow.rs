//! Workflows, their events, and tasks.

use std::collections::BTreeMap;

use agent_platform_core::{Decode, Malformed, Timestamp};
use mycel_web_backend_client::types;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{as_seconds, as_seconds_if_any, row_time, row_time_if_any};
use crate::id::{ChatId, TaskId, UserId, WorkflowEventId};
use crate::platform::Mycel;

/// A chat's workflow: what its members have agreed to work by. A chat has one at the most.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Workflow {
    /// The chat.
    pub chat_id: ChatId,
    /// What kind of workflow it is, in its members' own terms.
    pub kind: String,
    /// Its state, in its members' own terms; `active` unless set.
    pub state: String,
    /// How it is set up, in its members' own terms.
    pub config: Map<String, Value>,
    /// Counts the writes: 0 after the first, and one more after each.
    pub state_version: u64,
    /// Who wrote last.
    #[serde(rename = "updated_by_user_id")]
    pub updated_by: Option<UserId>,
    /// When it was first written.
    #[serde(serialize_with = "as_seconds")]
    pub created_at: Timestamp,
    /// When it was last written.
    #[serde(serialize_with = "as_seconds_if_any")]
    pub updated_at: Option<Timestamp>,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::Workflow, Mycel> for Workflow {
    #[inline]
    fn decode(generated: types::Workflow) -> Result<Self, String> {
        let types::Workflow { chat_id, kind, state, config, state_version, updated_by_user_id, created_at, updated_at } =
            generated;
        let mut malformed = Malformed::default();
        Ok(Self {
            chat_id: chat_id.into(),
            kind,
            state,
            config,
            state_version,
            updated_by: updated_by_user_id.map(UserId::from),
            created_at: row_time(created_at, "created_at", &mut malformed),
            updated_at: row_time_if_any(updated_at, "updated_at", &mut malformed),
            malformed,
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// Something in a workflow that its members decide on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct WorkflowEvent {
    /// The event's id, a number that is unique in its chat.
    #[serde(rename = "event_id")]
    pub id: WorkflowEventId,
    /// The chat.
    pub chat_id: ChatId,
    /// What kind of event it is, in its members' own terms.
    pub kind: String,
    /// Its state, in its members' own terms; `open` at first.
    pub state: String,
    /// What it is about, in its members' own terms.
    pub resource_refs: Vec<Map<String, Value>>,
    /// Who asked for it.
    #[serde(rename = "requested_by_user_id")]
    pub requested_by: Option<UserId>,
    /// What each user has decided on each thing.
    pub decision_states: BTreeMap<String, BTreeMap<String, String>>,
    /// Why they have decided so.
    pub rationales: Map<String, Value>,
    /// What came of it.
    pub final_state: Map<String, Value>,
    /// Whatever else its members keep with it.
    pub metadata: Map<String, Value>,
    /// Counts the writes: 0 at first, and one more after each.
    pub state_version: u64,
    /// When it was made.
    #[serde(serialize_with = "as_seconds")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(serialize_with = "as_seconds_if_any")]
    pub updated_at: Option<Timestamp>,
    /// When it was settled.
    #[serde(serialize_with = "as_seconds_if_any")]
    pub settled_at: Option<Timestamp>,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::WorkflowEvent, Mycel> for WorkflowEvent {
    #[inline]
    fn decode(generated: types::WorkflowEvent) -> Result<Self, String> {
        let types::WorkflowEvent {
            chat_id,
            event_id,
            kind,
            state,
            resource_refs,
            requested_by_user_id,
            decision_states,
            rationales,
            final_state,
            metadata,
            state_version,
            created_at,
            updated_at,
            settled_at,
        } = generated;
        let mut malformed = Malformed::default();
        Ok(Self {
            id: event_id.into(),
            chat_id: chat_id.into(),
            kind,
            state,
            resource_refs,
            requested_by: requested_by_user_id.map(UserId::from),
            decision_states,
            rationales,
            final_state,
            metadata,
            state_version,
            created_at: row_time(created_at, "created_at", &mut malformed),
            updated_at: row_time_if_any(updated_at, "updated_at", &mut malformed),
            settled_at: row_time_if_any(settled_at, "settled_at", &mut malformed),
            malformed,
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// A task on a chat's list of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Task {
    /// The task's id, a number that is unique in its chat. The number of a deleted task can be given again.
    pub id: TaskId,
    /// What is to be done, in a line.
    pub subject: String,
    /// What is to be done, at length.
    pub description: String,
    /// Its status, a free text; `pending` unless set.
    pub status: String,
    /// What is shown while it is being done, such as "Reviewing".
    #[serde(rename = "activeForm")]
    pub active_form: Option<String>,
    /// Whose task it is.
    pub owner: Option<UserId>,
    /// The tasks that wait for it.
    pub blocks: Vec<TaskId>,
    /// The tasks that it waits for.
    #[serde(rename = "blockedBy")]
    pub blocked_by: Vec<TaskId>,
    /// Whatever else its members keep with it.
    pub metadata: Map<String, Value>,
    /// What of it could not be read, and has a stand-in.
    #[serde(skip)]
    pub malformed: Malformed,
}

impl Decode<types::Task, Mycel> for Task {
    #[inline]
    fn decode(generated: types::Task) -> Result<Self, String> {
        let types::Task { id, subject, description, status, active_form, owner, blocks, blocked_by, metadata } =
            generated;
        Ok(Self {
            id: id.into(),
            subject,
            description,
            status,
            active_form,
            owner: owner.map(UserId::from),
            blocks: blocks.into_iter().map(TaskId::from).collect(),
            blocked_by: blocked_by.into_iter().map(TaskId::from).collect(),
            metadata,
            malformed: Malformed::default(),
        })
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}
