//! Comparing the properties of objects.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::change::Severity;
use super::keyword::{ANYTHING, Keywords, get, short};
use super::view;
use super::walk::{Spot, Walk};
use super::way::{Effect, Reader, Way};
use crate::error::Result;
use crate::lower::marked;

/// What an object may hold besides the properties that it declares.
#[derive(Clone, Copy)]
enum Others<'a> {
    /// Nothing.
    Closed,
    /// Values of that schema.
    Open(&'a Value),
}

/// An object's properties.
struct Object<'a> {
    keywords: Keywords<'a>,
    required: BTreeSet<&'a str>,
    others: Others<'a>,
    /// Whether properties that are not declared have a meaning: those of a map, not those of a structure.
    is_map: bool,
    way: Way,
    components: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// `components` are those that the schema may refer to.
    fn new(keywords: Keywords<'a>, way: Way, components: &'a Map<String, Value>) -> Self {
        let required = get(keywords, "required").and_then(Value::as_array);
        let additional = get(keywords, "additionalProperties");
        let declares =
            get(keywords, "properties").and_then(Value::as_object).is_some_and(|properties| !properties.is_empty());
        let others = match additional {
            Some(Value::Bool(false)) => Others::Closed,
            Some(schema) => Others::Open(schema),
            None => Others::Open(&ANYTHING),
        };
        let mut object = Self {
            keywords,
            required: required.into_iter().flatten().filter_map(Value::as_str).collect(),
            others,
            is_map: matches!(others, Others::Open(_)) && (additional.is_some() || !declares),
            way,
            components,
        };
        // What never goes this way is required of the other side.
        let required = std::mem::take(&mut object.required);
        object.required = required.into_iter().filter(|name| !object.never_travels(name)).collect();
        object
    }

    /// Whether the property is one that goes the other way alone.
    fn never_travels(&self, name: &str) -> bool {
        let mark = match self.way {
            Way::Request | Way::Optional => "readOnly",
            Way::Answer(_) => "writeOnly",
            Way::Failure | Way::Unread | Way::Either => return false,
        };
        self.property(name).is_some_and(|property| marked(property, mark, self.components))
    }

    fn property(&self, name: &str) -> Option<&'a Value> {
        get(self.keywords, "properties")?.get(name)
    }

    fn names(&self) -> impl Iterator<Item = &'a String> {
        let properties = get(self.keywords, "properties").and_then(Value::as_object);
        properties.into_iter().flat_map(|properties| properties.keys())
    }
}

impl<'a> Walk<'a> {
    /// Compares what two schemas say of objects.
    pub(super) fn object(&mut self, spot: &Spot<'_>, old: Keywords<'a>, new: Keywords<'a>) -> Result<()> {
        let says = |schema| {
            ["additionalProperties", "properties", "required"].iter().any(|keyword| get(schema, keyword).is_some())
        };
        if !says(old) && !says(new) {
            return Ok(());
        }
        for keyword in ["properties", "required"] {
            let are_names = |list: &Vec<Value>| list.iter().all(Value::is_string);
            let fits = |value: &Value| match keyword {
                "required" => value.as_array().is_some_and(are_names),
                _ => value.is_object(),
            };
            let (one, other) = (get(old, keyword), get(new, keyword));
            if [one, other].into_iter().flatten().any(|value| !fits(value)) && one != other {
                let spot = spot.unweighed();
                self.found(
                    &spot,
                    keyword,
                    Effect::Other,
                    one.map_or(Value::Null, short),
                    other.map_or(Value::Null, short),
                );
            }
        }

        let (olds, news) = self.components();
        let (old, new) = (Object::new(old, spot.way, olds), Object::new(new, spot.way, news));
        let place = spot.place.child("properties");
        let names: BTreeSet<_> = old.names().chain(new.names()).collect();
        self.step([names.len(), old.required.len(), new.required.len()].into_iter().sum(), spot)?;
        for name in &names {
            let place = place.child(name);
            self.property(&spot.at(&place), name, &old, &new)?;
        }
        // What is required without being declared.
        for name in old.required.union(&new.required) {
            let is_declared = old.property(name).is_some() || new.property(name).is_some();
            let (was, is) = (old.required.contains(name), new.required.contains(name));
            if !is_declared && was != is {
                let place = place.child(name);
                self.required(&spot.at(&place), was, is);
            }
        }
        self.others(spot, &old, &new)
    }

