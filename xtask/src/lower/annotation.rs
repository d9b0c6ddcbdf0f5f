//! Keywords that say something about a schema without changing what it allows.

use serde_json::Value;

use super::{Context, Role, Schema, Side, Trouble};

/// Keywords that neither progenitor's types nor the contract make use of. A `discriminator` only says by which
/// property the members of a union are told apart.
const ANNOTATIONS: &[&str] = &[
    "$comment",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "writeOnly",
    "xml",
];

/// Whether the keyword says nothing of which values there are.
pub(super) fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword) || matches!(keyword, "default" | "title") || keyword.starts_with("x-")
}

/// Drops annotations, and the titles that pydantic gives to every property ("User Id" of `user_id`).
///
/// typify prefers a title to the name that follows from where the schema stands, so that each inline
/// `kind` would become one type `Kind`. A title stays where it is of use and harmless: on the scalar
/// members of a union, where typify makes the variant's name of it. Extensions go too: typify takes
/// `x-rust-type` for an order to name a type of another crate.
pub(super) fn drop_annotations(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    let before = schema.len();
    let keeps_title = context.role == Role::Member
        && !schema.contains_key("enum")
        && !schema.contains_key("const")
        && matches!(schema.get("type").and_then(Value::as_str), Some("string" | "integer" | "number" | "boolean"));
    schema.retain(|keyword, _| {
        !ANNOTATIONS.contains(&keyword.as_str()) && !keyword.starts_with("x-") && (keyword != "title" || keeps_title)
    });
    Ok(schema.len() != before)
}

/// Drops the defaults that a document has.
///
/// typify makes the default a value that the client always sends, which would freeze in every program
/// what the backend's default was when its client was generated. Without it an optional field is an
/// `Option` that is left out when it is `None`, and the backend's default stays the backend's. Nor does a backend say
/// by its default what it means by leaving out a part of an answer.
pub(super) fn drop_defaults(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    Ok(context.side != Side::Shape && schema.remove("default").is_some())
}

/// Drops what values must not be: no type says so, and whoever makes the value checks it.
pub(super) fn drop_not(schema: &mut Schema, _: &Context<'_>) -> Result<bool, Trouble> {
    Ok(schema.remove("not").is_some())
}
