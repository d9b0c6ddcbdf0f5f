//! Agents.

use crate::id::AgentId;
use crate::platform::Formation;
use agent_platform_core::{Decode, model};
use muxi_formation_client::types;

model! {
    Formation;
    /// An agent, as the formation's configuration describes it.
    Agent from types::Agent {
        /// Its id.
        id: AgentId,
        /// Its name.
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// Whether it answers; `None` where that is not declared, and it does.
        is_active (active = "active"): Option<bool>,
        /// Whether it answers where no other is named.
        is_default (default = "default"): bool,
        /// What it is told to do always.
        system_message: Option<String>,
        /// What it is good at.
        specialties: Vec<String>,
        /// Who wrote it.
        author: Option<String>,
        /// Its version.
        version: Option<String>,
    } rest { knowledge, license, llm_models, mcp_servers, schema, url }
}

impl Decode<types::AgentList, Formation> for Vec<Agent> {
    #[inline]
    fn decode(generated: types::AgentList) -> Result<Self, String> {
        let types::AgentList { agents, count: _ } = generated;
        Decode::<Vec<types::Agent>, Formation>::decode(agents)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_configured_besides_is_kept_and_not_printed() {
        let agents = json!({"count": 2, "agents": [
            {"schema": "1.0.0", "id": "helper", "default": true, "model": {"api_key": "sk-x"}, "llm_models": [{"text": "m"}],
             "system_message": "Be brief."},
            {"id": "sleeper", "active": false, "specialties": null},
        ]});
        let agents: Vec<Agent> =
            Decode::<types::AgentList, _>::decode(serde_json::from_value(agents).unwrap()).unwrap();
        let [helper, sleeper] = &agents[..] else { panic!("{agents:?}") };
        assert!(
            helper.is_active.is_none() && helper.is_default && sleeper.is_active == Some(false) && !sleeper.is_default
        );
        assert_eq!(helper.extra["model"], json!({"api_key": "sk-x"}));
        assert_eq!(helper.extra["llm_models"], json!([{"text": "m"}]));
        let shown = format!("{helper:?}");
        assert!(shown.contains("Be brief.") && !shown.contains("sk-x"), "{shown}");
    }
}