    fn property(&mut self, spot: &Spot<'_>, name: &str, old: &Object<'a>, new: &Object<'a>) -> Result<()> {
        let (was_required, is_required) = (old.required.contains(name), new.required.contains(name));
        let never_did = old.never_travels(name);
        match (old.property(name).filter(|_| !never_did), new.property(name)) {
            // The client does not have it.
            (None, None) => {
                let was = outline(old.property(name).unwrap_or(&ANYTHING), false);
                let (severity, meaning) = spot.way.judge(Effect::Note);
                self.judged(spot, "property", severity, was, Value::Null, meaning);
            }
            (None, Some(_)) if never_did && new.never_travels(name) => {}
            (Some(was), Some(is)) => {
                let way = match spot.way {
                    Way::Request | Way::Optional if !was_required => Way::Optional,
                    Way::Answer(Reader::Lenient | Reader::Optional) if !was_required => Way::Answer(Reader::Optional),
                    way => way.of_parts(),
                };
                self.schema(&spot.going(way), was, is)?;
                if was_required != is_required && !new.never_travels(name) {
                    if spot.way.takes_other_values() && !is_required && self.was_nullable(spot, was)? {
                        let meaning = "to the client it is as if it were null, as it may be";
                        self.judged(spot, "required", Severity::Harmless, true.into(), false.into(), meaning);
                    } else {
                        self.required(spot, was_required, is_required);
                    }
                }
            }
            (Some(was), None) => {
                let meaning = match spot.way {
                    Way::Request | Way::Optional => {
                        "the backend ignores or refuses what the client sends under that name"
                    }
                    Way::Answer(_) => "the client does not get it any more",
                    way => way.judge(Effect::Other).1,
                };
                let (severity, _) = spot.way.judge(Effect::Other);
                self.judged(spot, "property", severity, outline(was, was_required), Value::Null, meaning);
            }
            (None, Some(is)) => self.new_property(spot, is, is_required, old)?,
        }
        Ok(())
    }

    fn new_property(&mut self, spot: &Spot<'_>, is: &'a Value, is_required: bool, old: &Object<'a>) -> Result<()> {
        let (severity, meaning) = match spot.way {
            Way::Request | Way::Optional if is_required => {
                (Severity::Breaking, "the backend refuses what the client sends without it")
            }
            Way::Request | Way::Optional => (Severity::Harmless, "the client leaves it out, as it may"),
            Way::Answer(_) => (Severity::Harmless, "the client takes no notice of it"),
            way => way.judge(Effect::Other),
        };
        self.judged(spot, "property", severity, Value::Null, outline(is, is_required), meaning);
        // The client may use the name already, in what is a map to it.
        if let (true, Others::Open(values)) = (old.is_map, old.others)
            && (spot.way.is_sent() || (matches!(spot.way, Way::Answer(_)) && !view::allows_anything(values)))
        {
            self.schema(&spot.going(spot.way.of_parts()), values, is)?;
        }
        Ok(())
    }

    fn required(&mut self, spot: &Spot<'_>, was: bool, is: bool) {
        let (severity, meaning) = match (spot.way, is) {
            (Way::Request | Way::Optional, true) => {
                (Severity::Breaking, "the backend refuses what the client sends without it")
            }
            (Way::Answer(_), false) => (Severity::Breaking, "the client may be unable to read an answer without it"),
            (Way::Either, _) => Way::Either.judge(Effect::Other),
            (way, _) => way.judge(Effect::Note),
        };
        self.judged(spot, "required", severity, was.into(), is.into(), meaning);
    }

    /// Compares what objects may hold besides what they declare.
    fn others(&mut self, spot: &Spot<'_>, old: &Object<'a>, new: &Object<'a>) -> Result<()> {
        const KEYWORD: &str = "additionalProperties";
        let (one, other) = (get(old.keywords, KEYWORD), get(new.keywords, KEYWORD));
        let copy = |value: Option<&Value>| value.map_or(Value::Null, short);
        match (old.others, new.others) {
            (Others::Closed, Others::Closed) => {}
            (Others::Open(was), Others::Open(is)) if spot.way == Way::Either || old.is_map => {
                let place = spot.place.child(KEYWORD);
                self.schema(&spot.going(spot.way.of_parts()).at(&place), was, is)?;
            }
            (Others::Open(was), Others::Open(is)) => {
                // A structure that takes others without a meaning: nothing of them is sent or read.
                if view::allows_anything(was) != view::allows_anything(is) {
                    self.found(spot, KEYWORD, Effect::Note, copy(one), copy(other));
                }
            }
            (Others::Open(_), Others::Closed) => {
                let effect = match spot.way {
                    Way::Request | Way::Optional if old.is_map => Effect::Narrower,
                    Way::Either => Effect::Other,
                    _ => Effect::Note,
                };
                self.found(spot, KEYWORD, effect, copy(one), copy(other));
            }
            (Others::Closed, Others::Open(_)) => {
                let effect = if spot.way.is_sent() { Effect::Wider } else { Effect::Note };
                let effect = if spot.way == Way::Either { Effect::Other } else { effect };
                self.found(spot, KEYWORD, effect, copy(one), copy(other));
            }
        }
        Ok(())
    }
}

/// What a report says of a property that came or went.
fn outline(schema: &Value, required: bool) -> Value {
    let mut kind =
        schema.as_object().and_then(view::types).map(|types| types.into_iter().collect::<Vec<_>>().join(" or "));
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        kind = Some(target.to_owned());
    }
    let required = if required { "required" } else { "optional" };
    match kind {
        Some(kind) => format!("{required}, {kind}"),
        None => required.to_owned(),
    }
    .into()
}
