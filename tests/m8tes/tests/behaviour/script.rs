//! A server that answers as a recording says.

use std::sync::{Arc, Mutex};

use m8tes_tests::sent::recorded;
use serde_json::{Value, json};
use test_harness::{Connection, RawPeer};

/// Starts it. Each answer is for the requests of its method and its path, where it names any, and as often as it says.
pub(crate) async fn serve(answers: &Value) -> RawPeer {
    let answers = Arc::new(Mutex::new(answers.as_array().unwrap().clone()));
    RawPeer::start(move |connection| answer(connection, Arc::clone(&answers))).await
}

async fn answer(mut connection: Connection, answers: Arc<Mutex<Vec<Value>>>) {
    while let Some(request) = connection.request().await {
        let next = next(&mut answers.lock().unwrap(), &recorded(&request));
        if next["drop"] == true {
            return;
        }
        connection.send(bytes(&next)).await;
        if next["abort"] == true {
            return;
        }
    }
}

/// The answer to a request.
fn next(answers: &mut Vec<Value>, request: &Value) -> Value {
    let is_for = |answer: &Value, what: &str| answer[what].is_null() || answer[what] == request[what];
    let Some(place) = answers.iter().position(|answer| is_for(answer, "method") && is_for(answer, "path")) else {
        return json!({"status": 404, "json": {"error": {"message": "no answer is left", "error_code": "UNSCRIPTED"}}});
    };
    let times = answers[place]["times"].as_u64().unwrap_or(1);
    if times > 1 {
        answers[place]["times"] = (times - 1).into();
        return answers[place].clone();
    }
    answers.remove(place)
}

fn bytes(answer: &Value) -> String {
    let status = answer["status"].as_u64().unwrap_or(200);
    let mut head = format!("HTTP/1.1 {status} \r\n");
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        head += &format!("{name}: {}\r\n", value.as_str().unwrap());
    }
    let mut kind = |kind: &str| {
        if answer["headers"]["Content-Type"].is_null() {
            head += &format!("Content-Type: {kind}\r\n");
        }
    };
    if let Some(chunks) = answer["chunks"].as_array() {
        kind("text/event-stream; charset=utf-8");
        let chunk = |chunk: &Value| {
            let text = chunk["text"].as_str().unwrap();
            format!("{:x}\r\n{text}\r\n", text.len())
        };
        let chunks: String = chunks.iter().map(chunk).collect();
        let end = if answer["abort"] == true { "" } else { "0\r\n\r\n" };
        return format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}{end}");
    }
    kind("application/json");
    let body = answer["body"].as_str().map_or_else(|| answer["json"].to_string(), str::to_owned);
    let length = if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    format!("{head}{length}\r\n{body}")
}
