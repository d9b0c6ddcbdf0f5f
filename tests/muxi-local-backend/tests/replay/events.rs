//! Streams of events, frame by frame.

use serde_json::Value;

/// The name of each event, and its data as JSON where it is that.
pub(crate) fn frames(body: &str) -> Vec<(Option<String>, Value)> {
    // The runtime writes the separator of some streams as a backslash and an n, twice.
    let body = if is_literal(body) { body.replace("\\n\\n", "\n\n") } else { body.replace("\r\n", "\n") };
    body.split("\n\n").filter_map(frame).collect()
}

/// Whether its separators are a backslash and an n.
pub(crate) fn is_literal(body: &str) -> bool {
    body.contains("\\n\\n") && !body.trim_matches('\n').contains('\n')
}

fn frame(block: &str) -> Option<(Option<String>, Value)> {
    let (mut event, mut data) = (None, Vec::new());
    for line in block.split('\n').filter(|line| !line.is_empty() && !line.starts_with(':')) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => event = Some(value.to_owned()),
            "data" => data.push(value),
            _ => {}
        }
    }
    let data = data.join("\n");
    let is_one = event.is_some() || !data.is_empty();
    is_one.then(|| (event, serde_json::from_str(&data).unwrap_or(Value::String(data))))
}
