//! `public.json`: the imported operations, the contract and the shapes of the answers as one document of
//! OpenAPI 3.0.3.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::call::{Call, Method, template_parameters};
use crate::contract::{Answer, Contract};
use crate::error::{Error, Kind, Result};
use crate::export::{Export, Operation};
use crate::lower::{Lowering, Role, Side, pascal, unlowerable};
use crate::parameter::Parameter;
use crate::place::Place;
use crate::schemas::{self, Schemas};
use crate::{import, media, parameter, reference, spelling};

/// The document, and what of the imported one the client does not have.
#[derive(Debug)]
pub(crate) struct Public {
    /// The document.
    pub(crate) document: Value,
    /// Each place where the client has less than the imported document, and why.
    pub(crate) notes: Vec<String>,
}

/// Makes the document.
pub(crate) fn document(export: Export, contract: &Contract, schemas: &Schemas) -> Result<Public> {
    check_imported(&export, contract)?;
    check_component_names(&export.schemas, "components/schemas")?;
    check_component_names(&schemas.0, "schemas.json")?;

    let mut requests = Lowering::new(Side::Request, &export.schemas, "components/schemas");
    let mut answers = Lowering::new(Side::Answer, &schemas.0, "schemas.json");
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (call, operation) in export.operations {
        let Some(name) = contract.names.get(&call) else {
            continue;
        };
        let Some(public) = contract.public.get(name) else {
            continue;
        };
        let answer = answer(&public.answer, name, &mut answers)?;
        let lowered = lower_operation(operation, &call, name, answer, &mut requests)?;
        paths.entry(call.path.clone()).or_default().insert(call.method.field(), lowered);
    }

    let (mut components, notes) = requests.finish()?;
    let (answers, _) = answers.finish()?;
    let is_used = |name: &&String| answers.contains_key(&spelling::type_name(name));
    let unused: Vec<_> = schemas.0.keys().filter(|name| !is_used(name)).map(String::as_str).collect();
    if !unused.is_empty() {
        return Err(schemas::refuse(
            "schemas.json",
            format!("has shapes that no operation's answer reaches: {}", unused.join(", ")),
        ));
    }
    let exported: BTreeSet<_> = export.schemas.keys().map(|name| spelling::type_name(name)).collect();
    for (name, schema) in answers {
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
    Ok(Public { document, notes })
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
        return Err(refuse(Kind::Unclassified, format!("has {call}, which contract.toml does not make public")));
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

/// The schema of the answer to an operation.
fn answer(answer: &Answer, operation: &str, answers: &mut Lowering<'_>) -> Result<Value> {
    let place = format!("contract.toml [public.{operation}]");
    if !answers.has(&answer.schema) {
        return Err(schemas::refuse(place, format!("answers {answer}, but schemas.json has no {}", answer.schema)));
    }
    let reference = json!({"$ref": reference::to_component(&answer.schema)});
    let schema = if answer.array { json!({"type": "array", "items": reference}) } else { reference };
    answers.schema(schema, Role::Part, &Place::new(&place), &format!("{}Answer", pascal(operation)))
}

fn lower_operation(
    mut operation: Operation,
    call: &Call,
    name: &str,
    answer: Value,
    requests: &mut Lowering<'_>,
) -> Result<Value> {
    let unknown =
        operation.object.keys().find(|key| !Operation::KEYWORDS.contains(&key.as_str()) && !key.starts_with("x-"));
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
    check_success(&operation.object, call)?;

    let mut lowered = Map::new();
    lowered.insert("operationId".to_owned(), json!(name));
    let parameters = lower_parameters(&operation, call, name, requests)?;
    if !parameters.is_empty() {
        lowered.insert("parameters".to_owned(), Value::Array(parameters));
    }
    let body = operation.object.remove("requestBody").map(|body| lower_body(body, call, name, requests));
    if let Some(body) = body.transpose()?.flatten() {
        lowered.insert("requestBody".to_owned(), body);
    }
    // Only the success stays: whatever else is answered then arrives as progenitor's
    // `UnexpectedResponse`, with its body unread, and one place handles all failures.
    let response = match call.method {
        // Whatever it is that a GET would answer with: nothing follows the head.
        Method::Head => json!({"description": "The answer."}),
        _ => json!({"description": "The answer.", "content": {media::JSON: {"schema": answer}}}),
    };
    lowered.insert("responses".to_owned(), json!({"200": response}));
    Ok(Value::Object(lowered))
}

/// The export must promise one success, of the kind that the contract types.
fn check_success(operation: &Map<String, Value>, call: &Call) -> Result<()> {
    let Some(Value::Object(responses)) = operation.get("responses") else {
        return Err(unlowerable(call, "declares no responses"));
    };
    let successes: Vec<_> = responses.iter().filter(|(status, _)| status.starts_with(['1', '2', '3'])).collect();
    let is_json = |response: &Value| {
        response.get("content").and_then(Value::as_object).is_some_and(|content| media::json(content).is_some())
    };
    match successes.as_slice() {
        [(status, response)] if *status == "200" && is_json(response) => Ok(()),
        _ => Err(unlowerable(call, "declares other successes than one 200 of application/json")),
    }
}

fn lower_parameters(operation: &Operation, call: &Call, name: &str, requests: &mut Lowering<'_>) -> Result<Vec<Value>> {
    let mut lowered = Vec::new();
    let mut in_path = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for declared in operation.parameters(call)? {
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

/// Lowers a body to JSON; nothing if it is of other kinds alone, and may be left out.
fn lower_body(body: Value, call: &Call, name: &str, requests: &mut Lowering<'_>) -> Result<Option<Value>> {
    let root = format!("{call} requestBody");
    let place = Place::new(&root);
    let Value::Object(mut body) = body else {
        return Err(unlowerable(place, "is not an object"));
    };
    let is_required = body.get("required") == Some(&json!(true));
    let Some(Value::Object(content)) = body.remove("content") else {
        return Err(unlowerable(place, "has no content"));
    };
    let media = match media::json(&content) {
        Some(Value::Object(media)) => media,
        Some(_) => return Err(unlowerable(place, "has a media type that is not an object")),
        None => {
            let kinds: Vec<_> = content.keys().map(String::as_str).collect();
            let problem = format!("has no JSON among its media types ({})", kinds.join(", "));
            if is_required {
                return Err(unlowerable(place, problem));
            }
            requests.note(place, format!("is left out, as it may: it {problem}"));
            return Ok(None);
        }
    };
    // What has no schema is JSON of any shape. An encoding is for forms.
    let schema = media.get("schema").cloned().unwrap_or(json!({}));
    let type_name = format!("{}Body", pascal(name));
    // A body that may be null is one that may be left out, or is always given.
    let (schema, _) = parameter::without_null(requests.schema(schema, Role::Part, &place, &type_name)?);
    Ok(Some(json!({"required": is_required, "content": {media::JSON: {"schema": schema}}})))
}
