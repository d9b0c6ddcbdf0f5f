//! Events of chats' workflows.

use std::collections::BTreeMap;
use std::time::SystemTime;

use agent_platform_core::{JsonObject, Request, json_object, resource, send_on_await};
use mycel_web_backend_client::{operations, types};
use serde::Serialize;
use serde_json::Map;

use crate::error::Error;
use crate::id::{ChatId, UserId, WorkflowEventId};
use crate::model::WorkflowEvent;
use crate::platform::{Mycel, Session};

/// What each user has decided on each thing.
type DecisionStates = BTreeMap<String, BTreeMap<String, String>>;

resource! {
    /// Events of chats' workflows: things that the members decide on; from
    /// [`Client::workflow_events`](crate::Client::workflow_events). Any member of a chat can see, make and
    /// change them.
    WorkflowEvents
}

impl<'c> WorkflowEvents<'c> {
    /// A chat's events, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub async fn list(self, chat: impl Into<ChatId>) -> Result<Vec<WorkflowEvent>, Error> {
        let request = self.session.request(&operations::LIST_WORKFLOW_EVENTS);
        let chat = chat.into();
        let outcome = request.api.list_workflow_events(request.segment(&chat)?).await;
        let mut events: Vec<WorkflowEvent> = request.finish(outcome)?;
        events.sort_by_key(|event| event.id.number());
        Ok(events)
    }

    /// One event.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if an id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat or event.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub async fn get(self, chat: impl Into<ChatId>, event: impl Into<WorkflowEventId>) -> Result<WorkflowEvent, Error> {
        let request = self.session.request(&operations::GET_WORKFLOW_EVENT);
        let (chat, event) = (chat.into(), event.into());
        let outcome = request.api.get_workflow_event(request.segment(&chat)?, request.segment(&event)?).await;
        request.finish(outcome)
    }

    /// Makes an event, and tells the chat's agents. It is not repeated once it may have reached the backend.
    ///
    /// The backend wants to know who asks for it, and that has to be a user that exists: it may be the
    /// caller, or somebody for whom the caller speaks.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId, codex: mycel_sdk::UserId) -> Result<(), mycel_sdk::Error> {
    /// use serde_json::json;
    ///
    /// let event = agent
    ///     .workflow_events()
    ///     .create(&chat, "review", &codex)
    ///     .resource_ref(json!({"type": "task", "id": "1"}))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed, or if an
    ///   argument that has to be a JSON object is none, or nested more than 120 levels deep.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - [`BackendFailed`](crate::ErrorKind::BackendFailed) if there is no such user.
    /// - What can befall any call.
    pub fn create(
        self,
        chat: impl Into<ChatId>,
        kind: impl Into<String>,
        requested_by: impl Into<UserId>,
    ) -> CreateWorkflowEvent<'c> {
        CreateWorkflowEvent {
            session: self.session,
            chat: chat.into(),
            kind: kind.into(),
            requested_by: requested_by.into(),
            resource_refs: Vec::new(),
            decision_states: BTreeMap::new(),
            rationales: Ok(Map::new()),
            final_state: Ok(Map::new()),
            metadata: Ok(Map::new()),
        }
    }

    /// Changes an event, and tells the chat's agents. What is not set stays as it is; a map that is set
    /// replaces the whole one that was there. It is not repeated once it may have reached the backend.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if an id can't be addressed, if an argument that has
    ///   to be a JSON object is none, or nested more than 120 levels deep, or if a time is before 1970.
    /// - [`StaleStateVersion`](crate::ErrorKind::StaleStateVersion) if the event is at another version than
    ///   the expected one.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat or event.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub fn update(self, chat: impl Into<ChatId>, event: impl Into<WorkflowEventId>) -> UpdateWorkflowEvent<'c> {
        UpdateWorkflowEvent {
            session: self.session,
            chat: chat.into(),
            event: event.into(),
            state: None,
            decision_states: None,
            rationales: None,
            final_state: None,
            metadata: None,
            settled_at: None,
            expected_state_version: None,
        }
    }

    /// Deletes an event. Where there is none, nothing happens.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if an id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub async fn delete(self, chat: impl Into<ChatId>, event: impl Into<WorkflowEventId>) -> Result<(), Error> {
        let request = self.session.request(&operations::DELETE_WORKFLOW_EVENT);
        let (chat, event) = (chat.into(), event.into());
        let outcome = request.api.delete_workflow_event(request.segment(&chat)?, request.segment(&event)?).await;
        request.finish(outcome)
    }
}

/// The request of [`WorkflowEvents::create`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CreateWorkflowEvent<'c> {
    session: &'c Session,
    chat: ChatId,
    kind: String,
    requested_by: UserId,
    resource_refs: Vec<JsonObject>,
    decision_states: DecisionStates,
    rationales: JsonObject,
    final_state: JsonObject,
    metadata: JsonObject,
}

