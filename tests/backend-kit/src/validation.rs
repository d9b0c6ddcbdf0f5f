//! Checks a request against the schema that the document gives it, as strictly and as laxly as pydantic does.
//!
//! The checked value comes back as the handlers want it: what pydantic's lax mode takes for a number or a boolean turned
//! into one, and defaults filled in where the document says so.

mod lax;
mod problem;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Number, Value, json};

pub use self::problem::{Bound, Problem};
use crate::{
    document::{Absent, Additional, Document, Kind, Parameter, Place, Route, Schema, Unknown},
    routing::PathValues,
};

/// Something that is wrong with a request. It serializes as an entry of a 422's `detail` in FastAPI.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// What is wrong.
    pub problem: Problem,
    /// Where: from the whole request to the place.
    pub place: Vec<Step>,
    /// What was given there; where something is missing, what it is missing in.
    pub input: Value,
}

/// A step from the whole request to the place that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// Into this field; the first is `path`, `query` or `body`.
    Name(String),
    /// To this element of a list, or this character of a text.
    Index(usize),
}

impl Serialize for Issue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut issue = serializer.serialize_map(None)?;
        issue.serialize_entry("type", self.problem.code())?;
        issue.serialize_entry("loc", &self.place)?;
        issue.serialize_entry("msg", &self.problem.to_string())?;
        issue.serialize_entry("input", &self.input)?;
        if let Some(context) = self.problem.context() {
            issue.serialize_entry("ctx", &context)?;
        }
        issue.end()
    }
}

impl fmt::Display for Issue {
    /// As one line: `body.tools.0: Input should be a valid string`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.place.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            match step {
                Step::Name(name) => write!(formatter, "{dot}{name}")?,
                Step::Index(index) => write!(formatter, "{dot}{index}")?,
            }
        }
        write!(formatter, ": {}", self.problem)
    }
}

/// A JSON text that is none.
pub(crate) fn invalid_json(position: usize, reason: String) -> Issue {
    let place = vec![Step::Name("body".to_owned()), Step::Index(position)];
    Issue { problem: Problem::InvalidJson(reason), place, input: json!({}) }
}

/// What a request holds, checked.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// The path's parameters that are not texts.
    pub(crate) path: Map<String, Value>,
    pub(crate) query: Value,
    pub(crate) body: Value,
}

/// Checks what a path holds, the pairs of a query string, and a body (absent if there is none) against `route`.
///
/// # Errors
///
/// Everything that is wrong: first with the path, then with the query, then with the body.
pub(crate) fn check<H>(
    document: &Document<H>,
    route: &Route<H>,
    path: &PathValues,
    query: &[(String, String)],
    body: Option<Value>,
) -> Result<Checked, Vec<Issue>> {
    let mut validator =
        Validator { schemas: &document.schemas, absent: document.absent, place: Vec::new(), issues: Vec::new() };
    let path = validator.path(route, path);
    let query = validator.query(route, query, document.unknown_parameters);
    let body = match (&route.body, body) {
        (None, _) => Value::Null,
        (Some(expected), body) => validator.at("body", |validator| match body {
            // `null` is no body either.
            None | Some(Value::Null) if expected.required => validator.issue(Problem::Missing, Value::Null),
            None | Some(Value::Null) => Value::Null,
            Some(body) => validator.value(&expected.schema, body),
        }),
    };
    if validator.issues.is_empty() { Ok(Checked { path, query, body }) } else { Err(validator.issues) }
}

struct Validator<'a> {
    schemas: &'a HashMap<String, Schema>,
    absent: Absent,
    place: Vec<Step>,
    issues: Vec<Issue>,
}

impl<'a> Validator<'a> {
    /// Notes what is wrong here. What it returns stands in for the value: nobody will look at it.
    fn issue(&mut self, problem: Problem, input: Value) -> Value {
        self.issues.push(Issue { problem, place: self.place.clone(), input });
        Value::Null
    }

    /// Does `work` one step further down.
    fn at<T>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(Step::Name(name.to_owned()));
        let done = work(self);
        self.place.pop();
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

