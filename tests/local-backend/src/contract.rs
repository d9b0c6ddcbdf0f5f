//! What the backend promises: the OpenAPI document, read once at the start.
//!
//! The document drives three things: which routes exist, what a request must look like, and what `GET /openapi.json`
//! answers.

use std::collections::{BTreeMap, HashMap};

use axum::http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Profile,
    routes::{self, Handler},
    routing::Template,
};

/// The public part of the real backend's export, and the names of what was left out of it.
const DOCUMENT: &str = include_str!("../../../openapi/mycel/backend.json");

/// What a real backend of profile `communication` mounts; everything else is unknown to it.
const COMMUNICATION: [&str; 10] = [
    OWN,
    "/api/auth/guest",
    "/api/auth/me",
    "/api/auth/external-users",
    "/api/chats",
    "/api/relationships",
    "/api/conversations",
    "/api/runtime/inbox",
    "/api/contacts",
    "/api/users",
];

/// The document's own route, which an export doesn't list.
const OWN: &str = "/openapi.json";

/// The operations of one profile.
#[derive(Debug)]
pub(crate) struct Contract {
    /// What is described comes first, and among equals a fixed segment before a parameter: of two templates that match a
    /// path, the earlier is meant.
    pub(crate) operations: Vec<Operation>,
    pub(crate) schemas: HashMap<String, Schema>,
    /// What `GET /openapi.json` answers.
    pub(crate) document: String,
}

/// One method of one path.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) template: String,
    pub(crate) segments: Template,
    pub(crate) query: Vec<Parameter>,
    pub(crate) body: Option<Schema>,
    /// What answers it, if this backend does.
    pub(crate) handler: Option<Handler>,
}

impl Operation {
    fn new(method: Method, template: String, query: Vec<Parameter>, body: Option<Schema>) -> Self {
        let (segments, handler) = (Template::read(&template), routes::handler(&method, &template));
        Self { method, template, segments, query, body, handler }
    }
}

/// A query parameter.
#[derive(Debug, Deserialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    #[serde(rename = "in")]
    place: String,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) schema: Schema,
}

/// As much of JSON Schema as the document's request bodies and parameters are written in.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Schema {
    #[serde(rename = "$ref")]
    pub(crate) reference: Option<String>,
    pub(crate) any_of: Vec<Schema>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Kind>,
    #[serde(rename = "enum")]
    pub(crate) literals: Vec<String>,
    pub(crate) properties: BTreeMap<String, Schema>,
    pub(crate) required: Vec<String>,
    pub(crate) additional_properties: Additional,
    pub(crate) items: Option<Box<Schema>>,
    pub(crate) default: Option<Value>,
    pub(crate) minimum: Option<f64>,
    pub(crate) maximum: Option<f64>,
}

/// A JSON type.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Array,
    Boolean,
    Integer,
    Null,
    Number,
    Object,
    String,
}

/// What an object may hold besides its properties.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Additional {
    Allowed(bool),
    Each(Box<Schema>),
}

impl Default for Additional {
    fn default() -> Self {
        Self::Allowed(true)
    }
}

#[derive(Deserialize)]
struct Document {
    paths: BTreeMap<String, BTreeMap<String, OperationObject>>,
    components: Components,
    #[serde(rename = "x-left-out")]
    left_out: Vec<LeftOut>,
}

