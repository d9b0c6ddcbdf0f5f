//! Formats, and constraints on text.

use serde_json::Value;

use super::{Context, Schema, Side, Trouble};

/// Drops what constrains a string, and every format that typify would take for a type of another crate.
///
/// Of a string with a pattern or a length typify makes a newtype that can fail to be made, and needs the
/// crate `regress` for it; of the formats `uuid` and `date-time` it makes types of `uuid` and `chrono`.
/// In a request the backend checks all this itself; in an answer it would only turn an odd value into no
/// answer at all. What stays are the formats that choose the width of a number that is sent.
pub(super) fn unconstrained_text(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    const CONSTRAINTS: &[&str] =
        &["contentEncoding", "contentMediaType", "contentSchema", "maxLength", "minLength", "pattern"];
    let type_name = schema.get("type").and_then(Value::as_str);
    let format = schema.get("format").and_then(Value::as_str);
    let is_width = matches!(
        (type_name, format),
        (Some("integer"), Some("int32" | "int64")) | (Some("number"), Some("float" | "double"))
    );
    let keeps_format = is_width && context.side == Side::Request;
    let is_text = type_name == Some("string");
    let before = schema.len();
    schema.retain(|keyword, _| {
        !(is_text && CONSTRAINTS.contains(&keyword.as_str())) && (keyword != "format" || keeps_format)
    });
    Ok(schema.len() != before)
}
