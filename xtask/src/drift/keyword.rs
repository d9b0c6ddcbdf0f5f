//! Comparing two schemas keyword by keyword.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::change::Severity;
use super::view::{self, canonical, order};
use super::walk::{Spot, Walk};
use super::way::Effect;
use crate::error::Result;
use crate::lower::annotated_values;
use crate::prose;

/// A schema object; `None` stands for one that allows everything.
pub(super) type Keywords<'a> = Option<&'a Map<String, Value>>;

/// What stands for a schema that is not there.
pub(super) static ANYTHING: Value = Value::Bool(true);

/// Bounds of numbers: the larger, the narrower, or the other way round.
const NUMBER_BOUNDS: &[(&str, Ordering)] = &[
    ("exclusiveMaximum", Ordering::Less),
    ("exclusiveMinimum", Ordering::Greater),
    ("maximum", Ordering::Less),
    ("minimum", Ordering::Greater),
];

/// Bounds of texts, arrays and objects.
const SIZE_BOUNDS: &[(&str, Ordering)] = &[
    ("maxItems", Ordering::Less),
    ("maxLength", Ordering::Less),
    ("maxProperties", Ordering::Less),
    ("minItems", Ordering::Greater),
    ("minLength", Ordering::Greater),
    ("minProperties", Ordering::Greater),
];

/// Keywords that allow every value if they are not there, and otherwise can't be weighed.
const CONSTRAINTS: &[&str] = &["contentEncoding", "contentMediaType", "pattern"];

/// Keywords that have a comparison of their own below.
const COMPARED: &[&str] = &[
    "additionalProperties",
    "allOf",
    "const",
    "enum",
    "format",
    "items",
    "multipleOf",
    "properties",
    "required",
    "type",
    "uniqueItems",
];

impl<'a> Walk<'a> {
    /// Compares two schemas that are no unions.
    pub(super) fn keywords(&mut self, spot: &Spot<'_>, old: &'a Value, new: &'a Value) -> Result<()> {
        let (one, other) = match (keywords_of(old), keywords_of(new)) {
            (Some(one), Some(other)) => (one, other),
            _ if old == new => return Ok(()),
            _ => {
                let effect = match (old, new) {
                    (_, Value::Bool(false)) => Effect::Narrower,
                    (Value::Bool(false), _) => Effect::Wider,
                    _ => Effect::Other,
                };
                self.found(spot, "schema", effect, short(old), short(new));
                return Ok(());
            }
        };
        self.step(one.into_iter().chain(other).map(Map::len).sum(), spot)?;
        match (view::allows_anything(old), view::allows_anything(new)) {
            (true, true) => return Ok(()),
            (true, false) => {
                self.found(spot, "type", Effect::Narrower, "anything".into(), type_text(other));
                return Ok(());
            }
            (false, true) => {
                self.found(spot, "type", Effect::Wider, type_text(one), "anything".into());
                return Ok(());
            }
            (false, false) => {}
        }
        if !self.types(spot, one, other) {
            return Ok(());
        }
        self.limits(spot, one, other)?;
        self.bounds(spot, one, other);
        self.formats(spot, one, other);
        self.object(spot, one, other)?;
        if one.or(other).is_some() {
            self.lists(spot, one, other)?;
            self.rest(spot, one, other)?;
        }
        Ok(())
    }

