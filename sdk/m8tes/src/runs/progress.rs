//! What a stream of events adds up to, and what its end means.

use std::collections::HashSet;

use super::event::{Gate, RunEvent, RunStreamEvent};
use crate::id::RunId;

/// How far a run has got, as its stream told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) run_id: Option<RunId>,
    pub(crate) errors: Vec<String>,
    pub(crate) is_cancelled: bool,
    /// Whether the turn is over. A run that goes on with another provider takes that back.
    ended: bool,
    /// What waits for a person: the newest of all that has not been decided.
    gate: Option<Gate>,
    /// What was decided. Copies of a request may come late.
    resolved: HashSet<String>,
}

/// What the end of a stream means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    /// The turn is over.
    Ended,
    /// The run waits for a person.
    Paused(Gate),
    /// The stream broke off. The run probably goes on.
    Interrupted,
}

impl Progress {
    /// Begins with the run's id, where that is known before the first event.
    pub(crate) fn of(run_id: Option<RunId>) -> Self {
        Self { run_id, ..Self::default() }
    }

    /// Takes an event into account.
    pub(crate) fn take(&mut self, event: &RunStreamEvent) {
        match &event.kind {
            RunEvent::Metadata(metadata) => self.run_id = metadata.run_id.or(self.run_id),
            RunEvent::Cancelled => self.is_cancelled = true,
            RunEvent::Error(error) => self.errors.push(error.clone()),
            // The name says more than the words; a model that only says that it failed has none.
            RunEvent::Failure(failure) if event.raw_type() == failure.name => {
                self.errors.push(format!("{}: {}", failure.name, failure.message));
            }
            RunEvent::Failure(failure) => self.errors.push(failure.message.clone()),
            RunEvent::ErrorCleared => self.errors.clear(),
            _ => {}
        }
        self.take_end(event);
        self.take_gate(event);
    }

    fn take_end(&mut self, event: &RunStreamEvent) {
        match event.kind {
            RunEvent::Done(_) | RunEvent::Cancelled | RunEvent::Error(_) | RunEvent::Failure(_) => self.ended = true,
            // These alone say that it was started again: a late piece of text does not.
            _ if self.ended
                && matches!(
                    event.raw_type(),
                    "sandbox-connecting" | "message_start" | "content_block_start" | "content_block_delta"
                ) =>
            {
                self.ended = false;
            }
            _ => {}
        }
    }

    fn take_gate(&mut self, event: &RunStreamEvent) {
        let is_over = match &event.kind {
            RunEvent::PermissionRequest(gate) | RunEvent::AwaitingApproval(gate) => {
                if gate.request_id.as_ref().is_none_or(|id| !self.resolved.contains(id)) {
                    self.gate = Some(gate.clone());
                }
                false
            }
            RunEvent::PermissionResolved(resolved) => {
                self.resolved.extend(resolved.request_id.clone());
                self.gate.as_ref().is_some_and(|gate| gate.request_id == resolved.request_id)
            }
            RunEvent::ToolResultEnd(result) => self
                .gate
                .as_ref()
                .is_some_and(|gate| gate.tool_use_id.is_some() && gate.tool_use_id == result.tool_call_id),
            RunEvent::TextStart(_) | RunEvent::TextDelta(_) => true,
            RunEvent::ToolCallStart(_) => event.raw_type() == "content_block_start",
            _ => false,
        };
        if is_over {
            self.gate = None;
        }
    }

    /// What it means that the body has come to its end, or broke off.
    pub(crate) fn end(&self, is_clean: bool) -> End {
        match &self.gate {
            _ if self.ended => End::Ended,
            Some(gate) if is_clean => End::Paused(gate.clone()),
            _ => End::Interrupted,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn after(frames: &[Value]) -> Progress {
        let mut progress = Progress::of(Some(RunId::from(9)));
        for frame in frames {
            progress.take(&RunStreamEvent::read(&frame.to_string()).unwrap());
        }
        progress
    }

    fn asks(id: &str) -> Value {
        json!({"type": "permission_request", "request_id": id, "tool_use_id": format!("tool of {id}")})
    }

    /// What waits at a clean end after these frames.
    fn waits_for(frames: &[Value]) -> Option<String> {
        match after(frames).end(true) {
            End::Paused(gate) => gate.request_id,
            _ => None,
        }
    }

    #[test]
    fn errors_and_the_id_add_up() {
        let progress = after(&[
            json!({"type": "text-delta", "delta": "a"}),
            json!({"type": "metadata", "payload": {"run_id": 42}}),
            json!({"type": "error", "error": "taken back"}),
            json!({"type": "error_cleared"}),
            json!({"type": "SANDBOX_UNAVAILABLE", "error": "why"}),
            json!({"type": "sdk_success", "is_error": true, "message": "quota"}),
            json!({"type": "metadata", "payload": {"run_id": "abc"}}),
            json!({"type": "text-delta", "delta": "b"}),
        ]);
        assert_eq!(progress.run_id, Some(RunId::from(42)));
        assert_eq!(progress.errors, ["SANDBOX_UNAVAILABLE: why", "quota"]);
    }

    #[test]
    fn an_end_counts_until_the_run_is_started_again() {
        let done = json!({"type": "done"});
        for end in
            [done.clone(), json!({"type": "cancelled"}), json!({"type": "error"}), json!({"type": "AGENT_RUNNER_DIED"})]
        {
            for is_clean in [true, false] {
                assert_eq!(after(std::slice::from_ref(&end)).end(is_clean), End::Ended, "{end}");
            }
        }
        let late = json!({"type": "text-delta", "delta": "late"});
        assert_eq!(after(&[done.clone(), late]).end(true), End::Ended);
        for again in ["sandbox-connecting", "message_start", "content_block_start", "content_block_delta"] {
            assert_eq!(after(&[done.clone(), json!({"type": again})]).end(true), End::Interrupted, "{again}");
        }
        assert_eq!(after(&[]).end(true), End::Interrupted);
    }

    #[test]
    fn what_waits_is_the_newest_that_is_not_decided() {
        let resolved = |id: &str| json!({"type": "permission_resolved", "request_id": id});
        assert_eq!(waits_for(&[asks("a")]).as_deref(), Some("a"));
        assert_eq!(waits_for(&[asks("a"), asks("b")]).as_deref(), Some("b"));
        assert_eq!(waits_for(&[asks("a"), resolved("b")]).as_deref(), Some("a"));
        assert_eq!(waits_for(&[asks("a"), resolved("a")]), None);
        // A copy that comes late.
        assert_eq!(waits_for(&[asks("a"), resolved("a"), asks("a")]), None);
        assert_eq!(after(&[asks("a")]).end(false), End::Interrupted);
    }

    #[test]
    fn new_output_of_the_model_and_the_tools_own_result_say_that_nothing_waits() {
        let result = |id: &str| json!({"type": "tool-result-end", "toolCallId": id});
        for goes_on in [
            json!({"type": "text-start"}),
            json!({"type": "text-delta", "delta": "a"}),
            json!({"type": "content_block_start", "content_block": {"type": "tool_use"}}),
            result("tool of a"),
        ] {
            assert_eq!(waits_for(&[asks("a"), goes_on.clone()]), None, "{goes_on}");
        }
        for says_nothing in [
            json!({"type": "tool_use", "id": "x"}),
            json!({"type": "tool-call-start", "toolCallId": "x"}),
            json!({"type": "thinking-delta", "delta": "hm"}),
            result("another"),
        ] {
            assert_eq!(waits_for(&[asks("a"), says_nothing.clone()]).as_deref(), Some("a"), "{says_nothing}");
        }
    }
}
