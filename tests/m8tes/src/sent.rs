//! What was sent, in the form of the recordings.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// The headers that recordings have.
const HEADERS: [&str; 3] = ["authorization", "content-type", "idempotency-key"];

/// What the head and the body of a request are in a recording.
pub fn recorded(request: &str) -> Value {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let (line, head) = head.split_once("\r\n").unwrap();
    let [method, target, _] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
    let target = target.strip_prefix("/api/v2").unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned();
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let query: Map<_, _> = query.map(|(name, value)| (decoded(name), decoded(value).into())).collect();
    let mut headers = Map::new();
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        let name = name.to_ascii_lowercase();
        if HEADERS.contains(&name.as_str()) {
            headers.insert(name, value.into());
        }
    }
    let boundary = headers.get("content-type").and_then(|kind| kind.as_str()?.split_once("boundary="));
    let body = match boundary.map(|(_, boundary)| boundary.to_owned()) {
        Some(boundary) => {
            headers.insert("content-type".to_owned(), "multipart/form-data; boundary=<boundary>".into());
            json!({"multipart": parts(body, &boundary)})
        }
        None if body.is_empty() => Value::Null,
        None => serde_json::from_str(body).unwrap(),
    };
    if let Some(key) = headers.get_mut("idempotency-key").filter(|key| is_uuid_4(key.as_str().unwrap())) {
        *key = "<uuid4>".into();
    }
    if let Some(key) = headers.get_mut("authorization").filter(|key| key.as_str().unwrap().starts_with("Bearer ")) {
        *key = BEARER.into();
    }
    json!({"method": method, "path": path, "query": query, "headers": headers, "body": body})
}

/// What stands for any key.
pub const BEARER: &str = "Bearer <key>";

/// The parts of a form.
fn parts(body: &str, boundary: &str) -> Vec<Value> {
    let border = format!("--{boundary}");
    let parts = body.split(&border).filter_map(|part| part.strip_prefix("\r\n"));
    parts
        .map(|part| {
            let (head, content) = part.split_once("\r\n\r\n").unwrap();
            let content = content.strip_suffix("\r\n").unwrap();
            let quoted = |name: &str| Some(head.split_once(&format!("{name}=\""))?.1.split_once('"')?.0);
            let kind =
                head.lines().find_map(|line| line.split_once(": ").filter(is_content_type)).map(|(_, kind)| kind);
            let mut part = json!({"name": quoted(" name"), "filename": quoted("filename"), "content_type": kind});
            match serde_json::from_str::<Value>(content) {
                Ok(json) if json.is_object() => part["json"] = json,
                _ => part["text"] = content.into(),
            }
            part
        })
        .collect()
}

fn is_content_type((name, _): &(&str, &str)) -> bool {
    name.eq_ignore_ascii_case("content-type")
}

fn is_uuid_4(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups[2].starts_with('4')
        && text.chars().all(|character| character == '-' || character.is_ascii_hexdigit())
}
