//! Workflows of chats.

use agent_platform_core::{JsonObject, json_object, resource, send_on_await};
use mycel_web_backend_client::{operations, types};
use serde::Serialize;
use serde_json::Map;

use crate::error::Error;
use crate::id::ChatId;
use crate::model::Workflow;
use crate::platform::Session;

resource! {
    /// Workflows of chats; from [`Client::workflows`](crate::Client::workflows). Any member of a chat can see
    /// and set its workflow.
    Workflows
}

impl<'c> Workflows<'c> {
    /// A chat's workflow.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat, or if it has no workflow.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub async fn get(self, chat: impl Into<ChatId>) -> Result<Workflow, Error> {
        let request = self.session.request(&operations::GET_WORKFLOW);
        let chat = chat.into();
        let outcome = request.api.get_workflow(request.segment(&chat)?).await;
        request.finish(outcome)
    }

    /// Sets a chat's workflow. The whole of it is replaced: what is not set here is as if it were new.
    ///
    /// Whoever reads a workflow, changes it and sets it back should say which version it read: then a
    /// change that another member made in between is not undone, but reported. It is not repeated once it may
    /// have reached the backend.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId) -> Result<(), mycel_sdk::Error> {
    /// use mycel_sdk::ErrorKind;
    ///
    /// let workflow = agent.workflows().get(&chat).await?;
    /// let paused = agent
    ///     .workflows()
    ///     .set(&chat, &workflow.kind)
    ///     .state("paused")
    ///     .config(&workflow.config)
    ///     .expected_state_version(workflow.state_version)
    ///     .await;
    /// match paused {
    ///     Ok(workflow) => println!("paused, now at version {}", workflow.state_version),
    ///     Err(error) => match error.kind() {
    ///         ErrorKind::StaleStateVersion { actual, .. } => println!("somebody was faster: {actual:?}"),
    ///         _ => return Err(error),
    ///     },
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed, or if the
    ///   config is no JSON object, or nested more than 120 levels deep.
    /// - [`StaleStateVersion`](crate::ErrorKind::StaleStateVersion) if the workflow is at another version than
    ///   the expected one, or if one is expected and there is no workflow.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub fn set(self, chat: impl Into<ChatId>, kind: impl Into<String>) -> SetWorkflow<'c> {
        SetWorkflow {
            session: self.session,
            chat: chat.into(),
            kind: kind.into(),
            state: None,
            config: Ok(Map::new()),
            expected_state_version: None,
        }
    }

    /// Deletes a chat's workflow. A workflow that is set after that begins at version 0 again. Where there is
    /// none, nothing happens.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub async fn delete(self, chat: impl Into<ChatId>) -> Result<(), Error> {
        let request = self.session.request(&operations::DELETE_WORKFLOW);
        let chat = chat.into();
        let outcome = request.api.delete_workflow(request.segment(&chat)?).await;
        request.finish(outcome)
    }
}

/// The request of [`Workflows::set`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct SetWorkflow<'c> {
    session: &'c Session,
    chat: ChatId,
    kind: String,
    state: Option<String>,
    config: JsonObject,
    expected_state_version: Option<u64>,
}

impl SetWorkflow<'_> {
    /// The state, in the members' own terms. `active` unless set.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// How it is set up: anything that serializes to a JSON object. Empty unless set.
    pub fn config(mut self, config: impl Serialize) -> Self {
        self.config = json_object(config);
        self
    }

    /// The version that the workflow has to be at. Any, or none at all, unless set; so a workflow that is
    /// not there yet can only be made without it.
    pub fn expected_state_version(mut self, version: u64) -> Self {
        self.expected_state_version = Some(version);
        self
    }

    async fn send(self) -> Result<Workflow, Error> {
        let request = self.session.request(&operations::SET_WORKFLOW);
        let config = self.config.map_err(|problem| request.refuse(format!("the config {problem}")))?;
        let body = types::SetChatWorkflowBody {
            kind: self.kind,
            state: self.state,
            config: Some(config).filter(|config| !config.is_empty()),
            expected_state_version: self.expected_state_version,
        };
        let outcome = request.api.set_workflow(request.segment(&self.chat)?, &body).await;
        request.finish(outcome)
    }
}

send_on_await!(SetWorkflow, Workflow);
