//! `public.json`: the imported operations, the contract and the shapes of the answers as one document of
//! OpenAPI 3.0.3.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::contract::{Contract, PublicOperation};
use crate::endpoint::{Endpoint, Method, template_parameters};
use crate::error::{Error, Kind, Result};
use crate::export::{Export, OperationObject};
use crate::lower::{Lowering, Role, Side, pascal, unlowerable};
use crate::parameter::Parameter;
use crate::place::Place;
use crate::response::{self, Answers};
use crate::schemas::{self, Schemas};
use crate::success::{self, AnswerKind, Status};
use crate::{import, join, media, named_body, parameter, reference, security, spelling};

/// The document, and what else the generated crate needs to know.
#[derive(Debug)]
pub(crate) struct Public {
    /// The document.
    pub(crate) document: Value,
    /// The operations by name.
    pub(crate) operations: BTreeMap<String, Row>,
    /// Each place where the client has less than the imported document, and why.
    pub(crate) notes: Vec<String>,
}

/// What is known of one operation besides what its contract says.
#[derive(Debug)]
pub(crate) struct Row {
    /// What it is answered with.
    pub(crate) kind: AnswerKind,
    /// The media types of a text or of events, which the request asks for.
    pub(crate) media_types: Vec<String>,
    /// The statuses that nothing comes with.
    pub(crate) without_body: BTreeSet<Status>,
    /// The security schemes that it wants one of.
    pub(crate) credentials: Vec<String>,
    /// The member that its answer is wrapped in.
    pub(crate) envelope: Option<String>,
}

/// Makes the document.
pub(crate) fn document(export: Export, contract: &Contract, schemas: &Schemas) -> Result<Public> {
    check_imported(&export, contract)?;
    let (export, ref schemas) = named_body::put(export, contract, schemas)?;
    check_component_names(&export.schemas, "components/schemas")?;
    check_component_names(&schemas.0, "schemas.json")?;

    let mut requests = Lowering::new(Side::Request, &export.schemas, "components/schemas");
    let mut answers = Answers {
        shapes: Lowering::new(Side::Shape, &schemas.0, "schemas.json"),
        documented: Lowering::new(Side::Answer, &export.schemas, "components/schemas"),
        schemas: &export.schemas,
    };
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut operations = BTreeMap::new();
    for (call, operation) in &export.operations {
        let Some((name, public)) = contract.public_by_call(call) else {
            continue;
        };
        let success = success::of(&operation.object, call, name, public)?;
        if success.corrects_nothing && !corrects_request(operation, call, public)? {
            requests.note(format!("contract.toml [public.{name}]"), "its correction corrects nothing");
        }
        let responses = response::lower(&success, call, name, (contract, public), &mut answers)?;
        let credentials = security::wanted(&export, &operation.object, call, public)?;
        let envelope = contract.envelope.clone().filter(|_| public.enveloped && success.kind.has_json());
        let media_types = response::asked_for(&success);
        let row = Row { kind: success.kind, media_types, without_body: success.without_body, credentials, envelope };
        operations.insert(name.clone(), row);
        let lowered = lower_operation(operation, call, (name, public), responses, &mut requests)?;
        paths.entry(call.path.clone()).or_default().insert(call.method.field(), lowered);
    }

    let (sent, mut notes) = requests.finish()?;
    let (documented, more) = answers.documented.finish()?;
    // Of what is both sent and answered, each note is told once.
    let told: BTreeSet<_> = notes.iter().cloned().collect();
    notes.extend(more.into_iter().filter(|note| !told.contains(note)));
    let (shapes, _) = answers.shapes.finish()?;
    let is_used = |name: &&String| shapes.contains_key(&spelling::type_name(name));
    let unused: Vec<_> = schemas.0.keys().filter(|name| !is_used(name)).map(String::as_str).collect();
    if !unused.is_empty() {
        return Err(schemas::refuse(
            "schemas.json",
            format!("has shapes that no operation's answer reaches: {}", unused.join(", ")),
        ));
    }
    let (mut components, renamed) = join::join(sent, documented)?;
    for operation in paths.values_mut().flat_map(Map::values_mut) {
        for part in ["parameters", "requestBody"] {
            if let Some(part) = operation.get_mut(part) {
                join::rename(part, &renamed);
            }
        }
    }
    let exported: BTreeSet<_> = export.schemas.keys().map(|name| spelling::type_name(name)).collect();
    for (name, schema) in shapes {
        if exported.contains(&name) || components.contains_key(&name) {
            return Err(schemas::refuse(format!("schemas.json/{name}"), "has the name of a component of the export"));
        }
        components.insert(name, schema);
    }

    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": export.title, "version": export.version},
        "paths": paths,
        "components": {"schemas": components},
    });
    Ok(Public { document, operations, notes })
}

