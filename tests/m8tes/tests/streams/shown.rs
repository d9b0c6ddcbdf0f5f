//! What the facade has read, in the form of the recordings.

use m8tes_sdk::runs::{Block, Delta, MessageRef, ToolDelta, ToolRef};
use m8tes_sdk::{Error, RunEvent, RunStream, RunStreamEvent};
use serde_json::{Map, Value, json};

/// Stands in a recording for a text that is up to whoever reads the stream.
const ANY_TEXT: &str = "<fallback text>";

/// What was read otherwise than expected, if anything.
pub(crate) fn difference(
    expected: &Map<String, Value>,
    events: &[RunStreamEvent],
    stream: &RunStream,
    error: Option<&Error>,
) -> Option<String> {
    // What the stream tells of itself is no frame; only the marker at the end has no JSON of its own.
    let is_frame = |event: &&RunStreamEvent| !event.raw.is_empty() || matches!(event.kind, RunEvent::Done(_));
    let events: Vec<_> = events.iter().filter(is_frame).collect();
    let frames = expected["events"].as_array().unwrap();
    for (number, frame) in frames.iter().enumerate() {
        match events.get(number) {
            Some(event) if is_same_event(frame, event) => {}
            other => return Some(format!("event {number} is to be {frame}, and is {other:?}")),
        }
    }
    if let Some(event) = events.get(frames.len()) {
        return Some(format!("one event too many: {event:?}"));
    }
    let errors = expected["errors"].as_array().unwrap();
    let end = match error {
        Some(_) => "interrupted",
        None if stream.paused().is_some() => "gate",
        None => "ended",
    };
    let mut wrong = Vec::new();
    let mut hold = |what: &str, holds: bool| {
        if !holds {
            wrong.push(format!("{what} is to be {}", expected.get(what).unwrap_or(&Value::Null)));
        }
    };
    hold("text", expected["text"] == stream.text());
    hold("run_id", expected["run_id"].as_i64() == stream.run_id().map(|id| id.get()));
    hold("errors", errors.len() == stream.errors().len() && errors.iter().zip(stream.errors()).all(is_same_text));
    hold("end", expected["end"] == end);
    // Whoever can't go on by this stream has to know which run it was.
    let is_named = |error: &Error| match stream.run_id() {
        Some(id) => error.to_string().contains(&format!("run {id} ")),
        None => error.to_string().contains("the list of runs"),
    };
    hold("the run that is named", error.is_none_or(is_named));
    (!wrong.is_empty())
        .then(|| format!("{wrong:?}, and is {end} {stream:?} {:?} {:?} {error:?}", stream.text(), stream.errors()))
}

fn is_same_text((expected, actual): (&Value, &String)) -> bool {
    expected == actual.as_str() || (expected == ANY_TEXT && !actual.is_empty())
}

fn is_same_event(expected: &Value, event: &RunStreamEvent) -> bool {
    let mut expected = expected.as_object().unwrap().clone();
    let (raw, name) = (expected.remove("raw").unwrap(), expected.remove("type").unwrap());
    let Some((shown, mut fields)) = shown(&event.kind) else { return false };
    // The official client has no name for some, and calls them so.
    let is_named = name == shown || (name == "unknown" && is_without_name(&event.kind));
    // The words of a failure are no field of its own unless m8tes reports it as a success; they are in `errors`.
    fields.retain(|field, _| field != "error" || expected.contains_key(field));
    for (field, value) in &mut fields {
        let Some(expected) = expected.get(field) else { return false };
        let is_any_text = expected == ANY_TEXT && value.as_str().is_some_and(|text| !text.is_empty());
        let is_same_number = expected.is_number() && expected.as_f64() == value.as_f64();
        // A number that is none is left empty.
        let is_no_number = NUMBERS.contains(&field.as_str()) && !expected.is_number() && value.is_null();
        if is_any_text || is_same_number || is_no_number {
            *value = expected.clone();
        }
    }
    is_named && raw == Value::Object(event.raw.clone()) && expected == fields
}

/// The fields that are numbers.
const NUMBERS: [&str; 6] = [
    "claude_token_cost_usd",
    "duration_ms",
    "execution_time_ms",
    "input_tokens_used",
    "output_tokens_used",
    "sandbox_execution_time_ms",
];

fn is_without_name(event: &RunEvent) -> bool {
    matches!(event, RunEvent::ErrorCleared | RunEvent::Other(_))
}

