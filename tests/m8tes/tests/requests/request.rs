//! A request, in the form of the recordings, and what differs between two.

use std::collections::BTreeSet;

use m8tes_tests::differences::{ABSENT, Difference};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// The headers that recordings have.
const HEADERS: [&str; 3] = ["authorization", "content-type", "idempotency-key"];

/// What the head and the body of a request are in a recording.
pub(crate) fn recorded(request: &str) -> Value {
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
const BEARER: &str = "Bearer <key>";

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

/// What differs between the requests of one call.
pub(crate) fn differences(ours: &[Value], theirs: &[Value]) -> Vec<Difference> {
    let mut found = Vec::new();
    for number in 0..ours.len().max(theirs.len()) {
        match (ours.get(number), theirs.get(number)) {
            (Some(ours), Some(theirs)) => compare(ours, theirs, &mut found),
            (ours, theirs) => {
                let line = |request: Option<&Value>| match request {
                    Some(request) => format!("{} {}", text(&request["method"]), text(&request["path"])),
                    None => ABSENT.to_owned(),
                };
                found.extend(Difference::between("a request more", line(ours), line(theirs)));
            }
        }
    }
    found
}

fn compare(ours: &Value, theirs: &Value, found: &mut Vec<Difference>) {
    found.extend(Difference::between("method", text(&ours["method"]), text(&theirs["method"])));
    paths(text(&ours["path"]), text(&theirs["path"]), found);
    for (what, place) in [("query", "/query"), ("header", "/headers"), ("body", "/body")] {
        let [ours, theirs] = [ours, theirs].map(|request| request.pointer(place).unwrap_or(&Value::Null).clone());
        let theirs = if theirs["authorization"].is_string() { with_any_key(theirs) } else { theirs };
        values(what, Some(&ours), Some(&theirs), found);
    }
}

fn with_any_key(mut headers: Value) -> Value {
    headers["authorization"] = BEARER.into();
    headers
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What differs between two paths: their slashes at the end, and segment by segment.
fn paths(ours: &str, theirs: &str, found: &mut Vec<Difference>) {
    let end = |path: &str| if path.ends_with('/') { "/" } else { "no slash" };
    found.extend(Difference::between("path, its end", end(ours), end(theirs)));
    let segments = |path: &str| path.trim_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let (ours, theirs) = (segments(ours), segments(theirs));
    for place in 0..ours.len().max(theirs.len()) {
        let [ours, theirs] = [&ours, &theirs].map(|path| path.get(place).map_or(ABSENT, String::as_str));
        found.extend(Difference::between(format!("path, segment {}", place + 1), ours, theirs));
    }
}

fn values(place: &str, ours: Option<&Value>, theirs: Option<&Value>, found: &mut Vec<Difference>) {
    if let (Some(Value::Object(ours)), Some(Value::Object(theirs))) = (ours, theirs) {
        for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
            values(&format!("{place} {name}"), ours.get(name), theirs.get(name), found);
        }
        return;
    }
    if let (Some(Value::Array(ours)), Some(Value::Array(theirs))) = (ours, theirs)
        && ours.len() == theirs.len()
    {
        for (ours, theirs) in ours.iter().zip(theirs) {
            values(place, Some(ours), Some(theirs), found);
        }
        return;
    }
    let shown = |value: Option<&Value>| match value {
        None => ABSENT.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    found.extend(Difference::between(place, shown(ours), shown(theirs)));
}
