//! Answers in an envelope: `{"success": …, "data": …, "error": …}`.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json;

/// Takes what an answer holds out of its envelope. What is no JSON object stays as it is, for its decoder to refuse.
pub type Unwrap = fn(&Bytes) -> Result<Bytes, Unopened>;

/// Why nothing was taken out of an envelope.
#[derive(Clone, Debug, PartialEq)]
pub enum Unopened {
    /// It tells of a failure: all of it.
    Failure(Value),
    /// There is none: it is a JSON object without one.
    Bare,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    success: bool,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    error: Value,
}

/// The envelope of `success`, `data` and `error`, opened without a copy of what is in it. What is no JSON object stays as it
/// is, for its decoder to refuse.
///
/// # Errors
///
/// [`Unopened::Failure`] with the whole envelope, where `success` is false; [`Unopened::Bare`] for an object in which `success`
/// does not say which of the two it is.
pub fn success_data_error(body: &Bytes) -> Result<Bytes, Unopened> {
    if let Some(opened) = open(body) {
        return opened.map_err(Unopened::Failure);
    }
    // One odd value in it must not keep it closed.
    let mended = Bytes::from(json::mended(body).text);
    match open(&mended) {
        Some(opened) => opened.map_err(Unopened::Failure),
        None if is_object(&mended) => Err(Unopened::Bare),
        None => Ok(body.clone()),
    }
}

fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(json).is_ok()
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

    fn opened(body: &'static str) -> Result<String, Unopened> {
        success_data_error(&Bytes::from_static(body.as_bytes())).map(|data| String::from_utf8(data.to_vec()).unwrap())
    }

    #[test]
    fn what_is_inside_is_taken_out_as_it_is() {
        for (body, data) in [
            (r#"{"success":true,"error":null,"data":{"a": [1, 2.50]}}"#, r#"{"a": [1, 2.50]}"#),
            (r#"{"data":7,"success":true,"type":"x"}"#, "7"),
            (r#"{"success":true,"data":null}"#, "null"),
            (r#"{"success":true}"#, "null"),
            // These are no objects.
            ("[1]", "[1]"),
            ("<html>", "<html>"),
            (r#"{"a":"#, r#"{"a":"#),
            ("", ""),
        ] {
            assert_eq!(opened(body), Ok(data.to_owned()), "{body}");
        }
    }

    #[test]
    fn an_object_in_none_is_told() {
        for body in [r#"{"hello":"world"}"#, " {}", r#"{"data":{"a":1}}"#, r#"{"success":"true"}"#, r#"{"a":NaN}"#] {
            assert_eq!(opened(body), Err(Unopened::Bare), "{body}");
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
            Err(Unopened::Failure(
                json!({"success": false, "error": {"code": "X"}, "request": {"id": "req_1"}, "data": {}})
            ))
        );
    }

    #[test]
    fn an_odd_value_does_not_keep_it_closed() {
        assert_eq!(opened(r#"{"success":true,"data":{"a":NaN}}"#), Ok(r#"{"a":null}"#.to_owned()));
    }
}
