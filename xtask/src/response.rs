//! Lowering what an operation answers.

use serde_json::{Map, Value, json};

use crate::answer::Shape;
use crate::contract::{Contract, PublicOperation};
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::lower::{Lowering, Role, pascal};
use crate::place::Place;
use crate::success::{AnswerKind, Success};
use crate::{media, reference, schemas};

/// What answers are lowered with.
pub(crate) struct Answers<'a> {
    /// The shapes in `schemas.json`.
    pub(crate) shapes: Lowering<'a>,
    /// The document's own schemas.
    pub(crate) documented: Lowering<'a>,
    /// The same, not lowered.
    pub(crate) schemas: &'a Map<String, Value>,
}

/// Lowers the responses of the operation of that name to its successes. Whatever else is answered then arrives as
/// progenitor's `UnexpectedResponse`, with its body unread, and one place handles all failures.
pub(crate) fn lower(
    success: &Success<'_>,
    call: &Endpoint,
    name: &str,
    (contract, public): (&Contract, &PublicOperation),
    answers: &mut Answers<'_>,
) -> Result<Value> {
    const DESCRIPTION: &str = "The answer.";
    let mut responses = Map::new();
    // A HEAD's answer is one of a GET, without all that a shape tells of it.
    if let Some(shape) = public.answer.shape().filter(|_| !success.kind.has_json()) {
        by_hand(shape, name, &mut answers.shapes)?;
    }
    if !success.with_body.is_empty() {
        let mut content = Map::new();
        if success.kind.has_json() {
            let envelope = contract.envelope.as_deref().filter(|_| public.enveloped);
            let schema = json_schema(success, call, name, (public, envelope), answers)?;
            content.insert(media::JSON.to_owned(), json!({ "schema": schema }));
        }
        for (media_type, schema) in other_content(success) {
            content.insert(media_type.to_owned(), json!({ "schema": schema }));
        }
        for status in &success.with_body {
            responses.insert(status.to_string(), json!({"description": DESCRIPTION, "content": content}));
        }
    }
    for status in &success.without_body {
        responses.insert(status.to_string(), json!({"description": DESCRIPTION}));
    }
    Ok(Value::Object(responses))
}

/// The media types that a request asks for where it is not for JSON alone: of bytes, any.
pub(crate) fn asked_for(success: &Success<'_>) -> Vec<String> {
    let is_json = (success.kind == AnswerKind::JsonOrEvents).then_some(media::JSON);
    let others = match success.kind {
        AnswerKind::Bytes => Vec::new(),
        _ => other_content(success),
    };
    let named = others.iter().map(|(media_type, _)| *media_type).chain(is_json);
    // What no header can carry is asked for by nobody.
    named.filter(|name| name.chars().all(|character| (' '..='~').contains(&character))).map(str::to_owned).collect()
}

/// What may come besides JSON: the document's media types of that kind, or the usual one where it names none.
fn other_content<'s>(success: &'s Success<'_>) -> Vec<(&'s str, Value)> {
    let (kind, usual, schema) = match success.kind {
        AnswerKind::Json | AnswerKind::Empty => return Vec::new(),
        AnswerKind::Text => (AnswerKind::Text, "text/plain", json!({"type": "string"})),
        AnswerKind::Bytes => {
            (AnswerKind::Bytes, "application/octet-stream", json!({"type": "string", "format": "binary"}))
        }
        AnswerKind::Events | AnswerKind::JsonOrEvents => (AnswerKind::Events, media::EVENTS, json!({"type": "string"})),
    };
    let mut names: Vec<_> = success.media_types.iter().copied().filter(|name| kind.includes(name)).collect();
    if names.is_empty() {
        names.push(usual);
    }
    names.into_iter().map(|name| (name, schema.clone())).collect()
}

/// The schema of the JSON that comes, in its envelope.
fn json_schema(
    success: &Success<'_>,
    call: &Endpoint,
    name: &str,
    (public, envelope): (&PublicOperation, Option<&str>),
    answers: &mut Answers<'_>,
) -> Result<Value> {
    let schema = match public.answer.shape() {
        Some(shape) => by_hand(shape, name, &mut answers.shapes)?,
        None => {
            let schema = match (success.schema, envelope) {
                (Some(schema), Some(member)) => unwrapped(schema, member, answers.schemas),
                (schema, _) => schema,
            };
            let schema = schema.cloned().unwrap_or_else(|| json!({}));
            let root = format!("{call} answer");
            answers.documented.schema(schema, Role::Part, &Place::new(&root), &format!("{}Answer", pascal(name)))?
        }
    };
    Ok(match envelope {
        Some(member) => json!({"type": "object", "properties": {member: schema}, "required": [member]}),
        None => schema,
    })
}

/// A reference to a shape in `schemas.json`.
fn by_hand(shape: &Shape, name: &str, shapes: &mut Lowering<'_>) -> Result<Value> {
    let place = format!("contract.toml [public.{name}]");
    let Shape { schema, array } = shape;
    if !shapes.has(schema) {
        return Err(schemas::refuse(place, format!("answers {schema}, but schemas.json has no {schema}")));
    }
    let reference = json!({"$ref": reference::to_component(schema)});
    let schema = if *array { json!({"type": "array", "items": reference}) } else { reference };
    shapes.schema(schema, Role::Part, &Place::new(&place), &format!("{}Answer", pascal(name)))
}

/// What a schema has in the place of an envelope's member, if it says.
pub(crate) fn unwrapped<'s>(schema: &'s Value, member: &str, schemas: &'s Map<String, Value>) -> Option<&'s Value> {
    const LONGEST_CHAIN: usize = 8;
    let mut schema = schema;
    for _ in 0..LONGEST_CHAIN {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(reference::component);
        match target.and_then(|name| schemas.get(name)) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema.get("properties")?.get(member)
}
