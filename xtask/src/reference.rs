//! References from one schema to another.

use crate::error::{Error, Kind};

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
