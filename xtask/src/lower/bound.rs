//! Bounds of numbers.

use serde_json::{Value, json};

use super::{Context, Role, Schema, unlowerable};
use crate::error::Result;

/// Drops the bounds of a parameter: of an integer from 1 to 200 typify makes a `NonZeroU64`, which is
/// neither the range nor easy to pass. The backend checks the range, and the facade where it has to.
pub(super) fn parameter_bounds(schema: &mut Schema, context: &Context<'_>) -> Result<bool> {
    const BOUNDS: &[&str] = &["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"];
    if context.role != Role::Parameter {
        return Ok(false);
    }
    let before = schema.len();
    schema.retain(|keyword, _| !BOUNDS.contains(&keyword.as_str()));
    Ok(schema.len() != before)
}

/// `"exclusiveMinimum": 0`: in OpenAPI 3.0 it is a boolean that qualifies `minimum`, and progenitor's
/// parser fails on a number.
pub(super) fn exclusive_bounds(schema: &mut Schema, context: &Context<'_>) -> Result<bool> {
    let mut changed = false;
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        let Some(value @ Value::Number(_)) = schema.get(exclusive) else {
            continue;
        };
        if schema.contains_key(bound) {
            return Err(unlowerable(
                context.place,
                format!("has both {bound} and {exclusive}, of which OpenAPI 3.0 holds one"),
            ));
        }
        let value = value.clone();
        schema.insert(bound.to_owned(), value);
        schema.insert(exclusive.to_owned(), json!(true));
        changed = true;
    }
    Ok(changed)
}

/// `"minimum": 0.0` of an integer, as FastAPI writes it: progenitor's parser then takes the schema for one
/// of an unknown kind.
pub(super) fn whole_bounds(schema: &mut Schema, _: &Context<'_>) -> Result<bool> {
    if schema.get("type") != Some(&json!("integer")) {
        return Ok(false);
    }
    let mut changed = false;
    for bound in ["maximum", "minimum", "multipleOf"] {
        // Beyond 2^53 not every integer is a float, and a bound there is none in practice.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let float = schema.get(bound).filter(|value| value.is_f64()).and_then(Value::as_f64);
        if let Some(float) = float.filter(|float| float.fract() == 0.0 && float.abs() <= EXACT) {
            schema.insert(bound.to_owned(), json!(float as i64));
            changed = true;
        }
    }
    Ok(changed)
}
