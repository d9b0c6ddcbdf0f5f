//! How Mycel's recordings are read, and how its facade decodes them.

use bytes::Bytes;
use mycel_sdk::{Client, Error, Message, RetryPolicy, Timestamp};
use mycel_tests::{AnswerSchema, Exchange, call, message_in};
use serde_json::{Value, json};
use test_harness::recordings::{Facade, Other, Recorded};

use crate::json;

/// The facade, over a backend that answers as recorded.
pub struct Mycel {
    client: Client,
    message: Message,
}

/// The ids in the paths of the calls, which do not matter.
const IDS: [&str; 2] = ["c", "1"];

const TIME: &str = "2031-02-03T04:05:06.5Z";

impl Facade for Mycel {
    type Error = Error;

    const LEFT_OUT: &[(&str, &str, &str)] = &[
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

    async fn start(url: &str) -> Self {
        let client = Client::builder(url).auth_token("tok-123").retry(RetryPolicy::never()).build().unwrap();
        Self { client, message: message_in("c").await }
    }

    fn read(row: &Value) -> Recorded {
        let (request, response) = (&row["request"], &row["response"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Recorded {
            method: text(&request["method"]),
            path: text(&request["path"]),
            status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
            content_type: text(&response["content_type"]),
            body: response["body"].clone(),
        }
    }

    fn operation(exchange: &Recorded) -> Option<&'static str> {
        AnswerSchema::get().operation(&exchange.method, &exchange.path)
    }

    fn check(exchange: &Recorded) -> Result<(), String> {
        let exchange = Exchange {
            method: exchange.method.clone(),
            path: exchange.path.clone(),
            query: None,
            request_headers: Vec::new(),
            request_body: Bytes::new(),
            status: exchange.status,
            response_headers: vec![("content-type".to_owned(), exchange.content_type.clone())],
            response_body: Bytes::from(exchange.body.to_string()),
        };
        AnswerSchema::get().check(&exchange).map(drop)
    }

    async fn call(&self, operation: &str) -> Result<String, Error> {
        call(&self.client, operation, IDS, &self.message).await
    }

    fn model(operation: &str, answer: &Value) -> Option<String> {
        json::read(operation, answer)
    }

    /// An error has the status, the detail and the field errors that were recorded.
    fn expect_error(error: &Error, exchange: &Recorded, place: &str) {
        let body = &exchange.body;
        assert_eq!(error.status(), Some(exchange.status), "{place}: {error}");
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

    fn other(value: &Value) -> Other {
        let other = Other::of(value);
        match value {
            Value::Number(number) if number.is_f64() => Other { forms: &[TIME, "1927857906.5"], ..other },
            // A whole number may be a time too: agents have 0 there.
            Value::Number(_) => Other { forms: &["7654321", "1970-03-30T14:12:01Z"], ..other },
            Value::String(text) if is_time(text) => {
                Other { value: json!("2031-02-03T04:05:06.500000+00:00"), forms: &[TIME] }
            }
            _ => other,
        }
    }
}

/// Whether it is a time as relationships have it.
fn is_time(text: &str) -> bool {
    text.ends_with("+00:00") && text.parse::<Timestamp>().is_ok()
}
