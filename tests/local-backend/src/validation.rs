//! Checks a request against the schema that the contract gives it, and tells what is wrong as pydantic does.
//!
//! The checked value comes back as the handlers want it: defaults filled in, and what pydantic's lax mode takes for a
//! number or a boolean turned into one.

mod lax;

use std::{borrow::Cow, collections::HashMap};

use serde::Serialize;
use serde_json::{Map, Number, Value, json};

use crate::contract::{Additional, Contract, Kind, Operation, Schema};

/// One entry of a 422's `detail`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Issue {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Step>,
    msg: Cow<'static, str>,
    input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

/// A step from the whole request to the place that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Step {
    Name(String),
    Index(usize),
}

/// A JSON text that is none.
pub(crate) fn invalid_json(position: usize, error: String) -> Issue {
    Issue {
        kind: "json_invalid",
        loc: vec![Step::Name("body".to_owned()), Step::Index(position)],
        msg: "JSON decode error".into(),
        input: json!({}),
        ctx: Some(json!({ "error": error })),
    }
}

/// A request's query and body, checked.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) query: Value,
    pub(crate) body: Value,
}

/// Checks the pairs of a query string and a body (absent if there is none) against `operation`.
///
/// # Errors
///
/// Everything that is wrong, the query first.
pub(crate) fn check(
    contract: &Contract,
    operation: &Operation,
    query: &[(String, String)],
    body: Option<Value>,
) -> Result<Checked, Vec<Issue>> {
    let mut validator = Validator { schemas: &contract.schemas, path: Vec::new(), issues: Vec::new() };
    let query = validator.query(operation, query);
    let body = match (&operation.body, body) {
        (None, _) => Value::Null,
        (Some(schema), body) => validator.at("body", |validator| match body {
            // `null` is no body either.
            None | Some(Value::Null) => validator.issue("missing", "Field required", Value::Null, None),
            Some(body) => validator.value(schema, body),
        }),
    };
    if validator.issues.is_empty() { Ok(Checked { query, body }) } else { Err(validator.issues) }
}

struct Validator<'a> {
    schemas: &'a HashMap<String, Schema>,
    path: Vec<Step>,
    issues: Vec<Issue>,
}

impl<'a> Validator<'a> {
    /// Notes what is wrong here. What it returns stands in for the value: nobody will look at it.
    fn issue(
        &mut self,
        kind: &'static str,
        msg: impl Into<Cow<'static, str>>,
        input: Value,
        ctx: Option<Value>,
    ) -> Value {
        self.issues.push(Issue { kind, loc: self.path.clone(), msg: msg.into(), input, ctx });
        Value::Null
    }

