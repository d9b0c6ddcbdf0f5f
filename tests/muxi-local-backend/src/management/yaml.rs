//! What a formation's file declares, as JSON.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// Reads the first document of a text, whose keys are texts. What is an alias is null.
///
/// # Errors
///
/// Where it stops to be YAML, or is nested too deep.
pub(super) fn read(text: &str) -> Result<Value, String> {
    // What is open, from the outside in, and of a mapping the key whose value is next.
    let mut open: Vec<(Value, Option<String>)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        let value = match event {
            Event::MappingStart(..) | Event::SequenceStart(..) if open.len() > 100 => {
                return Err("it is nested too deep".to_owned());
            }
            Event::MappingStart(..) => {
                open.push((Value::Object(Map::new()), None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push((Value::Array(Vec::new()), None));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => open.pop().map_or(Value::Null, |(value, _)| value),
            Event::Scalar(text, style, ..) => scalar(&text, style),
            Event::Alias(_) => Value::Null,
            Event::DocumentEnd => break,
            _ => continue,
        };
        match open.last_mut() {
            None => return Ok(value),
            Some((Value::Array(items), _)) => items.push(value),
            Some((Value::Object(object), key)) => match key.take() {
                Some(key) => drop(object.insert(key, value)),
                None => *key = Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
            },
            Some(_) => {}
        }
    }
    Ok(Value::Null)
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_formation_is_read() {
        let text =
            "id: my-bot # it\nversion: 1.0.0\nagents:\n  - id: helper\n    active: true\n  - id: two\nn: 5\nq: '5'\n";
        let agents = json!([{"id": "helper", "active": true}, {"id": "two"}]);
        assert_eq!(
            read(text).unwrap(),
            json!({"id": "my-bot", "version": "1.0.0", "agents": agents, "n": 5, "q": "5"})
        );
        assert_eq!(read("").unwrap(), Value::Null);
        assert!(read("a: [").is_err() && read(&"[".repeat(1000)).is_err());
    }
}