/// Whether the contract adds to what a request holds: a body, or an idempotency key.
fn corrects_request(operation: &OperationObject, call: &Endpoint, public: &PublicOperation) -> Result<bool> {
    let has_key = || Ok(operation.parameters(call)?.into_iter().any(parameter::is_idempotency_key));
    Ok(public.body.is_some() || (public.idempotency_key && !has_key()?))
}

/// `backend.json` must be an import under the contract as it is now.
pub(crate) fn check_imported(export: &Export, contract: &Contract) -> Result<()> {
    let refuse = |kind, problem: String| {
        Error::new(kind, "backend.json", problem, "run cargo xtask import again, with an export of the backend")
    };
    let missing = contract.public.iter().find(|(_, operation)| !export.operations.contains_key(&operation.call));
    if let Some((name, operation)) = missing {
        return Err(refuse(Kind::MissingOperation, format!("lacks the public operation {name} ({})", operation.call)));
    }
    export.check_flaws(contract, "backend.json")?;
    let surplus = export.operations.keys().find(|call| !contract.names.contains_key(call));
    if let Some(call) = surplus {
        return Err(Error::new(
            Kind::Unclassified,
            "backend.json",
            format!("has {call}, which contract.toml does not make public"),
            "make it public there, in a [public.NAME]; what is private cargo xtask import leaves out, where a [[private]] says why",
        ));
    }
    let left_out = export.left_out.iter().map(|left_out| &left_out.call);
    import::check_private(left_out, contract, "backend.json")
}

fn check_component_names(schemas: &Map<String, Value>, place: &str) -> Result<()> {
    match schemas.keys().find(|name| !reference::is_component_name(name)) {
        None => Ok(()),
        Some(name) => Err(unlowerable(place, format!("has a component {name:?}, a name that OpenAPI does not allow"))),
    }
}

fn lower_operation(
    operation: &OperationObject,
    call: &Endpoint,
    (name, public): (&str, &PublicOperation),
    responses: Value,
    requests: &mut Lowering<'_>,
) -> Result<Value> {
    let unknown = operation
        .object
        .keys()
        .find(|key| !OperationObject::KEYWORDS.contains(&key.as_str()) && !key.starts_with("x-"));
    match unknown.map(String::as_str) {
        None => {}
        Some("servers") => {
            return Err(unlowerable(call, "has servers of its own, but a client has one address for all operations"));
        }
        Some(key) => return Err(unlowerable(call, format!("has {key:?}, which can't be lowered"))),
    }
    if matches!(call.method, Method::Options | Method::Trace) {
        return Err(unlowerable(call, format!("is {}, which the generated client can't send", call.method.as_str())));
    }

    let mut lowered = Map::new();
    lowered.insert("operationId".to_owned(), json!(name));
    let parameters = lower_parameters(operation, call, (name, public), requests)?;
    if !parameters.is_empty() {
        lowered.insert("parameters".to_owned(), Value::Array(parameters));
    }
    let body = operation.object.get("requestBody").map(|body| lower_body(body.clone(), call, name, requests));
    if let Some(body) = body.transpose()?.flatten() {
        lowered.insert("requestBody".to_owned(), body);
    }
    lowered.insert("responses".to_owned(), responses);
    Ok(Value::Object(lowered))
}

