//! Managed agents.

use agent_platform_core::{resource, send_on_await};
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::model::{Agent, AgentSummary};
use crate::platform::Session;

resource! {
    /// Managed agents: users whose runtime the backend itself runs; from
    /// [`Client::agents`](crate::Client::agents).
    Agents
}

impl<'c> Agents<'c> {
    /// The caller's managed agents.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) from a backend without managed agents (the communication
    /// profile), and what can befall any call.
    pub async fn list(self) -> Result<Vec<AgentSummary>, Error> {
        let request = self.session.request(&operations::LIST_AGENTS);
        let outcome = request.api.list_agents().await;
        request.finish(outcome)
    }

    /// Makes a managed agent, as a draft. Each call makes another one, so it is not repeated once it may have
    /// reached the backend.
    ///
    /// ```
    /// # async fn example(owner: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// let agent = owner.agents().create("Morel").description("Answers questions about mushrooms").await?;
    /// let thread = owner.threads().create(&agent.summary.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller may not; guests and agents may not.
    /// - [`NotFound`](crate::ErrorKind::NotFound) from a backend without managed agents.
    /// - What can befall any call.
    pub fn create(self, name: impl Into<String>) -> CreateAgent<'c> {
        CreateAgent { session: self.session, name: name.into(), description: None }
    }
}

/// The request of [`Agents::create`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CreateAgent<'c> {
    session: &'c Session,
    name: String,
    description: Option<String>,
}

impl CreateAgent<'_> {
    /// What the agent is for. Empty unless set.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    async fn send(self) -> Result<Agent, Error> {
        let request = self.session.request(&operations::CREATE_AGENT);
        let body = types::CreateAgentRequest { name: self.name, description: self.description };
        let outcome = request.api.create_agent(&body).await;
        request.finish(outcome)
    }
}

send_on_await!(CreateAgent, Agent);
