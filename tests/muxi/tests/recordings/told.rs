//! What a chat's stream tells, worked out from its text in the plainest way, and as the facade tells it.

use muxi_sdk::{Artifact, ChatEvent, ChatStreamEvent, Widget};
use serde_json::{Value, json};

/// All that a stream tells.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Told {
    /// Its events.
    pub(crate) events: Vec<Value>,
    /// The kind of the error that it ends with, and its code.
    pub(crate) raised: Option<(String, Option<String>)>,
    pub(crate) session_id: Option<String>,
    pub(crate) request_id: Option<String>,
}

/// What the text of a stream has to be read as. Its lines end with LF or CRLF.
pub(crate) fn expected(body: &str) -> Told {
    let mut expected = Told::default();
    let mut has_text = false;
    let body = body.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    for block in body.split("\n\n") {
        let lines = block.split('\n').filter(|line| !line.starts_with(':'));
        let (names, data): (Vec<_>, Vec<_>) =
            lines.filter(|line| !line.is_empty()).partition(|line| line.starts_with("event: "));
        let data = data.iter().map(|line| line.trim_start_matches("data: ")).collect::<Vec<_>>().join("\n");
        let frame = serde_json::from_str::<Value>(&data).unwrap_or_default();
        let text = |of: &Value, field: &str| of[field].as_str().map(str::to_owned);
        match names.first().map(|name| name.trim_start_matches("event: ")) {
            None if data.is_empty() => {}
            None => take(&frame["token"], &mut has_text, &mut expected),
            Some("ui") => expected.events.push(json!({"ui": frame["ui"]})),
            Some("done") => {
                expected.events.push(json!("done"));
                return expected;
            }
            Some("error") => {
                expected.raised = Some(("TurnFailed".to_owned(), text(&frame, "type")));
                return expected;
            }
            Some(_) => {}
        }
    }
    expected.raised = Some(("Interrupted".to_owned(), None));
    expected
}

fn take(token: &Value, has_text: &mut bool, expected: &mut Told) {
    let mut say = |text: &Value| {
        if text != "" {
            *has_text = true;
            expected.events.push(json!({ "text": text }));
        }
    };
    if token.is_string() {
        return say(token);
    }
    let content = &token["content"];
    let id = |field: &str| token[field].as_str().map(str::to_owned);
    (expected.session_id, expected.request_id) = (id("session_id"), id("request_id"));
    match token["type"].as_str().unwrap() {
        "content" => say(content),
        "completed" => {
            let is_discontinuous = token["stream_discontinuity"] == true;
            if is_discontinuous {
                expected.events.push(json!("reset"));
            }
            if is_discontinuous || !*has_text {
                expected.events.push(json!({ "text": content }));
            }
            let artifacts: Vec<_> = token["artifacts"].as_array().into_iter().flatten().cloned().collect();
            let (status, agent, millis) = (&token["status"], &token["agent_used"], &token["processing_time_ms"]);
            expected.events.push(json!({
                "completed": content, "status": status, "agent": agent, "millis": millis, "artifacts": artifacts,
            }));
        }
        kind @ ("failed" | "cancelled" | "error") => expected.events.push(json!({ kind: content })),
        kind => expected.events.push(json!({
            "progress": kind, "text": content, "stage": token["stage"], "tool": token["tool_name"],
            "agent": token["agent_name"],
        })),
    }
}

/// What the facade tells.
pub(crate) fn told(event: &ChatStreamEvent) -> Value {
    match &event.kind {
        ChatEvent::Text(text) => json!({ "text": text }),
        ChatEvent::Reset => json!("reset"),
        ChatEvent::Progress(progress) => json!({
            "progress": progress.kind, "text": progress.text, "stage": progress.stage, "tool": progress.tool_name,
            "agent": progress.agent_name,
        }),
        ChatEvent::Ui(widgets) => json!({"ui": widgets.iter().map(widget).collect::<Vec<_>>()}),
        ChatEvent::Trouble(text) => json!({ "error": text }),
        ChatEvent::Completed(completed) => json!({
            "completed": completed.text, "status": completed.status, "agent": completed.agent,
            "millis": completed.processing_time.map(|time| u64::try_from(time.as_millis()).unwrap()),
            "artifacts": completed.artifacts.iter().map(artifact).collect::<Vec<_>>(),
        }),
        ChatEvent::Failed(text) => json!({ "failed": text }),
        ChatEvent::Cancelled(text) => json!({ "cancelled": text }),
        ChatEvent::Done => json!("done"),
        other => json!(format!("{other:?}")),
    }
}

fn widget(widget: &Widget) -> Value {
    let mut shown = match widget {
        Widget::Options { id, prompt, options, multi } => {
            let options = options.iter().map(|option| json!({"value": option.value, "label": option.label}));
            let options: Vec<_> = options.collect();
            json!({"type": "options", "id": id, "prompt": prompt, "options": options, "multi": multi})
        }
        Widget::ActionLink { id, label, url, hint } => {
            json!({"type": "action_link", "id": id, "label": label, "url": url, "hint": hint})
        }
        Widget::McpResource { id, resource, data, server, tool, mime_type, encoding } => json!({
            "type": "mcp_resource", "id": id, "resource": resource, "data": data, "server": server, "tool": tool,
            "mime_type": mime_type, "encoding": encoding,
        }),
        other => json!(format!("{other:?}")),
    };
    shown.as_object_mut().into_iter().for_each(|fields| fields.retain(|_, value| !value.is_null()));
    shown
}

fn artifact(artifact: &Artifact) -> Value {
    let Artifact { kind, format, filename, content, data_url, extra, .. } = artifact;
    let mut shown = json!({
        "type": kind, "format": format, "filename": filename, "content": content, "data_url": data_url,
    });
    shown.as_object_mut().unwrap().extend(extra.clone());
    shown
}
