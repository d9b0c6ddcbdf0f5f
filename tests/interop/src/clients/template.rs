//! Arguments that speak of what is known only in a run: `{chat.id}` is the field `id` of what is known as `chat`.

use serde_json::{Map, Value};

use crate::problem::Problem;

/// Puts in what is known. A text that is nothing but one name becomes the value, whatever its type.
pub fn fill(template: &Value, known: &Value) -> Result<Value, Problem> {
    Ok(match template {
        Value::String(text) => fill_text(text, known)?,
        Value::Array(items) => Value::Array(items.iter().map(|item| fill(item, known)).collect::<Result<_, _>>()?),
        Value::Object(object) => Value::Object(fill_all(object, known)?),
        other => other.clone(),
    })
}

/// As [`fill`], for each value of an object.
pub fn fill_all(object: &Map<String, Value>, known: &Value) -> Result<Map<String, Value>, Problem> {
    object.iter().map(|(name, value)| Ok((name.clone(), fill(value, known)?))).collect()
}

fn fill_text(text: &str, known: &Value) -> Result<Value, Problem> {
    let Some((before, rest)) = text.split_once('{') else { return Ok(text.into()) };
    let (name, after) = rest.split_once('}').ok_or_else(|| Problem::new(format!("{text} has a brace too many")))?;
    let value = known.pointer(&format!("/{}", name.replace('.', "/")));
    let value = value.ok_or_else(|| Problem::new(format!("nothing is known as {name}")))?;
    if before.is_empty() && after.is_empty() {
        return Ok(value.clone());
    }
    let inserted = value.as_str().ok_or_else(|| Problem::new(format!("{name} is no text")))?;
    let after = fill_text(after, known)?;
    Ok(format!("{before}{inserted}{}", after.as_str().unwrap_or_default()).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_known_is_put_in() {
        let known = json!({"chat": {"id": "c-1", "seq": 7}});
        let filled = fill(&json!({"a": "{chat.id}", "b": ["x{chat.id}y"], "c": "{chat.seq}", "d": "plain"}), &known);
        assert_eq!(filled.unwrap(), json!({"a": "c-1", "b": ["xc-1y"], "c": 7, "d": "plain"}));
        assert!(fill(&json!("{user.id}"), &known).unwrap_err().to_string().contains("user.id"));
    }
}