    /// Compares the JSON types, and says whether it is of use to go on.
    fn types(&mut self, spot: &Spot<'_>, old: Keywords<'a>, new: Keywords<'a>) -> bool {
        let (one, other) = (old.and_then(view::types), new.and_then(view::types));
        let covers = |wide: &Option<BTreeSet<&str>>, narrow: &Option<BTreeSet<&str>>| match (wide, narrow) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => {
                narrow.iter().all(|name| wide.contains(name) || (*name == "integer" && wide.contains("number")))
            }
        };
        let effect = match (covers(&other, &one), covers(&one, &other)) {
            (true, true) => return true,
            (true, false) => Effect::Wider,
            (false, true) => Effect::Narrower,
            (false, false) => Effect::Other,
        };
        self.found(spot, "type", effect, type_text(old), type_text(new));
        effect != Effect::Other
    }

    /// Compares the values to which schemas are limited.
    fn limits(&mut self, spot: &Spot<'_>, old: Keywords<'a>, new: Keywords<'a>) -> Result<()> {
        let (old, new) = (old.and_then(view::values), new.and_then(view::values));
        let listed = |values: &[&Value]| Value::Array(values.iter().copied().cloned().collect());
        match (old, new) {
            (None, None) => {}
            (Some(old), None) => self.more_values(spot, listed(&old), Value::Null),
            (None, Some(new)) => self.found(spot, "enum", Effect::Narrower, Value::Null, listed(&new)),
            (Some(old), Some(new)) => {
                let texts = |values: &[&Value]| values.iter().copied().map(canonical).collect::<BTreeSet<_>>();
                let (one, other) = (texts(&old), texts(&new));
                self.step(one.iter().chain(&other).map(String::len).sum(), spot)?;
                let gone: Vec<_> = old.into_iter().filter(|value| !other.contains(&canonical(value))).collect();
                let added: Vec<_> = new.into_iter().filter(|value| !one.contains(&canonical(value))).collect();
                if !gone.is_empty() {
                    self.found(spot, "enum", Effect::Narrower, listed(&gone), Value::Null);
                }
                if !added.is_empty() {
                    self.more_values(spot, Value::Null, listed(&added));
                }
            }
        }
        Ok(())
    }

    /// Notes that a schema allows more of its type's values than before.
    fn more_values(&mut self, spot: &Spot<'_>, was: Value, is: Value) {
        if spot.way.takes_other_values() {
            let meaning = "the client reads it, as a value that it has no name for";
            self.judged(spot, "enum", Severity::Harmless, was, is, meaning);
        } else {
            self.found(spot, "enum", Effect::Wider, was, is);
        }
    }

    fn bounds(&mut self, spot: &Spot<'_>, old: Keywords<'a>, new: Keywords<'a>) {
        let both =
            NUMBER_BOUNDS.iter().map(|bound| (bound, false)).chain(SIZE_BOUNDS.iter().map(|bound| (bound, true)));
        for (&(keyword, narrower), is_size) in both {
            let implied = Value::from(0);
            // A size is never below zero.
            let get = |schema: Keywords<'a>| {
                get(schema, keyword).filter(|value| !(is_size && keyword.starts_with("min") && **value == implied))
            };
            let (one, other) = (get(old), get(new));
            let effect = match (one, other) {
                _ if one == other => continue,
                (Some(_), None) => Effect::Wider,
                (Some(Value::Number(one)), Some(Value::Number(other))) => match order(other, one) {
                    Some(Ordering::Equal) => continue,
                    Some(found) if found == narrower => Effect::Narrower,
                    Some(_) => Effect::Wider,
                    None => Effect::Other,
                },
                // One that came: fewer values or others are one to a client that sends them, and nothing to one that
                // reads them.
                _ => Effect::Other,
            };
            // What counts something is unsigned to the client, whose types hold no other bound.
            let unsigned = keyword == "minimum" && one.and_then(Value::as_f64) == Some(0.0);
            let effect = if unsigned { effect } else { spot.way.unless_unchecked(effect) };
            self.found(spot, keyword, effect, copy(one), copy(other));
        }
    }

    fn formats(&mut self, spot: &Spot<'_>, old: Keywords<'a>, new: Keywords<'a>) {
        for keyword in ["format", "multipleOf", "uniqueItems"].into_iter().chain(CONSTRAINTS.iter().copied()) {
            let get = |schema: Keywords<'a>| get(schema, keyword).filter(|value| **value != Value::Bool(false));
            let (one, other) = (get(old), get(new));
            let effect = match (one, other) {
                (None, None) => continue,
                (Some(_), None) => Effect::Wider,
                (Some(one), Some(other)) if canonical(one) == canonical(other) => continue,
                (Some(one), Some(other)) if is_widened(keyword, one, other) => Effect::Wider,
                // As of bounds, fewer values are as others.
                _ => Effect::Other,
            };
            self.found(spot, keyword, spot.way.unless_unchecked(effect), copy(one), copy(other));
        }
    }

    fn lists(&mut self, spot: &Spot<'_>, old: Keywords<'a>, new: Keywords<'a>) -> Result<()> {
        let (one, other) = (get(old, "items"), get(new, "items"));
        if one.or(other).is_some() {
            let place = spot.place.child("items");
            let spot = spot.going(spot.way.of_parts()).at(&place);
            self.schema(&spot, one.unwrap_or(&ANYTHING), other.unwrap_or(&ANYTHING))?;
        }
        match (get(old, "allOf"), get(new, "allOf")) {
            (None, None) => Ok(()),
            (Some(Value::Array(one)), Some(Value::Array(other))) => self.all_of(spot, one, other),
            (Some(Value::Array(one)), None) => self.all_of(spot, one, &[]),
            (None, Some(Value::Array(other))) => self.all_of(spot, &[], other),
            (one, other) => {
                self.literal(spot, "allOf", one, other);
                Ok(())
            }
        }
    }

    /// Compares keywords whose meaning is not known here. Where they hold schemas, any change within counts
    /// as breaking.
    fn rest(&mut self, spot: &Spot<'_>, old: Keywords<'a>, new: Keywords<'a>) -> Result<()> {
        let keywords: BTreeSet<&'a String> = old.into_iter().chain(new).flat_map(Map::keys).collect();
        for keyword in keywords {
            let keyword = keyword.as_str();
            let is_bound = NUMBER_BOUNDS.iter().chain(SIZE_BOUNDS).any(|(bound, _)| *bound == keyword);
            if !view::decides(keyword) || is_bound || COMPARED.contains(&keyword) || CONSTRAINTS.contains(&keyword) {
                continue;
            }
            let place = spot.place.child(keyword);
            let within = spot.unweighed().at(&place);
            // Values with what each means have been compared as the enum that they are.
            let others =
                |schema| get(schema, keyword).filter(|_| !schema.is_some_and(|schema| is_enum(schema, keyword)));
            match (others(old), others(new)) {
                // A reference with other keywords beside it: both hold.
                (Some(Value::String(one)), Some(Value::String(other))) if keyword == "$ref" => {
                    self.references(spot, one, other)?;
                }
                (Some(one), Some(other)) if prose::SCHEMA.contains(&keyword) => self.schema(&within, one, other)?,
                (Some(Value::Array(one)), Some(Value::Array(other)))
                    if prose::SCHEMA_LIST.contains(&keyword) && one.len() == other.len() =>
                {
                    for (index, (one, other)) in one.iter().zip(other).enumerate() {
                        let index = index.to_string();
                        let place = place.child(&index);
                        self.schema(&within.at(&place), one, other)?;
                    }
                }
                (Some(Value::Object(one)), Some(Value::Object(other)))
                    if prose::SCHEMA_MAP.contains(&keyword)
                        && one.len() == other.len()
                        && one.keys().all(|name| other.contains_key(name)) =>
                {
                    for (name, one) in one {
                        let place = place.child(name);
                        self.schema(&within.at(&place), one, other.get(name).unwrap_or(&ANYTHING))?;
                    }
                }
                (one, other) => self.literal(spot, keyword, one, other),
            }
        }
        Ok(())
    }

    /// Compares what has no order of its own: equal or not.
    fn literal(&mut self, spot: &Spot<'_>, keyword: &str, old: Option<&'a Value>, new: Option<&'a Value>) {
        if old != new {
            let spot = spot.unweighed();
            self.found(&spot, keyword, Effect::Other, old.map_or(Value::Null, short), new.map_or(Value::Null, short));
        }
    }
}

