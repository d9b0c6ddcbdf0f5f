//! What a backend's answers have to look like: `openapi/mycel/public.json`, and for what that does not list,
//! `schema/unlisted.json`.

mod dialect;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use boon::{Compiler, Draft, ErrorKind, SchemaIndex, Schemas, ValidationError};
use serde_json::{Value, json};
use test_harness::{AnswerFields, Exchange};

use dialect::to_json_schema;

const PUBLIC: &str = include_str!("../../../openapi/mycel/public.json");
const UNLISTED: &str = include_str!("schema/unlisted.json");

/// The schemas of the answers, ready to be held against some.
pub struct AnswerSchema {
    operations: Vec<DescribedAnswer>,
    schemas: Schemas,
    error: SchemaIndex,
    invalid_request: SchemaIndex,
    frame: SchemaIndex,
}

struct DescribedAnswer {
    name: String,
    method: String,
    path: String,
    answer: SchemaIndex,
}

impl AnswerSchema {
    /// The only one.
    pub fn get() -> &'static Self {
        static SCHEMA: LazyLock<AnswerSchema> = LazyLock::new(AnswerSchema::compile);
        &SCHEMA
    }

    fn compile() -> Self {
        let mut public: Value = serde_json::from_str(PUBLIC).unwrap();
        let mut described = Vec::new();
        for (path, item) in public.pointer_mut("/paths").and_then(Value::as_object_mut).unwrap() {
            for (method, operation) in item.as_object_mut().unwrap() {
                let name = operation.get("operationId").and_then(Value::as_str).unwrap().to_owned();
                let answer = "/responses/200/content/application~1json/schema";
                to_json_schema(operation.pointer_mut(answer).unwrap());
                let place = format!("public.json#/paths/{}/{method}{answer}", path.replace('/', "~1"));
                // The braces of a template are none in a URL.
                let place = place.replace('{', "%7B").replace('}', "%7D");
                described.push((name, method.to_uppercase(), path.clone(), place));
            }
        }
        let components = public.pointer_mut("/components/schemas").and_then(Value::as_object_mut).unwrap();
        components.values_mut().for_each(to_json_schema);
        let notification = components.get_mut("Notification").unwrap();
        *notification = json!({ "allOf": [notification.take(), { "$ref": "unlisted.json#/$defs/Metadata" }] });

        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V2020_12);
        compiler.add_resource(&url("public.json"), public).unwrap();
        compiler.add_resource(&url("unlisted.json"), serde_json::from_str(UNLISTED).unwrap()).unwrap();
        let mut compiled = |place: &str| compiler.compile(&url(place), &mut schemas).unwrap();
        let error = compiled("unlisted.json#/$defs/Error");
        let invalid_request = compiled("unlisted.json#/$defs/InvalidRequest");
        let frame = compiled("unlisted.json#/$defs/Frame");
        let operations = described.into_iter().map(|(name, method, path, place)| {
            let answer = compiled(&place);
            DescribedAnswer { name, method, path, answer }
        });
        let operations = operations.collect();
        Self { operations, schemas, error, invalid_request, frame }
    }

    /// The fields of the answers, none of which has held a value yet.
    pub fn fields() -> AnswerFields {
        AnswerFields::of(PUBLIC)
    }

    /// The names of all operations.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|operation| operation.name.as_str())
    }

    /// The operation that such a request is, if it is one. The path is one without query.
    pub fn operation(&self, method: &str, path: &str) -> Option<&str> {
        self.called(method, path).map(|operation| operation.name.as_str())
    }

    fn called(&self, method: &str, path: &str) -> Option<&DescribedAnswer> {
        self.operations.iter().find(|operation| operation.is_called_by(method, path))
    }

    /// Holds an exchange against the schema. Returns the operation whose answer it is, if it is one; the error
    /// says what does not fit and where, and repeats no value.
    ///
    /// # Errors
    ///
    /// Where the answer is not what the schema says.
    pub fn check(&self, exchange: &Exchange) -> Result<Option<&str>, String> {
        let called = format!("{} {}", exchange.method, exchange.path);
        match called.as_str() {
            // The stream, which is no operation, and the export, which is the backend's own.
            "GET /api/runtime/inbox/subscribe" if exchange.status == 101 => return Ok(None),
            "GET /openapi.json" => return Ok(None),
            _ => {}
        }
        let operation = self.called(&exchange.method, &exchange.path);
        let name = operation.map_or(called.as_str(), |operation| &operation.name);
        let wrong = |problem: String| format!("{name}, status {}: {problem}", exchange.status);
        match (exchange.status, operation) {
            (200, Some(operation)) => {
                self.check_json(exchange, operation.answer).map_err(wrong)?;
                Ok(Some(&operation.name))
            }
            (422, _) => self.check_json(exchange, self.invalid_request).map_err(wrong).map(|()| None),
            // A handshake is refused with few words.
            (403.., None) if exchange.path == "/api/runtime/inbox/subscribe" => Ok(None),
            (400..500, Some(_)) => self.check_json(exchange, self.error).map_err(wrong).map(|()| None),
            (_, None) => Err(wrong("no such operation in public.json".to_owned())),
            // What stands before a backend has a form of its own for its failures.
            (500.., _) if !exchange.is_json() => Ok(None),
            (500.., _) => self.check_json(exchange, self.error).map_err(wrong).map(|()| None),
            _ => Err(wrong("expected status 200, or an error".to_owned())),
        }
    }

    fn check_json(&self, exchange: &Exchange, schema: SchemaIndex) -> Result<(), String> {
        if !exchange.is_json() {
            return Err("expected content-type application/json".to_owned());
        }
        self.check_text(&exchange.response_body, schema)
    }

    fn check_text(&self, text: &[u8], schema: SchemaIndex) -> Result<(), String> {
        let answer: Value = serde_json::from_slice(text).map_err(|_| "expected JSON".to_owned())?;
        self.schemas.validate(&answer, schema).map_err(|error| {
            let mut problems = BTreeSet::new();
            list(&error, &mut problems);
            problems.into_iter().collect::<Vec<_>>().join("; ")
        })
    }

    /// Holds a text message of the inbox stream against what is known of them.
    ///
    /// # Errors
    ///
    /// Where it is something else. It says what does not fit and where, and repeats no value.
    pub fn check_frame(&self, text: &str) -> Result<(), String> {
        self.check_text(text.as_bytes(), self.frame).map_err(|problem| format!("a frame of the stream: {problem}"))
    }
}

