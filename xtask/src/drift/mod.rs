//! `drift`: what a live backend promises, compared with what its client was generated from.
//!
//! Requests are compared with what was imported. So are answers, as far as the export types them; where
//! it did not and now does, they are compared with the shapes in `schemas.json`, which the client reads.

mod change;
mod keyword;
mod object;
mod operation;
mod report;
mod security;
mod union;
mod view;
mod walk;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use change::{Change, Reached, Severity};
pub use report::{Drift, Verdict};

use crate::backend::Backend;
use crate::contract::Contract;
use crate::endpoint::{self, Endpoint};
use crate::error::{Error, Kind, Result};
use crate::export::{Export, OperationObject};
use crate::place::Place;
use crate::schemas::Schemas;
use crate::source::Source;
use crate::{files, json, media, public, response, success};
use operation::Side;
use walk::{Named, Walk};
use way::{Reader, Way};

/// Compares a live backend with what its client was generated from.
///
/// # Errors
///
/// Refuses files that can't be read or do not belong together, and a live document that is none.
pub fn drift(backend: &Backend, against: &Source) -> Result<Drift> {
    let contract = Contract::read(&backend.contract())?;
    let schemas = Schemas::read(&backend.schemas())?;
    let path = backend.imported();
    let place = path.display().to_string();
    let imported = Export::read(json::parse(&files::read(&path)?, &place)?, &place)?;
    let place = against.to_string();
    let live = Export::read(json::parse(&against.read()?, &place)?, &place)?;
    compare(&contract, &schemas, &imported, &live)
}

/// What a client was generated from, as the files hold it.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    /// `contract.toml`.
    pub contract: &'a str,
    /// `schemas.json`.
    pub schemas: &'a [u8],
    /// `backend.json`.
    pub imported: &'a [u8],
}

/// Compares as [`drift`] does, in memory.
///
/// # Errors
///
/// As [`drift`].
pub fn drift_between(texts: Texts<'_>, live: &[u8]) -> Result<Drift> {
    let contract = Contract::parse(texts.contract, "contract.toml")?;
    let schemas = Schemas::parse(texts.schemas, "schemas.json")?;
    let read = |bytes, place| Export::read(json::parse(bytes, place)?, place);
    compare(&contract, &schemas, &read(texts.imported, "backend.json")?, &read(live, "export")?)
}

/// Compares two documents, of which the first is an import under the contract.
pub(crate) fn compare(contract: &Contract, schemas: &Schemas, imported: &Export, live: &Export) -> Result<Drift> {
    public::check_imported(imported, contract)?;
    let documents = [imported, live].into_iter().map(weight);
    let size = documents.chain(schemas.0.values().map(json::weight)).sum();
    let named = |schemas, origin| Named { schemas, origin };
    let exported = named(&live.schemas, "components/schemas");
    let mut as_exported = Walk::new(named(&imported.schemas, "components/schemas"), exported, size);
    let mut as_read = Walk::new(named(&schemas.0, "schemas.json"), exported, size);

    let mut changes = Vec::new();
    let mut starts = Vec::new();
    let mut answers = Vec::new();
    let mut matched = BTreeSet::new();
    let partners = Partners::new(imported, live);
    for (call, operation) in &imported.operations {
        let reached = reached(call, contract);
        let here = call.to_string();
        let place = Place::new(&here);
        let spot = as_exported.operation(Way::Request, &place);
        starts.push((spot.node(), reached.clone()));
        let Some((live_call, live_operation)) = partners.of(call, operation) else {
            let meaning = "every call of it fails";
            as_exported.judged(&spot, "operation", Severity::Breaking, here.as_str().into(), Value::Null, meaning);
            continue;
        };
        matched.insert(live_call);
        if let Some(flaw) = &live_operation.flaw {
            return Err(Error::new(Kind::NotOpenApi, live_call, flaw, "give a whole OpenAPI 3.1 document"));
        }
        if endpoint::shape(&call.path) != endpoint::shape(&live_call.path) || call.method != live_call.method {
            let (was, is) = (here.as_str().into(), live_call.to_string().into());
            let meaning = "every call of it fails, or reaches another operation";
            as_exported.judged(&spot, "operation", Severity::Breaking, was, is, meaning);
        }
        let old = Side { export: imported, call, operation };
        let new = Side { export: live, call: live_call, operation: live_operation };
        // An import has the operations that the contract makes public, and no others.
        let Some((name, public)) = contract.public_by_call(call) else {
            continue;
        };
        let success = success::of(&operation.object, call, name, public)?;
        let reader = if public.answer.shape().is_some() { Reader::Strict } else { Reader::Lenient };
        operation::compare(&mut as_exported, &spot, (old, new), &success, reader)?;

        let envelope = contract.envelope.as_deref().filter(|_| public.enveloped);
        if let (Some(answer), Some(typed)) = (public.answer.shape(), newly_typed(old, new, envelope)) {
            let root = format!("{call} answer");
            let place = Place::new(&root);
            let spot = as_read.operation(Way::Answer(Reader::Strict), &place);
            answers.push((spot.node(), reached));
            let shape = schemas.0.get(&answer.schema);
            match (shape, answer.array, typed.get("items")) {
                (Some(shape), false, _) => as_read.schema(&spot, shape, typed)?,
                (Some(shape), true, Some(items)) => as_read.schema(&spot, shape, items)?,
                _ => {}
            }
        }
    }
    changes.extend(as_exported.finish(&starts)?);
    // Of what the client reads, only what it can't read any more: all else is told above.
    let unreadable = as_read.finish(&answers)?.into_iter().filter(|change| change.severity == Severity::Breaking);
    changes.extend(unreadable);
    changes.extend(beside(contract, imported, live, &matched));
    Ok(Drift::new(changes))
}

