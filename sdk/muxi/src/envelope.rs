//! The envelope of a formation's answers.

use agent_platform_core::{Bytes, Unopened, success_data_error};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::metadata;

/// Takes what an answer holds out of its envelope. The turn of a trigger is named by the envelope alone, so its id is put to
/// what the answer holds.
///
/// # Errors
///
/// The whole envelope, where it tells of a failure; and that there is none.
pub(crate) fn open(body: &Bytes) -> Result<Bytes, Unopened> {
    let data = success_data_error(body)?;
    metadata::note(body);
    Ok(with_turn(body, &data).unwrap_or(data))
}

fn with_turn(body: &[u8], data: &[u8]) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Envelope {
        object: String,
        request: Turn,
    }

    #[derive(Deserialize)]
    struct Turn {
        id: String,
    }

    let Envelope { object, request } = serde_json::from_slice(body).ok()?;
    if object != "request" {
        return None;
    }
    let mut data: Map<String, Value> = serde_json::from_slice(data).ok()?;
    data.insert("request_id".to_owned(), Value::String(request.id));
    serde_json::to_vec(&data).ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_turn_of_a_trigger_is_named_and_of_nothing_else() {
        let opened = |object: &str, request: Value| {
            let body = json!({"object": object, "request": request, "success": true, "data": {"status": "processing"}});
            serde_json::from_slice::<Value>(&open(&body.to_string().into()).unwrap()).unwrap()
        };
        let named = json!({"status": "processing", "request_id": "req_1"});
        assert_eq!(opened("request", json!({"id": "req_1"})), named);
        for other in [opened("agent", json!({"id": "req_1"})), opened("request", json!(null))] {
            assert_eq!(other, json!({"status": "processing"}));
        }
    }
}