/// The name of an event, and its fields. `None` for what is told of the stream itself.
fn shown(event: &RunEvent) -> Option<(&str, Map<String, Value>)> {
    let block = |block: &Block| json!({"id": block.id});
    let delta = |delta: &Delta| json!({"id": delta.id, "delta": delta.text});
    let message = |message: &MessageRef| json!({"message_id": message.message_id});
    let tool = |tool: &ToolRef| json!({"tool_call_id": tool.tool_call_id});
    let tool_delta = |piece: &ToolDelta| json!({"tool_call_id": piece.tool_call_id, "delta": piece.delta});
    let (name, fields) = match event {
        RunEvent::Metadata(metadata) => ("metadata", json!({"payload": metadata.payload})),
        RunEvent::TextStart(of) => ("text-start", block(of)),
        RunEvent::TextDelta(of) => ("text-delta", delta(of)),
        RunEvent::TextEnd(of) => ("text-end", block(of)),
        RunEvent::ReasoningStart(of) => ("reasoning-start", block(of)),
        RunEvent::ReasoningDelta(of) => ("reasoning-delta", delta(of)),
        RunEvent::ReasoningEnd(of) => ("reasoning-end", block(of)),
        RunEvent::ThinkingStart(of) => ("thinking-start", block(of)),
        RunEvent::ThinkingDelta(of) => ("thinking-delta", delta(of)),
        RunEvent::ThinkingEnd(of) => ("thinking-end", block(of)),
        RunEvent::PlanStart(of) => ("plan-start", block(of)),
        RunEvent::PlanDelta(of) => ("plan-delta", delta(of)),
        RunEvent::PlanEnd(of) => ("plan-end", block(of)),
        RunEvent::ToolCallStart(call) => {
            ("tool-call-start", json!({"tool_call_id": call.tool_call_id, "tool_name": call.tool_name}))
        }
        RunEvent::ToolCallDelta(of) => ("tool-call-delta", tool_delta(of)),
        RunEvent::ToolCallEnd(of) => ("tool-call-end", tool(of)),
        RunEvent::ToolResultStart(of) => ("tool-result-start", tool(of)),
        RunEvent::ToolResultDelta(of) => ("tool-result-delta", tool_delta(of)),
        RunEvent::ToolResultEnd(of) => {
            ("tool-result-end", json!({"tool_call_id": of.tool_call_id, "result": of.result}))
        }
        RunEvent::TodoUpdate(of) => ("todo-update", json!({"tool_call_id": of.tool_call_id, "todos": of.todos})),
        RunEvent::MessageStart(of) => ("message-start", message(of)),
        RunEvent::MessageEnd(of) => ("message-end", message(of)),
        RunEvent::RunMetrics(of) => (
            "run_metrics",
            json!({
                "execution_time_ms": of.execution_time_ms,
                "input_tokens_used": of.input_tokens_used,
                "output_tokens_used": of.output_tokens_used,
                "claude_token_cost_usd": of.claude_token_cost_usd,
                "stop_reason": of.stop_reason,
                "completion_state": of.completion_state,
                "unresolved_tool_use_ids": of.unresolved_tool_use_ids,
            }),
        ),
        RunEvent::SandboxMetrics(of) => {
            ("sandbox_metrics", json!({"sandbox_execution_time_ms": of.sandbox_execution_time_ms}))
        }
        RunEvent::SandboxConnecting(of) => ("sandbox-connecting", json!({"message": of.message})),
        RunEvent::SandboxConnected(of) => (
            "sandbox-connected",
            json!({"sandbox_id": of.sandbox_id, "duration_ms": of.duration_ms, "message": of.message}),
        ),
        RunEvent::Error(error) => ("error", json!({"error": error})),
        RunEvent::ErrorCleared => ("error_cleared", json!({})),
        RunEvent::Failure(failure) => (failure.name.as_str(), json!({"error": failure.message})),
        RunEvent::Done(of) => (
            "done",
            json!({
                "stop_reason": of.stop_reason,
                "completion_state": of.completion_state,
                "unresolved_tool_use_ids": of.unresolved_tool_use_ids,
            }),
        ),
        RunEvent::Cancelled => ("cancelled", json!({})),
        RunEvent::PermissionRequest(_) => ("permission_request", json!({})),
        RunEvent::PermissionResolved(_) => ("permission_resolved", json!({})),
        RunEvent::AwaitingApproval(_) => ("awaiting_approval", json!({})),
        RunEvent::ReplayComplete => ("replay_complete", json!({})),
        RunEvent::Other(name) => (name.as_str(), json!({})),
        _ => return None,
    };
    let Value::Object(fields) = fields else { unreachable!("each is an object") };
    Some((name, fields))
}
