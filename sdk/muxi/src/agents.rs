//! Agents: who answers.

use agent_platform_core::resource;
use muxi_formation_client::operations;

use crate::error::Error;
use crate::id::AgentId;
use crate::model::Agent;
use crate::platform::request_for;

resource! {
    /// The formation's agents; from [`FormationClient::agents`](crate::FormationClient::agents). They take the admin key.
    Agents
}

impl Agents<'_> {
    /// All of them.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) without an admin key, before anything is sent.
    pub async fn list(self) -> Result<Vec<Agent>, Error> {
        let request = request_for(self.session, &operations::LIST_AGENTS, None)?;
        let outcome = request.api.list_agents().await;
        request.finish(outcome)
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the formation has no such agent.
    pub async fn get(self, agent: impl Into<AgentId>) -> Result<Agent, Error> {
        let agent = agent.into();
        let request = request_for(self.session, &operations::GET_AGENT, None)?;
        let outcome = request.api.get_agent(request.segment(&agent)?).await;
        request.finish(outcome)
    }
}
