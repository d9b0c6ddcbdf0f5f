//! JSON objects as arguments.

use serde::Serialize;
use serde_json::{Map, Value};

/// An argument that has to be a JSON object, or what is wrong with it.
pub(crate) type JsonObject = Result<Map<String, Value>, String>;

/// Takes anything that serializes to a JSON object: a struct, a map, `serde_json::json!({…})`.
pub(crate) fn json_object(value: impl Serialize) -> JsonObject {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("is not a JSON object".to_owned()),
        Err(error) => Err(format!("can't be written as JSON ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_are_taken() {
        #[derive(Serialize)]
        struct Config {
            reviewer: &'static str,
        }
        assert_eq!(json_object(Config { reviewer: "codex" }).unwrap()["reviewer"], "codex");
        assert!(json_object(3).unwrap_err().contains("object"));
        let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(json_object(unwritable).unwrap_err().contains("JSON"));
    }
}
