//! The events of a run as JSON, one on each line.

use m8tes_sdk::{RunEvent, RunStreamEvent};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::screen::Screen;

/// Prints an event as m8tes sent it. What the SDK tells about the connection alone is no event of the run.
pub(crate) fn event(screen: &mut Screen, event: &RunStreamEvent) -> Result<(), Failure> {
    match frame(event) {
        Some(frame) => screen.json(&frame),
        None => Ok(()),
    }
}

/// A piece of text that no frame brought: the rest of what a run has said by its end.
pub(crate) fn text(piece: &str) -> Value {
    json!({"type": "text-delta", "delta": piece})
}

/// Of the text before, no more than these characters hold.
pub(crate) fn rewritten(kept: usize) -> Value {
    json!({"type": "rewritten", "kept": kept})
}

fn frame(event: &RunStreamEvent) -> Option<Value> {
    let mut raw = event.raw.clone();
    match &event.kind {
        RunEvent::TextDelta(delta) if raw.is_empty() => return Some(text(&delta.text)),
        // Of a frame that came again, only this is new.
        RunEvent::TextDelta(delta) => put_text(&mut raw, &delta.text),
        RunEvent::Rewritten(told) => return Some(rewritten(told.kept)),
        RunEvent::Done(_) if raw.is_empty() => return Some(json!({"type": "done"})),
        _ => {}
    }
    (!raw.is_empty()).then_some(Value::Object(raw))
}

/// Puts the text of a delta where the frame has it: in `delta`, or in its `text`.
fn put_text(raw: &mut Map<String, Value>, text: &str) {
    match raw.get_mut("delta") {
        Some(Value::Object(delta)) if delta.get("text") == Some(&Value::from(text)) => {}
        Some(Value::Object(delta)) => drop(delta.insert("text".to_owned(), text.into())),
        Some(Value::String(delta)) if delta == text => {}
        _ => drop(raw.insert("delta".to_owned(), text.into())),
    }
}
