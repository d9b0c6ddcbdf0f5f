//! What a call has come to, and what of it differs from what the official client has come to.

use m8tes_sdk::{Error, ErrorKind};
use m8tes_tests::differences::{ABSENT, Difference};
use m8tes_tests::official::Failed;
use serde_json::{Map, Value, json};

/// What the official client's exceptions are called here. Some are several kinds: ours tells them apart.
const KINDS: [(&str, &[ErrorKind]); 11] = [
    ("ValidationError", &[ErrorKind::Rejected, ErrorKind::InvalidInput]),
    ("AuthenticationError", &[ErrorKind::Unauthorized]),
    ("BillingError", &[ErrorKind::PaymentRequired]),
    ("PermissionDeniedError", &[ErrorKind::Forbidden]),
    ("NotFoundError", &[ErrorKind::NotFound]),
    ("ConflictError", &[ErrorKind::Conflict]),
    ("RateLimitError", &[ErrorKind::TooManyRequests]),
    (
        "APIError",
        &[
            ErrorKind::BackendFailed,
            ErrorKind::Unavailable,
            ErrorKind::UnexpectedStatus,
            ErrorKind::RequestTooLarge,
            ErrorKind::Connect,
            ErrorKind::Interrupted,
        ],
    ),
    ("StreamInterruptedError", &[ErrorKind::Interrupted]),
    ("RunFailedError", &[ErrorKind::RunFailed]),
    ("TimeoutError", &[ErrorKind::TimedOut]),
];

/// What differs.
pub(crate) fn differences(ours: Result<Value, Failed>, line: &Value) -> Vec<Difference> {
    let theirs = &line["raised"];
    let error = match ours {
        Ok(value) => {
            let theirs = if theirs.is_null() { shown(&line["result"]) } else { shown(&theirs["class"]) };
            return Difference::between("outcome", shown(&value), theirs).into_iter().collect();
        }
        Err(Failed::Unsayable(what)) => {
            let theirs = if theirs.is_null() { shown(&line["result"]) } else { shown(&theirs["class"]) };
            return Difference::between("outcome", what, theirs).into_iter().collect();
        }
        Err(Failed::Error(error)) => error,
    };
    if theirs.is_null() {
        let kind = format!("{:?}", error.kind());
        return Difference::between("outcome", kind, shown(&line["result"])).into_iter().collect();
    }
    let class = theirs["class"].as_str().unwrap();
    let is_so = KINDS.iter().any(|(name, kinds)| *name == class && kinds.contains(&error.kind()));
    let kind = if is_so { class.to_owned() } else { format!("{:?}", error.kind()) };
    let mut found: Vec<_> = Difference::between("outcome", kind, class).into_iter().collect();
    // Theirs has two attributes for it, each of which looks at some of the places only.
    let code = [&theirs["error_code"], &theirs["code"]].into_iter().find(|code| code.is_string());
    found.extend(Difference::between("code", shown(&json!(error.code())), shown(code.unwrap_or(&Value::Null))));
    for (what, ours) in fields(&error) {
        // What theirs has no attribute for is not compared, nor what it puts into details of its own.
        let is_its_own = what == "details" && theirs["status_code"].is_null();
        if let Some(theirs) = theirs.get(what).filter(|_| !is_its_own) {
            found.extend(Difference::between(what, shown(&ours), shown(theirs)));
        }
    }
    found
}

/// What the error tells, by the official client's names.
fn fields(error: &Error) -> [(&'static str, Value); 6] {
    let details = error.detail_object().cloned().unwrap_or_else(Map::new);
    [
        ("status_code", json!(error.status())),
        ("request_id", json!(error.request_id())),
        ("retry_after", json!(error.retry_after().map(|pause| pause.as_secs_f64()))),
        ("message", json!(error.detail())),
        ("run_id", json!(error.run_id())),
        ("details", details.into()),
    ]
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => ABSENT.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