fn is_enum(schema: &Map<String, Value>, keyword: &str) -> bool {
    matches!(keyword, "anyOf" | "oneOf") && annotated_values(schema, keyword).is_some()
}

/// A schema's keywords; nothing if it is no schema, or one that allows no value.
fn keywords_of(schema: &Value) -> Option<Keywords<'_>> {
    match schema {
        Value::Object(object) => Some(Some(object)),
        Value::Bool(true) => Some(None),
        _ => None,
    }
}

pub(super) fn get<'a>(schema: Keywords<'a>, keyword: &str) -> Option<&'a Value> {
    schema?.get(keyword)
}

fn copy(value: Option<&Value>) -> Value {
    value.cloned().unwrap_or_default()
}

/// Whether all that fits the first value of a keyword fits the second.
fn is_widened(keyword: &str, one: &Value, other: &Value) -> bool {
    match (keyword, one, other) {
        ("multipleOf", Value::Number(one), Value::Number(other)) => is_multiple(one, other),
        ("format", Value::String(one), Value::String(other)) => {
            matches!((one.as_str(), other.as_str()), ("int32", "int64") | ("float", "double"))
        }
        _ => false,
    }
}

/// Whether one number is a multiple of the other.
fn is_multiple(one: &Number, other: &Number) -> bool {
    let ratio = one.as_f64().zip(other.as_f64()).map(|(one, other)| one / other);
    ratio.is_some_and(|ratio| ratio.is_finite() && ratio.fract() == 0.0)
}

fn type_text(schema: Keywords<'_>) -> Value {
    match schema.and_then(view::types) {
        Some(types) if types.is_empty() => "null".into(),
        Some(types) => types.into_iter().collect::<Vec<_>>().join(" or ").into(),
        None => "anything of some shape".into(),
    }
}

/// A value that a report can show: of what is large, only that it is.
pub(super) fn short(value: &Value) -> Value {
    match value {
        Value::Array(array) if array.len() > 8 => format!("an array of {}", array.len()).into(),
        Value::Object(object) if object.len() > 8 => format!("an object of {}", object.len()).into(),
        Value::Array(_) | Value::Object(_) if value.to_string().len() > 400 => crate::json::type_name(value).into(),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_what_is_large_a_report_shows_only_that_it_is() {
        let members = |count: usize| -> Value { (0..count).map(|index| (index.to_string(), json!(0))).collect() };
        let long = |length: usize| Value::from("x".repeat(length));
        let whole = [
            Value::from(vec![0; 8]),
            members(8),
            json!([long(396)]),
            json!({"a": long(392)}),
            long(1_000),
            json!(null),
        ];
        for value in whole {
            assert_eq!(short(&value), value);
        }
        for (value, shown) in [
            (Value::from(vec![0; 9]), "an array of 9"),
            (members(9), "an object of 9"),
            (json!([long(397)]), "array"),
            (json!({"a": long(393)}), "object"),
        ] {
            assert!(short(&value).as_str().unwrap().ends_with(shown), "{}", short(&value));
        }
    }

    #[test]
    fn of_a_types_change_a_report_shows_the_types() {
        for (schema, shown) in [
            (json!({"type": "string"}), "string"),
            (json!({"type": ["string", "null", "integer"]}), "integer or string"),
            (json!({"type": "null"}), "null"),
            (json!({"minLength": 1}), "anything of some shape"),
        ] {
            assert_eq!(type_text(schema.as_object()), shown);
        }
    }
}