    /// The path's parameters that are not texts: any text is right for the others.
    fn path<H>(&mut self, route: &'a Route<H>, given: &PathValues) -> Map<String, Value> {
        let mut checked = Map::new();
        let is_text = |parameter: &&Parameter| parameter.schema.kinds.first() == Some(Kind::String);
        for parameter in route.parameters_in(Place::Path).filter(|parameter| !is_text(parameter)) {
            let Some(text) = given.get(&parameter.name) else { continue };
            let value = self.at("path", |validator| {
                validator
                    .at(&parameter.name, |validator| validator.value(&parameter.schema, Value::String(text.to_owned())))
            });
            checked.insert(parameter.name.clone(), value);
        }
        checked
    }

    /// The query's parameters as an object. Of a repeated one the last counts.
    fn query<H>(&mut self, route: &'a Route<H>, pairs: &[(String, String)], unknown: Unknown) -> Value {
        let mut checked = Map::new();
        self.at("query", |validator| {
            for parameter in route.parameters_in(Place::Query) {
                let given = pairs.iter().rev().find(|(name, _)| *name == parameter.name);
                let value = validator.at(&parameter.name, |validator| match given {
                    Some((_, text)) => Some(validator.value(&parameter.schema, Value::String(text.clone()))),
                    None if parameter.required => Some(validator.issue(Problem::Missing, Value::Null)),
                    None => validator.absent(&parameter.schema),
                });
                checked.extend(value.map(|value| (parameter.name.clone(), value)));
            }
            if unknown == Unknown::Refused {
                let is_known = |name: &str| route.parameters_in(Place::Query).any(|known| known.name == name);
                for (name, value) in pairs.iter().filter(|(name, _)| !is_known(name)) {
                    validator.at(name, |validator| validator.issue(Problem::UnknownParameter, json!(value)));
                }
            }
        });
        Value::Object(checked)
    }

    fn value(&mut self, schema: &'a Schema, value: Value) -> Value {
        let schema = self.resolve(schema);
        if value.is_null() && (schema.kinds.is_nullable() || schema.any_of.iter().any(takes_null)) {
            return Value::Null;
        }
        if !schema.any_of.is_empty() {
            return self.any_of(&schema.any_of, value);
        }
        if !schema.literals.is_empty() {
            return self.literal(&schema.literals, value);
        }
        match schema.kinds.first() {
            Some(Kind::String) if value.is_string() => self.matching(schema, value),
            Some(Kind::String) => self.issue(Problem::NotText, value),
            Some(Kind::Boolean) => self.boolean(value),
            Some(Kind::Integer) => self.integer(schema, value),
            Some(Kind::Number) => self.number(schema, value),
            Some(Kind::Array) => self.array(schema, value),
            Some(Kind::Object) => self.object(schema, value),
            Some(Kind::Null) | None => value,
        }
    }

    /// The alternative of the value's own type, or else the first that is not null.
    fn any_of(&mut self, alternatives: &'a [Schema], value: Value) -> Value {
        let alternatives = || alternatives.iter().filter(|schema| !takes_null(schema));
        let is_exact = |schema: &&Schema| self.resolve(schema).kinds.first().is_some_and(|kind| kind.is_of(&value));
        match alternatives().find(is_exact).or_else(|| alternatives().next()) {
            Some(schema) => self.value(schema, value),
            None => value,
        }
    }

    fn literal(&mut self, literals: &[String], value: Value) -> Value {
        if value.as_str().is_some_and(|text| literals.iter().any(|literal| literal == text)) {
            return value;
        }
        self.issue(Problem::NotOneOf(literals.to_vec()), value)
    }

    fn matching(&mut self, schema: &Schema, text: Value) -> Value {
        match &schema.pattern {
            Some(pattern) if !text.as_str().is_some_and(|text| pattern.is_of(text)) => {
                self.issue(Problem::NotMatching(pattern.text.clone()), text)
            }
            _ => text,
        }
    }

    fn boolean(&mut self, value: Value) -> Value {
        match lax::boolean(&value) {
            Ok(read) => Value::Bool(read),
            Err(problem) => self.issue(problem, value),
        }
    }

