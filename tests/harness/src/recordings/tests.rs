//! What a facade loses is found, by one that reads a thing in an envelope.

use serde_json::json;

use super::*;
use crate::raw_request;

/// Shows these fields of a thing, and no others.
struct Shows<const SIZE: bool>(String);

impl<const SIZE: bool> Facade for Shows<SIZE> {
    type Error = String;

    const LEFT_OUT: &[(&str, &str, &str)] = &[("get_thing", "/data/kind", "`thing` in each answer")];
    const PAYLOAD: &str = "/data";

    async fn start(url: &str) -> Self {
        Self(url.to_owned())
    }

    fn read(row: &Value) -> Recorded {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Recorded {
            method: text(&row["method"]),
            path: text(&row["path"]),
            status: row["status"].as_u64().unwrap().try_into().unwrap(),
            content_type: text(&row["answer_headers"]["content-type"]),
            body: row["answer"].clone(),
        }
    }

    fn operation(exchange: &Recorded) -> Option<&'static str> {
        (exchange.path == "/thing").then_some("get_thing")
    }

    fn check(exchange: &Recorded) -> Result<(), String> {
        exchange.body.is_object().then_some(()).ok_or_else(|| "it is no object".to_owned())
    }

    async fn call(&self, _operation: &str) -> Result<String, String> {
        let (status, body) = raw_request(&self.0, "GET", "/thing", "", "").await;
        let answer: Value = serde_json::from_str(&body).unwrap();
        if status != 200 {
            return Err(answer["error"].to_string());
        }
        let data = &answer["data"];
        Ok(if SIZE { format!("{} {}", data["name"], data["size"]) } else { data["name"].to_string() })
    }

    fn model(_operation: &str, _answer: &Value) -> Option<String> {
        None
    }

    fn expect_error(error: &String, exchange: &Recorded, place: &str) {
        assert_eq!(*error, exchange.body["error"].to_string(), "{place}");
    }
}

/// Decodes a recording of one answer and one error.
async fn decoded<F: Facade>() -> (Decoded, Vec<String>) {
    let document = json!({ "paths": { "/thing": { "get": { "operationId": "get_thing", "responses": { "200": {
        "content": { "application/json": { "schema": { "properties": { "data": {}, "error": {} } } } }
    } } } } } });
    let row = |status: u16, answer: Value| {
        json!({ "method": "GET", "path": "/thing", "status": status,
            "answer_headers": { "content-type": "application/json" }, "answer": answer })
    };
    let data = json!({ "kind": "thing", "name": "a", "size": 1, "gone": null });
    let answer = row(200, json!({ "request": "req_1", "data": data, "error": null }));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{answer}\n{}\n", row(404, json!({ "error": "no" })))).unwrap();
    let mut fields = AnswerFields::of(&document.to_string());
    let decoded = decode::<F>(file.path(), &mut fields).await;
    (decoded, fields.without_value().into_iter().map(str::to_owned).collect())
}

#[tokio::test]
async fn each_value_behind_the_envelope_is_seen_or_left_out_on_purpose() {
    let (decoded, without_value) = decoded::<Shows<true>>().await;
    let expected = Decoded {
        answers: 1,
        values: 2,
        errors: 1,
        operations: ["get_thing"].into(),
        left_out: [("get_thing", "/data/kind")].into(),
    };
    assert_eq!(decoded, expected);
    assert_eq!(without_value, ["get_thing.error"]);
}

#[tokio::test]
#[should_panic(expected = "the models lose these")]
async fn what_is_lost_is_found() {
    decoded::<Shows<false>>().await;
}
