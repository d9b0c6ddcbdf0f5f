//! What the contract and the backend's schema say about requests.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::problem::Problem;

const CONTRACT: &str = include_str!("../../../../openapi/mycel/contract.toml");
const SCHEMA: &str = include_str!("../../../../openapi/mycel/backend.json");

/// All public operations.
pub struct Document {
    /// In the order of their names.
    pub operations: Vec<DescribedRequest>,
    schemas: Map<String, Value>,
}

/// One of them.
pub struct DescribedRequest {
    /// Its name in the contract.
    pub name: String,
    /// Such as `GET`.
    pub method: String,
    /// The segments of its path, each a text or a `{parameter}`.
    pub path: Vec<String>,
    /// The schemas of its query parameters.
    pub query: BTreeMap<String, Value>,
    /// The schema of its body, if it has one.
    pub body: Option<Value>,
}

#[derive(Deserialize)]
struct File {
    public: BTreeMap<String, Public>,
}

#[derive(Deserialize)]
struct Public {
    call: String,
}

impl Document {
    /// Reads it.
    pub fn read() -> Result<Self, Problem> {
        let file: File = toml::from_str(CONTRACT).map_err(Problem::because("contract.toml"))?;
        let document: Value = serde_json::from_str(SCHEMA).map_err(Problem::because("backend.json"))?;
        let schemas = document.pointer("/components/schemas").and_then(Value::as_object).cloned();
        let operations =
            file.public.into_iter().map(|(name, public)| DescribedRequest::read(name, &public.call, &document));
        Ok(Self {
            operations: operations.collect::<Result<_, _>>()?,
            schemas: schemas.ok_or_else(|| Problem::new("backend.json has no schemas"))?,
        })
    }

    /// The operation that a request reaches.
    pub fn operation(&self, method: &str, path: &[String]) -> Option<&DescribedRequest> {
        let fits = |template: &[String]| {
            template.len() == path.len()
                && template.iter().zip(path).all(|(template, segment)| is_parameter(template) || template == segment)
        };
        // A text wins over a parameter.
        let candidates = self.operations.iter().filter(|operation| operation.method == method && fits(&operation.path));
        candidates.min_by_key(|operation| operation.path.iter().filter(|segment| is_parameter(segment)).count())
    }

    /// The properties of an operation's body.
    pub fn properties(&self, operation: &DescribedRequest) -> Vec<String> {
        let schema = operation.body.as_ref().map(|schema| self.resolve(schema));
        let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
    }

    /// The value as the backend takes it: with the defaults of what is absent; null where that may be left out and be
    /// null; numbers as numbers, however they are written.
    pub fn taken(&self, value: &Value, schema: &Value) -> Value {
        let schema = self.resolve(schema);
        match value {
            Value::Object(given) if schema.get("properties").is_some() => {
                let mut taken = given.clone();
                for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                    let absent = || property.get("default").cloned().or(is_nullable(property).then_some(Value::Null));
                    match given.get(name) {
                        Some(value) => drop(taken.insert(name.clone(), self.taken(value, property))),
                        None => taken.extend(absent().map(|value| (name.clone(), value))),
                    }
                }
                Value::Object(taken)
            }
            Value::Array(items) => match schema.get("items") {
                Some(schema) => items.iter().map(|item| self.taken(item, schema)).collect(),
                None => value.clone(),
            },
            Value::Number(number) if is_number(schema) => number.as_f64().map_or(Value::Null, Value::from),
            other => other.clone(),
        }
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
        if let Some(found) = name.and_then(|name| self.schemas.get(name)) {
            return found;
        }
        let alternatives = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        let is_null = |schema: &Value| schema.get("type").and_then(Value::as_str) == Some("null");
        alternatives.filter(|schema| !is_null(schema)).map(|schema| self.resolve(schema)).next().unwrap_or(schema)
    }
}

impl DescribedRequest {
    fn read(name: String, call: &str, document: &Value) -> Result<Self, Problem> {
        let missing = || Problem::new(format!("backend.json has no {call}"));
        let (method, path) = call.split_once(' ').ok_or_else(missing)?;
        let paths = document.get("paths").and_then(|paths| paths.get(path));
        let operation = paths.and_then(|path| path.get(method.to_lowercase())).ok_or_else(missing)?;
        let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let query = parameters.filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("query"));
        let named = query.filter_map(|parameter| {
            Some((parameter.get("name")?.as_str()?.to_owned(), parameter.get("schema")?.clone()))
        });
        Ok(Self {
            name,
            method: method.to_owned(),
            path: path.split('/').map(str::to_owned).collect(),
            query: named.collect(),
            body: operation.pointer("/requestBody/content/application~1json/schema").cloned(),
        })
    }

    /// Which segments of its path are parameters.
    pub fn parameters(&self) -> impl Iterator<Item = (usize, &str)> {
        let segments = self.path.iter().enumerate().filter(|(_, segment)| is_parameter(segment));
        segments.map(|(index, segment)| (index, segment.as_str()))
    }

    /// A value of a query, as the backend takes it.
    pub fn query_value(&self, name: &str, text: &str) -> Value {
        match self.query.get(name) {
            Some(schema) if is_number(schema) => text.parse::<f64>().map_or_else(|_| text.into(), Value::from),
            _ => text.into(),
        }
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

fn is_nullable(schema: &Value) -> bool {
    let alternatives = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    alternatives.into_iter().any(|schema| schema.get("type").and_then(Value::as_str) == Some("null"))
}

fn is_number(schema: &Value) -> bool {
    matches!(schema.get("type").and_then(Value::as_str), Some("number" | "integer"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_backend_takes_the_default_of_what_is_absent_and_null_for_what_may_be_null() {
        let contract = Document::read().unwrap();
        let path: Vec<String> = "/api/chats/c/messages".split('/').map(str::to_owned).collect();
        let send = contract.operation("POST", &path).unwrap();
        assert_eq!(send.name, "send_message");
        let schema = send.body.as_ref().unwrap();
        let taken = contract.taken(&json!({"content": "x", "reply_to": null}), schema);
        let expected = json!({
            "content": "x", "reply_to": null, "mentioned_ids": null, "addressed_to_user_ids": null,
            "delivery_scope": "broadcast", "enforce_caught_up": false,
        });
        assert_eq!(taken, expected);
    }

    #[test]
    fn an_absent_list_that_may_not_be_null_stays_absent() {
        let contract = Document::read().unwrap();
        let create = contract.operations.iter().find(|operation| operation.name == "create_chat").unwrap();
        let taken = contract.taken(&json!({}), create.body.as_ref().unwrap());
        assert_eq!(taken, json!({"kind": "auto", "title": null}));
    }

    #[test]
    fn numbers_are_numbers_however_they_are_written() {
        let contract = Document::read().unwrap();
        let wait = contract.operations.iter().find(|operation| operation.name == "wait_for_inbox").unwrap();
        assert_eq!(wait.query_value("timeout_seconds", "5"), wait.query_value("timeout_seconds", "5.0"));
        let mark = contract.operations.iter().find(|operation| operation.name == "mark_messages_read").unwrap();
        let schema = mark.body.as_ref().unwrap();
        assert_eq!(
            contract.taken(&json!({"up_to_seq": 1}), schema),
            contract.taken(&json!({"up_to_seq": 1.0}), schema)
        );
    }
}
