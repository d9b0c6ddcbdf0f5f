//! Agents.

use std::fmt;

use agent_platform_core::Decode;
use muxi_formation_client::types;
use serde_json::{Map, Value};

use super::put;
use crate::id::AgentId;
use crate::platform::Formation;

/// An agent, as the formation's configuration describes it.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it answers.
    pub is_active: bool,
    /// Whether it answers where no other is named.
    pub is_default: bool,
    /// What it is told to do always.
    pub system_message: Option<String>,
    /// What it is good at.
    pub specialties: Vec<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// All that is configured of it beside that, by the names that the configuration has. Secrets in it are masked.
    pub extra: Map<String, Value>,
}

impl Decode<types::Agent, Formation> for Agent {
    fn decode(generated: types::Agent) -> Result<Self, String> {
        let types::Agent {
            id,
            name,
            description,
            active,
            default,
            system_message,
            specialties,
            author,
            version,
            knowledge,
            license,
            llm_models,
            mcp_servers,
            schema,
            url,
            mut extra,
        } = generated;
        put(&mut extra, "knowledge", knowledge);
        put(&mut extra, "license", license.map(Value::from));
        put(&mut extra, "llm_models", llm_models.map(Value::from));
        put(&mut extra, "mcp_servers", mcp_servers.map(Value::from));
        put(&mut extra, "schema", schema.map(Value::from));
        put(&mut extra, "url", url.map(Value::from));
        Ok(Self {
            id: id.into(),
            name,
            description,
            is_active: active.unwrap_or(true),
            is_default: default.unwrap_or_default(),
            system_message,
            specialties: specialties.unwrap_or_default(),
            author,
            version,
            extra,
        })
    }
}

impl Decode<types::AgentList, Formation> for Vec<Agent> {
    fn decode(generated: types::AgentList) -> Result<Self, String> {
        let types::AgentList { agents, count: _ } = generated;
        Decode::<Vec<types::Agent>, Formation>::decode(agents)
    }
}

/// What is configured beside the fields of its own may hold keys, masked or not, and is left out.
impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("description", &self.description)
            .field("is_active", &self.is_active)
            .field("is_default", &self.is_default)
            .field("specialties", &self.specialties)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_configured_besides_is_kept_and_not_printed() {
        let agents = json!({"count": 2, "agents": [
            {"schema": "1.0.0", "id": "helper", "default": true, "model": {"api_key": "sk-x"}, "llm_models": [{"text": "m"}]},
            {"id": "sleeper", "active": false, "specialties": null},
        ]});
        let agents: Vec<Agent> =
            Decode::<types::AgentList, _>::decode(serde_json::from_value(agents).unwrap()).unwrap();
        let [helper, sleeper] = &agents[..] else { panic!("{agents:?}") };
        assert!(helper.is_active && helper.is_default && !sleeper.is_active && !sleeper.is_default);
        assert_eq!(helper.extra["model"], json!({"api_key": "sk-x"}));
        assert_eq!(helper.extra["llm_models"], json!([{"text": "m"}]));
        assert!(!format!("{helper:?}").contains("sk-x"));
    }
}
