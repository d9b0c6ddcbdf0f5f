//! The one error type.

use agent_platform_core::{CommonKind, ErrorBody, FieldError, Refusal, Report, error_accessors, error_kinds};
use serde_json::{Map, Value};

/// Why a call failed: its [kind](Self::kind), and a line for a person.
///
/// It is one line, without the keys and without what was sent. [`code`](Self::code) is MUXI's own name for it, such as
/// `AGENT_NOT_FOUND`, and [`detail_object`](Self::detail_object) what it says beside that. The management server, which stands
/// before a formation as a proxy, has no codes.
pub struct Error(Box<Report<ErrorKind>>);

error_accessors!(Error, ErrorKind);

error_kinds! {
    /// What kind of failure it was.
    ErrorKind of "MUXI" {
        /// The turn of a chat failed after its stream had begun, or in the background. [`code`](Error::code) is the name of what
        /// was raised, where MUXI says so.
        TurnFailed,
    }
}

impl Error {
    pub(crate) fn new(report: Report<ErrorKind>) -> Self {
        Self(Box::new(report))
    }
}

/// Reads the body of a refusal, which is a formation's or that of the server before it.
pub(crate) fn read(body: Value) -> ErrorBody {
    let Value::Object(mut whole) = body else { return ErrorBody::default() };
    match whole.remove("error") {
        Some(Value::Object(error)) => of_formation(error, &whole),
        Some(Value::String(phrase)) => of_server(&phrase, whole),
        _ => ErrorBody::of_detail(Value::Object(whole)),
    }
}

/// `{"error": {"code", "message", "data"}, "request": {"id"}, …}`
fn of_formation(mut error: Map<String, Value>, whole: &Map<String, Value>) -> ErrorBody {
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let request_id = whole.get("request").and_then(|request| request.get("id")?.as_str()).unwrap_or_default();
    let body = ErrorBody::of_text(text("message")).with_code(text("code")).with_request_id(request_id);
    let Some(Value::Object(data)) = error.remove("data") else { return body };
    let problems = data.get("validation_errors").and_then(Value::as_array);
    let fields: Vec<_> = problems.into_iter().flatten().filter_map(field_error).collect();
    let body = body.with_fields(fields);
    // What is wrong field by field repeats what was sent.
    if data.contains_key("validation_errors") { body } else { body.with_object(data) }
}

fn field_error(problem: &Value) -> Option<FieldError> {
    let text = |name: &str| problem.get(name).and_then(Value::as_str);
    Some(FieldError::new(text("field")?, text("msg").unwrap_or_default(), text("error").unwrap_or_default()))
}

/// `{"error": "Not Found", "message": "Formation not found", "code": 404}`
fn of_server(phrase: &str, mut whole: Map<String, Value>) -> ErrorBody {
    let message = whole.remove("message");
    let text = message.as_ref().and_then(Value::as_str).unwrap_or(phrase);
    let body = match whole.remove("code") {
        // What edits drafts has names for what is wrong, such as `DraftNotFound`, and no numbers.
        None if !phrase.contains(' ') => ErrorBody::of_text(text).with_code(phrase),
        _ => ErrorBody::of_text(text),
    };
    whole.remove("success");
    if whole.is_empty() { body } else { body.with_object(whole) }
}

/// What a refusal means here beyond what its status says.
pub(crate) fn refine(refusal: &Refusal<'_>) -> Option<(ErrorKind, String)> {
    let Refusal { kind, body, said, context, .. } = refusal;
    // What a runtime says that can't write the artifacts of a turn.
    if *kind == CommonKind::BackendFailed && body.text().is_some_and(|text| text.ends_with("is not JSON serializable"))
    {
        let line = format!("MUXI can't write what the turn has made into a whole answer ({said}); stream such turns");
        return Some((ErrorKind::BackendFailed, line));
    }
    let line = match (kind, body.code()) {
        // What the router says where it has no such route.
        (CommonKind::NotFound, Some("RESOURCE_NOT_FOUND")) if body.text() == Some("Not Found") => {
            format!("{} has no such route ({said}); is it a formation of this release?", context.base_url)
        }
        // The server before it.
        (CommonKind::NotFound, None) if body.text().is_some_and(|text| text.starts_with("No formation with id")) => {
            format!("the server has no such formation ({said}); deploy it, or look at the formation's id")
        }
        _ => return None,
    };
    Some((ErrorKind::NotFound, line))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_servers_errors_have_one_form() {
        let body = read(json!({
            "object": "error", "request": {"id": "req_1", "idempotency_key": null}, "success": false, "data": {},
            "error": {"code": "UNPROCESSABLE_ENTITY", "message": "no memory", "data": {"required": "a database"}},
        }));
        assert_eq!((body.code(), body.text()), (Some("UNPROCESSABLE_ENTITY"), Some("no memory")));
        assert_eq!((body.request_id(), &body.object().unwrap()["required"]), (Some("req_1"), &json!("a database")));

        let body = read(json!({"error": "Not Found", "message": "Formation not found", "code": 404}));
        assert_eq!((body.code(), body.text(), body.object()), (None, Some("Formation not found"), None));
        let body = read(json!({"error": "Bad gateway"}));
        assert_eq!(body.text(), Some("Bad gateway"));
    }

    #[test]
    fn what_is_wrong_field_by_field_is_told_without_what_was_sent() {
        let problem =
            json!({"field": "messages.0.timestamp", "msg": "Field required", "type": "x", "error": "missing"});
        let data = json!({"validation_errors": [problem, 7, {"msg": "no field"}]});
        let body = read(json!({"error": {"code": "INVALID_PARAMS", "message": "1 error(s)", "data": data}}));
        assert_eq!(body.field_errors(), [FieldError::new("messages.0.timestamp", "Field required", "missing")]);
        assert!(body.object().is_none());
    }

    #[test]
    fn a_body_that_is_none_says_nothing() {
        for body in [json!(null), json!([]), json!({"error": 7}), json!({"error": {"code": 7, "data": []}})] {
            assert_eq!(read(body.clone()).code(), None, "{body}");
        }
    }
}
