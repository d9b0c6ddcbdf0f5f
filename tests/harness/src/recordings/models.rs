//! Models in JSON: what is written of one is the answer that it was read of.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What serde reads of an answer.
pub fn read_back<T: DeserializeOwned>(json: &Value) -> T {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// Fails unless what is written of the model is this JSON, and is read as an equal model, also by way of a text. `null` may
/// be left out, and a number may have another form; `is_same` says which values are the same besides, such as times.
pub fn written_as_read<T>(json: &Value, model: &T, is_same: fn(&Value, &Value) -> bool)
where
    T: DeserializeOwned + Serialize + Debug + PartialEq,
{
    let written = serde_json::to_value(model).unwrap();
    assert!(says_the_same(json, &written, is_same), "{json:#} is written as {written:#}");
    assert_eq!(read_back::<T>(&written), *model);
    assert_eq!(serde_json::from_str::<T>(&serde_json::to_string(model).unwrap()).unwrap(), *model);
}

fn says_the_same(json: &Value, written: &Value, is_same: fn(&Value, &Value) -> bool) -> bool {
    match (json, written) {
        (Value::Number(number), Value::Number(written)) => number.as_f64() == written.as_f64(),
        (Value::Array(items), Value::Array(written)) => {
            let mut pairs = items.iter().zip(written);
            items.len() == written.len() && pairs.all(|(item, written)| says_the_same(item, written, is_same))
        }
        (Value::Object(fields), Value::Object(written)) => {
            let all = fields.keys().chain(written.keys());
            let field = |of: &Map<String, Value>, name: &str| of.get(name).cloned().unwrap_or_default();
            all.into_iter().all(|name| says_the_same(&field(fields, name), &field(written, name), is_same))
        }
        (json, written) => json == written || is_same(json, written),
    }
}
