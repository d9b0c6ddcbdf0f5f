//! Answers in an envelope: `{"success": …, "data": …, "error": …}`.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json;

/// Takes what an answer holds out of its envelope. Where the envelope tells of a failure, that is the error.
pub type Unwrap = fn(&Bytes) -> Result<Bytes, Value>;

#[derive(Deserialize)]
struct Envelope<'a> {
    success: bool,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    error: Value,
}

/// The envelope of `success`, `data` and `error`, opened without a copy of what is in it. What is in no such envelope
/// stays as it is, for its decoder to refuse.
///
/// # Errors
///
/// The whole envelope, where `success` is false.
pub fn success_data_error(body: &Bytes) -> Result<Bytes, Value> {
    match open(body) {
        Some(opened) => opened,
        // One odd value in it must not keep it closed.
        None => open(&json::mended(body).text.into()).unwrap_or_else(|| Ok(body.clone())),
    }
}

fn open(body: &Bytes) -> Option<Result<Bytes, Value>> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
    match envelope {
        Envelope { success: false, error, .. } => {
            let whole = serde_json::from_slice(body).unwrap_or_else(|_| serde_json::json!({ "error": error }));
            Some(Err(whole))
        }
        Envelope { data: Some(data), .. } => Some(Ok(body.slice_ref(data.get().as_bytes()))),
        Envelope { data: None, .. } => Some(Ok(Bytes::from_static(b"null"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn opened(body: &'static str) -> Result<String, Value> {
        success_data_error(&Bytes::from_static(body.as_bytes())).map(|data| String::from_utf8(data.to_vec()).unwrap())
    }

    #[test]
    fn what_is_inside_is_taken_out_as_it_is() {
        for (body, data) in [
            (r#"{"success":true,"error":null,"data":{"a": [1, 2.50]}}"#, r#"{"a": [1, 2.50]}"#),
            (r#"{"data":7,"success":true,"type":"x"}"#, "7"),
            (r#"{"success":true,"data":null}"#, "null"),
            (r#"{"success":true}"#, "null"),
            // These are in none.
            (r#"{"a":1}"#, r#"{"a":1}"#),
            ("[1]", "[1]"),
            ("<html>", "<html>"),
            ("", ""),
        ] {
            assert_eq!(opened(body), Ok(data.to_owned()), "{body}");
        }
    }

    #[test]
    fn it_is_not_copied() {
        let body = Bytes::from_static(br#"{"success":true,"data":{"a":1}}"#);
        let data = success_data_error(&body).unwrap();
        assert!(body.as_ptr_range().contains(&data.as_ptr()));
    }

    #[test]
    fn a_failure_is_told_with_all_that_is_around_it() {
        let body = r#"{"success":false,"error":{"code":"X"},"request":{"id":"req_1"},"data":{}}"#;
        assert_eq!(
            opened(body),
            Err(json!({"success": false, "error": {"code": "X"}, "request": {"id": "req_1"}, "data": {}}))
        );
    }

    #[test]
    fn an_odd_value_does_not_keep_it_closed() {
        assert_eq!(opened(r#"{"success":true,"data":{"a":NaN}}"#), Ok(r#"{"a":null}"#.to_owned()));
    }
}