    fn integer(&mut self, schema: &Schema, value: Value) -> Value {
        match lax::integer(&value) {
            Ok(read) if self.is_within(schema, read.as_f64().unwrap_or(f64::NAN), &value) => Value::Number(read),
            Ok(_) => Value::Null,
            Err(problem) => self.issue(problem, value),
        }
    }

    fn number(&mut self, schema: &Schema, value: Value) -> Value {
        let read = match lax::number(&value) {
            Ok(read) if self.is_within(schema, read, &value) => Number::from_f64(read),
            Ok(_) => return Value::Null,
            Err(problem) => return self.issue(problem, value),
        };
        match read {
            Some(read) => Value::Number(read),
            None => self.issue(Problem::NotFinite, value),
        }
    }

    /// Holds `read`, made of `input`, against the schema's bounds.
    fn is_within(&mut self, schema: &Schema, read: f64, input: &Value) -> bool {
        let of_integers = schema.kinds.first() == Some(Kind::Integer);
        match (schema.minimum, schema.maximum) {
            (Some(at), _) if read < at => {
                self.issue(Problem::Below(Bound { at, of_integers }), input.clone());
                false
            }
            // What is not a number is not within either.
            (_, Some(at)) if read > at || read.is_nan() => {
                self.issue(Problem::Above(Bound { at, of_integers }), input.clone());
                false
            }
            _ => true,
        }
    }

    fn array(&mut self, schema: &'a Schema, value: Value) -> Value {
        let Value::Array(values) = value else {
            return self.issue(Problem::NotList, value);
        };
        let Some(items) = &schema.items else { return Value::Array(values) };
        let mut checked = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            self.place.push(Step::Index(index));
            checked.push(self.value(items, value));
            self.place.pop();
        }
        Value::Array(checked)
    }

    fn object(&mut self, schema: &'a Schema, value: Value) -> Value {
        let is_model = schema.is_model();
        let mut given = match value {
            Value::Object(given) => given,
            value if is_model => return self.issue(Problem::NotObject, value),
            value => return self.issue(Problem::NotMap, value),
        };

        let mut checked = Map::new();
        let whole = if schema.required.iter().all(|name| given.contains_key(name)) {
            Value::Null
        } else {
            Value::Object(given.clone())
        };
        // What has to be there is declared first, as models mostly do: the document's own order is lost.
        let is_required = |name: &&String| schema.required.contains(name);
        let others = schema.properties.keys().filter(|name| !is_required(name));
        for name in schema.required.iter().chain(others) {
            let Some(property) = schema.properties.get(name) else { continue };
            let value = self.at(name, |validator| match given.remove(name) {
                Some(value) => Some(validator.value(property, value)),
                None if schema.required.contains(name) => Some(validator.issue(Problem::Missing, whole.clone())),
                None => validator.absent(property),
            });
            checked.extend(value.map(|value| (name.clone(), value)));
        }
        for (name, value) in given {
            match &schema.additional_properties {
                Additional::Allowed(true) if is_model => {}
                Additional::Allowed(true) => {
                    checked.insert(name, value);
                }
                Additional::Allowed(false) => {
                    self.at(&name, |validator| validator.issue(Problem::UnknownField, value));
                }
                Additional::Each(each) => {
                    let value = self.at(&name, |validator| validator.value(each, value));
                    checked.insert(name, value);
                }
            }
        }
        Value::Object(checked)
    }

    /// What a field holds that was not given, if anything. A list or a map without a default in the document is made by a
    /// factory, which FastAPI's exports don't show: such a field starts empty.
    fn absent(&self, schema: &Schema) -> Option<Value> {
        match (self.absent, &schema.default, schema.kinds.first()) {
            (Absent::Left, ..) => None,
            (_, Some(default), _) => Some(default.clone()),
            (_, None, Some(Kind::Array)) => Some(json!([])),
            (_, None, Some(Kind::Object)) => Some(json!({})),
            (_, None, _) => Some(Value::Null),
        }
    }
}

fn takes_null(schema: &Schema) -> bool {
    schema.kinds.first() == Some(Kind::Null)
}

impl Schema {
    /// Whether an object schema stands for a model, with fields of its own, rather than for an open map.
    fn is_model(&self) -> bool {
        !self.properties.is_empty() || matches!(self.additional_properties, Additional::Allowed(false))
    }
}
