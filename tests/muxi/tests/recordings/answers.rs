//! Whole answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use muxi_sdk::{Error, FormationClient, RetryPolicy};
use serde_json::{Value, json};
use test_harness::recordings::{Facade, Marked, Other, Recorded, decode, marked};
use test_harness::{AnswerFields, PublicOperation, Reply, note};

use crate::calls;

/// The facade, over a formation that answers as recorded.
struct Muxi(FormationClient);

/// Times, as they may be written.
const TIME: &str = "2031-02-03T04:05:06.5Z";

fn operations() -> &'static [PublicOperation] {
    static OPERATIONS: std::sync::LazyLock<Vec<PublicOperation>> =
        std::sync::LazyLock::new(|| PublicOperation::all("muxi-formation"));
    &OPERATIONS
}

/// The operation that a request is one of: of several the one whose path has the fewest names in it.
fn operation(method: &str, path: &str) -> Option<&'static str> {
    let meant = operations().iter().filter(|operation| operation.is_meant_by(method, path));
    meant.min_by_key(|operation| operation.path.matches('{').count()).map(|operation| operation.name.as_str())
}

impl Facade for Muxi {
    type Error = Error;

    const LEFT_OUT: &[(&str, &str, &str)] = calls::LEFT_OUT;
    const PAYLOAD: &str = "/data";

    fn payload(answer: &Value) -> &'static str {
        // The answer about health is in no envelope.
        if answer.get("data").is_some() { Self::PAYLOAD } else { "" }
    }

    fn answered_before(operation: &str) -> Option<Reply> {
        // A new secret is one that can't be changed.
        let error = json!({"code": "SECRET_NOT_FOUND", "message": "Secret not found", "data": null});
        let refusal = json!({"object": "error", "success": false, "error": error, "data": {}});
        (operation == "create_secret").then(|| Reply::json("404 Not Found", &refusal.to_string()))
    }

    async fn start(url: &str) -> Self {
        let builder =
            FormationClient::direct(url).client_key("zq-8201-wv").admin_key("zq-8202-wv").retry(RetryPolicy::never());
        Self(builder.build().unwrap().for_user("ada"))
    }

    fn read(row: &Value) -> Recorded {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let path = text(&row["path"]);
        let path = path.split('?').next().unwrap();
        Recorded {
            method: text(&row["method"]),
            path: format!("/v1{path}"),
            status: u16::try_from(row["status"].as_u64().unwrap()).unwrap(),
            content_type: text(&row["answer_headers"]["content-type"]),
            body: row["answer"].clone(),
        }
    }

    fn operation(exchange: &Recorded) -> Option<&'static str> {
        operation(&exchange.method, &exchange.path)
    }

    fn check(exchange: &Recorded) -> Result<(), String> {
        let body = &exchange.body;
        let fits = match exchange.path.as_str() {
            "/v1/health" => body["status"].is_string(),
            _ => body["success"] == exchange.is_success() && body["data"].is_object() && body["request"].is_object(),
        };
        if fits { Ok(()) } else { Err(format!("it is in no envelope: {body}")) }
    }

    async fn call(&self, operation: &str) -> Result<String, Error> {
        calls::call(&self.0, operation).await
    }

    fn model(_: &str, _: &Value) -> Option<String> {
        None
    }

    /// An error has the status, the code, the text, the request's id and the field errors that were recorded.
    fn expect_error(error: &Error, exchange: &Recorded, place: &str) {
        let (body, told) = (&exchange.body, &exchange.body["error"]);
        assert_eq!(error.status(), Some(exchange.status), "{place}: {error}");
        assert_eq!(error.code(), told["code"].as_str(), "{place}");
        assert_eq!(error.request_id(), body["request"]["id"].as_str(), "{place}");
        // It is one line, and not the longest.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (message, detail) = (words(told["message"].as_str().unwrap()), error.detail().map(words));
        assert!(detail.is_some_and(|detail| message.starts_with(&detail)), "{place}: {:?}", error.detail());
        let problems = told["data"]["validation_errors"].as_array().into_iter().flatten();
        let problems = problems.map(|problem| {
            let text = |field: &str| problem[field].as_str().unwrap().to_owned();
            (text("field"), text("msg"), text("error"))
        });
        let fields = error.field_errors().iter();
        let fields = fields.map(|field| (field.location.clone(), field.message.clone(), field.code.clone()));
        assert_eq!(fields.collect::<Vec<_>>(), problems.collect::<Vec<_>>(), "{place}");
    }

    fn other(value: &Value) -> Other {
        let other = Other::of(value);
        match value {
            Value::Number(number) if number.is_f64() => {
                Other { forms: &["1927857906.5", "2031-02-03T04:05:06.5Z"], ..other }
            }
            // A whole number may be a time too.
            Value::Number(_) => Other { forms: &["7654321", "1970-03-30T14:12:01Z"], ..other },
            Value::String(text) if is_time(text) => Other { value: json!(TIME), forms: &[TIME] },
            _ => other,
        }
    }

    /// Of the hundreds of numbers of an embedding, which nobody reads, none.
    fn marked(answer: &Value) -> Vec<Marked> {
        let mut answer = answer.clone();
        without_embeddings(&mut answer);
        marked(&answer, Self::payload(&answer), Self::other)
    }
}

