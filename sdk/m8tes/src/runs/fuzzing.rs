//! What `tests/fuzz` drives: what the frames of a run's stream are read as, with what must hold for any of them.
//!
//! The unit test at the end feeds it the seeds, so that neither rots.

use serde_json::Value;

use super::event::{RunEvent, RunStreamEvent};
use super::told::{Told, told_of};

/// The data of frames, one a line. Each object is an event that has all of it, whatever stands beside it, or m8tes' own; what
/// is told again is told once.
pub fn run_frames(input: &[u8]) {
    let mut events = Vec::new();
    for line in input.split(|byte| *byte == b'\n') {
        let frame = String::from_utf8_lossy(line);
        let event = RunStreamEvent::read(&frame);
        match (serde_json::from_str::<Value>(frame.trim()), &event) {
            (Ok(Value::Object(object)), Some(event)) => {
                assert_eq!(event.raw, object);
                if let (Some("text-delta"), RunEvent::TextDelta(delta)) = (name(&object), &event.kind) {
                    assert_eq!(delta.text, object.get("delta").and_then(Value::as_str).unwrap_or_default());
                }
            }
            (Ok(Value::Object(object)), None) => {
                let subtype = object.get("subtype").and_then(Value::as_str);
                assert!(matches!(subtype, Some("init" | "success")), "{frame} was passed over");
            }
            (Ok(_), Some(event)) => unreachable!("{event:?} was made of {frame}"),
            (Ok(_), None) | (Err(_), _) => {}
        }
        events.extend(event);
    }

    let mut told = Told::default();
    let all = told_of(&mut told, events.iter().cloned());
    assert_eq!(all, events, "what is new is told");
    let texts = all.iter().filter_map(|event| match &event.kind {
        RunEvent::TextDelta(delta) => Some(delta.text.as_str()),
        _ => None,
    });
    let text: String = texts.collect();
    assert_eq!(told.text(), text);
    // A turn that is over, and the end of the history, say that nothing is told again behind them.
    let ends = |event: &RunStreamEvent| {
        matches!(event.kind, RunEvent::Done(_) | RunEvent::Cancelled | RunEvent::ReplayComplete)
    };
    if !events.iter().any(ends) {
        told.begin_again();
        let again = told_of(&mut told, events.iter().cloned());
        assert_eq!((again, told.text()), (Vec::new(), text.as_str()), "what was told is told once");
    }
}

fn name(object: &serde_json::Map<String, Value>) -> Option<&str> {
    object.get("type").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_frames_keeps_its_promises_for_every_seed() {
        let folder = format!("{}/../../tests/fuzz/seeds/run_frames", env!("CARGO_MANIFEST_DIR"));
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(files.len() > 10);
        files.into_iter().for_each(|file| run_frames(&std::fs::read(file.unwrap().path()).unwrap()));
    }
}
