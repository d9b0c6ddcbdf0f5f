//! `regenerate`: the lowered document and the generated crate.

use std::path::Path;

use crate::backend::Backend;
use crate::contract::Contract;
use crate::error::{Error, Kind, Result};
use crate::export::Export;
use crate::files::{self, Change, Output};
use crate::schemas::Schemas;
use crate::{diff, generate, json, public};

/// Makes `public.json` and the generated crate what they should be, and says how many files it wrote or
/// removed.
///
/// # Errors
///
/// Refuses what can't be lowered or generated; nothing is written then.
pub fn regenerate(backend: &Backend) -> Result<usize> {
    let changes = changes(backend)?;
    files::apply(&changes)?;
    Ok(changes.len())
}

/// What [`regenerate`] would change, as a unified diff with paths relative to `root`; empty if nothing
/// is stale.
///
/// # Errors
///
/// As [`regenerate`].
pub fn stale(backend: &Backend, root: &Path) -> Result<String> {
    let changes = changes(backend)?;
    Ok(changes.iter().map(|change| diff::unified(change, root)).collect())
}

/// The refusal with which a check ends that found something stale.
pub fn stale_error(backend: &Backend) -> Error {
    Error::new(
        Kind::Stale,
        backend.dir.display(),
        "generated files are not what regenerate makes of it",
        format!("run cargo xtask regenerate {}", backend.name),
    )
}

fn changes(backend: &Backend) -> Result<Vec<Change>> {
    let contract = Contract::read(&backend.contract())?;
    let schemas = Schemas::read(&backend.schemas())?;
    let path = backend.imported();
    let place = path.display().to_string();
    let imported = Export::read(json::parse(&files::read(&path)?, &place)?, &place)?;
    let (outputs, _) = outputs(backend, imported, &contract, schemas)?;
    files::compare(outputs, Some(&backend.crate_dir))
}

/// Everything that `regenerate` writes, and each place where the client has less than the imported document.
pub(crate) fn outputs(
    backend: &Backend,
    imported: Export,
    contract: &Contract,
    schemas: Schemas,
) -> Result<(Vec<Output>, Vec<String>)> {
    let public = public::document(imported, contract, &schemas)?;
    let mut outputs = generate::files(backend, contract, &public)?;
    outputs.push(Output { path: backend.public(), contents: json::pretty(public.document) });
    Ok((outputs, public.notes))
}
