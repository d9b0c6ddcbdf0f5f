//! References to components.

use std::fmt::Display;

use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};

const PREFIX: &str = "#/components/schemas/";

/// The name of the component that a `$ref` points to; `None` if it points anywhere else.
pub(crate) fn component(target: &str) -> Option<&str> {
    target.strip_prefix(PREFIX).filter(|name| is_component_name(name))
}

/// A `$ref` to the component.
pub(crate) fn to_component(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// Whether OpenAPI allows the name for a component.
pub(crate) fn is_component_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|character| character.is_ascii_alphanumeric() || "._-".contains(character))
}

/// The object itself, or the component of its kind (`parameters`, `responses`, …) that it refers to; `components` are
/// those of the document, and `refuse` makes an error of what is wrong there.
pub(crate) fn resolve<'a>(
    value: &'a Value,
    kind: &str,
    components: &'a Map<String, Value>,
    place: impl Display,
    refuse: &dyn Fn(String) -> Error,
) -> Result<&'a Map<String, Value>> {
    const LONGEST_CHAIN: usize = 8;
    let mut value = value;
    for _ in 0..LONGEST_CHAIN {
        let Some(object) = value.as_object() else {
            return Err(refuse(format!("has one of its {kind} that is not an object")));
        };
        let Some(target) = object.get("$ref").and_then(Value::as_str) else {
            return Ok(object);
        };
        let component = target
            .strip_prefix("#/components/")
            .and_then(|rest| rest.strip_prefix(kind)?.strip_prefix('/'))
            .and_then(|name| components.get(kind)?.get(name));
        value = component.ok_or_else(|| dangling(&place, target))?;
    }
    Err(refuse(format!("has one of its {kind} behind more than {LONGEST_CHAIN} references")))
}

/// The refusal of a reference that leads nowhere.
pub(crate) fn dangling(place: impl ToString, target: &str) -> Error {
    Error::new(
        Kind::DanglingReference,
        place,
        format!("has a $ref to {target:?}, which is no component of the document"),
        "add the component or correct the $ref",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_components_only() {
        assert_eq!(component("#/components/schemas/Chat"), Some("Chat"));
        for target in [
            "",
            "#",
            "Chat",
            "#/components/schemas/",
            "#/components/schemas/Chat/properties/id",
            "#/components/parameters/Chat",
            "other.json#/components/schemas/Chat",
        ] {
            assert_eq!(component(target), None, "{target:?}");
        }
        assert_eq!(component(&to_component("Chat")), Some("Chat"));
    }
}
