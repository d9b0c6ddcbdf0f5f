//! Which fields of a document's answers a suite has had a value in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The fields of all answers that an OpenAPI document describes (`openapi/<document>/public.json`), and which of them
/// have held a value in an answer that was noted.
///
/// A field is named by the component that it is in, such as `Message.signal` or `Chat.members[].name`; the alternatives
/// of a union are told apart, such as `RetractedAt as Text`. What is null, an empty list or an empty map holds no value:
/// it says nothing about how one is decoded.
#[derive(Debug)]
pub struct AnswerFields {
    components: Map<String, Value>,
    /// The schemas of each operation's answers.
    operations: BTreeMap<String, Vec<Value>>,
    all: BTreeSet<String>,
    held: BTreeSet<String>,
}

impl AnswerFields {
    /// Those of a document, which is in JSON.
    pub fn of(document: &str) -> Self {
        let document: Value = serde_json::from_str(document).unwrap();
        let components = document.pointer("/components/schemas").and_then(Value::as_object).cloned();
        let components = components.unwrap_or_default();
        let paths = document["paths"].as_object().unwrap().values();
        let described = paths.flat_map(|path| path.as_object().unwrap().values());
        let operations: BTreeMap<String, Vec<Value>> = described
            .filter_map(|operation| Some((operation["operationId"].as_str()?.to_owned(), answers(operation))))
            .collect();
        let mut all = BTreeSet::new();
        let mut places = Places { components: &components, entered: Vec::new(), found: &mut all };
        for (name, schemas) in &operations {
            schemas.iter().for_each(|schema| places.list(schema, name));
        }
        Self { components, operations, all, held: BTreeSet::new() }
    }

    /// Notes which fields hold a value in an answer of this operation.
    pub fn note(&mut self, operation: &str, answer: &Value) {
        let schemas = self.operations.get(operation).unwrap_or_else(|| panic!("no operation is named {operation}"));
        let mut places = Places { components: &self.components, entered: Vec::new(), found: &mut self.held };
        schemas.iter().for_each(|schema| places.look(schema, operation, answer));
    }

    /// The fields that have never held one.
    pub fn without_value(&self) -> Vec<&str> {
        self.all.difference(&self.held).map(String::as_str).collect()
    }
}

/// The schemas of an operation's successful answers, whatever their media types.
fn answers(operation: &Value) -> Vec<Value> {
    let responses = operation["responses"].as_object().into_iter().flatten();
    let successes = responses.filter(|(status, _)| status.starts_with('2')).map(|(_, response)| response);
    let contents = successes.filter_map(|response| response["content"].as_object()).flat_map(Map::values);
    contents.filter_map(|content| content.get("schema").cloned()).collect()
}

/// Walks schemas, and finds the places in them that may hold something.
struct Places<'a> {
    components: &'a Map<String, Value>,
    /// The components on the way to where it is: in one that holds itself there is nothing new further down.
    entered: Vec<&'a str>,
    found: &'a mut BTreeSet<String>,
}

impl<'a> Places<'a> {
    /// Finds all places.
    fn list(&mut self, schema: &'a Value, place: &str) {
        if let Some((name, component)) = self.referred(schema) {
            if !self.entered.contains(&name) {
                self.entered.push(name);
                self.list(component, name);
                self.entered.pop();
            }
            return;
        }
        each(schema, "allOf").for_each(|part| self.list(part, place));
        for alternative in alternatives(schema) {
            self.found.extend(place_of(alternative, schema, place));
            self.list(alternative, place);
        }
        for (name, property) in properties(schema) {
            let place = format!("{place}.{name}");
            self.found.insert(place.clone());
            self.list(property, &place);
        }
        for (keyword, mark) in MEMBERS {
            if let Some(member) = schema.get(keyword).filter(|member| member.is_object()) {
                self.list(member, &format!("{place}{mark}"));
            }
        }
    }

    /// Finds those that hold something in `value`.
    fn look(&mut self, schema: &'a Value, place: &str, value: &Value) {
        if let Some((name, component)) = self.referred(schema) {
            return self.look(component, name, value);
        }
        each(schema, "allOf").for_each(|part| self.look(part, place, value));
        for alternative in alternatives(schema).filter(|alternative| self.fits(alternative, value)).collect::<Vec<_>>()
        {
            self.found.extend(place_of(alternative, schema, place));
            self.look(alternative, place, value);
        }
        for (name, property) in properties(schema) {
            if let Some(held) = value.get(name).filter(|held| holds_something(held)) {
                let place = format!("{place}.{name}");
                self.found.insert(place.clone());
                self.look(property, &place, held);
            }
        }
        for (keyword, mark) in MEMBERS {
            let Some(member) = schema.get(keyword).filter(|member| member.is_object()) else { continue };
            let place = format!("{place}{mark}");
            match value {
                Value::Array(items) if keyword == "items" => {
                    items.iter().for_each(|item| self.look(member, &place, item));
                }
                Value::Object(members) if keyword == "additionalProperties" => {
                    let others = members.iter().filter(|(name, _)| properties(schema).all(|(known, _)| known != *name));
                    others.for_each(|(_, held)| self.look(member, &place, held));
                }
                _ => {}
            }
        }
    }

