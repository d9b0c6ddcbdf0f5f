//! Bringing together the types of what is sent and of what is answered.
//!
//! A component that is both becomes two types where the two ways differ, such as in which fields have to be there: what is
//! answered keeps the name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::Result;
use crate::lower::unlowerable;
use crate::{reference, spelling};

/// What is behind the name of a type that is sent, where another that is answered has the name.
const SUFFIX: &str = "Input";

/// Types by name.
type Types = BTreeMap<String, Value>;

/// Both sides' types, and the new names of those that are sent.
pub(crate) fn join(sent: Types, answered: Types) -> Result<(Types, BTreeMap<String, String>)> {
    let mut renamed = BTreeMap::new();
    for name in differing(&sent, &answered) {
        let new = spelling::type_name(&format!("{name}{SUFFIX}"));
        if sent.contains_key(&new) || answered.contains_key(&new) {
            let problem = format!("is sent in another form than it is answered, and {new} is the name of another type");
            return Err(unlowerable(format!("components/schemas/{name}"), problem));
        }
        renamed.insert(name.to_owned(), new);
    }
    let mut types = answered;
    for (name, mut schema) in sent {
        rename(&mut schema, &renamed);
        types.insert(renamed.get(&name).cloned().unwrap_or(name), schema);
    }
    Ok((types, renamed))
}

/// Gives references the new names of what they lead to.
pub(crate) fn rename(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            for (keyword, value) in object {
                let target = value.as_str().filter(|_| keyword == "$ref").and_then(reference::component);
                match target.and_then(|target| renamed.get(target)) {
                    Some(new) => *value = reference::to_component(new).into(),
                    None => rename(value, renamed),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, renamed)),
        _ => {}
    }
}

/// The types of both sides that differ, or lead to one that does.
fn differing<'t>(sent: &'t Types, answered: &Types) -> BTreeSet<&'t str> {
    let both: Vec<_> =
        sent.iter().filter_map(|(name, schema)| Some((name.as_str(), schema, answered.get(name)?))).collect();
    let mut leading: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut open = Vec::new();
    for (name, schema, other) in both {
        if schema != other {
            open.push(name);
        }
        for target in targets(schema) {
            leading.entry(target).or_default().push(name);
        }
    }
    let mut differing = BTreeSet::new();
    while let Some(name) = open.pop() {
        if differing.insert(name) {
            open.extend(leading.get(name).into_iter().flatten());
        }
    }
    differing
}

/// What a type refers to.
fn targets(schema: &Value) -> Vec<&str> {
    let mut targets = Vec::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                let target = object.get("$ref").and_then(Value::as_str);
                targets.extend(target.and_then(reference::component));
                open.extend(object.values());
            }
            Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn types(types: Value) -> Types {
        types.as_object().unwrap().clone().into_iter().collect()
    }

    fn to(name: &str) -> Value {
        json!({"$ref": reference::to_component(name)})
    }

    #[test]
    fn what_is_the_same_on_both_ways_is_one_type() {
        let both = || types(json!({"A": {"items": to("B")}, "B": {"type": "string"}}));
        let (joined, renamed) = join(both(), both()).unwrap();
        assert_eq!((joined, renamed.len()), (both(), 0));
    }

    #[test]
    fn what_differs_is_two_types_and_so_is_what_leads_to_it() {
        let sent = types(json!({
            "A": {"items": to("B")}, "B": {"items": to("C")}, "C": {"type": "string"}, "D": to("A"), "Same": {},
        }));
        let mut answered = sent.clone();
        answered.remove("D");
        answered.insert("C".to_owned(), json!({"type": "integer"}));
        let (joined, renamed) = join(sent, answered).unwrap();
        let expected = types(json!({
            "A": {"items": to("B")}, "B": {"items": to("C")}, "C": {"type": "integer"}, "Same": {},
            "AInput": {"items": to("BInput")}, "BInput": {"items": to("CInput")}, "CInput": {"type": "string"},
            "D": to("AInput"),
        }));
        assert_eq!(joined, expected);
        let mut body = json!({"schema": to("B"), "other": [to("Same")]});
        rename(&mut body, &renamed);
        assert_eq!(body, json!({"schema": to("BInput"), "other": [to("Same")]}));
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let sent = types(json!({"A": {"type": "string"}, "AInput": {}}));
        let error = join(sent, types(json!({"A": {"type": "integer"}}))).unwrap_err();
        assert!(error.to_string().contains("components/schemas/A") && error.to_string().contains("AInput"), "{error}");
    }
}
