//! What a backend promises: an OpenAPI document, read once at the start.
//!
//! The document says which routes exist, and what a request must look like.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::routing::Template;

/// The routes that are there. `H` is what answers one.
#[derive(Debug)]
pub struct Document<H> {
    /// What is described comes first, and among equals a fixed segment before a parameter: of two templates that match a
    /// path, the earlier is meant.
    pub routes: Vec<Route<H>>,
    /// The schemas that others refer to.
    pub schemas: HashMap<String, Schema>,
    /// Whether a query may hold parameters that the document does not know.
    pub unknown_parameters: Unknown,
    /// What handlers get in the place of what was not given.
    pub absent: Absent,
}

/// What handlers get in the place of what was not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absent {
    /// The document's default, or an empty list, an empty object or null.
    #[default]
    Filled,
    /// Nothing: what is absent and what is null are two things.
    Left,
}

/// What becomes of something that the document does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// It is ignored.
    #[default]
    Ignored,
    /// The request is refused.
    Refused,
}

/// One method of one path.
#[derive(Clone, Debug)]
pub struct Route<H> {
    /// The method.
    pub method: Method,
    /// The path, such as `/api/chats/{chat_id}`.
    pub template: String,
    /// The same, cut at its slashes.
    pub(crate) segments: Template,
    /// What the path and the query hold.
    pub parameters: Vec<Parameter>,
    /// The body, where there may be one that is understood.
    pub body: Option<RequestBody>,
    /// What answers it, if this backend does.
    pub handler: Option<H>,
}

/// A body of JSON, or a form with JSON in it.
#[derive(Clone, Debug)]
pub struct RequestBody {
    /// Whether it has to be there.
    pub required: bool,
    /// What the JSON looks like.
    pub schema: Schema,
    /// Whether the JSON is the part `payload` of a form, whose parts `files` are files.
    pub is_form: bool,
}

/// A parameter of the path or the query.
#[derive(Clone, Debug, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands.
    #[serde(rename = "in")]
    pub place: Place,
    /// Whether it has to be there.
    #[serde(default)]
    pub required: bool,
    /// What it looks like.
    pub schema: Schema,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In a cookie, which nobody looks at.
    Cookie,
    /// In a header, which is the platform's to look at.
    Header,
    /// In the path.
    Path,
    /// In the query.
    Query,
}

/// As much of JSON Schema as request bodies and parameters are written in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Schema {
    /// Where it stands in truth.
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    /// Others of which one has to fit.
    #[serde(alias = "oneOf")]
    pub any_of: Vec<Schema>,
    /// The JSON types that it takes; all of them if none is named.
    #[serde(rename = "type")]
    pub kinds: Kinds,
    /// The only texts that it takes.
    #[serde(rename = "enum")]
    pub literals: Vec<String>,
    /// The pattern that a text has to match.
    pub pattern: Option<Pattern>,
    /// The fields of an object.
    pub properties: BTreeMap<String, Schema>,
    /// Those of them that have to be there.
    pub required: Vec<String>,
    /// What an object may hold besides.
    pub additional_properties: Additional,
    /// What an array holds.
    pub items: Option<Box<Schema>>,
    /// What a text holds that is JSON.
    pub content_schema: Option<Box<Schema>>,
    /// What stands for it where it is absent.
    pub default: Option<Value>,
    /// The least of a number.
    pub minimum: Option<f64>,
    /// The most of a number.
    pub maximum: Option<f64>,
}

/// A pattern: one of some texts, as in `^(asc|desc)$`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    /// As it is written.
    pub text: String,
    texts: Vec<String>,
}

impl Pattern {
    /// Whether a text matches.
    pub fn is_of(&self, text: &str) -> bool {
        self.texts.iter().any(|one| one == text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '|');
        match text.strip_prefix("^(").and_then(|rest| rest.strip_suffix(")$")) {
            Some(texts) if texts.chars().all(is_plain) => {
                Ok(Self { texts: texts.split('|').map(str::to_owned).collect(), text })
            }
            _ => Err(format!("{text} is not a pattern that lists texts")),
        }
    }
}