impl CreateWorkflowEvent<'_> {
    /// Something that it is about: anything that serializes to a JSON object. Call it once for each.
    pub fn resource_ref(mut self, resource: impl Serialize) -> Self {
        self.resource_refs.push(json_object(resource));
        self
    }

    /// What each user has decided on each thing.
    pub fn decision_states(mut self, states: DecisionStates) -> Self {
        self.decision_states = states;
        self
    }

    /// Why they have decided so: anything that serializes to a JSON object.
    pub fn rationales(mut self, rationales: impl Serialize) -> Self {
        self.rationales = json_object(rationales);
        self
    }

    /// What came of it: anything that serializes to a JSON object.
    pub fn final_state(mut self, state: impl Serialize) -> Self {
        self.final_state = json_object(state);
        self
    }

    /// Whatever else belongs to it: anything that serializes to a JSON object.
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = json_object(metadata);
        self
    }

    async fn send(self) -> Result<WorkflowEvent, Error> {
        let request = self.session.request(&operations::CREATE_WORKFLOW_EVENT);
        let resource_refs: Result<Vec<_>, String> = self.resource_refs.into_iter().collect();
        let filled = |name, object: JsonObject| {
            named(&request, name, object).map(|object| Some(object).filter(|object| !object.is_empty()))
        };
        let body = types::CreateChatWorkflowEventBody {
            kind: self.kind,
            resource_refs: Some(named(&request, "a resource ref", resource_refs)?).filter(|refs| !refs.is_empty()),
            requested_by_user_id: Some(self.requested_by.into()),
            decision_states: Some(self.decision_states).filter(|states| !states.is_empty()),
            rationales: filled("the rationales", self.rationales)?,
            final_state: filled("the final state", self.final_state)?,
            metadata: filled("the metadata", self.metadata)?,
        };
        let outcome = request.api.create_workflow_event(request.segment(&self.chat)?, &body).await;
        request.finish(outcome)
    }
}

send_on_await!(CreateWorkflowEvent, WorkflowEvent);

/// The request of [`WorkflowEvents::update`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct UpdateWorkflowEvent<'c> {
    session: &'c Session,
    chat: ChatId,
    event: WorkflowEventId,
    state: Option<String>,
    decision_states: Option<DecisionStates>,
    rationales: Option<JsonObject>,
    final_state: Option<JsonObject>,
    metadata: Option<JsonObject>,
    settled_at: Option<SystemTime>,
    expected_state_version: Option<u64>,
}

impl UpdateWorkflowEvent<'_> {
    /// The state, in the members' own terms.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// What each user has decided on each thing, in place of what was there.
    pub fn decision_states(mut self, states: DecisionStates) -> Self {
        self.decision_states = Some(states);
        self
    }

    /// Why they have decided so, in place of what was there: anything that serializes to a JSON object.
    pub fn rationales(mut self, rationales: impl Serialize) -> Self {
        self.rationales = Some(json_object(rationales));
        self
    }

    /// What came of it, in place of what was there: anything that serializes to a JSON object.
    pub fn final_state(mut self, state: impl Serialize) -> Self {
        self.final_state = Some(json_object(state));
        self
    }

    /// Whatever else belongs to it, in place of what was there: anything that serializes to a JSON object.
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = Some(json_object(metadata));
        self
    }

    /// When it was settled.
    pub fn settled_at(mut self, time: impl Into<SystemTime>) -> Self {
        self.settled_at = Some(time.into());
        self
    }

    /// The version that the event has to be at. Any unless set.
    pub fn expected_state_version(mut self, version: u64) -> Self {
        self.expected_state_version = Some(version);
        self
    }

    async fn send(self) -> Result<WorkflowEvent, Error> {
        let request = self.session.request(&operations::UPDATE_WORKFLOW_EVENT);
        let settled_at = self.settled_at.map(|time| time.duration_since(SystemTime::UNIX_EPOCH)).transpose();
        let body = types::UpdateChatWorkflowEventBody {
            state: self.state,
            decision_states: self.decision_states,
            rationales: self.rationales.map(|given| named(&request, "the rationales", given)).transpose()?,
            final_state: self.final_state.map(|given| named(&request, "the final state", given)).transpose()?,
            metadata: self.metadata.map(|given| named(&request, "the metadata", given)).transpose()?,
            settled_at: settled_at
                .map_err(|_| request.refuse("the time that it was settled is before 1970"))?
                .map(|since| since.as_secs_f64()),
            expected_state_version: self.expected_state_version,
        };
        let (chat, event) = (request.segment(&self.chat)?, request.segment(&self.event)?);
        let outcome = request.api.update_workflow_event(chat, event, &body).await;
        request.finish(outcome)
    }
}

send_on_await!(UpdateWorkflowEvent, WorkflowEvent);

/// An argument, or an error that names it.
fn named<T>(request: &Request<'_, Mycel>, name: &str, given: Result<T, String>) -> Result<T, Error> {
    given.map_err(|problem| request.refuse(format!("{name} {problem}")))
}