    fn referred(&self, schema: &'a Value) -> Option<(&'a str, &'a Value)> {
        let name = schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")?;
        let component = self.components.get(name);
        Some((name, component.unwrap_or_else(|| panic!("there is no component {name}"))))
    }

    /// Whether `value` may be this alternative of a union: as far as its type, what it has to hold, and its constants
    /// tell.
    fn fits(&self, schema: &'a Value, value: &Value) -> bool {
        let schema = self.referred(schema).map_or(schema, |(_, component)| component);
        let is_of_type = match schema.get("type").and_then(Value::as_str) {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            _ => true,
        };
        let has_all = each(schema, "required").filter_map(Value::as_str).all(|name| value.get(name).is_some());
        let has_constants =
            properties(schema).all(|(name, property)| value.get(name).is_none_or(|held| is_listed(property, held)));
        is_of_type
            && is_listed(schema, value)
            && has_all
            && has_constants
            && each(schema, "allOf").all(|part| self.fits(part, value))
    }
}

/// The keywords for what a list and an open map hold, and how the place of it is written.
const MEMBERS: [(&str, &str); 2] = [("items", "[]"), ("additionalProperties", "{}")];

fn each<'a>(schema: &'a Value, keyword: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    schema.get(keyword).and_then(Value::as_array).into_iter().flatten()
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    each(schema, "anyOf").chain(each(schema, "oneOf"))
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// Whether `value` is one of those that the schema lists, if it lists any.
fn is_listed(schema: &Value, value: &Value) -> bool {
    schema.get("enum").and_then(Value::as_array).is_none_or(|listed| listed.contains(value))
}

/// The place of one alternative of a union, if there are others.
fn place_of(alternative: &Value, union: &Value, place: &str) -> Option<String> {
    let is_one_of_several = alternatives(union).nth(1).is_some();
    let name = ["title", "$ref", "type"].iter().find_map(|keyword| alternative.get(keyword)?.as_str());
    let name = name.and_then(|name| name.rsplit('/').next()).unwrap_or("something else");
    is_one_of_several.then(|| format!("{place} as {name}"))
}

fn holds_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> AnswerFields {
        let content = |schema: Value| json!({ "content": { "application/json": { "schema": schema } } });
        let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let document = json!({
            "paths": { "/notes": {
                "get": { "operationId": "list_notes", "responses": {
                    "200": content(json!({ "type": "array", "items": of("Note") })),
                    "404": content(json!({ "properties": { "detail": {} } })),
                } },
                "post": { "operationId": "make_note", "responses": {
                    "201": content(json!({ "properties": { "note": of("Note") } })),
                } },
                "delete": { "operationId": "delete_note", "responses": { "204": {} } },
            } },
            "components": { "schemas": {
                "Note": { "type": "object", "required": ["id"], "properties": {
                    "id": { "type": "string" },
                    "parent": { "allOf": [of("Note")], "nullable": true },
                    "tags": { "type": "array", "items": { "properties": { "name": { "type": "string" } } } },
                    "counts": { "type": "object", "additionalProperties": { "properties": { "n": {} } } },
                    "at": of("Time"),
                    "by": { "anyOf": [of("Person"), of("Agent")] },
                } },
                "Time": { "oneOf": [{ "title": "Epoch", "type": "number" }, { "title": "Text", "type": "string" }] },
                "Person": { "type": "object", "properties": { "kind": { "enum": ["person"] }, "name": {} } },
                "Agent": { "type": "object", "properties": { "kind": { "enum": ["agent"] }, "model": {} } },
                "Unused": { "type": "object", "properties": { "x": {} } },
            } },
        });
        AnswerFields::of(&document.to_string())
    }

    #[test]
    fn every_field_of_every_answer_is_listed_once_by_the_component_it_is_in() {
        let expected = "Agent.kind Agent.model Note.at Note.by Note.by as Agent Note.by as Person Note.counts \
                        Note.counts{}.n Note.id Note.parent Note.tags Note.tags[].name Person.kind Person.name \
                        Time as Epoch Time as Text make_note.note";
        assert_eq!(fields().without_value().join(" "), expected);
    }

    #[test]
    fn what_is_null_or_empty_holds_no_value() {
        let mut fields = fields();
        let all = fields.all.len();
        fields.note("list_notes", &json!([]));
        fields.note("list_notes", &json!([{ "parent": null, "tags": [], "counts": {} }]));
        assert_eq!(fields.without_value().len(), all);
        fields.note("list_notes", &json!([{ "id": "" }, { "tags": [{}] }]));
        assert_eq!(fields.held.iter().map(String::as_str).collect::<Vec<_>>(), ["Note.id", "Note.tags"]);
    }

    #[test]
    fn values_are_found_wherever_they_are() {
        let mut fields = fields();
        let parent = json!({ "id": "1", "by": { "kind": "person", "name": "Ada" }, "at": "now" });
        fields.note("make_note", &json!({ "note": { "id": "2", "parent": parent, "at": 1.5 } }));
        fields.note("list_notes", &json!([{ "tags": [{ "name": "a" }], "counts": { "x": { "n": 1 } } }]));
        assert_eq!(fields.without_value(), ["Agent.kind", "Agent.model", "Note.by as Agent"]);
    }
}