impl DescribedAnswer {
    fn is_called_by(&self, method: &str, path: &str) -> bool {
        let (template, path) = (self.path.split('/'), path.split('/'));
        let fits = |(template, segment): (&str, &str)| template.starts_with('{') || template == segment;
        self.method == method && template.clone().count() == path.clone().count() && template.zip(path).all(fits)
    }
}

/// The place of a resource that nobody fetches.
fn url(place: &str) -> String {
    format!("json:///{place}")
}

/// What does not fit, with its place as a JSON pointer. The library's own texts repeat values, a token perhaps.
fn list(error: &ValidationError<'_, '_>, problems: &mut BTreeSet<String>) {
    error.causes.iter().for_each(|cause| list(cause, problems));
    if !error.causes.is_empty() {
        return;
    }
    let problem = match &error.kind {
        ErrorKind::Type { .. } | ErrorKind::Required { .. } | ErrorKind::AdditionalProperties { .. } => {
            error.kind.to_string()
        }
        _ => {
            let keyword = error.schema_url.rsplit('/').next().unwrap_or_default();
            format!("does not fit {keyword} of {}", error.schema_url)
        }
    };
    let place = error.instance_location.to_string();
    problems.insert(format!("{}: {problem}", if place.is_empty() { "the whole" } else { &place }));
}