/// JSON types: one, or as OpenAPI 3.1 has it several.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Kinds {
    /// Nothing is said.
    #[default]
    Any,
    /// This one.
    One(Kind),
    /// Any of these.
    Several(Vec<Kind>),
}

impl Kinds {
    /// Whether null is one of several.
    pub fn is_nullable(&self) -> bool {
        matches!(self, Self::Several(kinds) if kinds.contains(&Kind::Null))
    }

    /// The first that is not null, or null where there is no other.
    pub fn first(&self) -> Option<Kind> {
        match self {
            Self::Any => None,
            Self::One(kind) => Some(*kind),
            Self::Several(kinds) => kinds.iter().find(|kind| **kind != Kind::Null).or(kinds.first()).copied(),
        }
    }
}

/// A JSON type.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A list.
    Array,
    /// True or false.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// Nothing.
    Null,
    /// Any number.
    Number,
    /// An object.
    Object,
    /// A text.
    String,
}

impl Kind {
    /// Whether a value is of this type.
    pub(crate) fn is_of(self, value: &Value) -> bool {
        match self {
            Self::Array => value.is_array(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Null => value.is_null(),
            Self::Number => value.is_number(),
            Self::Object => value.is_object(),
            Self::String => value.is_string(),
        }
    }
}

/// What an object may hold besides its properties.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Additional {
    /// Whatever it likes, or nothing.
    Allowed(bool),
    /// What fits this.
    Each(Box<Schema>),
}

impl Default for Additional {
    fn default() -> Self {
        Self::Allowed(true)
    }
}

#[derive(Deserialize)]
struct Export {
    paths: BTreeMap<String, BTreeMap<String, OperationObject>>,
    components: Components,
    /// Operations of which no more than the names are known.
    #[serde(rename = "x-left-out", default)]
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
    request_body: Option<RequestBodyObject>,
}

#[derive(Deserialize)]
struct RequestBodyObject {
    #[serde(default)]
    required: bool,
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

impl<H: Clone> Document<H> {
    /// Reads a document. `handler` says what answers a method of a path, if this backend does.
    ///
    /// # Errors
    ///
    /// If the document is not what this crate understands: a defect of the build, which tests find.
    pub fn read(document: &str, handler: impl Fn(&Method, &str) -> Option<H>) -> Result<Self, serde_json::Error> {
        let Export { paths, components, left_out } = serde_json::from_str(document)?;
        let (unknown_parameters, absent) = (Unknown::default(), Absent::default());
        let mut read = Self { routes: Vec::new(), schemas: components.schemas, unknown_parameters, absent };
        for (template, methods) in paths {
            for (method, OperationObject { parameters, request_body }) in methods {
                let method = method_named(&method);
                let handler = handler(&method, &template);
                let body = request_body.and_then(|mut body| {
                    let required = body.required;
                    if let Some(MediaType { schema }) = body.content.remove("application/json") {
                        return Some(RequestBody { required, schema, is_form: false });
                    }
                    let mut form = body.content.remove("multipart/form-data")?.schema;
                    let schema = *form.properties.remove("payload")?.content_schema?;
                    Some(RequestBody { required, schema, is_form: true })
                });
                read.routes.push(Route { parameters, body, ..Route::new(method, &template, handler) });
            }
        }
        for LeftOut { method, path } in left_out {
            let method = method_named(&method);
            let handler = handler(&method, &path);
            read.routes.push(Route::new(method, &path, handler));
        }
        Ok(read)
    }

    /// Adds a route that the document doesn't list.
    pub fn add(&mut self, method: Method, template: &str, handler: H) {
        self.routes.push(Route::new(method, template, Some(handler)));
    }

    /// Has all paths that begin with one prefix begin with another as well.
    pub fn alias(&mut self, prefix: &str, other: &str) {
        let again = self.routes.iter().filter_map(|route| {
            let rest = route.template.strip_prefix(prefix)?;
            Some(route.clone().at(format!("{other}{rest}")))
        });
        let again: Vec<_> = again.collect();
        self.routes.extend(again);
    }

