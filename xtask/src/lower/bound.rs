//! Bounds of numbers.

use serde_json::{Value, json};

use super::{Context, Schema, Side, Trouble};

/// Drops the bounds of a number, which typify takes for the width of an integer: of one from 1 to 200 it makes a
/// `NonZeroU64`, of one from -128 an `i8`. As with texts, the backend checks what it is sent, and what it answers is
/// read whatever it is. A `minimum` of 0 stays in what is sent and in what was written by hand: what counts
/// something is unsigned.
pub(super) fn unbounded_number(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    const BOUNDS: &[&str] = &["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"];
    let unsigned = schema.get("type") == Some(&json!("integer"))
        && !context.role.is_text()
        && context.side != Side::Answer
        && schema.get("minimum").and_then(Value::as_f64) == Some(0.0);
    let mut changed = false;
    schema.retain(|keyword, _| {
        let goes = BOUNDS.contains(&keyword.as_str()) && !(unsigned && keyword == "minimum");
        changed |= goes;
        !goes
    });
    // progenitor's parser takes an integer with a bound of 0.0, as FastAPI writes it, for a schema of an unknown kind.
    if let Some(minimum) = schema.get_mut("minimum").filter(|minimum| **minimum != json!(0)) {
        *minimum = json!(0);
        changed = true;
    }
    Ok(changed)
}
