//! `import`: the public part of a backend's export, as exported, and the names of the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use crate::backend::Backend;
use crate::contract::Contract;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind, Result};
use crate::export::{Export, LEFT_OUT, LeftOut, OperationObject};
use crate::files::{self, Output};
use crate::pattern::Pattern;
use crate::schemas::Schemas;
use crate::source::Source;
use crate::{inline, json, prose, reference, regenerate};

/// What an import did.
#[derive(Debug, PartialEq, Eq)]
pub struct Imported {
    /// How many operations the export has.
    pub operations: usize,
    /// How many of them are public.
    pub public: usize,
    /// Whether `backend.json` was written; it is not touched if it is already equal.
    pub written: bool,
    /// Each place where the client has less than the export, and why: free JSON where it has a type, nothing where it
    /// has something that may be left out. And what of the contract stands for nothing any more.
    pub notes: Vec<String>,
}

/// Imports an export of the backend.
///
/// # Errors
///
/// Refuses whatever `regenerate` would refuse afterwards; nothing is written then.
pub fn import(backend: &Backend, from: &Source) -> Result<Imported> {
    let contract = Contract::read(&backend.contract())?;
    let schemas = Schemas::read(&backend.schemas())?;
    let place = from.to_string();
    let export = Export::read(json::parse(&from.read()?, &place)?, &place)?;
    let operations = export.operations.len();

    let mut notes = stale_patterns(&export, &contract);
    let selected = selected(export, &contract, &place)?;
    let contents = json::pretty(selected.clone());
    let again = Export::read(selected, "backend.json")?;
    let (_, less) = regenerate::outputs(backend, again, &contract, schemas)?;
    notes.extend(less);

    let output = Output { path: backend.imported(), contents };
    let changes = files::compare(vec![output], None)?;
    files::apply(&changes)?;
    Ok(Imported { operations, public: contract.public.len(), written: !changes.is_empty(), notes })
}

/// The contents of `backend.json`, for an export that the contract classifies wholly.
pub(crate) fn selected(export: Export, contract: &Contract, place: &str) -> Result<Value> {
    check_classified(&export, contract, place)?;
    select(export, contract)
}

/// Every operation must be public by name or private by a pattern, and every name must still stand for one.
fn check_classified(export: &Export, contract: &Contract, place: &str) -> Result<()> {
    export.check_flaws(contract, place)?;
    let missing: Vec<_> = contract
        .public
        .iter()
        .filter(|(_, operation)| !export.operations.contains_key(&operation.call))
        .map(|(name, operation)| format!("{name} ({})", operation.call))
        .collect();
    if !missing.is_empty() {
        return Err(Error::new(
            Kind::MissingOperation,
            place,
            format!("lacks {}: {}", count(&missing, "public operation"), missing.join(", ")),
            "take them out of contract.toml or give an export that has them",
        ));
    }

    check_private(export.operations.keys(), contract, place)
}

/// The private patterns that stand for nothing any more. What went was not called by the client, which is none the worse.
fn stale_patterns(export: &Export, contract: &Contract) -> Vec<String> {
    let stands_for_something = |pattern: &Pattern| {
        let mut paths = export.flawed_paths.keys();
        export.operations.keys().any(|call| pattern.matches(call)) || paths.any(|path| pattern.matches_all_of(path))
    };
    let stale = contract.private.iter().filter(|pattern| !stands_for_something(pattern));
    stale
        .map(|pattern| format!("contract.toml: the private {:?} matches nothing any more", pattern.to_string()))
        .collect()
}

/// Whatever is not public must be private by a pattern.
pub(crate) fn check_private<'a>(
    calls: impl Iterator<Item = &'a Endpoint>,
    contract: &Contract,
    place: &str,
) -> Result<()> {
    let unclassified: Vec<_> = calls
        .filter(|call| !contract.names.contains_key(call) && !contract.covers_as_private(call))
        .map(Endpoint::to_string)
        .collect();
    if unclassified.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Unclassified,
        place,
        format!(
            "has {} that contract.toml does not classify: {}",
            count(&unclassified, "operation"),
            unclassified.join(", ")
        ),
        "make each public or private in contract.toml",
    ))
}

/// The public operations, the schemas that they reach, and the names of the rest.
fn select(mut export: Export, contract: &Contract) -> Result<Value> {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut left_out = Vec::new();
    let mut wanted = Wanted::default();
    for (call, mut operation) in export.operations {
        if !contract.names.contains_key(&call) {
            left_out.push(LeftOut { call, id: operation.id });
            continue;
        }
        inline::operation(&mut operation, &call, &export.components)?;
        let object = whole_operation(operation, &call, &mut wanted)?;
        paths.entry(call.path.clone()).or_default().insert(call.method.field(), Value::Object(object));
    }

    let mut schemas = export.schemas;
    let mut kept = Map::new();
    while let Some(name) = wanted.queue.pop() {
        let Some(mut schema) = schemas.remove(&name) else {
            let user = wanted.first_user.remove(&name).unwrap_or_default();
            return Err(reference::dangling(user, &reference::to_component(&name)));
        };
        let mut targets = Vec::new();
        prose::strip_schema(&mut schema, &mut targets);
        wanted.add(targets, &format!("components/schemas/{name}"))?;
        kept.insert(name, schema);
    }

    let mut components = Map::new();
    components.insert("schemas".to_owned(), Value::Object(kept));
    components.extend(export.components.remove_entry("securitySchemes"));
    left_out.sort();
    let left_out: Vec<_> = left_out
        .into_iter()
        .map(|LeftOut { call, id }| {
            let mut entry = json!({"method": call.method.as_str(), "path": call.path});
            if let (Some(entry), Some(id)) = (entry.as_object_mut(), id) {
                entry.insert("operationId".to_owned(), id.into());
            }
            entry
        })
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": export.title, "version": export.version},
        "paths": paths,
        "components": components,
        LEFT_OUT: left_out,
    });
    if let (Some(document), Some(security)) = (document.as_object_mut(), export.security) {
        document.insert("security".to_owned(), security);
    }
    Ok(document)
}

/// The operation without prose, with the parameters that its path's operations share.
fn whole_operation(operation: OperationObject, call: &Endpoint, wanted: &mut Wanted) -> Result<Map<String, Value>> {
    let parameters: Vec<_> = operation.parameters(call)?.into_iter().cloned().collect();
    let mut object = operation.object;
    if !parameters.is_empty() {
        object.insert("parameters".to_owned(), Value::Array(parameters));
    }
    let mut targets = Vec::new();
    prose::strip_operation(&mut object, &mut targets);
    wanted.add(targets, &call.to_string())?;
    Ok(object)
}

/// The components still to be kept.
#[derive(Default)]
struct Wanted {
    queue: Vec<String>,
    seen: BTreeSet<String>,
    first_user: BTreeMap<String, Rc<str>>,
}

impl Wanted {
    fn add(&mut self, targets: Vec<String>, user: &str) -> Result<()> {
        let first_user: Rc<str> = user.into();
        for target in targets {
            let Some(name) = reference::component(&target) else {
                return Err(reference::dangling(user, &target));
            };
            if self.seen.insert(name.to_owned()) {
                self.queue.push(name.to_owned());
                self.first_user.insert(name.to_owned(), Rc::clone(&first_user));
            }
        }
        Ok(())
    }
}

fn count(items: &[String], noun: &str) -> String {
    let plural = if items.len() == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", items.len())
}