/// The schema of a success that the import left untyped and the live document types.
fn newly_typed<'a>(old: Side<'a>, new: Side<'a>, envelope: Option<&str>) -> Option<&'a Value> {
    let schema = |side: Side<'a>| {
        let contents = success::promised(&side.operation.object).into_iter();
        let mut contents = contents.filter_map(|(_, response)| response.get("content")?.as_object());
        let schema = contents.find_map(media::json)?.get("schema")?;
        envelope.map_or(Some(schema), |member| response::unwrapped(schema, member, &side.export.schemas))
    };
    let types = |schema: &Value| {
        schema.as_object().is_some_and(|object| {
            object.keys().any(|keyword| !matches!(keyword.as_str(), "additionalProperties" | "type" | "title"))
        })
    };
    schema(new).filter(|live| types(live) && !schema(old).is_some_and(types))
}

/// What came and went beside the public operations.
fn beside(contract: &Contract, imported: &Export, live: &Export, matched: &BTreeSet<&Endpoint>) -> Vec<Change> {
    let change = |what: &str, place: String, call: Option<&Endpoint>, was: Value, is: Value, meaning: &str| Change {
        severity: Severity::Harmless,
        what: what.to_owned(),
        operations: call.map(|call| reached(call, contract)).into_iter().collect(),
        place,
        was,
        is,
        meaning: meaning.to_owned(),
    };
    let mut changes = Vec::new();
    if imported.version != live.version {
        let (was, is) = (imported.version.as_str().into(), live.version.as_str().into());
        let meaning = "the backend calls itself another version";
        changes.push(change("version", "info/version".to_owned(), None, was, is, meaning));
    }
    let left_out: BTreeSet<_> = imported.left_out.iter().map(|left_out| &left_out.call).collect();
    for call in live.operations.keys().filter(|call| !matched.contains(call) && !left_out.contains(call)) {
        let meaning = if contract.covers_as_private(call) {
            "contract.toml makes it private"
        } else {
            "contract.toml does not classify it: the next import is going to ask"
        };
        changes.push(change("operation", call.to_string(), Some(call), Value::Null, call.to_string().into(), meaning));
    }
    for (path, flaw) in &live.flawed_paths {
        if !contract.covers_as_private_all_of(path) {
            let meaning = "contract.toml does not make all of the path private: the next import is going to refuse it";
            changes.push(change("path", path.clone(), None, Value::Null, flaw.as_str().into(), meaning));
        }
    }
    for call in left_out.into_iter().filter(|call| !live.operations.contains_key(call)) {
        let meaning = "it was private: the client never called it";
        changes.push(change("operation", call.to_string(), Some(call), call.to_string().into(), Value::Null, meaning));
    }
    changes
}

fn reached(call: &Endpoint, contract: &Contract) -> Reached {
    Reached {
        path: call.path.clone(),
        method: call.method.as_str().to_owned(),
        name: contract.names.get(call).cloned(),
    }
}

/// What stands in the live document for an operation of the import: what has its call; else what differs
/// from it in the names of the path's parameters alone; else what has its operationId.
struct Partners<'a> {
    imported: &'a Export,
    live: &'a Export,
    by_shape: BTreeMap<(String, endpoint::Method), &'a Endpoint>,
    by_id: BTreeMap<&'a str, Option<&'a Endpoint>>,
}

impl<'a> Partners<'a> {
    fn new(imported: &'a Export, live: &'a Export) -> Self {
        let shaped = live.operations.keys().map(|call| ((endpoint::shape(&call.path), call.method), call));
        let mut by_id = BTreeMap::new();
        for (call, operation) in &live.operations {
            if let Some(id) = operation.id.as_deref() {
                // What several have tells nothing.
                by_id.entry(id).and_modify(|known| *known = None).or_insert(Some(call));
            }
        }
        Self { imported, live, by_shape: shaped.collect(), by_id }
    }

    fn of(&self, call: &Endpoint, operation: &OperationObject) -> Option<(&'a Endpoint, &'a OperationObject)> {
        if let Some(same) = self.live.operations.get_key_value(call) {
            return Some(same);
        }
        // What the client calls by that name already is not this one.
        let is_free = |call: &&&Endpoint| !self.imported.operations.contains_key(**call);
        let shaped = self.by_shape.get(&(endpoint::shape(&call.path), call.method)).filter(is_free);
        let named = operation.id.as_deref().and_then(|id| self.by_id.get(id)?.as_ref()).filter(is_free);
        self.live.operations.get_key_value(shaped.or(named)?)
    }
}

fn weight(export: &Export) -> usize {
    let operations = export.operations.values();
    let own = operations.flat_map(|operation| operation.object.values().chain(&operation.shared_parameters));
    own.chain(export.schemas.values()).map(json::weight).sum()
}
