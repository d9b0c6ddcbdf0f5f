//! What differs between two requests.

use std::collections::BTreeSet;

use m8tes_tests::differences::{ABSENT, Difference};
use m8tes_tests::sent::BEARER;
use serde_json::Value;

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
