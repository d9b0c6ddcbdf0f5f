//! Recorded answers, each through the facade's method for its operation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use mycel_sdk::{Client, Error, RetryPolicy};
use mycel_tests::{AnswerFields, AnswerSchema, Exchange, Peer, Reply, call, message_in};
use serde_json::Value;

use crate::json;
use crate::marks::{Marked, marked};

/// What the facade leaves out on purpose: of which operation's answer, what, and why.
pub const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("send_otp", "/ok", "true in each answer: a failure has a status of its own"),
    ("mark_messages_read", "/status", "`ok` in each answer"),
    ("mute_chat_member", "/status", "`ok` in each answer"),
    ("mute_chat_member", "/muted", "what the caller has just said"),
    ("delete_workflow", "/status", "`deleted` in each answer"),
    ("delete_workflow_event", "/status", "`deleted` in each answer"),
    ("delete_task", "/status", "`deleted` in each answer"),
    ("drain_inbox", "/count", "the length of the list"),
    ("wait_for_inbox", "/count", "the length of the list"),
];

/// How much was decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    pub answers: usize,
    pub values: usize,
    pub errors: usize,
    /// The operations that there is an answer of.
    pub operations: BTreeSet<&'static str>,
    /// What the facade left out, as in [`LEFT_OUT`].
    pub left_out: BTreeSet<(&'static str, &'static str)>,
}

/// The ids in the paths of the calls, which do not matter.
const IDS: [&str; 2] = ["c", "1"];

struct Row {
    place: String,
    operation: &'static str,
    status: u16,
    answer: Value,
    marked: Vec<Marked>,
    replies: Vec<Reply>,
}

impl Row {
    fn read(file: &Path, index: usize, line: &str) -> Self {
        let row: Value = serde_json::from_str(line).unwrap();
        let (request, response) = (&row["request"], &row["response"]);
        let (method, path) = (request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
        let operation = AnswerSchema::get().operation(method, path);
        let operation = operation.unwrap_or_else(|| panic!("line {}: no operation is {method} {path}", index + 1));
        let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        let answer = response["body"].clone();
        let marked = if status == 200 { marked(&answer) } else { Vec::new() };
        let answers = std::iter::once(&answer).chain(marked.iter().map(|marked| &marked.answer));
        let replies = answers.map(|answer| reply(status, response, answer)).collect();
        let place = format!("{}, line {}, {operation}", file.display(), index + 1);
        AnswerSchema::get()
            .check(&exchange(method, path, status, response))
            .unwrap_or_else(|problem| panic!("{place}: {problem}"));
        Self { place, operation, status, answer, marked, replies }
    }
}

/// Decodes each answer of a file, and holds what comes out against it; the answer itself against the schema. The fields
/// of those that were decoded are noted.
pub async fn decode(file: &Path, fields: &mut AnswerFields) -> Decoded {
    let text = std::fs::read_to_string(file).unwrap();
    let rows: Vec<Row> = text.lines().enumerate().map(|(index, line)| Row::read(file, index, line)).collect();
    let script: Vec<Reply> = rows.iter().flat_map(|row| row.replies.clone()).collect();
    let peer = Peer::start(script).await;
    let client = Client::builder(peer.url()).auth_token("tok-123").retry(RetryPolicy::never()).build().unwrap();
    let message = message_in("c").await;
    let (mut decoded, mut lost) = (Decoded::default(), BTreeMap::new());
    for Row { place, operation, status, answer, marked, .. } in &rows {
        let outcome = call(&client, operation, IDS, &message).await;
        if *status != 200 {
            expect_error(&outcome.expect_err(place), *status, answer, place);
            decoded.errors += 1;
            continue;
        }
        let unchanged = outcome.unwrap_or_else(|error| panic!("{place}: {error}"));
        expect_same_of_serde(operation, answer, &unchanged, place);
        for value in marked {
            let changed = call(&client, operation, IDS, &message).await;
            let changed = changed.unwrap_or_else(|error| panic!("{place}, {} changed: {error}", value.pointer));
            expect_same_of_serde(operation, &value.answer, &changed, place);
            let exception = LEFT_OUT.iter().find(|(of, what, _)| of == operation && *what == value.place());
            match (value.is_seen(&unchanged, &changed), exception) {
                (true, None) => decoded.values += 1,
                (false, Some((of, what, _))) => drop(decoded.left_out.insert((*of, *what))),
                (false, None) => drop(lost.insert((operation, value.place()), place)),
                (true, Some(_)) => panic!("{place}: {} comes through; it is no exception", value.pointer),
            }
        }
        fields.note(operation, answer);
        decoded.operations.insert(operation);
        decoded.answers += 1;
    }
    assert!(lost.is_empty(), "the models lose these: {lost:#?}");
    decoded
}

/// The model is what serde alone reads of the answer.
fn expect_same_of_serde(operation: &str, answer: &Value, returned: &str, place: &str) {
    if let Some(read) = json::read(operation, answer) {
        assert_eq!(read, returned, "{place}: {answer:#}");
    }
}

/// What was recorded, as it came.
fn exchange(method: &str, path: &str, status: u16, response: &Value) -> Exchange {
    let content_type = response["content_type"].as_str().unwrap().to_owned();
    Exchange {
        method: method.to_owned(),
        path: path.to_owned(),
        query: None,
        request_headers: Vec::new(),
        request_body: Bytes::new(),
        status,
        response_headers: vec![("content-type".to_owned(), content_type)],
        response_body: Bytes::from(response["body"].to_string()),
    }
}

fn reply(status: u16, response: &Value, body: &Value) -> Reply {
    let content_type = response["content_type"].as_str().unwrap();
    let body = match body {
        Value::String(text) if !content_type.starts_with("application/json") => text.clone(),
        body => body.to_string(),
    };
    Reply::http(&format!("{status} Recorded"), &format!("content-type: {content_type}\r\n"), &body)
}

/// An error has the status, the detail and the field errors that were recorded.
fn expect_error(error: &Error, status: u16, body: &Value, place: &str) {
    assert_eq!(error.status(), Some(status), "{place}: {error}");
    match body.get("detail").unwrap_or(body) {
        // `Internal Server Error`, which is no JSON.
        Value::String(_) if body.is_string() => assert_eq!(error.detail(), None, "{place}"),
        Value::String(detail) => assert_eq!(error.detail(), Some(detail.as_str()), "{place}"),
        Value::Array(items) => {
            let told = error
                .field_errors()
                .iter()
                .map(|field| (field.location.clone(), field.message.clone(), field.code.clone()));
            let recorded = items.iter().map(|item| {
                let location = item["loc"].as_array().unwrap().iter();
                let location = location.map(|part| part.as_str().map_or(part.to_string(), str::to_owned));
                let text = |name: &str| item[name].as_str().unwrap().to_owned();
                (location.collect::<Vec<_>>().join("."), text("msg"), text("type"))
            });
            assert_eq!(told.collect::<Vec<_>>(), recorded.collect::<Vec<_>>(), "{place}");
        }
        detail => {
            assert_eq!(error.detail_object(), detail.as_object(), "{place}");
            assert_eq!(error.detail(), detail["error"].as_str(), "{place}");
        }
    }
}