fn without_embeddings(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("embedding");
            fields.values_mut().for_each(without_embeddings);
        }
        Value::Array(items) => items.iter_mut().for_each(without_embeddings),
        _ => {}
    }
}

/// Whether it is a time as formations write it.
fn is_time(text: &str) -> bool {
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    text.len() >= 19 && is_digit(0) && is_digit(18) && text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b'T'
}

/// Why an exchange is no call of one method of the facade's, if it is none.
fn apart(row: &Value) -> Option<&'static str> {
    let exchange = Muxi::read(row);
    let Some(operation) = operation(&exchange.method, &exchange.path) else {
        return Some("of no public operation");
    };
    let code = exchange.body["error"]["code"].as_str().unwrap_or_default();
    match (operation, code) {
        _ if operation.starts_with("stream_") || exchange.content_type.starts_with("text/event-stream") => {
            Some("a stream")
        }
        ("update_secret", "SECRET_NOT_FOUND") => Some("a step to a new secret"),
        ("create_secret", "SECRET_EXISTS") => Some("a step to a changed secret"),
        ("clear_all_buffers", "INTERNAL_ERROR") => Some("a failure that is the success"),
        _ => None,
    }
}

/// The recordings in `MUXI_RECORDINGS`; where it names no folder, it is told that the test is left out.
pub(crate) fn recordings(test: &str) -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("MUXI_RECORDINGS").map(PathBuf::from) else {
        note(&format!("left out, since MUXI_RECORDINGS names no folder: {test}"));
        return Vec::new();
    };
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    assert!(!files.is_empty(), "there are no recordings in {}", folder.display());
    files
}

/// The lines of a file of recordings.
pub(crate) fn rows(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_facade_decodes_what_another_formation_was_recorded_with() {
    let mut left_out = std::collections::BTreeSet::new();
    let files = recordings("the_facade_decodes_what_another_formation_was_recorded_with");
    for file in &files {
        let (mut whole, mut others) = (String::new(), BTreeMap::<&str, usize>::new());
        for row in rows(file) {
            match apart(&row) {
                Some(why) => *others.entry(why).or_default() += 1,
                None => whole += &format!("{row}\n"),
            }
        }
        let of_calls = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(of_calls.path(), whole).unwrap();
        let mut fields = AnswerFields::of(include_str!("../../../../openapi/muxi-formation/public.json"));
        let decoded = decode::<Muxi>(of_calls.path(), &mut fields).await;
        left_out.extend(decoded.left_out);
        note(&format!(
            "decoded of {}: {} answers with {} values and {} errors of {} operations; apart {others:?}",
            file.file_name().unwrap().display(),
            decoded.answers,
            decoded.values,
            decoded.errors,
            decoded.operations.len(),
        ));
    }
    if !files.is_empty() {
        let exceptions = calls::LEFT_OUT.iter().map(|(operation, what, _)| (*operation, *what));
        assert_eq!(left_out, exceptions.collect(), "the exceptions that are needed");
    }
}