fn lower_parameters(
    operation: &OperationObject,
    call: &Endpoint,
    (name, public): (&str, &PublicOperation),
    requests: &mut Lowering<'_>,
) -> Result<Vec<Value>> {
    let mut lowered = Vec::new();
    let mut in_path = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut has_key = false;
    for declared in operation.parameters(call)? {
        // The engine sends it, the same on every attempt of a call.
        if public.idempotency_key && parameter::is_idempotency_key(declared) {
            has_key = true;
            continue;
        }
        let Some(parameter) = parameter::lower(declared, call, name, requests)? else {
            continue;
        };
        let spelled = match parameter.location.as_str() {
            "header" => parameter.name.to_ascii_lowercase(),
            _ => parameter.name.clone(),
        };
        if !seen.insert((parameter.location.clone(), spelled)) {
            let Parameter { name, location, .. } = parameter;
            return Err(unlowerable(call, format!("has two {location} parameters named {name:?}")));
        }
        if parameter.location == "path" {
            in_path.insert(parameter.name);
        }
        lowered.push(parameter.object);
    }
    if public.idempotency_key && !has_key && !public.corrects {
        return Err(Error::new(
            Kind::Contract,
            format!("{call} (contract.toml [public.{name}])"),
            "takes an idempotency key, but the document has no header Idempotency-Key",
            "take it out of the contract, or give a correction that says why the document is wrong",
        ));
    }
    let template =
        template_parameters(&call.path).map_err(|problem| unlowerable(call, format!("has a path that {problem}")))?;
    let template: BTreeSet<_> = template.into_iter().map(str::to_owned).collect();
    if let Some(odd) = template.symmetric_difference(&in_path).next() {
        return Err(unlowerable(
            call,
            format!("has the path parameter {odd:?} either in its path or among its parameters, not in both"),
        ));
    }
    Ok(lowered)
}

/// Lowers a body; nothing if it is of kinds alone that the client can't send, and may be left out.
fn lower_body(body: Value, call: &Endpoint, name: &str, requests: &mut Lowering<'_>) -> Result<Option<Value>> {
    let root = format!("{call} requestBody");
    let place = Place::new(&root);
    let Value::Object(mut body) = body else {
        return Err(unlowerable(place, "is not an object"));
    };
    let is_required = body.get("required") == Some(&json!(true));
    let Some(Value::Object(content)) = body.remove("content") else {
        return Err(unlowerable(place, "has no content"));
    };
    let (media_type, media) = match media::sent(&content) {
        Some((media_type, Value::Object(media))) => (media_type, media),
        Some(_) => return Err(unlowerable(place, "has a media type that is not an object")),
        None => {
            let kinds: Vec<_> = content.keys().map(String::as_str).collect();
            let problem = format!("has no media type that the client can send ({})", kinds.join(", "));
            if is_required {
                return Err(unlowerable(place, problem));
            }
            requests.note(place, format!("is left out, as it may: it {problem}"));
            return Ok(None);
        }
    };
    if media_type != media::JSON {
        let schema = if media_type == media::MULTIPART {
            parts(media.get("schema"), requests)
        } else {
            json!({"type": "string", "format": "binary"})
        };
        return Ok(Some(json!({"required": is_required, "content": {media_type: {"schema": schema}}})));
    }
    // What has no schema is JSON of any shape. An encoding is for forms.
    let schema = media.get("schema").cloned().unwrap_or(json!({}));
    let type_name = format!("{}Body", pascal(name));
    // A body that may be null is one that may be left out, or is always given.
    let (schema, _) = parameter::without_null(requests.schema(schema, Role::Part, &place, &type_name)?);
    Ok(Some(json!({"required": is_required, "content": {media::JSON: {"schema": schema}}})))
}

/// The parts of a form, for whoever reads the document: the client makes them of texts and files.
fn parts(schema: Option<&Value>, requests: &Lowering<'_>) -> Value {
    let named = schema.and_then(|schema| schema.get("$ref")?.as_str()).and_then(reference::component);
    let schema = named.and_then(|name| requests.declared(name)).or(schema);
    let declared = schema.and_then(|schema| schema.get("properties")?.as_object()).into_iter().flatten();
    let is_file = |property: &Value| {
        let holds = property.get("contentMediaType").and_then(Value::as_str).map(media::canonical);
        let is_text = |holds: &String| holds == media::JSON || holds.starts_with("text/");
        property.get("format") == Some(&json!("binary")) || holds.is_some_and(|holds| !is_text(&holds))
    };
    let properties: Map<_, _> = declared
        .map(|(name, property)| {
            let part = if is_file(property) { json!({"type": "string", "format": "binary"}) } else { json!({}) };
            (name.clone(), part)
        })
        .collect();
    let mut required = schema.and_then(|schema| schema.get("required")?.as_array()).cloned().unwrap_or_default();
    required.retain(|name| name.as_str().is_some_and(|name| properties.contains_key(name)));
    let mut parts =
        Map::from_iter([("type".to_owned(), json!("object")), ("properties".to_owned(), properties.into())]);
    if !required.is_empty() {
        parts.insert("required".to_owned(), required.into());
    }
    Value::Object(parts)
}
