//! Answers for peers that stand in for m8tes.

use serde_json::{Value, json};
use test_harness::Reply;

/// A run with this status and these further fields.
pub fn run(status: &str, more: &Value) -> Value {
    let mut run = json!({"id": 42, "status": status, "created_at": "2026-11-01T09:00:00Z"});
    if let (Some(run), Some(more)) = (run.as_object_mut(), more.as_object()) {
        run.extend(more.clone());
    }
    run
}

/// An answer that is that run.
pub fn is(status: &str, more: &Value) -> Reply {
    ok(&run(status, more))
}

/// An answer that is this JSON.
pub fn ok(body: &Value) -> Reply {
    Reply::json("200 OK", &body.to_string())
}

/// A refusal with this code.
pub fn refuses(status: &str, code: &str) -> Reply {
    let number: u16 = status.get(..3).and_then(|number| number.parse().ok()).unwrap_or_default();
    Reply::json(status, &json!({"error": {"message": "no", "code": number, "error_code": code}}).to_string())
}

/// A refusal of which no more than the head comes.
pub fn refuses_without_a_word(status: &str) -> Reply {
    let head = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n"
    );
    Reply::Bytes(head.into_bytes())
}

/// The events of run 42, as they come up to the end of the connection. Not `whole`, the body breaks off behind them.
pub fn events(frames: &[Value], whole: bool) -> Reply {
    let body: String = frames.iter().map(|frame| format!("data: {frame}\n\n")).collect();
    let length = if whole { body.len() } else { body.len() + 1 };
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\nx-run-id: 42\r\n\
         content-length: {length}\r\n\r\n"
    );
    Reply::Bytes((head + &body).into_bytes())
}

/// A piece of text.
pub fn text(piece: &str) -> Value {
    json!({"type": "text-delta", "delta": piece})
}

/// The end of a turn.
pub fn done() -> Value {
    json!({"type": "done"})
}
