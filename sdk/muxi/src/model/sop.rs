//! SOPs.

use agent_platform_core::answered::{FromAnswer, Rest};
use agent_platform_core::{Decode, model};
use muxi_formation_client::types;
use serde_json::{Map, Value};

use crate::id::{AgentId, SopName};
use crate::platform::Formation;

model! {
    Formation;
    /// A standard operating procedure.
    Sop from types::Sop {
        /// Its name.
        name: SopName,
        /// What it is called.
        title: Option<String>,
        /// What kind it is, such as `template`.
        kind (type_ = "type"): Option<String>,
        /// How many steps it has, where they are counted.
        steps: Option<i64>,
        /// The agents that it involves.
        agents (agents_used = "agents_used"): Vec<AgentId>,
        /// What is to be done; `None` in a list.
        content: Option<String>,
        /// What its head says; empty in a list.
        metadata: Map<String, Value>,
        /// What it refers to, such as `file:terms.md`; empty in a list.
        references: Vec<String>,
    } rest {}
}

impl Decode<types::SopList, Formation> for Vec<Sop> {
    #[inline]
    fn decode(generated: types::SopList) -> Result<Self, String> {
        let types::SopList { sops, count: _ } = generated;
        Decode::<Vec<types::Sop>, Formation>::decode(sops)
    }

    agent_platform_core::rows_in!("sops" of types::Sop, Formation);
}

impl FromAnswer<Option<Vec<String>>, Formation> for Vec<AgentId> {
    #[inline]
    fn take(generated: Option<Vec<String>>, _: &str, _: &mut Rest) -> Self {
        generated.unwrap_or_default().into_iter().map(AgentId::from).collect()
    }
}