    /// Does `work` one step further down.
    fn at<T>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Name(name.to_owned()));
        let done = work(self);
        self.path.pop();
        done
    }

    fn resolve(&self, schema: &'a Schema) -> &'a Schema {
        schema
            .reference
            .as_deref()
            .and_then(|reference| reference.rsplit('/').next())
            .and_then(|name| self.schemas.get(name))
            .unwrap_or(schema)
    }

    /// The query's parameters as an object. Of a repeated one the last counts; an unknown one is ignored.
    fn query(&mut self, operation: &'a Operation, pairs: &[(String, String)]) -> Value {
        let mut checked = Map::new();
        self.at("query", |validator| {
            for parameter in &operation.query {
                let given = pairs.iter().rev().find(|(name, _)| *name == parameter.name);
                let value = validator.at(&parameter.name, |validator| match given {
                    Some((_, text)) => validator.value(&parameter.schema, Value::String(text.clone())),
                    None if parameter.required => validator.issue("missing", "Field required", Value::Null, None),
                    None => default(&parameter.schema),
                });
                checked.insert(parameter.name.clone(), value);
            }
        });
        Value::Object(checked)
    }

    fn value(&mut self, schema: &'a Schema, value: Value) -> Value {
        let schema = self.resolve(schema);
        // The document has alternatives for one purpose: something, or null.
        if let Some(something) = schema.any_of.iter().find(|each| each.kind != Some(Kind::Null)) {
            return if value.is_null() { Value::Null } else { self.value(something, value) };
        }
        if !schema.literals.is_empty() {
            return self.literal(&schema.literals, value);
        }
        match schema.kind {
            Some(Kind::String) if value.is_string() => value,
            Some(Kind::String) => self.issue("string_type", "Input should be a valid string", value, None),
            Some(Kind::Boolean) => self.boolean(value),
            Some(Kind::Integer) => self.integer(schema, value),
            Some(Kind::Number) => self.number(schema, value),
            Some(Kind::Array) => self.array(schema, value),
            Some(Kind::Object) => self.object(schema, value),
            Some(Kind::Null) | None => value,
        }
    }

    fn literal(&mut self, literals: &[String], value: Value) -> Value {
        if value.as_str().is_some_and(|text| literals.iter().any(|literal| literal == text)) {
            return value;
        }
        let quoted: Vec<_> = literals.iter().map(|literal| format!("'{literal}'")).collect();
        let expected = match quoted.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        };
        let msg = format!("Input should be {expected}");
        self.issue("literal_error", msg, value, Some(json!({ "expected": expected })))
    }

    fn boolean(&mut self, value: Value) -> Value {
        match lax::boolean(&value) {
            Ok(read) => Value::Bool(read),
            Err((kind, msg)) => self.issue(kind, msg, value, None),
        }
    }

    fn integer(&mut self, schema: &Schema, value: Value) -> Value {
        match lax::integer(&value) {
            Ok(read) if self.is_within(schema, read.as_f64().unwrap_or(f64::NAN), &value) => Value::Number(read),
            Ok(_) => Value::Null,
            Err((kind, msg)) => self.issue(kind, msg, value, None),
        }
    }

    fn number(&mut self, schema: &Schema, value: Value) -> Value {
        let read = match lax::number(&value) {
            Ok(read) if self.is_within(schema, read, &value) => Number::from_f64(read),
            Ok(_) => return Value::Null,
            Err((kind, msg)) => return self.issue(kind, msg, value, None),
        };
        match read {
            Some(read) => Value::Number(read),
            None => self.issue("finite_number", "Input should be a finite number", value, None),
        }
    }

    /// Holds `read`, made of `input`, against the schema's bounds.
    fn is_within(&mut self, schema: &Schema, read: f64, input: &Value) -> bool {
        // A bound is shown as it is compared: as an integer for integers.
        let shown = |bound: f64| if schema.kind == Some(Kind::Integer) { json!(bound as i64) } else { json!(bound) };
        match (schema.minimum, schema.maximum) {
            (Some(least), _) if read < least => {
                let msg = format!("Input should be greater than or equal to {least}");
                self.issue("greater_than_equal", msg, input.clone(), Some(json!({ "ge": shown(least) })));
                false
            }
            // What is not a number is not within either.
            (_, Some(most)) if read > most || read.is_nan() => {
                let msg = format!("Input should be less than or equal to {most}");
                self.issue("less_than_equal", msg, input.clone(), Some(json!({ "le": shown(most) })));
                false
            }
            _ => true,
        }
    }

    fn array(&mut self, schema: &'a Schema, value: Value) -> Value {
        let Value::Array(values) = value else {
            return self.issue("list_type", "Input should be a valid list", value, None);
        };
        let Some(items) = &schema.items else { return Value::Array(values) };
        let mut checked = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            self.path.push(Step::Index(index));
            checked.push(self.value(items, value));
            self.path.pop();
        }
        Value::Array(checked)
    }

    fn object(&mut self, schema: &'a Schema, value: Value) -> Value {
        let is_model = schema.is_model();
        let mut given = match value {
            Value::Object(given) => given,
            value if is_model => {
                let msg = "Input should be a valid dictionary or object to extract fields from";
                return self.issue("model_attributes_type", msg, value, None);
            }
            value => return self.issue("dict_type", "Input should be a valid dictionary", value, None),
        };

        let mut checked = Map::new();
        let whole = if schema.required.iter().all(|name| given.contains_key(name)) {
            Value::Null
        } else {
            Value::Object(given.clone())
        };
        for (name, property) in &schema.properties {
            let value = self.at(name, |validator| match given.remove(name) {
                Some(value) => validator.value(property, value),
                None if schema.required.contains(name) => {
                    validator.issue("missing", "Field required", whole.clone(), None)
                }
                None => default(property),
            });
            checked.insert(name.clone(), value);
        }
        for (name, value) in given {
            match &schema.additional_properties {
                Additional::Allowed(true) if is_model => {}
                Additional::Allowed(true) => {
                    checked.insert(name, value);
                }
                Additional::Allowed(false) => {
                    self.at(&name, |validator| {
                        validator.issue("extra_forbidden", "Extra inputs are not permitted", value, None)
                    });
                }
                Additional::Each(each) => {
                    let value = self.at(&name, |validator| validator.value(each, value));
                    checked.insert(name, value);
                }
            }
        }
        Value::Object(checked)
    }
}

impl Schema {
    /// Whether an object schema stands for a model, with fields of its own, rather than for an open map.
    fn is_model(&self) -> bool {
        !self.properties.is_empty() || matches!(self.additional_properties, Additional::Allowed(false))
    }
}

/// What a field holds that was not given. A list or a map without a default in the document is made by a factory,
/// which an export doesn't show: such a field starts empty.
fn default(schema: &Schema) -> Value {
    match (&schema.default, schema.kind) {
        (Some(default), _) => default.clone(),
        (None, Some(Kind::Array)) => json!([]),
        (None, Some(Kind::Object)) => json!({}),
        (None, _) => Value::Null,
    }
}