    /// Has all paths begin with this.
    #[must_use]
    pub fn under(mut self, base: &str) -> Self {
        let routes = self.routes.into_iter().map(|route| {
            let template = format!("{base}{}", route.template);
            route.at(template)
        });
        self.routes = routes.collect();
        self
    }
}

impl<H> Route<H> {
    fn new(method: Method, template: &str, handler: Option<H>) -> Self {
        let (segments, template) = (Template::read(template), template.to_owned());
        Self { method, template, segments, parameters: Vec::new(), body: None, handler }
    }

    fn at(self, template: String) -> Self {
        Self { segments: Template::read(&template), template, ..self }
    }

    /// Its parameters in this place.
    pub(crate) fn parameters_in(&self, place: Place) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }
}

fn method_named(name: &str) -> Method {
    Method::from_bytes(name.to_ascii_uppercase().as_bytes()).unwrap_or_default()
}

/// What stands in the requests of a document that this crate would not check, by its place: a keyword that it does not
/// know, or a reference that leads nowhere. For the tests of a backend.
///
/// # Errors
///
/// If the document is not JSON.
pub fn not_understood(document: &str) -> Result<Vec<String>, serde_json::Error> {
    let document: Value = serde_json::from_str(document)?;
    let mut look = Look { document: &document, seen: BTreeSet::new(), problems: Vec::new() };
    for (path, methods) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for operation in methods.as_object().into_iter().flat_map(Map::values) {
            let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
            let body = operation.pointer("/requestBody/content/application~1json/schema");
            let schemas = parameters.filter_map(|parameter| parameter.get("schema")).chain(body);
            schemas.for_each(|schema| look.at(schema, path));
        }
    }
    Ok(look.problems)
}

struct Look<'d> {
    document: &'d Value,
    /// The references that were followed.
    seen: BTreeSet<&'d str>,
    problems: Vec<String>,
}

impl<'d> Look<'d> {
    fn at(&mut self, schema: &'d Value, place: &str) {
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            let place = format!("{place}/{keyword}");
            let each = match keyword.as_str() {
                "$ref" => {
                    let reference = value.as_str().unwrap_or_default();
                    if self.seen.insert(reference) {
                        match self.document.pointer(reference.trim_start_matches('#')) {
                            Some(schema) => self.at(schema, reference),
                            None => self.problems.push(place),
                        }
                    }
                    continue;
                }
                "properties" => value.as_object().map(|each| each.values().collect()),
                "anyOf" | "oneOf" => value.as_array().map(|each| each.iter().collect()),
                "additionalProperties" | "items" => Some(vec![value]),
                "default" | "description" | "enum" | "format" | "maximum" | "minimum" | "pattern" | "required"
                | "title" | "type" => None,
                extension if extension.starts_with("x-") => None,
                _ => {
                    self.problems.push(place);
                    continue;
                }
            };
            each.into_iter().flatten().for_each(|schema: &Value| self.at(schema, &place));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pattern_lists_texts() {
        let pattern = Pattern::try_from("^(asc|des-c_1)$".to_owned()).unwrap();
        assert!(["asc", "des-c_1"].iter().all(|text| pattern.is_of(text)));
        assert!(!["asc|des-c_1", "as", "^asc$", ""].iter().any(|text| pattern.is_of(text)));
        for other in ["^(a.*)$", "^(a|(b))$", "^a$", "(a)", "^(a)"] {
            assert!(Pattern::try_from(other.to_owned()).is_err(), "{other}");
        }
    }

    #[test]
    fn an_integer_has_no_fraction_whatever_its_sign() {
        for (value, is_integer) in [
            (json!(0), true),
            (json!(-1), true),
            (json!(i64::MIN), true),
            (json!(u64::MAX), true),
            (json!(1.0), false),
            (json!("1"), false),
        ] {
            assert_eq!(Kind::Integer.is_of(&value), is_integer, "{value}");
        }
    }
}
