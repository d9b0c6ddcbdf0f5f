//! SOPs.

use agent_platform_core::{Decode, Malformed};
use muxi_formation_client::types;
use serde_json::{Map, Value};

use crate::id::{AgentId, SopName};
use crate::platform::Formation;

/// A standard operating procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sop {
    /// Its name.
    pub name: SopName,
    /// What it is called.
    pub title: Option<String>,
    /// What kind it is, such as `template`.
    pub kind: Option<String>,
    /// How many steps it has, where they are counted.
    pub steps: Option<i64>,
    /// The agents that it involves.
    pub agents: Vec<AgentId>,
    /// What is to be done; `None` in a list.
    pub content: Option<String>,
    /// What its head says; empty in a list.
    pub metadata: Map<String, Value>,
    /// What it refers to, such as `file:terms.md`; empty in a list.
    pub references: Vec<String>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::Sop, Formation> for Sop {
    fn decode(generated: types::Sop) -> Result<Self, String> {
        let types::Sop { agents_used, content, metadata, name, references, steps, title, type_ } = generated;
        let summary = types::SopSummary { agents_used, name, steps, title, type_ };
        let (metadata, references) = (metadata.unwrap_or_default(), references.unwrap_or_default());
        Ok(Self { content, metadata, references, ..Self::decode(summary)? })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::SopSummary, Formation> for Sop {
    fn decode(generated: types::SopSummary) -> Result<Self, String> {
        let types::SopSummary { agents_used, name, steps, title, type_ } = generated;
        Ok(Self {
            name: name.into(),
            title,
            kind: type_,
            steps,
            agents: agents_used.unwrap_or_default().into_iter().map(AgentId::from).collect(),
            content: None,
            metadata: Map::new(),
            references: Vec::new(),
            malformed: Malformed::default(),
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::SopList, Formation> for Vec<Sop> {
    fn decode(generated: types::SopList) -> Result<Self, String> {
        let types::SopList { sops, count: _ } = generated;
        Decode::<Vec<types::SopSummary>, Formation>::decode(sops)
    }

    agent_platform_core::rows_in!("sops" of types::SopSummary, Formation);
}
