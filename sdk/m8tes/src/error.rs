//! The one error type.

use agent_platform_core::{CommonKind, ErrorBody, PartialAnswer, Refusal, Report, error_accessors, error_kinds};
use serde_json::{Map, Value};

use crate::codes;
use crate::id::RunId;
use crate::model::{PermissionRequest, Run};

/// Why a call failed: its [kind](Self::kind), and a line for a person.
///
/// It is one line, without the API key and without what was sent. [`code`](Self::code) is m8tes' own name for it, such as
/// `RUN_LIMIT_REACHED` (see [`codes`](crate::codes)), and [`detail_object`](Self::detail_object) what it says beside that.
pub struct Error(Box<Report<ErrorKind>>, Option<Box<About>>);

/// What run an error is about.
struct About {
    id: RunId,
    run: Option<Run>,
    request: Option<PermissionRequest>,
}

error_accessors!(Error, ErrorKind);

error_kinds! {
    /// What kind of failure it was.
    ErrorKind of "m8tes" {
        /// It has to be paid for first (402): a limit of the account's plan is reached, or its balance is used up.
        /// [`code`](Error::code) says which.
        PaymentRequired,
        /// The run has failed, or was cancelled; [`run`](Error::run) is the run where it was looked at.
        RunFailed,
        /// The run waits for a person, and nobody is there to decide; [`permission_request`](Error::permission_request) is
        /// what it asks.
        NeedsPerson,
    }
}

impl Error {
    pub(crate) fn new(report: Report<ErrorKind>) -> Self {
        Self(Box::new(report), None)
    }

    /// An error that no call has brought.
    pub(crate) fn without_call(kind: ErrorKind, line: impl Into<String>) -> Self {
        Self::new(Report::new(kind, None, line))
    }

    /// One that m8tes' own clients have a code for.
    pub(crate) fn with_code(kind: ErrorKind, code: &str, line: impl Into<String>) -> Self {
        Self::new(Report { body: ErrorBody::default().with_code(code), ..Report::new(kind, None, line) })
    }

    /// What came of an answer that was no whole one.
    pub(crate) fn partial(&self) -> Option<&PartialAnswer> {
        self.0.partial.as_deref()
    }

    /// The same, about this run.
    pub(crate) fn about(mut self, id: RunId) -> Self {
        self.1.get_or_insert_with(|| Box::new(About { id, run: None, request: None }));
        self
    }

    /// The same, about this run as it was seen last.
    pub(crate) fn with_run(self, run: Run) -> Self {
        let mut error = self.about(run.id);
        if let Some(about) = &mut error.1 {
            about.run = Some(run);
        }
        error
    }

    /// The same, about what this run asks.
    pub(crate) fn with_request(self, id: RunId, request: PermissionRequest) -> Self {
        let mut error = self.about(id);
        if let Some(about) = &mut error.1 {
            about.request = Some(request);
        }
        error
    }

    /// The run that it is about, where one is known: the run was started, and goes on unless it says otherwise. Wait for it
    /// or [join](crate::runs::Runs::join) it rather than start it again.
    pub fn run_id(&self) -> Option<RunId> {
        self.1.as_ref().map(|about| about.id)
    }

    /// That run as it was seen last, where it was looked at.
    pub fn run(&self) -> Option<&Run> {
        self.1.as_ref()?.run.as_ref()
    }

    /// What that run asks a person, where it waits for one.
    pub fn permission_request(&self) -> Option<&PermissionRequest> {
        self.1.as_ref()?.request.as_ref()
    }
}

/// Reads the body of a refusal: `{"error": {…}}` mostly, and what comes from before m8tes has been reached.
pub(crate) fn read(body: Value) -> ErrorBody {
    let Value::Object(mut whole) = body else { return ErrorBody::default() };
    match whole.remove("error") {
        Some(Value::Object(error)) => of_error(error),
        Some(Value::String(text)) => ErrorBody::of_text(&text),
        _ => of_detail(whole),
    }
}

fn of_error(mut error: Map<String, Value>) -> ErrorBody {
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let details = error.get("details").and_then(Value::as_object);
    let in_details = || details.and_then(|details| details.get("error_code")?.as_str());
    // `code` is the status as a number mostly.
    let code = error.get("error_code").and_then(Value::as_str).or_else(in_details).unwrap_or_else(|| text("code"));
    let body = ErrorBody::of_text(text("message")).with_code(code).with_request_id(text("request_id"));
    let further = error.remove("doc_url").filter(Value::is_string);
    let mut details = match error.remove("details") {
        Some(Value::Object(details)) => Some(details),
        _ => None,
    };
    if let Some(url) = further {
        details.get_or_insert_default().entry("doc_url").or_insert(url);
    }
    match details {
        Some(details) => body.with_object(details),
        None => body,
    }
}