#[derive(Deserialize)]
struct Components {
    schemas: HashMap<String, Schema>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OperationObject {
    #[serde(default)]
    parameters: Vec<Parameter>,
    request_body: Option<RequestBody>,
}

#[derive(Deserialize)]
struct RequestBody {
    content: HashMap<String, MediaType>,
}

#[derive(Deserialize)]
struct MediaType {
    schema: Schema,
}

#[derive(Deserialize)]
struct LeftOut {
    method: String,
    path: String,
}

impl Contract {
    /// Reads the embedded document, as far as `profile` mounts it.
    ///
    /// # Errors
    ///
    /// If the document is not what this crate understands: a defect of the build, which the tests find.
    pub(crate) fn read(profile: Profile) -> Result<Self, serde_json::Error> {
        let Document { paths, components, left_out } = serde_json::from_str(DOCUMENT)?;

        let described = paths.into_iter().flat_map(|(template, methods)| {
            methods.into_iter().map(move |(method, OperationObject { parameters, request_body })| {
                let query = parameters.into_iter().filter(|parameter| parameter.place == "query").collect();
                let json = request_body.and_then(|mut body| body.content.remove("application/json"));
                Operation::new(method_named(&method), template.clone(), query, json.map(|media| media.schema))
            })
        });
        let named = left_out.into_iter().map(|LeftOut { method, path }| (method_named(&method), path));
        let named = named.chain([(Method::GET, OWN.to_owned())]);
        let named = named.map(|(method, template)| Operation::new(method, template, Vec::new(), None));

        Ok(Self {
            operations: described.chain(named).filter(|operation| mounts(profile, &operation.template)).collect(),
            schemas: components.schemas,
            document: document(profile)?,
        })
    }
}

fn method_named(name: &str) -> Method {
    Method::from_bytes(name.to_ascii_uppercase().as_bytes()).unwrap_or_default()
}

fn mounts(profile: Profile, path: &str) -> bool {
    match profile {
        Profile::Full => true,
        Profile::Communication => COMMUNICATION
            .iter()
            .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))),
    }
}

/// The document to show: all of it, or what the profile mounts.
fn document(profile: Profile) -> Result<String, serde_json::Error> {
    if profile == Profile::Full {
        return Ok(DOCUMENT.to_owned());
    }
    let mut document: Value = serde_json::from_str(DOCUMENT)?;
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.retain(|path, _| mounts(profile, path));
    }
    if let Some(left_out) = document.get_mut("x-left-out").and_then(Value::as_array_mut) {
        left_out.retain(|each| each.get("path").and_then(Value::as_str).is_some_and(|path| mounts(profile, path)));
    }
    serde_json::to_string(&document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_the_document_resolves() {
        let contract = Contract::read(Profile::Full).unwrap();
        for operation in &contract.operations {
            if let Some(body) = &operation.body {
                let reference = body.reference.as_deref().unwrap();
                let name = reference.strip_prefix("#/components/schemas/").unwrap();
                assert!(contract.schemas.contains_key(name), "{name}");
            }
        }
    }

    /// A keyword that [`Schema`] lacks would go unchecked in requests.
    #[test]
    fn every_keyword_of_the_documents_schemas_is_understood() {
        const UNDERSTOOD: [&str; 13] = [
            "$ref",
            "additionalProperties",
            "anyOf",
            "default",
            "description",
            "enum",
            "items",
            "maximum",
            "minimum",
            "properties",
            "required",
            "title",
            "type",
        ];

        fn look(schema: &Value, place: &str) {
            let Some(keywords) = schema.as_object() else { return };
            for (keyword, value) in keywords {
                assert!(UNDERSTOOD.contains(&keyword.as_str()), "{keyword} at {place}");
                let place = format!("{place}/{keyword}");
                match keyword.as_str() {
                    "properties" => value.as_object().unwrap().values().for_each(|schema| look(schema, &place)),
                    "anyOf" => value.as_array().unwrap().iter().for_each(|schema| look(schema, &place)),
                    "additionalProperties" | "items" => look(value, &place),
                    _ => {}
                }
            }
        }

        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            look(schema, name);
        }
        for (path, methods) in document["paths"].as_object().unwrap() {
            for operation in methods.as_object().unwrap().values() {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                parameters.for_each(|parameter| look(&parameter["schema"], path));
            }
        }
    }

    #[test]
    fn the_communication_profile_leaves_out_registration_panel_and_threads() {
        let contract = Contract::read(Profile::Communication).unwrap();
        let templates: Vec<_> = contract.operations.iter().map(|operation| operation.template.as_str()).collect();
        assert!(templates.contains(&"/api/chats/{chat_id}/messages"));
        assert!(templates.contains(&"/api/auth/guest"));
        assert!(templates.contains(&"/api/users/chat-candidates"));
        assert!(!templates.iter().any(|path| path.starts_with("/api/panel") || path.starts_with("/api/threads")));
        assert!(!templates.contains(&"/api/auth/login"));
        assert!(!contract.document.contains("/api/auth/send-otp"));
    }
}
