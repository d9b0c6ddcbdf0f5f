//! The pipeline in memory: no files, no network, and no generator.

use serde_json::Map;

use crate::contract::Contract;
use crate::drift::{self, Drift};
use crate::error::Result;
use crate::export::Export;
use crate::public::{self, Public};
use crate::schemas::Schemas;
use crate::{import, json};

/// What the pipeline makes of an export.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rehearsal {
    /// What `import` would write to `backend.json`.
    pub imported: String,
    /// What `regenerate` would write to `public.json`.
    pub public: String,
    /// Each place where the client would have less than the export, and why.
    pub notes: Vec<String>,
    /// How the export differs from what would be imported of it: not at all.
    pub drift: Drift,
}

/// Imports an export, lowers it, and compares it with what was imported. `contract` holds the texts of
/// `contract.toml` and `schemas.json`; without them everything is public and answers with any object.
///
/// Whatever the bytes are, this ends in a result or a refusal, in time and memory in proportion to them.
///
/// # Errors
///
/// As `import`, the generator's refusals aside.
pub fn rehearse(export: &[u8], contract: Option<(&str, &[u8])>) -> Result<Rehearsal> {
    let place = "export";
    let live = Export::read(json::parse(export, place)?, place)?;
    let (contract, schemas) = match contract {
        Some((contract, schemas)) => {
            (Contract::parse(contract, "contract.toml")?, Schemas::parse(schemas, "schemas.json")?)
        }
        None => (Contract::of_everything(live.operations.keys()), Schemas(Map::new())),
    };
    let selected = import::selected(live.clone(), &contract, place)?;
    let imported = Export::read(selected.clone(), "backend.json")?;
    // Compared whether or not it can be lowered; what is refused first is told first.
    let drift = drift::compare(&contract, &schemas, &imported, &live);
    let Public { document, notes, .. } = public::document(imported, &contract, &schemas)?;
    Ok(Rehearsal { imported: json::pretty(selected), public: json::pretty(document), notes, drift: drift? })
}