/// What was answered by what m8tes is made with, before m8tes itself.
fn of_detail(whole: Map<String, Value>) -> ErrorBody {
    let body = ErrorBody::of_detail(Value::Object(whole.clone()));
    match whole.get("detail") {
        Some(Value::String(_)) => body.with_object(whole),
        Some(Value::Array(items)) if body.field_errors().is_empty() => {
            let text = |item: &Value| {
                [item.get("msg"), item.get("message"), Some(item)]
                    .into_iter()
                    .flatten()
                    .find_map(|text| text.as_str().map(str::to_owned))
            };
            body.with_text(&items.iter().filter_map(text).collect::<Vec<_>>().join(", "))
        }
        _ => body,
    }
}

/// What the router says where it has no such route, and m8tes itself does not.
fn is_of_router(body: &ErrorBody) -> bool {
    body.object()
        .is_some_and(|whole| whole.len() == 1 && whole.get("detail").is_some_and(|detail| detail == "Not Found"))
}

/// The codes of what has to be paid for first.
const BILLING: [&str; 5] = [
    codes::RUN_LIMIT_REACHED,
    codes::TRIAL_EXPIRED,
    codes::OVERAGE_CAP_REACHED,
    codes::TOKEN_BALANCE_DEPLETED,
    codes::STARTER_LANE_MODEL_REQUIRED,
];

/// What a refusal means here beyond what its status says.
pub(crate) fn refine(refusal: &Refusal<'_>) -> Option<(ErrorKind, String)> {
    let Refusal { kind, status, body, said, context } = refusal;
    let own_kind = if *status == 402 { ErrorKind::PaymentRequired } else { ErrorKind::from_common(*kind) };
    let line = match kind {
        _ if body.code() == Some(codes::EMAIL_VERIFICATION_REQUIRED) => {
            format!(
                "the account's e-mail address is not verified ({said}); account().resend_verification() sends the e-mail again"
            )
        }
        _ if *status == 402 || body.code().is_some_and(|code| BILLING.contains(&code)) => {
            format!("m8tes wants to be paid for it first ({said}); look at the account's plan and balance")
        }
        CommonKind::NotFound if is_of_router(body) => {
            format!(
                "{} has no such route ({said}); the base URL is probably wrong: does it lack /api/v2?",
                context.base_url
            )
        }
        CommonKind::Rejected if said.contains("require_end_user_id") => format!(
            "the account is strict: each call has to say for which user it is ({said}); use Client::for_user or .user(…)"
        ),
        _ => return None,
    };
    Some((own_kind, line))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The text and the code of a body.
    fn told(body: Value) -> (Option<String>, Option<String>) {
        let body = read(body);
        (body.text().map(str::to_owned), body.code().map(str::to_owned))
    }

    #[test]
    fn an_error_is_read_in_each_form_that_m8tes_has() {
        let some = |text: &str| Some(text.to_owned());
        for (body, expected) in [
            (json!({"error": {"message": "m", "code": 404}}), (some("m"), None)),
            (
                json!({"error": {"message": "m", "error_code": "A", "details": {"error_code": "B"}}}),
                (some("m"), some("A")),
            ),
            (json!({"error": {"message": "m", "code": "C", "details": {"error_code": "B"}}}), (some("m"), some("B"))),
            (json!({"error": {"message": "m", "code": "C", "details": 5}}), (some("m"), some("C"))),
            (json!({"error": "text"}), (some("text"), None)),
            (json!({"detail": "text"}), (some("text"), None)),
            (json!({"detail": ["one", {"msg": "two"}, {"message": "three"}, 4, {}]}), (some("one, two, three"), None)),
            (json!({"detail": []}), (None, None)),
            (json!({"error": null}), (None, None)),
            (json!({"error": null, "detail": "text"}), (some("text"), None)),
            (json!([1]), (None, None)),
            (json!("text"), (None, None)),
        ] {
            assert_eq!(told(body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn the_details_and_the_request_id_are_kept() {
        let details = json!({"error_code": "RUN_LIMIT_REACHED", "runs_used": 5});
        let body = read(json!({"error": {"message": "m", "request_id": "req_1", "details": details}}));
        assert_eq!(body.object().map(|object| Value::Object(object.clone())), Some(details));
        assert_eq!(body.request_id(), Some("req_1"));
        let documented = read(json!({"error": {"message": "m", "doc_url": "https://x"}}));
        assert_eq!(documented.object().unwrap()["doc_url"], "https://x");
    }
}
